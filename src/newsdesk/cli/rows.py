"""The rows of a table, classified: the same rows with the answers beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from newsdesk.errors import SchemaError

if TYPE_CHECKING:
    import pyarrow as pa

    from newsdesk.predictions import Predictions

__all__ = ["beside", "refuse_taken"]


def beside(table: pa.Table, predictions: Predictions, top: int) -> pa.Table:
    """Put answers beside the columns of a table.

    Parameters
    ----------
    table : pa.Table
        n rows.
    predictions : Predictions
        Of these n rows.
    top : int
        How many of the likeliest labels.

    Returns
    -------
    pa.Table
        The columns of `table`, then ``predicted``, ``label_1 … label_k``, ``proba_1 … proba_k``
        and ``low_evidence``.
    """
    import pyarrow as pa

    answers = predictions.to_table(top).drop_columns(["id"])
    answers = answers.append_column("low_evidence", pa.array(predictions.low_evidence))
    names = [*table.column_names, *answers.column_names]
    return pa.table([*table.columns, *answers.columns], names=names)


def refuse_taken(columns: Sequence[str], top: int) -> None:
    """Refuse a table that holds answers already, before any time is spent on it.

    Parameters
    ----------
    columns : Sequence[str]
        Its columns.
    top : int
        How many of the likeliest labels there will be at most.

    Raises
    ------
    SchemaError
        If a column is called as an answer will be.
    """
    ranks = range(1, top + 1)
    answers = {"predicted", "low_evidence", *map("label_{}".format, ranks)}
    answers |= set(map("proba_{}".format, ranks))
    for name in columns:
        if name in answers:
            problem = f"The table has a column {name!r} already, where an answer would go."
            raise SchemaError(problem, remedy="Rename or drop that column, then run again.")
