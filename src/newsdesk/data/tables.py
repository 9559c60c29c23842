"""Tables in: files, archives, folders of texts, in memory. Tables out: see `write`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from newsdesk.data.bad_rows import BadRowPolicy, BadRows, RejectedRow
from newsdesk.data.export import write
from newsdesk.data.readers import arrow_files
from newsdesk.data.readers.archive_tables import read_archive
from newsdesk.data.readers.compressed import gunzip
from newsdesk.data.readers.content import Content, Reading
from newsdesk.data.readers.folders import read_folder
from newsdesk.data.readers.formats import GZIP, ZIP, read_content, suffix_of
from newsdesk.data.readers.sources import Source, resolve
from newsdesk.errors import SchemaError, StorageError
from newsdesk.types import Indices, Progress, Silent

__all__ = ["MAX_FIELD_BYTES", "TableRead", "read", "write"]

MAX_FIELD_BYTES = 10 * 2**20
"""Longest text that is read by default: 10 MiB, some 1,500 pages."""
IN_MEMORY = "table in memory"
"""Name of a table that has no file."""


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

    @property
    def name(self) -> str:
        """What to call the rows: the first file's name without suffix, or the folder's."""
        first = Path(self.files[0])
        if first.is_dir():
            return first.resolve().name
        return Path(first.stem).stem if first.suffix.lower() == GZIP else first.stem

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
        A path (the suffix tells the format); a folder with one folder per class; a glob, whose
        files have the same columns; a file in a zip archive (``news.zip/train.csv``); or an object
        with ``__arrow_c_stream__``, such as a pandas or polars data frame.
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
        If there is no such file, it is empty or damaged, or an archive is unsafe.
    SchemaError
        If the format is unknown, a column name occurs twice, or files differ in their columns.
    RowError
        On the first bad row, if that is the policy.
    ConfigError
        If an option is out of range.
    StorageError
        If the disk refuses.
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
    reading = Reading(bad_rows, max_field_bytes, progress or Silent(), encoding, delimiter)
    parts = [part for each in resolve(source) for part in _parts(each, reading)]
    bad_rows.finish()
    files = tuple(part.name for part in parts)
    table = _concatenate([part.table for part in parts], files)
    rejected = tuple(bad_rows.rejected)
    n_rejected = Counter(row.file for row in rejected)
    counts = tuple(len(part.table) + n_rejected[part.name] for part in parts)
    notes = tuple(
        part.note if len(parts) == 1 else f"{part.name}: {part.note}" for part in parts if part.note
    )
    return TableRead(table, files, len(table), len(rejected), rejected, notes, counts)


class _Part(NamedTuple):
    name: str
    table: pa.Table
    note: str | None


def _parts(source: Source, reading: Reading) -> list[_Part]:
    path, member = source
    name = str(path)
    try:
        if path.is_dir():
            return [_Part(name, *read_folder(path, reading))]
        if path.suffix.lower() == ZIP:
            return [_Part(*part) for part in read_archive(path, member, reading)]
        packed = path.suffix.lower() == GZIP
        origin = gunzip(path, progress=reading.progress) if packed else path
        content = Content(name, suffix_of(path.name), origin)
        return [_Part(name, *read_content(content, reading))]
    except StorageError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        remedy = "Check that the file may be read."
        problem = f"{path} cannot be read: {reason}."
        raise StorageError(problem, remedy=remedy) from error


def _concatenate(tables: list[pa.Table], files: tuple[str, ...]) -> pa.Table:
    first = tables[0]
    if len(tables) == 1:
        return first
    for table, file in zip(tables[1:], files[1:], strict=True):
        if Counter(table.column_names) != Counter(first.column_names):
            differing = sorted(set(table.column_names) ^ set(first.column_names))
            problem = f"{file} and {files[0]} differ in the columns {', '.join(differing)}."
            remedy = f"Read tables of the same columns together, or one alone, such as {files[0]}."
            raise SchemaError(problem, remedy=remedy)
    try:
        return pa.concat_tables(
            [table.select(first.column_names) for table in tables], promote_options="permissive"
        )
    except pa.ArrowException as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        problem = f"The files from {files[0]} on cannot be joined: {reason}."
        raise SchemaError(problem, remedy="Give their columns the same types.") from error
