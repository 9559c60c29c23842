"""Predictions in words, for every dialect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from newsdesk.bundle import Explanation
from newsdesk.explain.pieces import in_utf16
from newsdesk.predictions import Predictions
from newsdesk.serving.catalogue import Served
from newsdesk.types import Documents, Span

__all__ = ["Explain", "Highlight", "LabelScore", "Result", "answers", "explained", "texts_of"]

Explain = bool | Literal["all"]
"""Whether words are highlighted: for the likeliest class, or for each that is listed."""


class Highlight(msgspec.Struct, frozen=True):
    """A stretch of a text, with what it adds to the score of a class."""

    field: str
    start: int
    """First character, in code points."""
    end: int
    start_utf16: int
    """The same as JavaScript counts."""
    end_utf16: int
    weight: float
    """Above 0 speaks for the class."""


class LabelScore(msgspec.Struct, frozen=True, omit_defaults=True):
    """A class and its calibrated probability."""

    label: str
    score: float
    highlights: list[Highlight] | None = None


class Result(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is said of one document."""

    id: str
    labels: list[LabelScore]
    abstain: bool | None = None
    """Whether the answer is "not sure"."""
    low_evidence: bool | None = None
    """Whether nothing in the document is known."""
    highlights: list[Highlight] | None = None
    highlight_method: str | None = None


def answers(
    documents: Documents,
    predictions: Predictions,
    *,
    top_k: int = 3,
    abstain_below: float = 0.0,
) -> list[Result]:
    """Put predictions into words.

    Parameters
    ----------
    documents : Documents
        n documents.
    predictions : Predictions
        Of a model for them.
    top_k : int
        Likeliest classes to list, 1 or more.
    abstain_below : float
        Probability below which the answer is "not sure".

    Returns
    -------
    list[Result]
        One per document, in order.
    """
    order, proba = predictions.top_k(top_k)
    names = predictions.label_set.names
    unsure = predictions.abstain(abstain_below).tolist()
    unknown = predictions.low_evidence.tolist()
    return [
        Result(
            identifier,
            [LabelScore(names[index], score) for index, score in zip(row, scores, strict=True)],
            abstain,
            low,
        )
        for identifier, row, scores, abstain, low in zip(
            documents.ids.to_pylist(), order.tolist(), proba.tolist(), unsure, unknown, strict=True
        )
    ]


def explained(
    results: Sequence[Result],
    texts: Sequence[dict[str, str]],
    explanations: Sequence[Sequence[Explanation]],
    *,
    each: bool,
) -> list[Result]:
    """Say why.

    Parameters
    ----------
    results : Sequence[Result]
        Of n documents.
    texts : Sequence[dict[str, str]]
        Their texts by field.
    explanations : Sequence[Sequence[Explanation]]
        Of the likeliest class of each first, then of the others that are listed.
    each : bool
        Whether each listed class gets its own highlights.

    Returns
    -------
    list[Result]
        The same with highlights.
    """
    found = []
    for result, own, by_class in zip(results, texts, explanations, strict=True):
        spans = [_laid_out(own, explanation.spans) for explanation in by_class]
        labels = result.labels
        if each:
            labels = [
                LabelScore(one.label, one.score, highlights)
                for one, highlights in zip(labels, spans, strict=True)
            ]
        method = by_class[0].method
        found.append(
            Result(result.id, labels, result.abstain, result.low_evidence, spans[0], method)
        )
    return found


def texts_of(served: Served, documents: Documents) -> list[dict[str, str]]:
    """Texts by field, in which the offsets of highlights count.

    Parameters
    ----------
    served : Served
        The model, for whom bare texts are its first field.
    documents : Documents
        n documents.

    Returns
    -------
    list[dict[str, str]]
        Theirs.
    """
    columns = {name: column.to_pylist() for name, column in documents.fields.items()}
    if len(columns) == 1:  # bare texts are taken as the first field
        columns = {served.bundle.fields[0]: next(iter(columns.values()))}
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def _laid_out(texts: dict[str, str], spans: Sequence[Span]) -> list[Highlight]:
    found = []
    for name, text in texts.items():
        own = [span for span in spans if span.field == name]
        found += [
            Highlight(name, start, end, *units, weight)
            for (_, start, end, weight), units in zip(own, in_utf16(text, own), strict=True)
        ]
    return found
