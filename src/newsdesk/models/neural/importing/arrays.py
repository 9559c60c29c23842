"""Word vectors of a TF-Hub NN-LM module: ``tokens.txt`` and the array that its words index.

Behind the vectors of the words stand those of hash buckets, which share what is out of the
vocabulary. Which of them a word has is told by TensorFlow's hash of it
(``tf.strings.to_hash_bucket_fast``). Without that very hash there is no telling, and another one
would give each word the vector of others: here their mean stands for all of them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from newsdesk.errors import DataError
from newsdesk.features.vocab import SPECIALS, Vocab
from newsdesk.models.neural.importing.checked import floats
from newsdesk.models.neural.importing.formats import Request, parts
from newsdesk.models.neural.importing.found import Found, origin
from newsdesk.models.neural.importing.vocabulary import choose
from newsdesk.models.neural.importing.word_lists import read_words
from newsdesk.models.neural.language.folder import Encoder
from newsdesk.models.neural.nnlm.architecture import NnlmArchitecture
from newsdesk.types import Floats

__all__ = ["UNKNOWN", "read"]

UNKNOWN = ("<UNK>", "<unk>", "<OOV>")
"""How the word for all unknown ones is spelt."""
_MOST_DIM = 1 << 14


def read(request: Request) -> Found:
    """Read words and the array of their vectors.

    Parameters
    ----------
    request : Request
        ``tokens.txt`` and a ``.npy`` file of shape ``(n_words + n_buckets, dim)``.

    Returns
    -------
    Found
        An encoder of kind ``nnlm``, without buckets.

    Raises
    ------
    DataError
        If the array holds objects, no floats or numbers that are not finite, is cut short, or has
        fewer rows than there are words.
    """
    path, listed = parts(request, "npy")
    words = read_words(listed)
    vectors = _vectors(path)
    n_buckets = len(vectors) - len(words)
    if n_buckets < 0:
        problem = f"{listed} has {len(words):,} words, {path} has {len(vectors):,} vectors only."
        raise DataError(problem, remedy="Name the words and the vectors of one model.")
    chosen = choose(words, limit=request.n_words, name=str(listed))
    table = np.zeros((len(SPECIALS) + len(chosen.rows), vectors.shape[1]), dtype=np.float32)
    table[len(SPECIALS) :] = vectors[chosen.rows]
    unknown = [at for at, word in enumerate(words) if word in UNKNOWN]
    said = "the mean of all vectors"
    rows = vectors
    if n_buckets:
        said = f"the mean of the {n_buckets:,} hash buckets behind the words"
        rows = vectors[len(words) :]
    elif unknown:
        said = f"the vector of {words[unknown[0]]}"
        rows = vectors[unknown[:1]]
    table[1] = rows.mean(axis=0, dtype=np.float64)
    notes = (*chosen.notes, f"unknown words have {said}")
    architecture = NnlmArchitecture(vectors.shape[1])
    vocab = Vocab((*SPECIALS, *chosen.words))
    encoder = Encoder("nnlm", architecture, {"embedding": table}, vocab, origin(request))
    return Found(encoder, notes)


def _vectors(path: Path) -> Floats:
    try:
        # Mapped: a header that promises more than the file holds is refused before it takes memory.
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # a damaged header fails in the parser of Python's own literals
        said = str(error).split("\n", 1)[0].rstrip(".")
        problem = f"{path} is no array of floats that can be read: {said}."
        raise DataError(problem, remedy="Save the array anew by numpy.save.") from error
    if found.ndim != 2 or not 0 < found.shape[1] <= _MOST_DIM:
        problem = f"{path} has the shape {found.shape}, needed is a row of numbers for each word."
        raise DataError(problem, remedy="Save the array of word vectors by numpy.save.")
    return floats(found, str(path))
