"""How the learning rate moves in the course of a training."""

from __future__ import annotations

import math
from typing import Literal

__all__ = ["Schedule", "factor"]

Schedule = Literal["constant", "one-cycle", "slanted-triangular"]

_WARM_UP = 0.3
_FIRST = 1 / 25
_LAST = 1e-4 / 25
_CUT = 0.1
_RATIO = 32


def factor(schedule: Schedule, step: int, n_steps: int) -> float:
    """Share of the peak learning rate in one step.

    ``one-cycle`` rises along a half cosine from 1/25 to 1 in the first three tenths of the steps,
    then falls along another to 1/250,000 (Smith & Topin 2018, "Super-Convergence", section 3; the
    figures are the defaults of PyTorch's OneCycleLR). ``slanted-triangular`` rises in a straight
    line in the first tenth and falls in one to 1/32 (Howard & Ruder 2018, "Universal Language Model
    Fine-tuning for Text Classification", equation 3, with their cut_frac and ratio).

    Parameters
    ----------
    schedule : Schedule
        Its name.
    step : int
        From 0 on.
    n_steps : int
        Steps that are planned, at least 1.

    Returns
    -------
    float
        In (0, 1].

    Examples
    --------
    >>> [round(factor("slanted-triangular", step, 20), 2) for step in (0, 2, 11, 20)]
    [0.03, 1.0, 0.52, 0.03]
    """
    if schedule == "constant":
        return 1.0
    done = min(step / n_steps, 1.0)
    if schedule == "one-cycle":
        if done < _WARM_UP:
            return _between(_FIRST, 1.0, done / _WARM_UP)
        return _between(1.0, _LAST, (done - _WARM_UP) / (1 - _WARM_UP))
    rising = done / _CUT if done < _CUT else (1 - done) / (1 - _CUT)
    return (1 + rising * (_RATIO - 1)) / _RATIO


def _between(first: float, last: float, share: float) -> float:
    """Go from one value to another along half a cosine."""
    return last + (first - last) * (1 + math.cos(math.pi * share)) / 2
