"""What a family learns instead of one class per document: probabilities, such as a teacher's."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from newsdesk.types import Bools, Floats, Indices

__all__ = ["SoftTargets", "Teachable", "blended", "one_hot"]


class SoftTargets(NamedTuple):
    """Probabilities that the answers of a classifier are to come close to."""

    proba: Floats
    """Float32, shape ``(n, n_classes)``; rows sum to 1."""
    labelled: Bools
    """Documents whose class is known, shape ``(n,)``; that of another is its likeliest one."""

    def take(self, rows: Indices) -> SoftTargets:
        """Those of some documents, in the given order."""
        return SoftTargets(self.proba[rows], self.labelled[rows])

    def extended(self, more: SoftTargets) -> SoftTargets:
        """These n documents' and those of m more."""
        return SoftTargets(
            np.concatenate([self.proba, more.proba]),
            np.concatenate([self.labelled, more.labelled]),
        )


@runtime_checkable
class Teachable(Protocol):
    """A family that can learn from probabilities; all others learn one class per document.

    Attributes
    ----------
    soft_targets : SoftTargets | None
        Those of the documents of the next `Classifier.fit` or `Refittable.refit`, set before it.
        None teaches the classes alone, to the same bits as if there were no such attribute.
    """

    soft_targets: SoftTargets | None


def one_hot(y: Indices, n_classes: int) -> Floats:
    """Write classes as probabilities.

    Parameters
    ----------
    y : Indices
        Class indices, shape ``(n,)``.
    n_classes : int
        Number of classes.

    Returns
    -------
    Floats
        Float32, shape ``(n, n_classes)``: 1 for the class, 0 for all others.
    """
    found: Floats = np.zeros((len(y), n_classes), dtype=np.float32)
    found[np.arange(len(y)), y] = 1.0
    return found


def blended(y: Indices, proba: Floats, share: float) -> Floats:
    """Mix the truth with what a teacher says.

    The cross-entropy with the mixture is the weighted mean of that with the truth and that with the
    teacher's probabilities (Hinton, Vinyals & Dean 2015, "Distilling the Knowledge in a Neural
    Network", section 2, at a temperature of 1).

    Parameters
    ----------
    y : Indices
        Class indices, shape ``(n,)``.
    proba : Floats
        The teacher's probabilities, shape ``(n, n_classes)``.
    share : float
        Weight of the teacher, 0 to 1; the truth has the rest.

    Returns
    -------
    Floats
        Float32, shape ``(n, n_classes)``; rows sum to 1.

    Examples
    --------
    >>> blended(np.array([1]), np.array([[0.5, 0.5]]), 0.5).tolist()
    [[0.25, 0.75]]
    """
    mixed = np.float32(share) * proba + np.float32(1 - share) * one_hot(y, proba.shape[1])
    found: Floats = mixed.astype(np.float32)
    return found
