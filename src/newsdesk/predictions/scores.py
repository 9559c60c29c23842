"""What a classifier says before it is calibrated."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.types import Bools, Floats

__all__ = ["Output", "Scores", "softmax"]

Output = Literal["logits", "margins"]


class Scores(NamedTuple):
    """What a classifier says before calibration."""

    values: Floats
    """Float32, shape ``(n, n_classes)``: softmax logits, or one-vs-rest margins."""
    low_evidence: Bools
    """Shape ``(n,)``: true where the classifier knew nothing of what the document holds."""


def softmax(logits: NDArray[np.floating]) -> Floats:
    """Normalised exponentials of each row.

    Parameters
    ----------
    logits : NDArray[np.floating]
        Shape ``(n, k)``.

    Returns
    -------
    Floats
        Float32, shape ``(n, k)``; rows sum to 1.

    Examples
    --------
    >>> softmax(np.zeros((1, 4), dtype=np.float32)).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """
    proba: Floats = logits.astype(np.float32)
    proba -= np.maximum.reduce(proba, axis=1, keepdims=True)
    np.exp(proba, out=proba)
    proba /= np.add.reduce(proba, axis=1, keepdims=True)
    return proba
