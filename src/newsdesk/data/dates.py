"""Columns that rows are split by; the one with the date, and its days."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from newsdesk.config import suggest
from newsdesk.data.column_names import DATES, normalise
from newsdesk.data.corpus import Corpus
from newsdesk.errors import SchemaError

__all__ = ["date_column", "days_of", "extra_column"]

Days = NDArray[np.datetime64]
_DAY = r"^\d{4}-\d{2}-\d{2}"


def extra_column(corpus: Corpus, name: str) -> pa.ChunkedArray:
    """Take a column that is neither text nor label.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    name : str
        The column.

    Returns
    -------
    pa.ChunkedArray
        Shape ``(n,)``.

    Raises
    ------
    SchemaError
        If there is no such column.
    """
    if name not in corpus.extra.column_names:
        problem = f"There is no column {name!r} to split by."
        raise SchemaError(problem, remedy=suggest(name, corpus.extra.column_names))
    return corpus.extra[name]


def date_column(corpus: Corpus) -> str:
    """Find the column that holds the date.

    Parameters
    ----------
    corpus : Corpus
        The corpus.

    Returns
    -------
    str
        A column called ``date`` or the like, or the only one of a date type.

    Raises
    ------
    SchemaError
        If there is none, or several.
    """
    schema = corpus.extra.schema
    names: list[str] = schema.names
    named = [name for name in names if normalise(name) in DATES]
    typed: list[str] = [field.name for field in schema if pa.types.is_temporal(field.type)]
    fit = [name for name in named if name in typed] or named or typed
    if len(fit) == 1:
        return fit[0]
    problem = (
        f"Several columns may hold the date: {', '.join(fit)}."
        if fit
        else f"No column looks like a date; there are {', '.join(names) or 'no others'}."
    )
    raise SchemaError(problem, remedy="Name it: after:COLUMN:2018-01-01.")


def days_of(corpus: Corpus, name: str) -> Days:
    """Read a column as days.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    name : str
        A column of a date or time type, or of text that begins with year-month-day.

    Returns
    -------
    Days
        Shape ``(n,)``; not-a-time where a value is missing.

    Raises
    ------
    SchemaError
        If there is no such column, or a value is no date.
    """
    column = extra_column(corpus, name)
    if not pa.types.is_temporal(column.type):
        text = column.cast(pa.large_string()).combine_chunks()
        text = pc.if_else(pc.equal(pc.utf8_trim_whitespace(text), ""), None, text)
        wrong = pc.invert(pc.match_substring_regex(text, _DAY)).fill_null(False)
        try:
            if pc.any(wrong).as_py():
                bad = text.filter(wrong)[0].as_py()
                raise _no_date(name, bad)
            column = pc.utf8_slice_codeunits(text, 0, 10).cast(pa.date32())
        except pa.ArrowInvalid as error:
            raise _no_date(name, str(error)) from error
    days: Days = (
        column.cast(pa.timestamp("s")).to_numpy(zero_copy_only=False).astype("datetime64[D]")
    )
    return days


def _no_date(name: str, value: str) -> SchemaError:
    problem = f"Column {name!r} holds {value!r}, which does not begin with year-month-day."
    return SchemaError(problem, remedy="Write dates such as 2018-05-26, or name another column.")
