"""The corpus: documents, their class indices and their label set, immutable."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsdesk.data import identity, label_map
from newsdesk.data.assembly import documents_of
from newsdesk.data.bad_rows import BadRowPolicy, BadRows
from newsdesk.data.columns import guess
from newsdesk.data.origin import open_source
from newsdesk.data.selection import select
from newsdesk.errors import ConfigError
from newsdesk.features.near_duplicates import find_clusters, find_exact
from newsdesk.types import Documents, Indices, LabelSet, Progress, Silent

__all__ = ["PUBLISHED", "Corpus", "read_corpus"]

PUBLISHED = "published_test"
"""Boolean column that marks the rows of a published test split."""


@dataclasses.dataclass(frozen=True, eq=False)
class Corpus:
    """Labelled documents.

    Parameters
    ----------
    name : str
        Name of a known set, or the stem of the file.
    documents : Documents
        n documents.
    y : Indices
        Class indices, shape ``(n,)``; -1 where a label of a given test file is no class.
    labels : LabelSet
        The class names, sorted by code point.
    extra : pa.Table
        The other columns, n rows: for splits by date, by group or by a column.
    steps : tuple[str, ...]
        What was done to the rows, with counts, in order.
    licence : str | None
        Licence line of a known set.
    published : Indices | None
        Rows of the published test split, ascending; None where there is none.
    label_column : str
        Name of the column that the labels came from.
    split_column : str | None
        Column of `extra` in which a prepared file says train, valid or test.
    cluster_column : str | None
        Column of `extra` in which a prepared file numbers near-duplicate clusters.
    """

    name: str
    documents: Documents
    y: Indices
    labels: LabelSet
    extra: pa.Table
    steps: tuple[str, ...]
    licence: str | None = None
    published: Indices | None = None
    label_column: str = "label"
    split_column: str | None = None
    cluster_column: str | None = None

    def __post_init__(self) -> None:
        # A table without columns has no length of its own.
        lengths = {len(self.documents), len(self.y), len(self.extra) or len(self.y)}
        assert len(lengths) == 1, "documents, y and extra differ in length"

    def __len__(self) -> int:
        return len(self.y)

    @property
    def class_counts(self) -> Indices:
        """Rows of each class, in order of the label set; shape ``(n_classes,)``."""
        counts: Indices = np.bincount(self.y[self.y >= 0], minlength=len(self.labels))
        return counts

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of texts and labels; see `newsdesk.data.identity.fingerprint`."""
        return identity.fingerprint(self.documents, self.labels, self.y)

    @cached_property
    def duplicate_clusters(self) -> Indices:
        """Equal numbers are equal texts in all fields; shape ``(n,)``."""
        return find_exact(self.documents)

    @cached_property
    def near_duplicate_clusters(self) -> Indices:
        """Equal numbers are nearly equal texts; see `newsdesk.features.near_duplicates`.

        Shape ``(n,)``; from 0 in order of first appearance. Exact duplicates share a number. What
        a prepared file has recorded holds: it was found among rows that may have been dropped.
        """
        if self.cluster_column is None:
            return find_clusters(self.documents)
        recorded = self.extra[self.cluster_column].combine_chunks()
        numbers: Indices = pc.dictionary_encode(recorded).indices.to_numpy().astype(np.int64)
        return numbers

    def with_changes(self, **changes: Any) -> Corpus:  # noqa: ANN401  fields of a corpus
        """Change other fields than the documents; clusters that are known stay known.

        Parameters
        ----------
        **changes : Any
            Fields by name, as `dataclasses.replace` takes them.

        Returns
        -------
        Corpus
            The same documents.
        """
        assert "documents" not in changes, "other documents have other clusters"
        changed = dataclasses.replace(self, **changes)
        for name in ("duplicate_clusters", "near_duplicate_clusters"):
            if name in vars(self):
                vars(changed)[name] = vars(self)[name]
        return changed

    def take(self, rows: Indices) -> Corpus:
        """Select rows by position, in the given order; the label set stays.

        Parameters
        ----------
        rows : Indices
            Positions, shape ``(m,)``.

        Returns
        -------
        Corpus
            m rows.
        """
        published = None
        if self.published is not None:
            published = np.flatnonzero(np.isin(rows, self.published))
        return dataclasses.replace(
            self,
            documents=self.documents.take(rows),
            y=self.y[rows],
            extra=self.extra.take(pa.array(rows)),
            published=published,
        )


def read_corpus(
    source: Any,  # noqa: ANN401  a known name, a path or any table with the Arrow C stream
    *,
    text: Sequence[str] | str | None = None,
    label: str | None = None,
    labels: str | Path | None = None,
    classes: Sequence[str] | str | None = None,
    rows: int | None = None,
    seed: int = 0,
    on_bad_row: BadRowPolicy = "error",
    quarantine: Path | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    prefer: Sequence[str] = (),
    min_classes: int = 2,
    progress: Progress | None = None,
) -> Corpus:
    """Read labelled documents.

    The order is: read, refuse or drop bad rows, merge labels, select classes, sample rows. A
    boolean column ``published_test`` marks the rows of a published test split. A prepared file
    says itself which columns hold text, label and split, and what was done to its rows; what the
    caller names goes before.

    Parameters
    ----------
    source : Any
        ``huffpost``, ``huffpost-v3``, ``bbc`` or ``sample``; a path of a file, folder or
        archive, or a glob (see `newsdesk.data.tables.read`);
        or a table in memory with ``__arrow_c_stream__``.
    text : Sequence[str] | str | None
        Text columns, in reading order; None to guess.
    label : str | None
        Label column; None to guess.
    labels : str | Path | None
        Merge map: the name of a shipped one (``huffpost-34``) or the path of a TOML file.
    classes : Sequence[str] | str | None
        Classes to keep, after merging: names, ``"A,B"`` or ``"top5"``.
    rows : int | None
        Rows to keep, drawn by `seed`; they stay in the order of the file.
    seed : int
        Seed of that draw.
    on_bad_row : BadRowPolicy
        What happens on a row that cannot be read or has no label: ``"error"``, ``"skip"`` or
        ``"quarantine"``.
    quarantine : Path | None
        Folder for the bad rows, with ``"quarantine"``.
    encoding : str | None
        Encoding of text files; None to find it.
    delimiter : str | None
        Delimiter of CSV files; None to find it.
    prefer : Sequence[str]
        Text columns to take, where the table has them and none is named: the fields of a bundle.
    min_classes : int
        Fewest classes that the rows must have; 1 will do to measure on them.
    progress : Progress | None
        Told of the bytes read; None is silent.

    Returns
    -------
    Corpus
        The corpus. Its ids are those of a unique id column, or else row positions in the source,
        counted from 0.

    Raises
    ------
    DataError
        If the source does not exist, is damaged, or leaves no row.
    SchemaError
        If columns are missing or cannot be guessed.
    RowError
        On the first bad row, if that is the policy.
    LabelError
        If rows have several labels, too few classes are left, or a class is unknown.
    ConfigError
        If an option or the merge map is wrong.
    """
    if rows is not None and rows < 1:
        problem = f"{rows} rows cannot be drawn."
        raise ConfigError(problem, remedy="Name a number of rows from 1 on.")
    bad_rows = BadRows(on_bad_row, quarantine)
    merge = None if labels is None else label_map.load(labels)
    origin = open_source(
        source,
        on_bad_row=on_bad_row,
        quarantine=quarantine,
        encoding=encoding,
        delimiter=delimiter,
        text_named=bool(text),
        label_named=label is not None,
        prefer=prefer,
        progress=progress or Silent(),
    )
    read = origin.read
    bad_rows.rejected.extend(read.rejected)
    columns = guess(read.table, text=text or origin.text, label=label or origin.label)
    assert columns.label is not None, "guess needs a label unless told otherwise"
    chosen = select(
        read,
        columns.label,
        bad_rows,
        merge=merge,
        classes=classes,
        rows=rows,
        seed=seed,
        min_classes=min_classes,
        one_label=columns.label == origin.label,
    )
    documents, said = documents_of(read, columns.text, chosen.rows)
    label_set = LabelSet.from_labels(chosen.labels)
    extra = read.table.drop_columns([*columns.text, columns.label])
    published = _published(read.table) if origin.published is None else origin.published
    return Corpus(
        name=origin.name,
        documents=documents,
        y=label_set.encode(chosen.labels),
        labels=label_set,
        extra=extra if len(chosen.rows) == len(extra) else extra.take(pa.array(chosen.rows)),
        steps=(*origin.steps, columns.note, *chosen.steps, *said),
        licence=origin.licence,
        published=None if published is None else np.flatnonzero(np.isin(chosen.rows, published)),
        label_column=columns.label,
        split_column=origin.split_column if origin.split_column in extra.column_names else None,
        # The clusters of other texts than those that were prepared are not known.
        cluster_column=(
            origin.cluster_column
            if origin.cluster_column in extra.column_names and columns.text == origin.text
            else None
        ),
    )


def _published(table: pa.Table) -> Indices | None:
    if PUBLISHED not in table.column_names or table[PUBLISHED].type != pa.bool_():
        return None
    return np.flatnonzero(table[PUBLISHED].fill_null(False).to_numpy())
