"""The embedding of a vocabulary: a vector for each of its words, and how each was come by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsdesk.features.tokens import normal_form
from newsdesk.features.vectors.lookup import WordVectors
from newsdesk.types import Floats, Indices, Progress, string_array

__all__ = ["Coverage", "Embedding", "Missing", "embed"]

Missing = Literal["subwords", "mean", "zeros"]
"""What a word gets that the file lacks."""

_WORDS_OF_BLOCK = 1 << 16
_BORDER = "\udfff"  # no character of a word


@dataclass(frozen=True)
class Coverage:
    """How the words of a vocabulary came by their vectors, as shares that sum to 1.

    Parameters
    ----------
    n : int
        Number of words.
    exact : float
        Words that the file has as they are.
    variant : float
        Words that it has in another case.
    estimated : float
        Words that were estimated from their parts.
    unknown : float
        All others.
    tokens : tuple[float, float, float, float] | None
        The four shares of tokens, where the words were counted.
    """

    n: int
    exact: float
    variant: float
    estimated: float
    unknown: float
    tokens: tuple[float, float, float, float] | None = None

    def __str__(self) -> str:
        """One sentence for the notes of a training."""
        if not self.n:
            return "No word needs a vector."
        sentence = (
            f"Of {self.n:,} words the file of vectors has {self.exact:.1%} as they are and "
            f"{self.variant:.1%} in another case; {self.estimated:.1%} are estimated from their "
            f"parts, and {self.unknown:.1%} are unknown"
        )
        if self.tokens is None:
            return f"{sentence}."
        of_tokens = " / ".join(f"{share:.1%}" for share in self.tokens)
        return f"{sentence} (of all tokens {of_tokens})."


class Embedding(NamedTuple):
    """Vectors of a vocabulary."""

    matrix: Floats
    """Shape ``(m, dim)``, in the order of the words."""
    coverage: Coverage
    """How many of them are from the file."""


def embed(
    words: Iterable[str] | pa.Array,
    vectors: WordVectors,
    *,
    missing: Missing = "subwords",
    counts: NDArray[np.integer] | None = None,
    progress: Progress | None = None,
) -> Embedding:
    """Give each word of a vocabulary a vector.

    A word is looked for as it is, then as the earliest word of the file that becomes the same when
    case and composition are folded away (files are ordered by frequency): ``paris`` has the vector
    of ``Paris`` where the file keeps its case.

    Parameters
    ----------
    words : Iterable[str] | pa.Array
        m words.
    vectors : WordVectors
        Known words.
    missing : Missing
        What the others get: an estimate from their character n-grams (see
        `newsdesk.features.vectors.subwords`), and where they share none, or always, the mean
        vector of the file; or zeros.
    counts : NDArray[np.integer] | None
        How often each word occurs, shape ``(m,)``, for the coverage.
    progress : Progress | None
        Told of the vectors read for estimates.

    Returns
    -------
    Embedding
        A matrix of shape ``(m, dim)``, and the coverage.

    Raises
    ------
    InputError
        If a word is no text.
    StorageError
        If vectors cannot be read.
    """
    wanted = string_array(words)
    exact = vectors.find(wanted)
    rows = _in_another_case(wanted, exact, vectors) if (exact < 0).any() else exact
    matrix = np.zeros((len(wanted), vectors.dim), dtype=np.float32)
    known = rows >= 0
    matrix[known] = vectors.take(rows[known])
    lacking = np.flatnonzero(~known)
    estimated = np.zeros(len(wanted), dtype=np.bool_)
    if missing == "subwords" and len(lacking):
        from newsdesk.features.vectors.subwords import estimate  # loads numba

        guesses = estimate(wanted.take(pa.array(lacking)), vectors, progress=progress)
        estimated[lacking] = ~np.isnan(guesses[:, 0])
        matrix[lacking] = guesses
    if missing != "zeros":
        matrix[~known & ~estimated] = vectors.mean
    kinds = np.select([exact >= 0, known, estimated], [0, 1, 2], default=3)
    return Embedding(matrix, _coverage(kinds, counts))


def _in_another_case(wanted: pa.LargeStringArray, exact: Indices, vectors: WordVectors) -> Indices:
    """Rows of the words, those of the missing ones in another case; -1 where there is none."""
    lacking = np.flatnonzero(exact < 0)
    folded = [normal_form(word) for word in wanted.take(pa.array(lacking)).to_pylist()]
    row_of = dict.fromkeys(folded, -1)
    for start in range(0, vectors.n, _WORDS_OF_BLOCK):
        stop = min(start + _WORDS_OF_BLOCK, vectors.n)
        # Folded together: neither case folding nor composition reaches over a surrogate.
        joined = _BORDER.join(vectors.words(start, stop).to_pylist())
        for row, word in enumerate(normal_form(joined).split(_BORDER), start):
            if row_of.get(word, 0) == -1:
                row_of[word] = row
    rows = exact.copy()
    rows[lacking] = [row_of[word] for word in folded]
    return rows


def _coverage(kinds: Indices, counts: NDArray[np.integer] | None) -> Coverage:
    n = len(kinds)
    if not n:
        return Coverage(0, 0.0, 0.0, 0.0, 0.0)
    exact, variant, estimated, unknown = (np.bincount(kinds, minlength=4) / n).tolist()
    tokens = None
    if counts is not None and counts.sum() > 0:
        shares = np.bincount(kinds, weights=counts, minlength=4) / counts.sum()
        tokens = tuple(shares.tolist())
    return Coverage(n, exact, variant, estimated, unknown, tokens)
