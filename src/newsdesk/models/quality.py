"""How good answers are, in the two numbers that training and searching watch."""

from __future__ import annotations

import numpy as np

from newsdesk.types import Indices

__all__ = ["quality"]


def quality(predicted: Indices, y: Indices, n_classes: int) -> tuple[float, float]:
    """Measure answers.

    Parameters
    ----------
    predicted : Indices
        Class indices that were said, shape ``(n,)``.
    y : Indices
        Class indices that are right, shape ``(n,)``.
    n_classes : int
        Number of classes.

    Returns
    -------
    tuple[float, float]
        Macro-F1 over the classes that the rows hold or that were said, and accuracy, as
        `newsdesk.evaluation.metrics.Metrics` defines both.

    Examples
    --------
    >>> quality(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 3)
    (0.7333333333333334, 0.75)
    """
    right = predicted == y
    hits = np.bincount(y[right], minlength=n_classes)
    either = np.bincount(y, minlength=n_classes) + np.bincount(predicted, minlength=n_classes)
    f1 = 2 * hits[either > 0] / either[either > 0]
    return float(f1.mean()), float(right.mean())
