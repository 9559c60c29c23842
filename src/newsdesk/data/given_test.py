"""Test rows of a file of their own, behind the rows to train on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsdesk.data import rules
from newsdesk.data.corpus import Corpus
from newsdesk.data.split import Split, checked, clusters_of
from newsdesk.data.strata import stratified_rows
from newsdesk.data.wording import counted, listed
from newsdesk.errors import DataError, SchemaError
from newsdesk.types import Documents, Indices, LabelSet, Progress

__all__ = ["concat", "name_again"]


def concat(
    corpus: Corpus,
    test: Corpus,
    *,
    seed: int = 0,
    near: bool = True,
    progress: Progress | None = None,
) -> tuple[Corpus, Split]:
    """Join a corpus with a test corpus of its own, for measuring on a given file.

    Labels are aligned by name. A test row whose label is no class of `corpus` keeps its place in
    the test rows with ``y = -1``: it can be classified, but no metric counts it. Valid is a
    stratified tenth of `corpus`.

    Parameters
    ----------
    corpus : Corpus
        Rows to train on.
    test : Corpus
        Rows to measure on, with the same text fields.
    seed : int
        Seed of the draw of valid.
    near : bool
        Whether valid keeps near-duplicates together, or exact copies alone.
    progress : Progress | None
        Told of the search for near-duplicates.

    Returns
    -------
    tuple[Corpus, Split]
        Both corpora, `test` last, with the label set of `corpus`; and the split.

    Raises
    ------
    SchemaError
        If the text fields differ.
    DataError
        If no test row has a label of `corpus`, or a part would be empty.
    """
    fields, given = corpus.documents.fields, test.documents.fields
    if list(fields) != list(given):
        problem = f"Train has the text columns {', '.join(fields)}, test {', '.join(given)}."
        raise SchemaError(problem, remedy="Name columns of the same names in both files.")
    n = len(corpus)
    y = corpus.labels.encode(test.labels.decode(test.y))
    notes = _unknown(test, y)
    ids, id_notes = _joined_ids(corpus.documents.ids, test.documents.ids)
    documents = Documents(
        ids=ids, fields={name: _joined(fields[name], given[name]) for name in fields}
    )
    common = [
        field.name
        for field in corpus.extra.schema
        if field.name in test.extra.column_names
        and test.extra.schema.field(field.name).type == field.type
    ]
    both = Corpus(
        name=corpus.name,
        documents=documents,
        y=np.concatenate([corpus.y, y]),
        labels=corpus.labels,
        extra=pa.concat_tables([corpus.extra.select(common), test.extra.select(common)]),
        steps=(*corpus.steps, *(f"test: {step}" for step in test.steps), *notes, *id_notes),
        licence=corpus.licence,
    )
    rng = np.random.default_rng(seed)
    clusters = clusters_of(both, near=near, progress=progress)[:n]
    valid = stratified_rows(corpus, np.arange(n), rules.VALID_SHARE, rng, clusters)
    split = Split(
        train=np.setdiff1d(np.arange(n), valid),
        valid=np.sort(valid),
        test=np.arange(n, n + len(test)),
        how=f"Test is the given file {test.name}; valid is a tenth of each class (seed {seed}).",
        spec="given",
        notes=notes,
    )
    return both, checked(both, split)


def name_again(
    corpus: Corpus, split: Split, test: Corpus, before: LabelSet
) -> tuple[Corpus, Split]:
    """Look once more for the classes of given test rows, as the corpus has got more classes.

    Parameters
    ----------
    corpus : Corpus
        Rows that `concat` has joined, and more.
    split : Split
        Its split, whose test rows are those of `test` in their order.
    test : Corpus
        The given test rows.
    before : LabelSet
        Classes that the corpus had in `concat`.

    Returns
    -------
    tuple[Corpus, Split]
        Both with test rows of the new classes, and without the notes that these are unknown.
    """
    names = test.labels.decode(test.y)
    stale, y = _unknown(test, before.encode(names)), corpus.labels.encode(names)
    notes = _unknown(test, y)

    def renewed(lines: tuple[str, ...]) -> tuple[str, ...]:
        return (*(line for line in lines if line not in stale), *notes)

    labelled = corpus.y.copy()
    labelled[split.test] = y
    return (
        corpus.with_changes(y=labelled, steps=renewed(corpus.steps)),
        replace(split, notes=renewed(split.notes)),
    )


def _unknown(test: Corpus, y: Indices) -> tuple[str, ...]:
    outside = np.flatnonzero(y < 0)
    if len(outside) == len(y):
        problem = f"No label of {test.name} is a class of the training rows."
        raise DataError(problem, remedy="Check the label columns and the merge map of both.")
    if not len(outside):
        return ()
    names = sorted(set(test.labels.decode(test.y[outside])))
    return (
        f"{counted(len(outside), 'test row')} of {counted(len(names), 'class')} unknown to train "
        f"({listed(names)}): not measured",
    )


def _joined(first: pa.LargeStringArray, second: pa.LargeStringArray) -> pa.LargeStringArray:
    return pa.concat_arrays([first, second])


def _joined_ids(
    first: pa.LargeStringArray, second: pa.LargeStringArray
) -> tuple[pa.LargeStringArray, tuple[str, ...]]:
    ids = _joined(first, second)
    if pc.count_distinct(ids).as_py() == len(ids):
        return ids, ()
    prefix = "test-"
    while pc.any(pc.starts_with(first, prefix)).as_py():
        prefix = f"test-{prefix}"
    marked = pc.binary_join_element_wise(
        pa.scalar(prefix, pa.large_string()), second, pa.scalar("", pa.large_string())
    )
    return _joined(first, marked), (f"ids of test rows begin with {prefix}",)
