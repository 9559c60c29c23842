"""Fits for a rising C, each from where the one before stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from newsdesk.models.descent.descent import Descent, Loss
from newsdesk.models.descent.solver import Solution, Solver
from newsdesk.types import Floats, Progress

__all__ = ["growth", "solve_path"]

_SQUARE = 2.0
"""Squared norm of a document: 1, and 1 of the constant feature."""


def growth(loss: Loss, before: float, after: float) -> float:
    """How much the duals grow with C.

    Duals of a small C are a start for a larger one (DeCoste & Wagstaff 2000, "Alpha seeding for
    support vector machines"), but far too small a start: under weak costs a dual is nearly
    proportional to C. They are scaled by what happens to the dual of one document alone, which can
    be computed (Hsieh et al. 2008, equation 9; Yu, Huang & Lin 2011, equation 18). The factor is at
    most ``after / before``, so that the duals of the logistic loss stay below their bound C; those
    of the squared hinge have none.

    Parameters
    ----------
    loss : Loss
        The loss.
    before : float
        C of the duals.
    after : float
        C to come, at least `before`.

    Returns
    -------
    float
        At least 1.

    Examples
    --------
    >>> round(growth("squared_hinge", 0.1, 0.2), 3), round(growth("logistic", 0.1, 0.2), 3)
    (1.556, 1.909)
    """
    return _alone(loss, after) / _alone(loss, before)


def _alone(loss: Loss, cost: float) -> float:
    """The dual of a single document."""
    if loss == "squared_hinge":
        return 1 / (_SQUARE + 1 / (2 * cost))
    share: float = brentq(lambda share: expit(-_SQUARE * cost * share) - share, 0.0, 1.0)
    return cost * share


def solve_path(
    solvers: Sequence[Solver],
    descent: Descent,
    costs: Floats,
    *,
    rng: np.random.Generator,
    progress: Progress,
) -> Iterator[Solution]:
    """Solve for one C after the other.

    Parameters
    ----------
    solvers : Sequence[Solver]
        One per C, rising; of one loss.
    descent : Descent
        Freshly made, for that loss; changed in place.
    costs : Floats
        Factors on C for documents of the class and of the rest, shape ``(2, n_columns)``.
    rng : np.random.Generator
        Draws the order of the visits.
    progress : Progress
        Told of every epoch.

    Yields
    ------
    Solution
        One per solver, to be used before the next is asked for, which may change its arrays. The
        first has the same bits as `Solver.solve`; a diverged one has values that are not finite.
    """
    yardstick, least, before = None, 1, None
    for solver in solvers:
        if yardstick is not None and before is not None:
            factor = growth(solver.loss, before.C, solver.C)
            descent.grow(factor)
            # The first epoch from zero would move the duals by about so much more under this C.
            yardstick *= factor
            # The first epoch tells how far the guess was off, the second whether it is mended.
            least = 2
        found = solver.descend(
            descent, costs, rng=rng, progress=progress, yardstick=yardstick, least=least
        )
        yield found
        yardstick, before = found.duals.first_move, solver
