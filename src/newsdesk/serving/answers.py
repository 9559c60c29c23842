"""Predictions in words, for every dialect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from newsdesk.explain.pieces import utf16_offsets
from newsdesk.predictions import Predictions
from newsdesk.serving.catalogue import Served
from newsdesk.types import Documents, Span

__all__ = ["Explain", "Highlight", "LabelScore", "Result", "answers"]

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
    served: Served,
    documents: Documents,
    predictions: Predictions,
    *,
    top_k: int = 3,
    explain: Explain = False,
    abstain_below: float = 0.0,
) -> list[Result]:
    """Put predictions into words, and say why.

    Parameters
    ----------
    served : Served
        The version of the model.
    documents : Documents
        n documents.
    predictions : Predictions
        Of the model for them.
    top_k : int
        Likeliest classes to list, 1 or more.
    explain : Explain
        Whether words are highlighted.
    abstain_below : float
        Probability below which the answer is "not sure".

    Returns
    -------
    list[Result]
        One per document, in order.
    """
    order, proba = predictions.top_k(top_k)
    names = served.bundle.labels.names
    unsure = predictions.abstain(abstain_below).tolist()
    unknown = predictions.low_evidence.tolist()
    listed = [
        [LabelScore(names[index], score) for index, score in zip(row, scores, strict=True)]
        for row, scores in zip(order.tolist(), proba.tolist(), strict=True)
    ]
    ids = documents.ids.to_pylist()
    if not explain:
        return [
            Result(identifier, labels, abstain, low)
            for identifier, labels, abstain, low in zip(ids, listed, unsure, unknown, strict=True)
        ]
    classes = order if explain == "all" else order[:, :1]
    found = _highlights(served, documents, classes)
    results = []
    for position, identifier in enumerate(ids):
        labels, spans = listed[position], found[position]
        if explain == "all":
            labels = [
                LabelScore(one.label, one.score, own)
                for one, own in zip(labels, spans, strict=True)
            ]
        results.append(
            Result(
                identifier,
                labels,
                unsure[position],
                unknown[position],
                spans[0],
                served.bundle.explains,
            )
        )
    return results


def _highlights(
    served: Served, documents: Documents, classes: np.ndarray
) -> list[list[list[Highlight]]]:
    """Highlights of each document for each of its classes."""
    found = served.bundle.explain_classes(documents, classes)
    texts = _texts(served, documents)
    return [
        [_laid_out(own, explanation.spans) for explanation in by_class]
        for own, by_class in zip(texts, found, strict=True)
    ]


def _texts(served: Served, documents: Documents) -> list[dict[str, str]]:
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
        if text.isascii():
            units = {offset: offset for span in own for offset in (span.start, span.end)}
        else:
            offsets = [offset for span in own for offset in (span.start, span.end)]
            units = dict(zip(offsets, utf16_offsets(text, offsets), strict=True))
        found += [
            Highlight(name, span.start, span.end, units[span.start], units[span.end], span.weight)
            for span in own
        ]
    return found
