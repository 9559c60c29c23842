"""How the learning rate moves in the course of a training."""

from __future__ import annotations

import math
from typing import Literal

__all__ = ["Schedule", "factor"]

Schedule = Literal["constant", "one-cycle", "slanted-triangular", "warm-up"]

_RISING = 0.3
_FIRST = 1 / 25
_LAST = 1e-4 / 25
_CUT = 0.1
_RATIO = 32


def factor(schedule: Schedule, step: int, n_steps: int, warm_up: float = 0.0) -> float:
    """Share of the peak learning rate in one step.

    ``one-cycle`` rises along a half cosine from 1/25 to 1 in the first three tenths of the steps,
    then falls along another to 1/250,000 (Smith & Topin 2018, "Super-Convergence", section 3; the
    figures are the defaults of PyTorch's OneCycleLR). ``slanted-triangular`` rises in a straight
    line in the first tenth and falls in one to 1/32 (Howard & Ruder 2018, "Universal Language Model
    Fine-tuning for Text Classification", equation 3, with their cut_frac and ratio). ``warm-up``
    rises in a straight line for a share of the steps, then falls in one to 0, where it would be one
    step after the last (Devlin et al. 2019, "BERT", appendix A.2; no step is lost to a rate of 0).

    Parameters
    ----------
    schedule : Schedule
        Its name.
    step : int
        From 0 on.
    n_steps : int
        Steps that are planned, at least 1.
    warm_up : float
        Share of them in which ``warm-up`` rises; 0 up to below 1.

    Returns
    -------
    float
        In (0, 1]; 0 in steps of ``warm-up`` beyond those that are planned.

    Examples
    --------
    >>> [round(factor("slanted-triangular", step, 20), 2) for step in (0, 2, 11, 20)]
    [0.03, 1.0, 0.52, 0.03]
    """
    if schedule == "constant":
        return 1.0
    done = min(step / n_steps, 1.0)
    if schedule == "one-cycle":
        if done < _RISING:
            return _between(_FIRST, 1.0, done / _RISING)
        return _between(1.0, _LAST, (done - _RISING) / (1 - _RISING))
    if schedule == "warm-up":
        return _warmed_up(step, n_steps, warm_up)
    rising = done / _CUT if done < _CUT else (1 - done) / (1 - _CUT)
    return (1 + rising * (_RATIO - 1)) / _RATIO


def _warmed_up(step: int, n_steps: int, share: float) -> float:
    """Rise to 1 within a share of the steps, and fall to 0."""
    place, top = step + 1, max(share * n_steps, 1.0)
    if place < top:
        return place / top
    return max(n_steps + 1 - place, 0) / (n_steps + 1 - top)


def _between(first: float, last: float, share: float) -> float:
    """Go from one value to another along half a cosine."""
    return last + (first - last) * (1 + math.cos(math.pi * share)) / 2
