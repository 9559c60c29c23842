"""Which words of a foreign vocabulary can be found in texts, and which of them are the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from newsdesk.errors import DataError
from newsdesk.features.tokens import normal_form
from newsdesk.features.word_counts import hashes_of
from newsdesk.types import Indices

__all__ = ["Chosen", "choose"]


class Chosen(NamedTuple):
    """The words of a foreign vocabulary that are kept."""

    words: tuple[str, ...]
    """In their normal form, in the order of the file; all distinct."""
    rows: Indices
    """Where each stands in the file, ascending."""
    notes: tuple[str, ...]
    """What was left out, as sentences."""


def choose(
    words: Sequence[str], *, without: Collection[int] = (), limit: int | None = None, name: str
) -> Chosen:
    """Keep the words that can be found in texts, each once.

    A text is read in its normal form (case folded, composed), and only what is a token there can be
    found. Of words that become the same, the one that is in normal form already counts, else the
    first: the order in which `newsdesk.features.vectors.embed` looks for a word.

    Parameters
    ----------
    words : Sequence[str]
        In the order of the file.
    without : Collection[int]
        Positions of words that are left out unsaid, since they have a part of their own.
    limit : int | None
        Words to keep at most, the first ones; None keeps all.
    name : str
        The file, for the error.

    Returns
    -------
    Chosen
        Words, positions, and what to say of the others.

    Raises
    ------
    DataError
        If no word is left.
    """
    apart = np.zeros(len(words), dtype=np.bool_)
    apart[list(without)] = True
    positions, hashes = hashes_of(words)
    ordinary = ~apart[positions]
    positions, hashes = positions[ordinary], hashes[ordinary]
    folded = np.array([normal_form(words[at]) != words[at] for at in positions.tolist()], np.bool_)
    order = np.lexsort((positions, folded, hashes))
    ascending = hashes[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = ascending[1:] != ascending[:-1]
    rows = np.sort(positions[order[first]])
    n_never, n_again = int((~apart).sum()) - len(positions), len(positions) - len(rows)
    n_beyond = 0 if limit is None else max(0, len(rows) - limit)
    rows = rows[:limit]
    if not len(rows):
        problem = f"{name} holds no word that could be found in a text."
        raise DataError(problem, remedy="Name the vocabulary that belongs to the weights.")
    notes = [
        f"{n:,} {'word' if n == 1 else 'words'} {why}"
        for n, why in (
            (n_never, "left out: no token of a text is spelt so (punctuation, phrases, marks)"),
            (n_again, "left out: the same as another one once case is folded"),
            (n_beyond, f"left out: behind the first {limit:,}" if limit else ""),
        )
        if n
    ]
    return Chosen(tuple(normal_form(words[at]) for at in rows.tolist()), rows, tuple(notes))
