"""JSON: one object a line, as the Kaggle news file has it, or one document (`json_documents`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
import pyarrow as pa

from newsdesk.data.bad_rows import RejectedRow
from newsdesk.data.readers import encoding as encodings
from newsdesk.data.readers.content import Content, Reading
from newsdesk.data.readers.json_documents import document_rows
from newsdesk.errors import DataError

__all__ = ["read_jsonlines"]

_CHUNK_ROWS = 50_000
_TOLD_ROWS = 4096
_TEXT = pa.large_string()
_LIST = pa.list_(_TEXT)
_LONE_SURROGATE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)


class _Number(str):
    """A number with a fraction or exponent, as it is written in the file."""

    __slots__ = ()


def read_jsonlines(content: Content, reading: Reading) -> tuple[pa.Table, str | None]:
    """Read a JSON file.

    Values become text: numbers as they are written, booleans as ``true`` and ``false``, objects
    as JSON; ``null`` and absent keys are missing. A column of lists stays one of lists of text.
    Columns stand in order of first appearance.

    Parameters
    ----------
    content : Content
        The file: one object a line, or one document, see `json_documents`.
    reading : Reading
        How to read it.

    Returns
    -------
    tuple[pa.Table, str | None]
        Columns of type ``large_string`` or ``list<large_string>``; a note on the encoding, where
        that is not UTF-8, and on a document's form.

    Raises
    ------
    DataError
        If the file is empty, or its one document is malformed.
    SchemaError
        If its one document is no table.
    RowError
        On the first bad row, if that is the policy.
    """
    data = content.load()
    note = None
    name = encodings.find(data) if reading.encoding is None else reading.encoding
    if name.replace("_", "-").lower() not in ("utf-8", "utf8", "utf-8-sig"):
        decoded = encodings.decode(data, reading.encoding)
        # A code unit that is no text becomes a lone surrogate, which no JSON reader lets pass.
        data = decoded.text.encode("utf-8", "surrogatepass")
        note = decoded.note(reading.encoding)
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        problem = f"{content.name} is empty."
        raise DataError(problem, remedy="Give a file with one JSON object a line.")
    document = document_rows(data, content.name)
    lines = data.splitlines() if document is None else document.rows
    notes = [note, None if document is None else document.note]
    with reading.progress.task(f"reading {content.title}", len(data), "bytes") as advance:
        table = _Reader(content.name, reading).read(lines, len(data), advance)
    return table, "; ".join(filter(None, notes)) or None


class _Reader:
    def __init__(self, file: str, reading: Reading) -> None:
        self.file = file
        self.reading = reading
        self.decoder = msgspec.json.Decoder(dict[str, Any], float_hook=_Number)

    def read(
        self,
        lines: Sequence[bytes | msgspec.Raw],
        size_bytes: int,
        advance: Callable[[int], None],
    ) -> pa.Table:
        chunks: list[tuple[int, dict[str, pa.Array]]] = []
        rows = self._rows(lines, size_bytes, advance)
        while chunk := list(islice(rows, _CHUNK_ROWS)):
            names = dict.fromkeys(name for row in chunk for name in row)
            columns = {name: _column([row.get(name) for row in chunk]) for name in names}
            chunks.append((len(chunk), columns))
        names = dict.fromkeys(name for _, columns in chunks for name in columns)
        return pa.table({name: _joined(name, chunks) for name in names})

    def _rows(
        self,
        lines: Sequence[bytes | msgspec.Raw],
        size_bytes: int,
        advance: Callable[[int], None],
    ) -> Iterator[dict[str, Any]]:
        number = done = 0
        for place, line in enumerate(lines, start=1):
            content = bytes(line)
            if not content.strip():
                continue
            number += 1
            row = self._row(content, number)
            if row is not None:
                yield row
            if not place % _TOLD_ROWS:
                so_far = place * size_bytes // len(lines)
                advance(so_far - done)
                done = so_far
        advance(size_bytes - done)

    def _row(self, line: bytes, number: int) -> dict[str, Any] | None:
        try:
            row: dict[str, Any] = self.decoder.decode(line)
        except msgspec.ValidationError:
            self._reject(line, number, None, "not a JSON object")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._reject(line, number, *self._why(line, error))
        else:
            if len(line) <= self.reading.max_field_bytes:
                return row
            for name, value in row.items():
                reason = self.reading.too_long(value) if isinstance(value, str) else None
                if reason is not None:
                    self._reject(line, number, name, reason)
                    return None
            return row
        return None

    def _why(self, line: bytes, error: Exception) -> tuple[str | None, str]:
        if isinstance(error, UnicodeDecodeError):
            text = encodings.decode(line, "utf-8").text
            bad = encodings.UNDECODABLE.search(text)
            assert bad is not None
            shown = encodings.visible(bad[0])
            return self._column_after(text[: bad.start()]), f"byte {shown} is no valid UTF-8"
        surrogate = _LONE_SURROGATE.search(line)
        if surrogate is not None:
            before = line[: surrogate.start()].decode("utf-8", "newsdesk.mark")
            return self._column_after(
                before
            ), "half a surrogate pair is escaped, which is no valid text"
        return None, f"not one JSON object on a line ({error})"

    @staticmethod
    def _column_after(beginning: str) -> str | None:
        """Key of the value in which the beginning of a line ends."""
        keys = re.findall(r'"((?:[^"\\]|\\.)*)"\s*:\s*"(?:[^"\\]|\\.)*\Z', beginning)
        return keys[-1] if keys else None

    def _reject(self, line: bytes, number: int, column: str | None, reason: str) -> None:
        raw = encodings.visible(line.decode("utf-8", "newsdesk.mark"))
        self.reading.bad_rows.reject(RejectedRow(self.file, number, column, f"{reason}.", raw))


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
