"""Words as ELMo spells them: the bytes of their UTF-8 between a beginning and an end.

The numbers are those of AllenNLP's ``ELMoCharacterMapper``, one higher than in the original program
(bilm-tf), because 0 fills up there: byte b is ``b + 1``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.sequences import Sequences
from newsdesk.types import Indices

__all__ = ["BOUNDS", "FILLING", "filled", "spell", "square"]

_SENTENCE_BEGIN, _SENTENCE_END, _WORD_BEGIN, _WORD_END = 257, 258, 259, 260
FILLING = 261
"""Stands behind the end of a word, and is read like other characters."""

BOUNDS = Sequences(
    np.array([0, 3, 6], dtype=np.int64),
    np.array(
        [_WORD_BEGIN, _SENTENCE_BEGIN, _WORD_END, _WORD_BEGIN, _SENTENCE_END, _WORD_END],
        dtype=np.int32,
    ),
)
"""The two words that stand around every document: one of the character that begins sentences, one
of that which ends them."""


def spell(words: Sequence[str], longest: int) -> Sequences:
    """Spell words.

    Parameters
    ----------
    words : Sequence[str]
        m words.
    longest : int
        Characters of a word at the most, beginning and end included; what is longer is cut before
        its end. At least 3.

    Returns
    -------
    Sequences
        m rows of numbers from 1 to 260.

    Examples
    --------
    >>> spell(["Cé"], 50).ids.tolist()
    [259, 68, 196, 170, 260]
    """
    cut = [word.encode()[: longest - 2] for word in words]
    indptr = np.zeros(len(cut) + 1, dtype=np.int64)
    np.cumsum([len(own) for own in cut], out=indptr[1:])
    ids = np.frombuffer(b"".join(cut), dtype=np.uint8).astype(np.int32) + 1
    return Sequences(indptr, ids).framed([_WORD_BEGIN], [_WORD_END])


def filled(spelt: Sequences, lengths: Indices) -> Sequences:
    """Fill words up.

    Parameters
    ----------
    spelt : Sequences
        m words.
    lengths : Indices
        Length of each afterwards, none shorter than it was, shape ``(m,)``.

    Returns
    -------
    Sequences
        The same words with `FILLING` behind them.
    """
    indptr = np.zeros(len(lengths) + 1, dtype=np.int64)
    lengths.cumsum(out=indptr[1:])
    ids = np.full(indptr[-1], FILLING, dtype=np.int32)
    shift = indptr[:-1] - spelt.indptr[:-1]
    ids[np.arange(len(spelt.ids)) + shift.repeat(spelt.lengths)] = spelt.ids
    return Sequences(indptr, ids)


def square(spelt: Sequences, longest: int, widest: int) -> NDArray[np.int32]:
    """Fill words up to one length that filters cannot tell from the full one.

    Behind the longest word so many fillings are left that the widest filter sees nothing else: all
    further windows would look the same, so the largest answer of each filter is as if every word
    were filled up to ``longest``.

    Parameters
    ----------
    spelt : Sequences
        m words.
    longest : int
        Characters of a word at the most.
    widest : int
        Characters that the widest filter sees.

    Returns
    -------
    NDArray[np.int32]
        Shape ``(m, at most longest)``.
    """
    length = min(longest, int(spelt.lengths.max(initial=2)) + widest)
    n = len(spelt.indptr) - 1
    return filled(spelt, np.full(n, length, dtype=np.int64)).ids.reshape(n, length)
