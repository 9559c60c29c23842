"""Round numbers for the axes of charts."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["round_up", "steps", "whole_steps", "written"]

_EACH = 12
"""Whole numbers up to so many are all marked."""
_MOST_WHOLE = 8
_LEAST_SPREAD = 1e-6
"""Values that differ by less of their size are one value to the eye, and to tick labels."""


def steps(values: Sequence[float], n: int = 5) -> list[float]:
    """Choose ticks that are multiples of 1, 2 or 5 times a power of ten.

    Parameters
    ----------
    values : Sequence[float]
        What the axis has to hold; at least one, all finite.
    n : int
        About how many steps lie between the least value and the greatest.

    Returns
    -------
    list[float]
        Two ticks or more with equal steps; the first is at most the least value, the last at least
        the greatest.

    Examples
    --------
    >>> steps([62.5, 97.1]), steps([1.0])
    ([60.0, 70.0, 80.0, 90.0, 100.0], [1.0, 1.2])
    """
    least, most = min(values), max(values)
    spread = most - least
    if spread <= _LEAST_SPREAD * abs(most):
        spread = abs(most)
    step = round_up(spread / n or 1.0)
    first, last = math.floor(least / step), math.ceil(most / step)
    digits = _digits(step)
    return [round(k * step, digits) for k in range(first, max(last, first + 1) + 1)]


def whole_steps(first: int, last: int) -> list[int]:
    """Choose ticks for things that are counted, such as epochs.

    Parameters
    ----------
    first : int
        The first number.
    last : int
        The last number, at least ``first``.

    Returns
    -------
    list[int]
        The first number, and of the others up to the last either all or round ones.

    Examples
    --------
    >>> whole_steps(1, 4), whole_steps(1, 60), whole_steps(1, 1)
    ([1, 2, 3, 4], [1, 10, 20, 30, 40, 50, 60], [1])
    """
    n = last - first + 1
    if n <= _EACH:
        return list(range(first, last + 1))
    # Steps of 2 would put the second tick beside the first.
    step = max(5, round(round_up(n / _MOST_WHOLE)))
    beyond = (first // step + 1) * step
    beyond += step if beyond - first < step / 2 else 0
    return [first, *range(beyond, last + 1, step)]


def written(ticks: Sequence[float]) -> list[str]:
    """Write ticks with as many decimals as they need to differ.

    Parameters
    ----------
    ticks : Sequence[float]
        Such as `steps` gives: at least two, with equal steps.

    Returns
    -------
    list[str]
        One text per tick.

    Examples
    --------
    >>> written([0.0, 0.5, 1.0]), written([0, 2000])
    (['0.0', '0.5', '1.0'], ['0', '2,000'])
    """
    digits = max(_digits(ticks[1] - ticks[0]), 0)
    return [f"{tick:,.{digits}f}" for tick in ticks]


def round_up(step: float) -> float:
    """Find the next larger of 1, 2 and 5 times a power of ten.

    Parameters
    ----------
    step : float
        Above 0.

    Returns
    -------
    float
        At least the step, but for a thousandth of it.

    Examples
    --------
    >>> round_up(0.3), round_up(20.0)
    (0.5, 20.0)
    """
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * 0.999)


def _digits(step: float) -> int:
    """Decimals of 1, 2 or 5 times a power of ten; below 0 where it ends in zeros."""
    return -math.floor(math.log10(step) + 1e-9)
