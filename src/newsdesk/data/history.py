"""What a prepared file says of itself: the roles of its columns and the history of its rows."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pyarrow as pa

from newsdesk.data.wording import listed
from newsdesk.errors import SchemaError

__all__ = ["History", "attach", "history_of"]

_KEY = b"newsdesk"
_FORMAT = 1
_AGAIN = "Prepare the file again, or remove the entry 'newsdesk' from its schema metadata."


@dataclass(frozen=True)
class History:
    """The entry ``newsdesk`` in the schema metadata of a Feather or Parquet file, as JSON.

    Parameters
    ----------
    name : str
        Name of the corpus that the rows come from.
    text : tuple[str, ...]
        Text columns, in reading order.
    label : str
        Label column.
    steps : tuple[str, ...]
        What was done to the rows, with counts, in order.
    licence : str | None
        Licence line of the corpus.
    split_column : str | None
        Column that says train, valid or test.
    cluster_column : str | None
        Column with the numbers of near-duplicate clusters.
    """

    name: str
    text: tuple[str, ...]
    label: str
    steps: tuple[str, ...] = ()
    licence: str | None = None
    split_column: str | None = None
    cluster_column: str | None = None


@dataclass(frozen=True)
class _Versioned:
    """The one part of an entry that every format has."""

    format: int


def attach(history: History, table: pa.Table) -> pa.Table:
    """Write a history into the schema metadata of a table.

    Parameters
    ----------
    history : History
        What the table is to say of itself.
    table : pa.Table
        The rows.

    Returns
    -------
    pa.Table
        The same rows; other metadata of the schema is left out.
    """
    entry = msgspec.json.encode({"format": _FORMAT, **msgspec.to_builtins(history)})
    return table.replace_schema_metadata({_KEY: entry})


def history_of(
    table: pa.Table, where: str, *, text_named: bool = False, label_named: bool = False
) -> History | None:
    """Read the history of a table out of its schema metadata.

    Parameters
    ----------
    table : pa.Table
        The rows.
    where : str
        The file, for errors.
    text_named : bool
        Whether the caller names the text columns, so that those of the history need not exist.
    label_named : bool
        Whether the caller names the label column.

    Returns
    -------
    History | None
        The history; None if the table has none.

    Raises
    ------
    SchemaError
        If the entry is malformed or of a newer format, or names columns that do not exist or
        cannot have that role.
    """
    entry = (table.schema.metadata or {}).get(_KEY)
    if entry is None:
        return None
    try:
        version = msgspec.json.decode(entry, type=_Versioned).format
        if version != _FORMAT:
            problem = (
                f"{where} was prepared in format {version}; this build reads format {_FORMAT}."
            )
            raise SchemaError(problem, remedy="Read it with a newer newsdesk, or prepare it again.")
        history: History = msgspec.json.decode(entry, type=History)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        problem = (
            f"{where} says in its schema metadata how it was prepared, but malformed: {error}."
        )
        raise SchemaError(problem, remedy=_AGAIN) from error
    wanted = [] if text_named else [*history.text]
    wanted += [] if label_named else [history.label]
    _check_columns(table, history, wanted, where)
    return history


def _check_columns(table: pa.Table, history: History, wanted: list[str], where: str) -> None:
    others = [name for name in (history.split_column, history.cluster_column) if name is not None]
    absent = [name for name in (*wanted, *others) if name not in table.column_names]
    if absent:
        problem = f"{where} was prepared with columns that it no longer has: {listed(absent)}."
        raise SchemaError(problem, remedy="Prepare it again with all of its columns.")
    roles = [*history.text, history.label, *others]
    if not history.text or len(set(roles)) < len(roles):
        problem = f"{where} says that it was prepared with the columns {listed(roles)}."
        remedy = f"It needs a text column, and another column for each role. {_AGAIN}"
        raise SchemaError(problem, remedy=remedy)
    if history.split_column is not None:
        kind = table.schema.field(history.split_column).type
        if pa.types.is_nested(kind):
            raise _unfit(where, "split", history.split_column, f"is of type {kind}, not text")
    if history.cluster_column is not None:
        column = table[history.cluster_column]
        if not pa.types.is_integer(column.type) or column.null_count:
            reason = f"is of type {column.type} with {column.null_count:,} gaps, not whole numbers"
            raise _unfit(where, "cluster", history.cluster_column, reason)


def _unfit(where: str, role: str, name: str, reason: str) -> SchemaError:
    return SchemaError(f"{where}: the {role} column {name!r} {reason}.", remedy=_AGAIN)
