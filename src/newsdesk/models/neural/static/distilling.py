"""Vectors of words without their context, taken out of a sentence encoder."""

from __future__ import annotations

import numpy as np

from newsdesk.types import Floats

__all__ = ["condensed"]


def condensed(vectors: Floats, dims: int) -> Floats:
    """Bring vectors down to their principal components.

    As in model2vec (Tulkens & van Dongen 2024): what a word alone means is the vector that the
    encoder gives the word as a text; without the mean of all words, which says nothing, and without
    the directions in which words hardly differ.

    Parameters
    ----------
    vectors : Floats
        Shape ``(n, width)``.
    dims : int
        Numbers to keep at the most.

    Returns
    -------
    Floats
        Float32, shape ``(n, min(dims, width))``; the mean of their squared lengths is 1, unless all
        are equal.
    """
    n, width = vectors.shape
    if not n:
        return np.zeros((0, min(dims, width)), dtype=np.float32)
    centred = vectors - vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    if dims < width:
        covariance = (centred.T @ centred).astype(np.float64)
        axes = np.linalg.eigh(covariance)[1][:, ::-1][:, :dims]
        # An axis has no direction of its own: its largest number shall be above 0.
        signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(dims)])
        centred = centred @ (axes * signs).astype(np.float32)
    length = float(np.sqrt(np.square(centred, dtype=np.float64).sum() / n))
    found: Floats = (centred / np.float32(length or 1.0)).astype(np.float32)
    return found
