"""A column for every class, where a solver gives fewer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from newsdesk.types import Floats, Indices

__all__ = ["all_classes", "both_classes"]


def all_classes(
    weights: NDArray[np.floating],
    bias: NDArray[np.floating],
    present: Indices,
    n_classes: int,
) -> tuple[Floats, Floats]:
    """Give classes without training documents the least weight of all, feature by feature.

    They so score at most what the least likely class does, on its scale.

    Parameters
    ----------
    weights : NDArray[np.floating]
        Shape ``(n_features, len(present))``.
    bias : NDArray[np.floating]
        Shape ``(len(present),)``.
    present : Indices
        Class index of each column.
    n_classes : int
        Number of all classes.

    Returns
    -------
    tuple[Floats, Floats]
        Weights of shape ``(n_features, n_classes)``, C-contiguous, and bias ``(n_classes,)``.
    """
    placed = np.empty((len(weights), n_classes), dtype=np.float32)
    offset = np.full(n_classes, bias.min(), dtype=np.float32)
    placed[:] = weights.min(axis=1, keepdims=True)
    placed[:, present] = weights
    offset[present] = bias
    return placed, offset


def both_classes(
    weights: NDArray[np.floating], bias: NDArray[np.floating]
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Divide the one logit that scikit-learn has for two classes equally between them.

    Parameters
    ----------
    weights : NDArray[np.floating]
        Of the second class against the first, shape ``(n_features, 1)``.
    bias : NDArray[np.floating]
        Shape ``(1,)``.

    Returns
    -------
    tuple[NDArray[np.floating], NDArray[np.floating]]
        Weights of shape ``(n_features, 2)`` and bias ``(2,)``; their differences are those given.
    """
    return np.hstack([-weights, weights]) / 2, np.append(-bias, bias) / 2
