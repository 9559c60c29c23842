"""Which columns hold the texts and which one the label: named by the caller, or guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from newsdesk.config import suggest
from newsdesk.data.column_names import BODIES, HEADLINES, LABELS, SUMMARIES, normalise
from newsdesk.errors import SchemaError

__all__ = ["Columns", "guess"]

_SAMPLE_ROWS = 10_000
_LONGEST_LABEL = 60
"""Mean characters of a column that may still be labels."""


@dataclass(frozen=True)
class Columns:
    """The columns to learn from.

    Parameters
    ----------
    text : tuple[str, ...]
        Text columns in reading order.
    label : str | None
        The label column, where there is one.
    note : str
        Both in one line, and whether they were guessed.
    """

    text: tuple[str, ...]
    label: str | None
    note: str


def guess(
    table: pa.Table,
    *,
    text: Sequence[str] | str | None,
    label: str | None,
    need_label: bool = True,
) -> Columns:
    """Check the named columns and guess the others.

    Names go first: a headline, a summary and a body, in this order, are the fields of a document;
    ``label``, ``category`` and the like hold its label. Where no name is known, the content
    decides: few distinct short values are labels, the longest texts are texts.

    Parameters
    ----------
    table : pa.Table
        The rows.
    text : Sequence[str] | str | None
        Text columns, one name or several; None to guess.
    label : str | None
        Label column; None to guess.
    need_label : bool
        Whether a table without a label column is refused.

    Returns
    -------
    Columns
        What was named or guessed.

    Raises
    ------
    SchemaError
        If a named column does not exist, or nothing or too much may be meant.

    Examples
    --------
    >>> table = pa.table({"Headline": ["Rates rise"], "Category": ["BUSINESS"]})
    >>> guess(table, text=None, label=None).note
    'text: Headline, label: Category (guessed)'
    """
    names = table.column_names
    wanted = (text,) if isinstance(text, str) else tuple(text or ())
    for name in (*wanted, *(() if label is None else (label,))):
        if name not in names:
            problem = f"There is no column {name!r}."
            raise SchemaError(problem, remedy=suggest(name, names))
    if label is not None and label in wanted:
        problem = f"Column {label!r} is named both as text and as label."
        raise SchemaError(problem, remedy="Name different columns.")
    if len(set(wanted)) < len(wanted):
        problem = f"A text column is named twice: {', '.join(wanted)}."
        raise SchemaError(problem, remedy="Name each text column once.")
    guesser = _Guesser(table)
    found_label = label
    if label is None:
        found_label = guesser.label(wanted, need_label=need_label)
    found_text = wanted or guesser.text(found_label)
    parts = [f"text: {' + '.join(found_text)}" + (" (guessed)" if label and not wanted else "")]
    if found_label is not None:
        parts.append(f"label: {found_label}" + (" (guessed)" if label is None else ""))
    elif not wanted:
        parts[0] += " (guessed)"
    return Columns(found_text, found_label, ", ".join(parts))


class _Guesser:
    def __init__(self, table: pa.Table) -> None:
        self.names: list[str] = table.column_names
        self.table = table
        self.sample = table.slice(0, _SAMPLE_ROWS)

    def label(self, text: tuple[str, ...], *, need_label: bool) -> str | None:
        free = [name for name in self.names if name not in text]
        called = self._ranked(LABELS, free, role="label")
        if called is not None:
            return called
        # The longest column is the text; a label column is not.
        longest = max(free, key=self._length, default=None) if not text else None
        fit = [name for name in free if name != longest and self._holds_labels(name)]
        if len(fit) == 1:
            return fit[0]
        if not need_label:
            return None
        if fit:
            raise _undecided(fit, role="label")
        problem = f"No column looks like labels; there are {', '.join(self.names)}."
        raise SchemaError(problem, remedy="Name the label column with label= (--label).")

    def text(self, label: str | None) -> tuple[str, ...]:
        free = [name for name in self.names if name != label and self._holds_text(name)]
        fields = (
            self._ranked(HEADLINES, free, role="text"),
            self._ranked(SUMMARIES, free, role="text"),
            self._ranked(BODIES, free, role="text"),
        )
        found = tuple(name for name in fields if name is not None)
        if found:
            return found
        by_length = sorted(free, key=self._length, reverse=True)
        if not by_length:
            problem = f"No column holds text; there are {', '.join(self.names)}."
            raise SchemaError(problem, remedy="Name the text columns with text= (--text).")
        if len(by_length) > 1 and self._length(by_length[0]) < 2 * self._length(by_length[1]):
            raise _undecided(by_length, role="text")
        return (by_length[0],)

    def _ranked(
        self, ranks: tuple[tuple[str, ...], ...], free: list[str], *, role: str
    ) -> str | None:
        for rank in ranks:
            fit = [name for name in free if normalise(name) in rank]
            if len(fit) > 1:
                raise _undecided(fit, role=role)
            if fit:
                return fit[0]
        return None

    def _holds_text(self, name: str) -> bool:
        kind = self.table.schema.field(name).type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        return bool(
            pa.types.is_string(kind)
            or pa.types.is_large_string(kind)
            or pa.types.is_string_view(kind)
        )

    def _holds_labels(self, name: str) -> bool:
        column = self.sample[name]
        kind = column.type
        if pa.types.is_dictionary(kind):
            return True
        if not (self._holds_text(name) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
            return False
        n_distinct = pc.count_distinct(column).as_py()
        return bool(n_distinct * 2 <= len(column) and self._length(name) <= _LONGEST_LABEL)

    def _length(self, name: str) -> float:
        """Mean characters of a cell; 0 for what is no text."""
        if not self._holds_text(name):
            return 0.0
        column = self.sample[name].cast(pa.large_string())
        return float(pc.mean(pc.utf8_length(column)).as_py() or 0.0)


def _undecided(names: list[str], *, role: str) -> SchemaError:
    problem = f"Several columns may hold the {role}: {', '.join(names)}."
    return SchemaError(problem, remedy=f"Name the right one with {role}= (--{role}).")
