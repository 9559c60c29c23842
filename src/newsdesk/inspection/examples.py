"""Rows that stand for many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from newsdesk.data.corpus import Corpus
from newsdesk.types import Bools, Indices

__all__ = ["Example", "take_examples"]

MOST_CHARACTERS = 200
"""A shown text is cut behind these many characters."""


@dataclass(frozen=True)
class Example:
    """One row.

    Parameters
    ----------
    id : str
        Of its document.
    label : str
        Its class.
    text : str
        Its fields joined by a space, cut where it is long.
    """

    id: str
    label: str
    text: str


def take_examples(corpus: Corpus, rows: Indices | Bools, most: int) -> tuple[Example, ...]:
    """Show some rows.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    rows : Indices | Bools
        Positions, or a mask of shape ``(n,)``.
    most : int
        How many are shown: the first ones.

    Returns
    -------
    tuple[Example, ...]
        At most `most` rows.
    """
    positions: Indices = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64)
    positions = positions[:most]
    part = corpus.documents.take(positions)
    shown = pc.utf8_slice_codeunits(part.texts, 0, MOST_CHARACTERS + 1).to_pylist()
    labels = corpus.labels.decode(corpus.y[positions])
    return tuple(
        Example(identifier, label, _cut(text))
        for identifier, label, text in zip(part.ids.to_pylist(), labels, shown, strict=True)
    )


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
