"""Tables in: CSV, JSON-lines, Parquet, Feather, in memory. Tables out: see `write`."""

from __future__ import annotations

import difflib
import glob
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from newsdesk.data import arrow_files
from newsdesk.data.bad_rows import BadRowPolicy, BadRows, RejectedRow
from newsdesk.data.delimited import read_delimited
from newsdesk.data.export import write
from newsdesk.data.jsonlines import read_jsonlines
from newsdesk.errors import DataError, SchemaError, StorageError
from newsdesk.types import Indices, Progress, Silent

__all__ = ["MAX_FIELD_BYTES", "TableRead", "read", "write"]

MAX_FIELD_BYTES = 10 * 2**20
"""Longest text that is read by default: 10 MiB, some 1,500 pages."""
IN_MEMORY = "table in memory"
"""Name of a table that has no file."""

_DELIMITED = (".csv", ".tsv", ".tab", ".txt")
_JSON = (".jsonl", ".ndjson", ".json")
_PARQUET = (".parquet", ".pq")
_FEATHER = (".feather", ".arrow", ".ipc")
_READABLE = (
    "Readable are CSV and TSV (.csv .tsv .tab .txt), JSON-lines (.jsonl .ndjson .json), "
    "Parquet (.parquet .pq) and Feather or Arrow (.feather .arrow .ipc)."
)


@dataclass(frozen=True, eq=False)
class TableRead:
    """A table, and all that is to be known of how it was read.

    Parameters
    ----------
    table : pa.Table
        The rows, in the order of the files.
    files : tuple[str, ...]
        Paths, or the one name of a table in memory.
    n_read : int
        Rows in the table.
    n_rejected : int
        Rows that could not be read; ``n_read + n_rejected`` rows stand in the files.
    rejected : tuple[RejectedRow, ...]
        Those rows, in order.
    notes : tuple[str, ...]
        What was found and not plain: delimiter, encoding, columns without names.
    n_rows_by_file : tuple[int, ...]
        Rows of each file, read or not.
    """

    table: pa.Table
    files: tuple[str, ...]
    n_read: int
    n_rejected: int
    rejected: tuple[RejectedRow, ...]
    notes: tuple[str, ...]
    n_rows_by_file: tuple[int, ...] = field(default=(), repr=False)

    @cached_property
    def positions(self) -> Indices:
        """Place of each row that was read among all rows of all files, from 0; ``(n_read,)``."""
        begins = np.cumsum((0, *self.n_rows_by_file))
        begin = dict(zip(self.files, begins.tolist(), strict=False))
        gone = [begin[row.file] + row.row - 1 for row in self.rejected]
        left = np.ones(self.n_read + self.n_rejected, dtype=bool)
        left[gone] = False
        return np.flatnonzero(left)

    def place(self, row: int) -> tuple[str, int]:
        """Where a row of the table stood.

        Parameters
        ----------
        row : int
            Position in the table, from 0.

        Returns
        -------
        tuple[str, int]
            File and 1-based row number in it.
        """
        ends = np.cumsum(self.n_rows_by_file)
        position = int(self.positions[row])
        file = int(np.searchsorted(ends, position, side="right"))
        return self.files[file], position - int(ends[file]) + self.n_rows_by_file[file] + 1


def read(
    source: Any,  # noqa: ANN401  a path or any table with the Arrow C stream interface
    *,
    on_bad_row: BadRowPolicy = "error",
    quarantine: Path | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    max_field_bytes: int = MAX_FIELD_BYTES,
    progress: Progress | None = None,
) -> TableRead:
    """Read a table.

    In text formats every column is text: ``NA``, ``null``, ``1e5`` and ``007`` stay as they are
    written. No row is lost in silence: it is read, or rejected with file, row, column and reason.

    Parameters
    ----------
    source : Any
        A path (the suffix tells the format); a glob, whose files have the same columns; or an
        object with ``__arrow_c_stream__``, such as a pandas or polars data frame.
    on_bad_row : BadRowPolicy
        ``"error"`` stops at the first bad row, ``"skip"`` drops bad rows and counts them,
        ``"quarantine"`` also writes them to ``STEM.rejected.jsonl`` in the folder `quarantine`.
    quarantine : Path | None
        The folder.
    encoding : str | None
        Encoding of text files by Python's name; by default it is found.
    delimiter : str | None
        Delimiter of CSV files, one character; by default it is found.
    max_field_bytes : int
        A longer text makes its row a bad row.
    progress : Progress | None
        Told of the bytes read; None is silent.

    Returns
    -------
    TableRead
        The table and how it was read.

    Raises
    ------
    DataError
        If there is no such file, or it is empty or damaged.
    SchemaError
        If the format is unknown, a column name occurs twice, or files differ in their columns.
    RowError
        On the first bad row, if that is the policy.
    ConfigError
        If an option is out of range.
    """
    bad_rows = BadRows(on_bad_row, quarantine)
    if hasattr(source, "__arrow_c_stream__"):
        table = arrow_files.from_stream(source, IN_MEMORY)
        kept = arrow_files.screen(table, IN_MEMORY, bad_rows, max_field_bytes)
        bad_rows.finish()
        rejected = tuple(bad_rows.rejected)
        return TableRead(kept, (IN_MEMORY,), len(kept), len(rejected), rejected, (), (len(table),))
    if not isinstance(source, str | Path):
        problem = f"A table cannot be read from an object of type {type(source).__name__}."
        remedy = "Give a path, a glob, or a table with the Arrow C stream interface."
        raise SchemaError(problem, remedy=remedy)
    tables, notes, counts = [], [], []
    paths = _resolve(source)
    for path in paths:
        before = len(bad_rows.rejected)
        table, note = _read_file(
            path,
            bad_rows,
            encoding=encoding,
            delimiter=delimiter,
            max_field_bytes=max_field_bytes,
            progress=progress or Silent(),
        )
        tables.append(table)
        counts.append(len(table) + len(bad_rows.rejected) - before)
        if note is not None:
            notes.append(note if len(paths) == 1 else f"{path}: {note}")
    bad_rows.finish()
    table = _concatenate(tables, paths)
    rejected = tuple(bad_rows.rejected)
    files = tuple(str(path) for path in paths)
    return TableRead(table, files, len(table), len(rejected), rejected, tuple(notes), tuple(counts))


def _read_file(
    path: Path,
    bad_rows: BadRows,
    *,
    encoding: str | None,
    delimiter: str | None,
    max_field_bytes: int,
    progress: Progress,
) -> tuple[pa.Table, str | None]:
    suffix = path.suffix.lower()
    try:
        if suffix in _DELIMITED:
            return read_delimited(
                path,
                bad_rows,
                encoding=encoding,
                delimiter=delimiter,
                max_field_bytes=max_field_bytes,
                progress=progress,
            )
        if suffix in _JSON:
            return read_jsonlines(
                path,
                bad_rows,
                encoding=encoding,
                max_field_bytes=max_field_bytes,
                progress=progress,
            )
        table = (
            arrow_files.read_parquet(path) if suffix in _PARQUET else arrow_files.read_feather(path)
        )
    except OSError as error:
        reason = error.strerror or str(error)
        remedy = "Check that the file may be read."
        problem = f"{path} cannot be read: {reason}."
        raise StorageError(problem, remedy=remedy) from error
    return arrow_files.screen(table, str(path), bad_rows, max_field_bytes), None


def _resolve(source: str | Path) -> list[Path]:
    path = Path(source)
    if not path.exists() and glob.has_magic(str(source)):
        paths = sorted(Path(found) for found in glob.glob(str(source), recursive=True))  # noqa: PTH207  patterns may be absolute
        paths = [found for found in paths if not found.is_dir()]
        if not paths:
            problem = f"No file matches {str(source)!r}."
            raise DataError(problem, remedy="Check the pattern and the folder.")
    else:
        paths = [path]
    for path in paths:
        if not path.exists():
            raise _missing(path)
        if path.is_dir():
            problem = f"{path} is a folder, not a table."
            raise SchemaError(problem, remedy=f"Name a file or a glob in it. {_READABLE}")
        if path.suffix.lower() not in (*_DELIMITED, *_JSON, *_PARQUET, *_FEATHER):
            problem = f"{path} has the suffix {path.suffix!r}, of which no format is known."
            raise SchemaError(problem, remedy=_READABLE)
    return paths


def _missing(path: Path) -> DataError:
    folder = path.parent
    if not folder.is_dir():
        return DataError(f"There is no folder {folder}.", remedy="Check the path.")
    names = sorted(found.name for found in folder.iterdir())
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0.5)
    remedy = f"Did you mean {' or '.join(near)}?" if near else "Check the path."
    return DataError(f"There is no file {path}.", remedy=remedy)


def _concatenate(tables: list[pa.Table], paths: list[Path]) -> pa.Table:
    first = tables[0]
    if len(tables) == 1:
        return first
    for table, path in zip(tables[1:], paths[1:], strict=True):
        if Counter(table.column_names) != Counter(first.column_names):
            differing = sorted(set(table.column_names) ^ set(first.column_names))
            problem = f"{path} and {paths[0]} differ in the columns {', '.join(differing)}."
            raise SchemaError(problem, remedy="Read tables of the same columns together.")
    try:
        return pa.concat_tables(
            [table.select(first.column_names) for table in tables], promote_options="permissive"
        )
    except pa.ArrowException as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        problem = f"The files from {paths[0]} on cannot be joined: {reason}."
        raise SchemaError(problem, remedy="Give their columns the same types.") from error
