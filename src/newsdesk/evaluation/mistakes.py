"""The errors that teach most: grouped by confused pair, the surest and the closest of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from newsdesk.types import Floats, Indices, LabelSet

__all__ = ["ConfusedPair", "Mistake", "confused_pairs"]

N_PAIRS = 40
N_SUREST = 5
N_CLOSEST = 3
LONGEST_TEXT = 300
"""Characters shown of a text."""
SURE, CLOSE = 0.5, 0.1
"""Lead of the answer over the truth from which it was sure, and below which it was close."""


@dataclass(frozen=True)
class Mistake:
    """One wrong answer.

    Parameters
    ----------
    id : str
        Id of the document.
    text : str
        The document, cut after 300 characters.
    verdict : str
        ``"sure of it"``, ``"close call"`` or empty: how far the answer was ahead of the truth.
    top : tuple[tuple[str, float], ...]
        The three likeliest labels with their probabilities, best first.
    proba_true : float
        Probability of the true label.
    """

    id: str
    text: str
    verdict: str
    top: tuple[tuple[str, float], ...]
    proba_true: float


@dataclass(frozen=True)
class ConfusedPair:
    """All rows of one class that were taken for one other class.

    Parameters
    ----------
    true : str
        The right label.
    predicted : str
        The answer.
    n : int
        How many rows.
    share : float
        Their share of the rows of the true class.
    mistakes : tuple[Mistake, ...]
        A few of them.
    """

    true: str
    predicted: str
    n: int
    share: float
    mistakes: tuple[Mistake, ...]


def confused_pairs(
    proba: Floats,
    y: Indices,
    labels: LabelSet,
    texts: pa.LargeStringArray,
    ids: pa.LargeStringArray,
) -> list[ConfusedPair]:
    """Pick the errors worth reading.

    Parameters
    ----------
    proba : Floats
        Shape ``(n, k)``.
    y : Indices
        Class indices in ``[0, k)``, shape ``(n,)``.
    labels : LabelSet
        The k class names.
    texts : pa.LargeStringArray
        Shape ``(n,)``.
    ids : pa.LargeStringArray
        Shape ``(n,)``.

    Returns
    -------
    list[ConfusedPair]
        At most 40 pairs, the most frequent first, each with at most 5 sure and 3 close errors.
    """
    predicted = proba.argmax(axis=1)
    wrong = np.flatnonzero(predicted != y)
    support = np.bincount(y, minlength=len(labels))
    codes, pair, counts = np.unique(
        y[wrong] * len(labels) + predicted[wrong], return_inverse=True, return_counts=True
    )
    found = []
    for index in np.argsort(-counts, kind="stable")[:N_PAIRS].tolist():
        true, said = divmod(int(codes[index]), len(labels))
        rows = wrong[pair == index]
        found.append(
            ConfusedPair(
                true=labels[true],
                predicted=labels[said],
                n=len(rows),
                share=len(rows) / int(support[true]),
                mistakes=tuple(
                    _mistake(row, proba[row], true, labels, texts, ids)
                    for row in _instructive(proba, rows, true, said, texts)
                ),
            )
        )
    return found


def _instructive(
    proba: Floats, rows: Indices, true: int, said: int, texts: pa.LargeStringArray
) -> list[int]:
    """The surest errors, then the closest, no text twice."""
    by_margin = rows[np.argsort(proba[rows, true] - proba[rows, said], kind="stable")].tolist()
    seen: set[str] = set()
    picked: list[int] = []
    for order, n_wanted in ((by_margin, N_SUREST), (by_margin[::-1], N_SUREST + N_CLOSEST)):
        for row in order:
            if len(picked) == n_wanted:
                break
            text = texts[row].as_py()
            if text not in seen:
                seen.add(text)
                picked.append(row)
    return picked


def _mistake(
    row: int,
    proba: Floats,
    true: int,
    labels: LabelSet,
    texts: pa.LargeStringArray,
    ids: pa.LargeStringArray,
) -> Mistake:
    ahead = float(proba.max() - proba[true])
    verdict = "sure of it" if ahead >= SURE else "close call" if ahead < CLOSE else ""
    best = np.argsort(-proba, kind="stable")[:3].tolist()
    text = " ".join(texts[row].as_py().split())
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT].rstrip() + "…"
    top = tuple((labels[index], float(proba[index])) for index in best)
    return Mistake(ids[row].as_py(), text, verdict, top, float(proba[true]))
