"""Fits on few rows, timed, and what they say of a fit on many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

__all__ = ["FEWEST", "Trial", "extrapolate", "watch"]

FEWEST = 64
"""Rows of the first trial that counts; one of half as many loads libraries before it."""
_SLOWEST_GROWTH, _FASTEST_GROWTH = 2.0, 8.0


class Trial(NamedTuple):
    """One fit on few rows."""

    n: int
    """Rows, of train and valid together."""
    fit: float
    """Seconds from raw documents to the calibrated, refitted bundle."""


def watch(
    run: Callable[[int], Trial],
    n: int,
    *,
    seconds: float,
    enough: Callable[[Sequence[Trial]], bool],
) -> list[Trial]:
    """Fit more and more rows until it can be seen how the time grows.

    What a first fit loads is not counted: a trial on half as many rows goes before.

    Parameters
    ----------
    run : Callable[[int], Trial]
        Fits so many rows.
    n : int
        All rows.
    seconds : float
        When the largest trial takes so much longer than the smallest one, the growth is seen.
    enough : Callable[[Sequence[Trial]], bool]
        Tells from the trials so far whether no more are wanted.

    Returns
    -------
    list[Trial]
        Rising numbers of rows, of which half of all is the largest, but for corpora of which that
        is less than twice `FEWEST`.
    """
    found = [run(min(FEWEST // 2, n))]
    if enough(found):
        return found
    found = [run(min(FEWEST, n))]
    while not enough(found):
        gained = found[-1].fit - found[0].fit
        most = n // 2
        if gained >= seconds or found[-1].n * _SLOWEST_GROWTH > most:
            break
        factor = 4.0
        if len(found) > 1:
            share = found[-1].n / (found[-1].n - found[0].n)
            factor = 1.2 * seconds / max(gained * share, 1e-9)
        factor = min(max(factor, _SLOWEST_GROWTH), _FASTEST_GROWTH)
        found.append(run(min(int(found[-1].n * factor), most)))
    return found


def extrapolate(trials: Sequence[Trial], n: int) -> float:
    """Say how long a fit on many rows takes.

    The time is taken to be a constant and a share that grows with the rows.

    Parameters
    ----------
    trials : Sequence[Trial]
        At least one, rising numbers of rows.
    n : int
        All rows.

    Returns
    -------
    float
        Seconds; no less than the last trial took. One trial alone is taken to grow as a whole.

    Examples
    --------
    >>> extrapolate([Trial(100, 2.0), Trial(200, 3.0)], 1000)
    11.0
    """
    first, last = trials[0], trials[-1]
    if first.n == last.n:
        return last.fit * max(n / last.n, 1.0)
    slope = max(last.fit - first.fit, 0.0) / (last.n - first.n)
    return last.fit + slope * max(n - last.n, 0)
