"""JSON-lines: one object a line, as the Kaggle news file has it, or one array of objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from newsdesk.data import encoding as encodings
from newsdesk.data.bad_rows import BadRows, RejectedRow
from newsdesk.errors import DataError
from newsdesk.types import Progress

__all__ = ["read_jsonlines"]

_CHUNK_ROWS = 50_000
_TEXT = pa.large_string()
_LIST = pa.list_(_TEXT)
_LONE_SURROGATE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)


class _Number(str):
    """A number with a fraction or exponent, as it is written in the file."""

    __slots__ = ()


def read_jsonlines(
    path: Path,
    bad_rows: BadRows,
    *,
    encoding: str | None,
    max_field_bytes: int,
    progress: Progress,
) -> tuple[pa.Table, str | None]:
    """Read a JSON-lines file.

    Values become text: numbers as they are written, booleans as ``true`` and ``false``, objects
    as JSON; ``null`` and absent keys are missing. A column of lists stays one of lists of text.
    Columns stand in order of first appearance.

    Parameters
    ----------
    path : Path
        The file: one object a line, or one array of objects.
    bad_rows : BadRows
        Takes the rows that cannot be read.
    encoding : str | None
        Python's name of the encoding; None to find it.
    max_field_bytes : int
        A longer text (in UTF-8) makes its row a bad row.
    progress : Progress
        Told of the bytes read.

    Returns
    -------
    tuple[pa.Table, str | None]
        Columns of type ``large_string`` or ``list<large_string>``; a note on the encoding, where
        that is not UTF-8.

    Raises
    ------
    DataError
        If the file is empty, or its one array is malformed.
    RowError
        On the first bad row, if that is the policy.
    """
    data = path.read_bytes()
    note = None
    lines: Sequence[bytes | msgspec.Raw]
    name = encodings.find(data) if encoding is None else encoding
    if name.replace("_", "-").lower() not in ("utf-8", "utf8", "utf-8-sig"):
        decoded = encodings.decode(data, encoding)
        # A code unit that is no text becomes a lone surrogate, which no JSON reader lets pass.
        data = decoded.text.encode("utf-8", "surrogatepass")
        note = None if encoding else f"encoding {decoded.label} found"
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        problem = f"{path} is empty."
        raise DataError(problem, remedy="Give a file with one JSON object a line.")
    lines = _array(data, path) if data.lstrip()[:1] == b"[" else data.splitlines()
    reader = _Reader(str(path), bad_rows, max_field_bytes)
    with progress.task(f"reading {path.name}", len(data), "bytes") as advance:
        table = reader.read(lines, advance)
    return table, note


def _array(data: bytes, path: Path) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problem = f"{path} begins as one JSON array but cannot be read as one: {error}."
        remedy = "Mend it, or write one JSON object a line, where a bad row harms no other."
        raise DataError(problem, remedy=remedy) from error


class _Reader:
    def __init__(self, file: str, bad_rows: BadRows, max_field_bytes: int) -> None:
        self.file = file
        self.bad_rows = bad_rows
        self.max_field_bytes = max_field_bytes
        self.decoder = msgspec.json.Decoder(dict[str, Any], float_hook=_Number)

    def read(
        self, lines: Sequence[bytes | msgspec.Raw], advance: Callable[[int], None]
    ) -> pa.Table:
        chunks: list[tuple[int, dict[str, pa.Array]]] = []
        rows = self._rows(lines, advance)
        while chunk := list(islice(rows, _CHUNK_ROWS)):
            names = dict.fromkeys(name for row in chunk for name in row)
            columns = {name: _column([row.get(name) for row in chunk]) for name in names}
            chunks.append((len(chunk), columns))
        names = dict.fromkeys(name for _, columns in chunks for name in columns)
        return pa.table({name: _joined(name, chunks) for name in names})

    def _rows(
        self, lines: Sequence[bytes | msgspec.Raw], advance: Callable[[int], None]
    ) -> Iterator[dict[str, Any]]:
        number = pending = 0
        for line in lines:
            content = bytes(line)
            pending += len(content) + 1
            if not content.strip():
                continue
            number += 1
            row = self._row(content, number)
            if row is not None:
                yield row
            if pending > 1 << 20:
                advance(pending)
                pending = 0
        advance(pending)

    def _row(self, line: bytes, number: int) -> dict[str, Any] | None:
        try:
            row: dict[str, Any] = self.decoder.decode(line)
        except msgspec.ValidationError:
            self._reject(line, number, None, "not a JSON object")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._reject(line, number, *self._why(line, error))
        else:
            if len(line) <= self.max_field_bytes:
                return row
            for name, value in row.items():
                size = len(value.encode()) if isinstance(value, str) else 0
                if size > self.max_field_bytes:
                    most = f"more than the {self.max_field_bytes:,} that are read"
                    self._reject(line, number, name, f"the text has {size:,} bytes, {most}")
                    return None
            return row
        return None

    def _why(self, line: bytes, error: Exception) -> tuple[str | None, str]:
        if isinstance(error, UnicodeDecodeError):
            text = encodings.decode(line, "utf-8").text
            bad = encodings.UNDECODABLE.search(text)
            assert bad is not None
            shown = encodings.visible(bad[0])
            return self._column_at(text, bad.start()), f"byte {shown} is no valid UTF-8"
        surrogate = _LONE_SURROGATE.search(line)
        if surrogate is not None:
            column = self._column_at(line.decode(), surrogate.start())
            return column, "half a surrogate pair is escaped, which is no valid text"
        return None, f"not one JSON object on a line ({error})"

    @staticmethod
    def _column_at(line: str, place: int) -> str | None:
        """Key of the value in which a place of a line stands."""
        keys = re.findall(r'"((?:[^"\\]|\\.)*)"\s*:\s*"(?:[^"\\]|\\.)*\Z', line[:place])
        return keys[-1] if keys else None

    def _reject(self, line: bytes, number: int, column: str | None, reason: str) -> None:
        raw = encodings.visible(line.decode("utf-8", "newsdesk.mark"))
        self.bad_rows.reject(RejectedRow(self.file, number, column, f"{reason}.", raw))


def _column(values: list[Any]) -> pa.Array:
    kinds = {type(value) for value in values}
    if kinds <= {str, _Number, type(None)}:
        return pa.array(values, type=_TEXT)
    if kinds <= {list, type(None)}:
        return pa.array(
            [None if value is None else [_literal(item) for item in value] for value in values],
            type=_LIST,
        )
    return pa.array([_literal(value) for value in values], type=_TEXT)


def _literal(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _joined(name: str, chunks: list[tuple[int, dict[str, pa.Array]]]) -> pa.ChunkedArray:
    """One column from all chunks; where lists meet text, the lists become JSON text."""
    kinds = {
        columns[name].type
        for length, columns in chunks
        if name in columns and columns[name].null_count < length
    }
    kind = _LIST if kinds == {_LIST} else _TEXT
    arrays = []
    for length, columns in chunks:
        column = columns.get(name)
        if column is None or column.null_count == length:
            column = pa.nulls(length, kind)
        elif column.type != kind:
            column = pa.array([_literal(value) for value in column.to_pylist()], type=kind)
        arrays.append(column)
    return pa.chunked_array(arrays, type=kind)
