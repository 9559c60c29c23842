"""Parquet, Feather and Arrow tables, on disk or in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.feather as feather
import pyarrow.parquet as pq

from newsdesk.data.bad_rows import BadRows, RejectedRow
from newsdesk.data.readers import encoding as encodings
from newsdesk.data.readers.content import Content
from newsdesk.errors import DataError, SchemaError

__all__ = ["from_stream", "read_feather", "read_parquet", "screen"]


def read_parquet(content: Content) -> pa.Table:
    """Read a Parquet file.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    pa.Table
        Its columns, of their own types.

    Raises
    ------
    DataError
        If the file is damaged or no Parquet file.
    """
    origin = content.origin
    source = origin if isinstance(origin, Path) else pa.BufferReader(origin)
    with _translated(content.name, "Parquet"):
        # A folder called "year=2018" would otherwise become a column.
        return pq.read_table(source, partitioning=None, memory_map=True)


def read_feather(content: Content) -> pa.Table:
    """Read a Feather or Arrow IPC file, of the file or the stream format.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    pa.Table
        Its columns, of their own types.

    Raises
    ------
    DataError
        If the file is damaged or no such file.
    """
    origin = content.origin
    with (
        _translated(content.name, "Feather or Arrow"),
        pa.memory_map(str(origin))
        if isinstance(origin, Path)
        else pa.BufferReader(origin) as source,
    ):
        is_file = source.read(4) in (b"ARRO", b"FEA1")
        if is_file or source.size() == 0:
            source.seek(0)
            return feather.read_table(
                source if isinstance(origin, bytes) else origin, memory_map=True
            )
        source.seek(0)
        with pa.ipc.open_stream(source) as stream:
            return stream.read_all()


@contextmanager
def _translated(name: str, kind: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise  # the disk's refusal, not the file's content
        reason = str(error).partition("\n")[0].rstrip(".")
        problem = f"{name} cannot be read as a {kind} file: {reason}."
        remedy = "Write the file again, or name it by its real format."
        raise DataError(problem, remedy=remedy) from error


def from_stream(source: Any, name: str) -> pa.Table:  # noqa: ANN401  a protocol of one method
    """Take over a table in memory through the Arrow C stream interface.

    Parameters
    ----------
    source : Any
        An object with ``__arrow_c_stream__``: of pandas, polars, Hugging Face datasets, pyarrow.
    name : str
        What to call it in errors.

    Returns
    -------
    pa.Table
        Its columns, of their own types.

    Raises
    ------
    DataError
        If a column cannot be expressed in Arrow.
    """
    try:
        return source if isinstance(source, pa.Table) else pa.table(source)
    except (pa.ArrowException, UnicodeEncodeError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        problem = f"{name} cannot be taken over as an Arrow table: {reason}."
        remedy = "Give each column values of one kind; texts must be valid Unicode."
        raise DataError(problem, remedy=remedy) from error


def screen(table: pa.Table, file: str, bad_rows: BadRows, max_field_bytes: int) -> pa.Table:
    """Reject the rows of an Arrow table whose texts are no valid UTF-8 or are too long.

    Parameters
    ----------
    table : pa.Table
        n rows.
    file : str
        Where it comes from, for errors.
    bad_rows : BadRows
        Takes the rows that cannot be used.
    max_field_bytes : int
        A longer text makes its row a bad row.

    Returns
    -------
    pa.Table
        The rows that are left.

    Raises
    ------
    SchemaError
        If two columns have the same name.
    RowError
        On the first bad row, if that is the policy.
    """
    names = table.column_names
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        problem = f"{file} has two columns of the name {twice!r}."
        raise SchemaError(problem, remedy="Rename one of them.")
    faults: dict[int, tuple[str, str]] = {}
    for name, column in zip(names, table.columns, strict=True):
        if _is_text(column.type):
            for row, reason in _faults(column, max_field_bytes):
                faults.setdefault(row, (name, reason))
    for row in sorted(faults):
        name, reason = faults[row]
        bad_rows.reject(RejectedRow(file, row + 1, name, reason))
    if not faults:
        return table
    keep = np.ones(len(table), dtype=bool)
    keep[list(faults)] = False
    return table.filter(pa.array(keep))


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _faults(column: pa.ChunkedArray, max_field_bytes: int) -> Iterator[tuple[int, str]]:
    sizes = pc.binary_length(column.cast(pa.large_binary()))
    if (pc.max(sizes).as_py() or 0) > max_field_bytes:
        lengths = pc.fill_null(sizes, 0).to_numpy()
        for row in np.flatnonzero(lengths > max_field_bytes).tolist():
            most = f"more than the {max_field_bytes:,} that are read"
            yield row, f"the text has {lengths[row]:,} bytes, {most}."
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        for row, value in enumerate(column.cast(pa.large_binary()).to_pylist()):
            text = encodings.decode(value, "utf-8").text if value else ""
            bad = encodings.UNDECODABLE.search(text)
            if bad is not None:
                yield row, f"byte {encodings.visible(bad[0])} is no valid UTF-8."
