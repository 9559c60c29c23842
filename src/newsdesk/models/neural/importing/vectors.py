"""Word vectors of word2vec, GloVe and fastText as an encoder folder."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from newsdesk.errors import ConfigError
from newsdesk.features.vectors import open_vectors
from newsdesk.features.vocab import SPECIALS, Vocab
from newsdesk.models.neural.importing.arrays import UNKNOWN
from newsdesk.models.neural.importing.formats import FORMATS, Request
from newsdesk.models.neural.importing.found import Found, origin
from newsdesk.models.neural.importing.vocabulary import choose
from newsdesk.models.neural.language.folder import Encoder
from newsdesk.models.neural.nnlm.architecture import NnlmArchitecture

__all__ = ["read"]


def read(request: Request) -> Found:
    """Read a file of word vectors.

    Parameters
    ----------
    request : Request
        One file.

    Returns
    -------
    Found
        An encoder of kind ``nnlm``, without buckets.

    Raises
    ------
    ConfigError
        If there is more than one file.
    DataError
        If it is no file of word vectors, or damaged.
    """
    if len(request.files) != 1:
        problem = f"{request.format} needs one file, not {len(request.files)}."
        raise ConfigError(problem, remedy=f"Name {FORMATS[request.format].files}.")
    path = Path(request.files[0])
    # Read once: what it is converted to is of no use afterwards.
    with tempfile.TemporaryDirectory() as cache:
        vectors = open_vectors(path, cache=cache)
        words = vectors.words(0, vectors.n).to_pylist()
        chosen = choose(words, limit=request.n_words, name=str(path))
        table = np.zeros((len(SPECIALS) + len(chosen.rows), vectors.dim), dtype=np.float32)
        table[len(SPECIALS) :] = vectors.take(chosen.rows)
        unknown = vectors.find(UNKNOWN)
        unknown = unknown[unknown >= 0]
        table[1] = vectors.take(unknown[:1])[0] if len(unknown) else vectors.mean
    said = f"the vector of {words[unknown[0]]}" if len(unknown) else "the mean of all vectors"
    notes = (*vectors.notes, *chosen.notes, f"unknown words have {said}")
    architecture = NnlmArchitecture(vectors.dim)
    vocab = Vocab((*SPECIALS, *chosen.words))
    encoder = Encoder("nnlm", architecture, {"embedding": table}, vocab, origin(request))
    return Found(encoder, notes)
