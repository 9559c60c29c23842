"""Texts without label that a student learns from, beside the rows of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from newsdesk.bundle.fields import in_order
from newsdesk.data import fields
from newsdesk.data.assembly import empty_rows
from newsdesk.data.origin import open_source
from newsdesk.errors import DataError
from newsdesk.features.near_duplicates import find_clusters, find_exact
from newsdesk.training.rows import Rows
from newsdesk.types import Documents, Progress

__all__ = ["read_unlabelled"]


def read_unlabelled(
    source: Any,  # noqa: ANN401  as the rows of a run are given
    rows: Rows,
    progress: Progress,
) -> tuple[Documents, tuple[str, ...]]:
    """Read texts, and leave out those that stand in the rows of the run, or came before.

    What a student has learnt about a valid or test row would make its numbers too good; of a train
    row it learns the label already, and most of a teacher's models have learnt it too.

    Parameters
    ----------
    source : Any
        A path, a glob, a known name or an Arrow-stream table, read as the rows of the run are; a
        label column is not looked at.
    rows : Rows
        Corpus and split. Texts are compared in the fields that all have; near-duplicates count as
        the same text where they are looked for.
    progress : Progress
        Told of the bytes read and of the search for near-duplicates.

    Returns
    -------
    tuple[Documents, tuple[str, ...]]
        Texts with the fields of the corpus, and what was found, in lines.

    Raises
    ------
    DataError
        If the source cannot be read, or leaves no text.
    SchemaError
        If it has not the text columns of the run.
    """
    names = tuple(rows.corpus.documents.fields)
    asked = rows.source
    origin = open_source(
        source,
        on_bad_row=asked.on_bad_row,
        quarantine=asked.quarantine,
        encoding=asked.encoding,
        delimiter=asked.delimiter,
        text_named=True,
        label_named=True,
        prefer=names,
        progress=progress,
    )
    found, said = fields.documents(origin.read, None, names)
    kept, left_out = _unknown(found, rows, progress)
    if not len(kept):
        problem = f"Of {len(found):,} texts without label none is left: {left_out or 'no text'}."
        raise DataError(problem, remedy="Give texts that are not among the rows of this run.")
    what = f"{len(kept):,} are learnt from"
    lines = [*said, f"{what}; left out: {left_out}" if left_out else what]
    lines = [f"texts without label: {line}" for line in lines]
    return in_order(found.take(kept), names), tuple(lines)


def _unknown(found: Documents, rows: Rows, progress: Progress) -> tuple[Any, str]:
    """Positions of texts that are new, and how many others there are of which kind."""
    corpus, split = rows.corpus, rows.split
    # A headline is known if that of a row is the same, though the row has a description besides.
    columns = {name: corpus.documents.fields[name] for name in found.fields}
    everything = Documents(corpus.documents.ids, columns).extended(found)
    if rows.source.near_duplicates:
        with progress.task("near-duplicates", len(everything), "rows") as done:
            clusters = find_clusters(everything)
            done(len(everything))
    else:
        clusters = find_exact(everything)
    known, own = clusters[: len(corpus)], clusters[len(corpus) :]
    empty = empty_rows(found)
    held = ~empty & np.isin(own, known[np.concatenate([split.valid, split.test])])
    learnt = ~empty & ~held & np.isin(own, known)
    again = np.ones(len(own), dtype=np.bool_)
    again[np.unique(own, return_index=True)[1]] = False
    again &= ~(empty | held | learnt)
    why = {
        "that stand in valid or test": held,
        "that stand in train": learnt,
        "that stand there twice": again,
        "without any text": empty,
    }
    kept = np.flatnonzero(~np.logical_or.reduce(list(why.values())))
    return kept, ", ".join(_said(why))


def _said(why: dict[str, Any]) -> Iterator[str]:
    for reason, which in why.items():
        if which.any():
            yield f"{int(which.sum()):,} {reason}"
