"""Which rows of a table become documents: labelled ones, of chosen classes, in a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsdesk.data import label_map
from newsdesk.data.bad_rows import BadRows, RejectedRow
from newsdesk.data.label_map import LabelMap
from newsdesk.data.labels import choose_classes, look_alikes, refuse_several, to_text
from newsdesk.data.tables import TableRead
from newsdesk.data.wording import counted, listed
from newsdesk.errors import DataError, LabelError
from newsdesk.types import Indices

__all__ = ["Selection", "select"]


@dataclass(frozen=True, eq=False)
class Selection:
    """Rows with their final labels.

    Parameters
    ----------
    rows : Indices
        Positions in the table, ascending; shape ``(m,)``.
    labels : pa.LargeStringArray
        Their labels, shape ``(m,)``, no nulls.
    steps : tuple[str, ...]
        What was done, with counts.
    """

    rows: Indices
    labels: pa.LargeStringArray
    steps: tuple[str, ...]

    def keep(self, places: Indices, line: str) -> Selection:
        """Keep some of the rows.

        Parameters
        ----------
        places : Indices
            Places among the rows, ascending.
        line : str
            What to log.

        Returns
        -------
        Selection
            The fewer rows.
        """
        labels = self.labels.take(pa.array(places))
        return Selection(self.rows[places], labels, (*self.steps, line))


def select(
    read: TableRead,
    column: str,
    bad_rows: BadRows,
    *,
    merge: LabelMap | None,
    classes: Sequence[str] | str | None,
    rows: int | None,
    seed: int,
    min_classes: int = 2,
    one_label: bool = False,
) -> Selection:
    """Reject rows without a label, merge labels, select classes, draw rows: in this order.

    Parameters
    ----------
    read : TableRead
        The table.
    column : str
        Its label column.
    bad_rows : BadRows
        Takes the rows without a label; it holds the rows that reading has rejected.
    merge : LabelMap | None
        Merge map.
    classes : Sequence[str] | str | None
        Classes to keep, see `newsdesk.data.labels.choose_classes`.
    rows : int | None
        Rows to draw, without replacement.
    seed : int
        Seed of that draw.
    min_classes : int
        Fewest classes that must be left; rows to measure on may be of one.
    one_label : bool
        Whether each row is known to have one label, as in a prepared file; else a column that
        looks like several is refused.

    Returns
    -------
    Selection
        At least one row of at least so many classes.

    Raises
    ------
    DataError
        If no row is left.
    LabelError
        If rows have several labels, fewer classes are left, or a class is unknown.
    RowError
        On the first row without a label, if that is the policy.
    """
    labels = to_text(read.table[column])
    if not one_label:
        refuse_several(labels)
    chosen = _labelled(read, labels, column, bad_rows)
    if not len(chosen.rows):
        problem = f"{listed(read.files)} has no row that can be used."
        raise DataError(problem, remedy="Give rows with a text and a label.")
    if merge is not None:
        merged, lines = label_map.apply(merge, chosen.labels, partial=min_classes < 2)
        chosen = Selection(chosen.rows, merged, (*chosen.steps, *lines))
    if classes is not None:
        names = choose_classes(chosen.labels, classes)
        hits = pc.is_in(chosen.labels, value_set=pa.array(names, type=pa.large_string()))
        places = np.flatnonzero(hits.to_numpy(zero_copy_only=False))
        line = f"{counted(len(names), 'class')} chosen ({listed(names)}): {counted(len(places))}"
        chosen = chosen.keep(places, line)
    if rows is not None:
        chosen = _drawn(chosen, rows, seed)
    return _looked_over(chosen, min_classes)


def _labelled(
    read: TableRead, labels: pa.LargeStringArray, column: str, bad_rows: BadRows
) -> Selection:
    missing = np.flatnonzero(labels.is_null().to_numpy(zero_copy_only=False)).tolist()
    others = missing[1:] if bad_rows.policy == "error" else []
    reason = "the label is empty"
    if others:
        numbers = [read.place(row)[1] for row in others[:10]]
        reason += f", and in {counted(len(others), 'other row')}: {listed(numbers)}"
    for row in missing:
        file, number = read.place(row)
        raw = msgspec.json.encode(read.table.slice(row, 1).to_pylist()[0]).decode()
        bad_rows.reject(RejectedRow(file, number, column, f"{reason}.", raw))
    bad_rows.finish()
    steps = []
    if bad_rows.rejected:
        steps.append(
            f"{counted(len(bad_rows.rejected))} rejected: {len(read.rejected):,} could not be "
            f"read, {len(missing):,} had no label"
        )
    rows = np.flatnonzero(labels.is_valid().to_numpy(zero_copy_only=False))
    return Selection(rows, labels.drop_null(), tuple(steps))


def _drawn(chosen: Selection, wanted: int, seed: int) -> Selection:
    n = len(chosen.rows)
    if wanted >= n:
        line = f"{counted(wanted)} asked for, all {n:,} kept"
        return chosen.keep(np.arange(n), line)
    places = np.sort(np.random.default_rng(seed).choice(n, wanted, replace=False))
    return chosen.keep(places, f"{counted(wanted)} of {n:,} drawn with seed {seed}")


def _looked_over(chosen: Selection, min_classes: int) -> Selection:
    counts = {item["values"]: item["counts"] for item in pc.value_counts(chosen.labels).to_pylist()}
    if len(counts) < min_classes:
        problem = f"All {counted(len(chosen.rows))} have the one label {next(iter(counts))!r}."
        remedy = "Give rows of at least two classes, or name another label column."
        raise LabelError(problem, remedy=remedy)
    lines = look_alikes(sorted(counts))
    rare = sorted(name for name, count in counts.items() if count == 1)
    if rare:
        lines.append(f"{counted(len(rare), 'class')} of a single row: {listed(rare)}")
    return Selection(chosen.rows, chosen.labels, (*chosen.steps, *lines))
