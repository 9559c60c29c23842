"""Tables out: CSV for people, JSON-lines, Parquet and Feather for programs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.feather as feather
import pyarrow.parquet as pq

from newsdesk.data.atomic import replacing
from newsdesk.errors import SchemaError

__all__ = ["check_suffix", "write"]

_FORMULA = r"^[=+\-@\t\r]"
_BATCH_ROWS = 10_000


def write(table: pa.Table, path: str | Path, *, escape: bool = True) -> None:
    r"""Write a table; the suffix tells the format, and the file appears whole or not at all.

    Parameters
    ----------
    table : pa.Table
        The rows.
    path : str | Path
        ``.csv``, ``.tsv``, ``.jsonl``, ``.parquet``, ``.feather`` or ``.arrow``. Missing folders
        are made; a file of that name is replaced.
    escape : bool
        In CSV and TSV, put an apostrophe before texts that begin with ``=``, ``+``, ``-``,
        ``@``, tab or carriage return. A spreadsheet would run such a cell as a formula (OWASP,
        "CSV Injection"). Switch it off to read the same texts back.

    Raises
    ------
    SchemaError
        If the suffix is of no format that can be written, or the format has no form for a column.
    StorageError
        If the disk refuses.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "out.csv")
    ...     write(pa.table({"headline": ["=1+1", "NA"]}), path)
    ...     path.read_text()
    '"headline"\n"\'=1+1"\n"NA"\n'
    """
    path = Path(path)
    check_suffix(path)
    suffix = path.suffix.lower()
    with replacing(path) as temporary:
        try:
            _WRITERS[suffix](table, temporary, escape)
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            # What the libraries raise of a value that a format has no form for.
            reason = str(error).partition("\n")[0].rstrip(".")
            problem = f"{path}: a column cannot be written as {suffix}: {reason}."
            raise SchemaError(
                problem, remedy="Choose .feather, or leave the column out."
            ) from error


def check_suffix(path: str | Path) -> None:
    """Refuse a suffix that `write` does not know, before the work that makes the rows.

    Parameters
    ----------
    path : str | Path
        Where rows are to be written.

    Raises
    ------
    SchemaError
        If the suffix is of no format that can be written.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in _WRITERS:
        problem = f"{path} has the suffix {suffix!r}, of which no format can be written."
        raise SchemaError(problem, remedy=f"Choose one of: {' '.join(_WRITERS)}.")


def _write_csv(table: pa.Table, target: Path, escape: bool, delimiter: str = ",") -> None:
    columns = [_as_text(column, escape=escape) for column in table.columns]
    names = [
        f"'{name}" if escape and name[:1] in "=+-@\t\r" and name else name
        for name in table.column_names
    ]
    options = pacsv.WriteOptions(delimiter=delimiter)
    pacsv.write_csv(pa.table(columns, names=names), target, write_options=options)


def _as_text(column: pa.ChunkedArray, *, escape: bool) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = kind.value_type
    if pa.types.is_nested(kind):
        cells = [
            None if value is None else msgspec.json.encode(value).decode()
            for value in column.to_pylist()
        ]
        column = pa.chunked_array([pa.array(cells, type=pa.large_string())])
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        column = column.cast(pa.large_string())
        if escape:
            column = pc.replace_substring_regex(column, _FORMULA, r"'\0")
    return column


def _write_jsonl(table: pa.Table, target: Path, _escape: bool) -> None:
    encoder = msgspec.json.Encoder(enc_hook=_json_value)
    with target.open("wb") as file:
        for batch in table.to_batches(max_chunksize=_BATCH_ROWS):
            file.write(encoder.encode_lines(batch.to_pylist()))


def _json_value(value: Any) -> str:  # noqa: ANN401  whatever a column holds
    """Write times finer than a microsecond, which Python's own types cannot hold."""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    message = f"values of type {type(value).__name__} have no form in JSON"
    raise TypeError(message)


_WRITERS: dict[str, Callable[[pa.Table, Path, bool], None]] = {
    ".csv": _write_csv,
    ".tsv": partial(_write_csv, delimiter="\t"),
    ".jsonl": _write_jsonl,
    ".parquet": lambda table, target, _: pq.write_table(table, target, compression="zstd"),
    ".feather": lambda table, target, _: feather.write_feather(table, str(target)),
    ".arrow": lambda table, target, _: feather.write_feather(table, str(target)),
}
"""Writers by suffix; each takes the rows, the file and whether CSV cells are disarmed."""
