"""Corrected documents among the train rows, and never in test."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsdesk.data.class_sizes import absent_note
from newsdesk.data.corpus import Corpus
from newsdesk.data.rules import VALID_SHARE
from newsdesk.data.split import Split
from newsdesk.data.strata import stratified_rows
from newsdesk.data.wording import counted, listed
from newsdesk.features.near_duplicates import find_clusters, find_exact
from newsdesk.types import Bools, Documents, Indices, LabelSet, Progress

__all__ = ["Corrected", "correct"]


class Corrected(NamedTuple):
    """A corpus whose train rows have been corrected, and what that took."""

    corpus: Corpus
    """The rows that are left, and the corrections behind them."""
    split: Split
    """Test are the rows that they were, and so are those of valid, but for some of new classes."""
    counts: dict[str, int]
    """What became of the corrections: ``n_accepted`` in all; ``n_added``, and ``n_valid`` of those
    to valid; left out as ``n_held_out`` (in valid or test), ``n_replaced`` (by a later one),
    ``n_known`` (train says the same); and ``n_dropped``, train rows that were contradicted."""
    new_classes: tuple[str, ...]
    """Classes that only corrections have."""


def correct(
    corpus: Corpus,
    split: Split,
    documents: Documents,
    labels: pa.LargeStringArray,
    *,
    near: bool,
    seed: int,
    progress: Progress,
) -> Corrected:
    """Put corrections among the train rows of a split.

    A correction whose text is that of a valid or test row is left out: what is learnt of it would
    make the numbers too good. Texts are compared in the fields in which the correction has a text,
    so that a headline is known though the row has a description besides. Of several corrections of
    one text the last holds. Train rows of that text in all fields which have another label are
    dropped; where one has the same label, nothing is added.

    Of a class that only corrections have, a tenth goes to valid: nothing else could tell how far
    its probabilities are to be believed, or which family names it best.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    split : Split
        Its split.
    documents : Documents
        m corrections with the fields of the corpus, the oldest first.
    labels : pa.LargeStringArray
        Their labels, shape ``(m,)``.
    near : bool
        Whether near-duplicates are the same text, or exact copies alone.
    seed : int
        Of the draw of that tenth.
    progress : Progress
        Told of the search for near-duplicates.

    Returns
    -------
    Corrected
        The rows; ``corpus.steps`` says what was done.
    """
    n, n_given = len(corpus), len(documents)
    held = _held_out(corpus, split, documents, near=near, progress=progress)
    texts = find_exact(corpus.documents.extended(documents))
    known, own = texts[:n], texts[n:]
    replaced = ~held & ~_last(own, ~held)
    rows = split.train[np.isin(known[split.train], own[~held & ~replaced])]
    said = dict(zip(own[~held & ~replaced].tolist(), _kept(labels, ~held & ~replaced), strict=True))
    agrees = np.array(
        [corpus.y[row] == corpus.labels.find(said[known[row]]) for row in rows.tolist()], dtype=bool
    )
    again = ~held & ~replaced & np.isin(own, known[rows[agrees]])
    added = np.flatnonzero(~(held | replaced | again))
    dropped = rows[~agrees]
    counts = {
        "n_accepted": n_given,
        "n_added": len(added),
        "n_held_out": int(held.sum()),
        "n_replaced": int(replaced.sum()),
        "n_known": int(again.sum()),
        "n_dropped": len(dropped),
    }
    names = labels.take(pa.array(added))
    new = tuple(sorted(set(names.to_pylist()) - set(corpus.labels)))
    grown = _joined(corpus, dropped, documents.take(added), names, new)
    chosen = _for_valid(grown, len(added), new, near=near, seed=seed)
    counts["n_valid"] = len(chosen)
    parts = _moved(split, n, dropped, len(added), chosen)
    stale, note = absent_note(corpus, split.train), absent_note(grown, parts.train)
    notes = [line for line in parts.notes if line != stale]
    return Corrected(
        grown.with_changes(steps=(*corpus.steps, *_lines(counts, new))),
        dataclasses.replace(parts, notes=(*notes, *([] if note is None else [note]))),
        counts,
        new,
    )


def _for_valid(
    corpus: Corpus, n_added: int, new: tuple[str, ...], *, near: bool, seed: int
) -> Indices:
    """Draw a tenth of the corrections of each new class; they are the last rows of the corpus."""
    own = np.isin(corpus.y, [corpus.labels.find(name) for name in new])
    rows = np.flatnonzero(own & (np.arange(len(corpus)) >= len(corpus) - n_added))
    clusters = np.arange(len(corpus))
    if near:
        clusters[rows] = len(corpus) + find_clusters(corpus.documents.take(rows))
    return np.sort(
        stratified_rows(corpus, rows, VALID_SHARE, np.random.default_rng(seed), clusters)
    )


def _held_out(
    corpus: Corpus, split: Split, documents: Documents, *, near: bool, progress: Progress
) -> Bools:
    """Which corrections are of a text that stands in valid or test."""
    names = list(corpus.documents.fields)
    filled = np.stack(
        [
            pc.not_equal(pc.utf8_trim_whitespace(documents.fields[name]), "").to_numpy(
                zero_copy_only=False
            )
            for name in names
        ],
        axis=1,
    )
    held = np.zeros(len(documents), dtype=np.bool_)
    rows = np.concatenate([split.valid, split.test])
    for pattern in np.unique(filled, axis=0):
        chosen = np.flatnonzero((filled == pattern).all(axis=1))
        columns = [name for name, used in zip(names, pattern.tolist(), strict=True) if used]
        if not columns:
            continue
        asked = documents.take(chosen)
        together = Documents(
            corpus.documents.ids, {name: corpus.documents.fields[name] for name in columns}
        ).extended(Documents(asked.ids, {name: asked.fields[name] for name in columns}))
        if near:
            with progress.task("near-duplicates", len(together), "rows") as done:
                clusters = find_clusters(together)
                done(len(together))
        else:
            clusters = find_exact(together)
        held[chosen] = np.isin(clusters[len(corpus) :], clusters[: len(corpus)][rows])
    return held


def _last(numbers: Indices, among: Bools) -> Bools:
    """Which of some rows are the last of their number."""
    last = np.zeros(len(numbers), dtype=np.bool_)
    rows = np.flatnonzero(among)[::-1]
    last[rows[np.unique(numbers[rows], return_index=True)[1]]] = True
    return last


def _kept(labels: pa.LargeStringArray, which: Bools) -> list[str]:
    kept: list[str] = labels.filter(pa.array(which)).to_pylist()
    return kept


def _joined(
    corpus: Corpus,
    dropped: Indices,
    documents: Documents,
    labels: pa.LargeStringArray,
    new: tuple[str, ...],
) -> Corpus:
    rows = np.setdiff1d(np.arange(len(corpus)), dropped)
    left = corpus.take(rows)
    names = LabelSet(sorted([*corpus.labels, *new])) if new else corpus.labels
    # Test rows of no class keep their -1.
    places = np.array([*(names.find(name) for name in corpus.labels), -1], dtype=np.int64)
    nothing = pa.Table.from_arrays(
        [pa.nulls(len(documents), column.type) for column in left.extra.schema],
        names=left.extra.column_names,
    )
    return dataclasses.replace(
        left,
        documents=left.documents.extended(documents),
        y=np.concatenate([places[left.y], names.encode(labels)]),
        labels=names,
        extra=pa.concat_tables([left.extra, nothing], promote_options="permissive"),
        # What a file has recorded of its rows it does not say of these.
        split_column=None,
        cluster_column=None,
    )


def _moved(split: Split, n: int, dropped: Indices, n_added: int, to_valid: Indices) -> Split:
    kept = np.ones(n, dtype=np.bool_)
    kept[dropped] = False
    places = np.cumsum(kept) - 1
    n_left = int(kept.sum())
    added = np.setdiff1d(np.arange(n_left, n_left + n_added), to_valid)
    return dataclasses.replace(
        split,
        train=np.concatenate([places[split.train[kept[split.train]]], added]),
        valid=np.concatenate([places[split.valid], to_valid]),
        test=places[split.test],
    )


def _lines(counts: dict[str, int], new: tuple[str, ...]) -> Iterator[str]:
    why = {
        "n_held_out": "that stand in valid or test",
        "n_replaced": "that a later one replaces",
        "n_known": "that train says already",
    }
    left_out = ", ".join(f"{counts[key]:,} {words}" for key, words in why.items() if counts[key])
    line = f"{counted(counts['n_accepted'], 'accepted correction')}: {counts['n_added']:,} added"
    line = f"feedback: {line} to train{' and valid' if counts['n_valid'] else ''}"
    yield f"{line}; left out: {left_out}" if left_out else line
    if counts["n_dropped"]:
        yield f"feedback: {counted(counts['n_dropped'], 'train row')} dropped that they contradict"
    if new:
        verb = "is" if len(new) == 1 else "are"
        known = (
            f"{counted(counts['n_valid'], 'correction')} went to valid"
            if counts["n_valid"]
            else "too few corrections to measure how well it is known"
        )
        yield f"feedback: {counted(len(new), 'class')} {verb} new ({listed(new)}); {known}"
