"""What a stretch of a text adds to an answer, found by asking again without it.

A stretch is left out of the raw text, before that is cleaned, and its weight is the drop of the
class's log-odds::

    weight = log(p / (1 - p)) - log(q / (1 - q))

with the class's calibrated probability p for the whole text and q for the text without the stretch
(Robnik-Šikonja & Kononenko 2008, "Explaining Classifications For Individual Instances", section
2.2, "weight of evidence", in nats). To look at what a model does without a part of its input is
occlusion (Zeiler & Fergus 2014, "Visualizing and Understanding Convolutional Networks", section
4.2); of words it is told by Li, Monroe & Jurafsky 2016, "Understanding Neural Networks through
Representation Erasure". Weights are each of one stretch alone: where two say the same, each is
spared, and they do not add up to the score.

The cost is bounded. Up to `MOST` words are left out one by one. In a longer text passages are, at
most as many, and then the words of those passages that move the answer most: at most
``2 * MOST`` variants of a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from newsdesk.features.stretches import Stretch, leave_out, passages, runs
from newsdesk.types import Documents, Indices, Span

__all__ = ["MOST", "Weighed", "occlusions"]

MOST = 64
"""Stretches that are left out in each of the two steps, at most."""
_ROUNDING = 1e-5
"""Answers differ by so much where nothing but the company of a text in its batch does."""
_CHARACTERS = 1 << 25
"""Of all variants that are asked about at once; more texts are taken one group after another."""

Values = NDArray[np.float64]
Answer = Callable[[Documents], Values]
Cut = Callable[[Documents], list[Stretch]]
Part = tuple[int, int]


class Weighed(NamedTuple):
    """What the stretches of one document weigh."""

    spans: list[list[Span]]
    """For each asked class its spans in reading order."""
    n_variants: int
    """How many variants were answered for it."""


class _Text(NamedTuple):
    """A document and its words."""

    document: Documents
    words: list[Stretch]

    def stretches(self, parts: Sequence[Part]) -> list[Stretch]:
        """Where parts stand, which are words from one to another."""
        return [
            Stretch(self.words[first].field, self.words[first].start, self.words[last - 1].end)
            for first, last in parts
        ]

    def coarse(self) -> list[Part]:
        """Words where they are few, else passages."""
        if len(self.words) <= MOST:
            return runs(0, len(self.words), max(len(self.words), 1))
        return passages(self.document, self.words, MOST)


def occlusions(
    answer: Answer, cut: Cut, documents: Documents, whole: Values, classes: Indices
) -> list[Weighed]:
    """Weigh stretches of documents by leaving them out.

    Which passages of a long text are looked at word by word depends on the text alone, so that a
    class is explained alike whatever others are asked for.

    Parameters
    ----------
    answer : Answer
        Gives the log-odds of raw documents, shape ``(n, n_classes)``, a row whatever stands beside
        it. It is asked about all variants of many documents at once.
    cut : Cut
        Finds the words of one raw document.
    documents : Documents
        n raw documents.
    whole : Values
        Their log-odds, shape ``(n, n_classes)``.
    classes : Indices
        The classes to explain in each, shape ``(n, k)``.

    Returns
    -------
    list[Weighed]
        One per document.
    """
    found = []
    for start, stop in _groups(documents):
        group = documents.slice(start, stop)
        found += _occlusions(answer, cut, group, whole[start:stop], classes[start:stop])
    return found


def _groups(documents: Documents) -> Iterator[tuple[int, int]]:
    """First and one past the last of documents whose variants fit into memory together."""
    columns = [pc.utf8_length(column).to_numpy() for column in documents.fields.values()]
    lengths = np.sum(columns, axis=0).tolist()
    start = total = 0
    for place, length in enumerate(lengths):
        if place > start and (total + length) * MOST > _CHARACTERS:
            yield start, place
            start, total = place, 0
        total += length
    if lengths:
        yield start, len(lengths)


def _occlusions(
    answer: Answer, cut: Cut, documents: Documents, whole: Values, classes: Indices
) -> list[Weighed]:
    singles = [documents.slice(row, row + 1) for row in range(len(documents))]
    texts = [_Text(single, cut(single)) for single in singles]
    coarse = [text.coarse() for text in texts]
    drops = _drops(answer, documents, whole, texts, coarse)
    chosen = list(map(_heaviest, coarse, drops, whole))
    fine = [
        _parted([parts[place] for place in heavy])
        for parts, heavy in zip(coarse, chosen, strict=True)
    ]
    finer = _drops(answer, documents, whole, texts, fine)
    found = []
    for row, text in enumerate(texts):
        kept = [place for place in range(len(coarse[row])) if place not in chosen[row]]
        parts = [*(coarse[row][place] for place in kept), *fine[row]]
        weights = np.concatenate([drops[row][kept], finer[row]])[:, classes[row]]
        order = sorted(range(len(parts)), key=parts.__getitem__)
        stretches = text.stretches([parts[place] for place in order])
        spans = [_spans(stretches, column.tolist()) for column in weights[order].T]
        found.append(Weighed(spans, len(coarse[row]) + len(fine[row])))
    return found


def _drops(
    answer: Answer,
    documents: Documents,
    whole: Values,
    texts: Sequence[_Text],
    parts: Sequence[Sequence[Part]],
) -> list[Values]:
    """What each part of each document adds to all classes, each of shape ``(n_parts, n_classes)``.

    All variants are asked about at once.
    """
    sizes = [len(own) for own in parts]
    rows = np.arange(len(sizes)).repeat(sizes)
    if not len(rows):
        return [whole[:0]] * len(sizes)
    left_out = [
        [place] for text, own in zip(texts, parts, strict=True) for place in text.stretches(own)
    ]
    drops = whole[rows] - answer(leave_out(documents, rows, left_out))
    return np.split(drops, np.cumsum(sizes)[:-1])


def _heaviest(parts: Sequence[Part], drops: Values, whole: Values) -> list[int]:
    """Passages that are looked at word by word: those that move the answer most.

    How far log-odds move counts by the probability of the class.
    """
    if all(last - first == 1 for first, last in parts):
        return []
    weight = np.abs(drops) @ (0.5 + np.tanh(whole / 2) / 2)
    found: list[int] = []
    n_words = 0
    for place in np.argsort(-weight, kind="stable").tolist():
        first, last = parts[place]
        n_words += last - first
        if weight[place] < _ROUNDING or (found and n_words > MOST):
            break
        found.append(place)
    return found


def _parted(parts: Sequence[Part]) -> list[Part]:
    """The words of passages, or runs of words where one passage alone has too many."""
    return [
        run for first, last in sorted(parts) for run in runs(first, last, min(last - first, MOST))
    ]


def _spans(stretches: Sequence[Stretch], weights: Sequence[float]) -> list[Span]:
    return [
        Span(*stretch, weight)
        for stretch, weight in zip(stretches, weights, strict=True)
        if abs(weight) >= _ROUNDING
    ]
