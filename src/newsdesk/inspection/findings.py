"""Looking at a corpus from all sides before a model is trained on it."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from newsdesk.data.corpus import Corpus
from newsdesk.data.recorded_split import part
from newsdesk.inspection import duplicates, lengths, suspicious, vocabulary, words
from newsdesk.inspection.characters import survey
from newsdesk.inspection.examples import take_examples
from newsdesk.inspection.record import FEW_ROWS, Class, Giveaway, Inspection, Pair, Suspicion
from newsdesk.inspection.vocabulary import Vocabulary
from newsdesk.types import Indices, Progress, Silent

__all__ = ["effective_number", "inspect"]

_COMPARED = 20
"""Rows that a class needs to be compared with others by its words."""
_MOST_CLASSES = 300
"""Classes whose words are looked at: the largest ones."""
_N_WORDS = 10
_N_PAIRS = 15
_N_SHARED = 6
_N_GIVEAWAYS = 50
_N_CLUSTERS = 5


def effective_number(counts: Indices) -> float:
    """Number of equally large classes that would be as hard to guess: the exponential of entropy.

    Hill 1973, "Diversity and evenness", order 1.

    Parameters
    ----------
    counts : Indices
        Rows of each class; at least one row.

    Returns
    -------
    float
        From 1 to the number of classes that have rows.

    Examples
    --------
    >>> round(effective_number(np.array([10, 10, 10])), 3)
    3.0
    """
    share = counts[counts > 0] / counts.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def inspect(corpus: Corpus, *, n_examples: int = 3, progress: Progress | None = None) -> Inspection:
    """Look at a corpus from all sides.

    Parameters
    ----------
    corpus : Corpus
        At least one row; every row has a class, one class will do.
    n_examples : int
        Rows shown of each kind of suspicion.
    progress : Progress | None
        Told of long work; None is silent.

    Returns
    -------
    Inspection
        What was found.
    """
    progress = progress or Silent()
    documents, n = corpus.documents, len(corpus)
    with progress.task("words", n, "documents") as done:
        counted = vocabulary.count(documents, corpus.y, corpus.labels, done)
    with progress.task("characters", n, "documents") as done:
        characters = survey(documents.texts, done)
    n_words = counted.n_words.sum(axis=1)
    blank = np.logical_and.reduce([lengths.blank(column) for column in documents.fields.values()])
    signs = suspicious.Signs(
        texts=documents.texts,
        blank=blank,
        n_words=n_words,
        n_characters=pc.utf8_length(documents.texts).to_numpy(),
        lettered=characters.lettered,
        mixed=characters.mixed,
    )
    with progress.task("near-duplicates", n, "documents") as done:
        clusters = corpus.near_duplicate_clusters
        done(n)
    shown = _largest(corpus.class_counts)
    found = words.giveaways(counted, corpus.class_counts)
    held = corpus.class_counts[corpus.class_counts > 0]
    test = _test_rows(corpus)
    return Inspection(
        name=corpus.name,
        licence=corpus.licence,
        steps=corpus.steps,
        n_rows=n,
        fields=tuple(documents.fields),
        classes=_classes(corpus, counted, n_words, shown),
        imbalance=float(held.max() / held.min()),
        effective_classes=effective_number(held),
        n_small=int((held < FEW_ROWS).sum()),
        lengths=lengths.measure(documents, counted.n_words),
        histogram=lengths.histogram(n_words),
        writing_systems=characters.systems,
        exact=duplicates.find(corpus, corpus.duplicate_clusters, ~blank, _N_CLUSTERS),
        near=duplicates.find(corpus, clusters, ~blank, _N_CLUSTERS),
        leaks=None if test is None else duplicates.find_leaks(corpus, test),
        suspicions=tuple(
            Suspicion(
                kind=sign.kind,
                title=sign.title,
                meaning=sign.meaning,
                n_rows=int(rows.sum()),
                share=float(rows.mean()),
                examples=take_examples(corpus, rows, n_examples),
            )
            for sign, rows in suspicious.find(signs)
        ),
        giveaways=_giveaways(corpus, counted, found[:_N_GIVEAWAYS]),
        n_giveaways=len(found),
        pairs=_pairs(corpus, counted, shown),
    )


def _largest(class_counts: Indices) -> Indices:
    """The classes whose words are looked at, the largest first."""
    order = np.argsort(-class_counts, kind="stable")
    return order[:_MOST_CLASSES]


def _test_rows(corpus: Corpus) -> Indices | None:
    """Test rows of the split that came with the corpus, if it has both parts."""
    test = corpus.published
    if corpus.split_column is not None:
        test = np.flatnonzero(part(corpus, "test"))
    return test if test is not None and 0 < len(test) < len(corpus) else None


def _spell(corpus: Corpus, counted: Vocabulary, parts: list[Indices]) -> list[tuple[str, ...]]:
    wanted = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *parts]))
    spelt = counted.spell(corpus.documents, wanted)
    return [tuple(spelt[word] for word in ranked.tolist()) for ranked in parts]


def _classes(
    corpus: Corpus, counted: Vocabulary, n_words: Indices, shown: Indices
) -> tuple[Class, ...]:
    k = len(corpus.labels)
    by_class = lengths.quantiles_by_class(n_words, corpus.y, k)
    named = np.bincount(corpus.y[counted.named], minlength=k)
    ranked = words.characteristic(counted, k, _N_WORDS)
    spelt = _spell(corpus, counted, [ranked[index] for index in shown.tolist()])
    characteristic = dict(zip(shown.tolist(), spelt, strict=True))
    counts = corpus.class_counts
    classes = []
    for index in np.argsort(-counts, kind="stable").tolist():
        quantiles = by_class[index]
        if quantiles is None:  # a class that only other rows have
            continue
        classes.append(
            Class(
                label=corpus.labels[index],
                n_rows=int(counts[index]),
                share=float(counts[index] / len(corpus)),
                words=quantiles,
                n_named=int(named[index]),
                characteristic=characteristic.get(index, ()),
            )
        )
    return tuple(classes)


def _giveaways(
    corpus: Corpus, counted: Vocabulary, found: list[words.SoleWord]
) -> tuple[Giveaway, ...]:
    (spelt,) = _spell(corpus, counted, [np.array([item.word for item in found], dtype=np.int64)])
    counts = corpus.class_counts
    return tuple(
        Giveaway(
            word=word,
            label=corpus.labels[item.label],
            n_rows=item.n_rows,
            share=item.n_own / item.n_rows,
            covered=item.n_own / int(counts[item.label]),
        )
        for item, word in zip(found, spelt, strict=True)
    )


def _pairs(corpus: Corpus, counted: Vocabulary, shown: Indices) -> tuple[Pair, ...]:
    counts = corpus.class_counts
    compared = np.zeros(len(counts), dtype=np.bool_)
    compared[shown] = counts[shown] >= _COMPARED
    found = words.pairs(counted, counts, compared, _N_PAIRS, _N_SHARED)
    spelt = _spell(corpus, counted, [pair.shared for pair in found])
    return tuple(
        Pair(
            first=corpus.labels[pair.first],
            second=corpus.labels[pair.second],
            similarity=pair.similarity,
            cosine=pair.cosine,
            words=shared,
        )
        for pair, shared in zip(found, spelt, strict=True)
    )
