"""Vectors of a vocabulary from a file of word vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from newsdesk.features.vectors import embed, open_vectors
from newsdesk.features.vectors.embedding import Missing
from newsdesk.models.neural.words.family import Plan
from newsdesk.types import Floats

__all__ = ["first_vectors"]


def first_vectors(path: str, missing: Missing, plan: Plan) -> tuple[Floats, tuple[str, ...]]:
    """Look the words of a vocabulary up.

    Parameters
    ----------
    path : str
        The file.
    missing : Missing
        ``subwords``, ``mean`` or ``zeros``.
    plan : Plan
        The vocabulary and the training documents.

    Returns
    -------
    tuple[Floats, tuple[str, ...]]
        Vectors, shape ``(n_words, width)``, zero for ``<pad>`` and the mean of the others for
        ``<OOV>``; and sentences on the file and on how many words were found.
    """
    vectors = open_vectors(Path(path), progress=plan.progress)
    words = plan.vocab.words[2:]
    counts = np.bincount(plan.sequences.ids, minlength=len(plan.vocab.words))[2:]
    found = embed(words, vectors, missing=missing, counts=counts, progress=plan.progress)
    start = np.zeros((len(plan.vocab.words), vectors.dim), dtype=np.float32)
    start[2:] = found.matrix
    if len(words):
        start[1] = found.matrix.mean(axis=0)
    return start, (*vectors.notes, str(found.coverage))
