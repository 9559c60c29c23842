r"""CSV and its kin: a fast reader for well-formed files, a careful one for all others.

What a file holds is defined by the careful reader (`records`): RFC 4180 with any of ``\n``,
``\r\n`` and a lone ``\r`` as line end, blank lines ignored. The fast reader is used only where
a check of the quotes proves that both agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from newsdesk.data.bad_rows import RejectedRow
from newsdesk.data.readers import encoding as encodings
from newsdesk.data.readers.content import Content, Reading
from newsdesk.data.readers.dialect import Dialect, find_dialect
from newsdesk.data.readers.records import Record, records
from newsdesk.errors import DataError, SchemaError

__all__ = ["read_delimited"]

_CHUNK_ROWS = 50_000
_BLOCK_BYTES = 4 << 20
_CONTENT = re.compile(rb"[^\r\n]")


def read_delimited(content: Content, reading: Reading) -> tuple[pa.Table, str | None]:
    """Read one delimited text file; every column is text, empty cells are empty texts.

    Parameters
    ----------
    content : Content
        The file.
    reading : Reading
        How to read it; the delimiter is found among comma, semicolon, tab and ``|``.

    Returns
    -------
    tuple[pa.Table, str | None]
        Columns of type ``large_string``; a note on what was found, where that was not a plain
        comma-separated UTF-8 file with a header.

    Raises
    ------
    DataError
        If the file is empty, or its header is no text.
    SchemaError
        If two columns have the same name.
    RowError
        On the first bad row, if that is the policy.
    """
    data = content.load()
    decoded = encodings.decode(data, reading.encoding)
    text = decoded.text
    if not text or text.isspace():
        problem = f"{content.name} is empty."
        raise DataError(problem, remedy="Give a file with a header line and rows.")
    dialect = find_dialect(text, reading.delimiter, whole_lines=content.suffix == ".txt")
    twice = {name for name in dialect.columns if dialect.columns.count(name) > 1}
    if twice:
        problem = f"{content.name} has two columns of the name {min(twice)!r}."
        raise SchemaError(problem, remedy="Rename one of them in the header line.")
    for column in dialect.columns:
        bad = encodings.UNDECODABLE.search(column)
        if bad is not None:
            shown = encodings.visible(bad[0])
            problem = f"{content.name}: byte {shown} in the header is no valid {decoded.label}."
            raise DataError(problem, remedy="Name the encoding with encoding= (--encoding).")
    with reading.progress.task(f"reading {content.title}", len(data), "bytes") as advance:
        table = None
        if decoded.clean:
            body = text[dialect.body :].encode()
            table = _read_fast(body, dialect, reading.max_field_bytes)
            del body
        if table is None:
            table = _CarefulReader(content.name, dialect, reading).read(decoded, len(data), advance)
        else:
            advance(len(data))
    return table, _note(dialect, decoded, reading)


def _note(dialect: Dialect, decoded: encodings.Decoded, reading: Reading) -> str | None:
    found = []
    if dialect.delimiter != "," and len(dialect.columns) > 1 and reading.delimiter is None:
        name = {"\t": "tab"}.get(dialect.delimiter, f'"{dialect.delimiter}"')
        found.append(f"delimiter {name}")
    if decoded.encoding != "utf-8" and reading.encoding is None:
        found.append(f"encoding {decoded.label}")
    parts = [f"{' and '.join(found)} found"] if found else []
    if dialect.unnamed:
        parts.append(dialect.unnamed)
    return "; ".join(parts) or None


def _read_fast(body: bytes, dialect: Dialect, max_field_bytes: int) -> pa.Table | None:
    """Read the rows by Arrow's reader, or return None where it might differ or has failed."""
    columns = list(dialect.columns)
    if not _CONTENT.search(body):
        empty = pa.array([], type=pa.large_string())
        return pa.table([empty] * len(columns), names=columns)
    if not _quotes_are_regular(body, dialect.delimiter) or body.startswith(b"\xef\xbb\xbf"):
        return None
    try:
        table = pacsv.read_csv(
            pa.BufferReader(body),
            read_options=pacsv.ReadOptions(column_names=columns, block_size=_BLOCK_BYTES),
            parse_options=pacsv.ParseOptions(
                delimiter=dialect.delimiter, newlines_in_values=b'"' in body
            ),
            convert_options=pacsv.ConvertOptions(
                check_utf8=False,  # decoded before
                column_types=dict.fromkeys(columns, pa.large_string()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None  # a ragged row or a giant cell: the careful reader says which
    longest = max((pc.max(pc.binary_length(column)).as_py() or 0) for column in table.columns)
    return table if longest <= max_field_bytes else None


def _quotes_are_regular(body: bytes, delimiter: str) -> bool:
    """Whether all quotes are those of RFC 4180, so that all readers see the same cells.

    Quotes are numbered from 0. When each even one opens a cell (or follows its neighbour, as the
    second of a doubled quote) and each odd one closes a cell (or precedes its neighbour), then by
    induction the even ones are met outside and the odd ones inside of quoted cells.
    """
    if not delimiter.isascii():
        return False
    if b'"' not in body:
        return True
    # A line end before and after stands for the borders of the file.
    bytes_ = np.frombuffer(b"\n" + body + b"\n", dtype=np.uint8)
    places = np.flatnonzero(bytes_ == ord('"'))
    if len(places) % 2:
        return False
    borders = np.zeros(256, dtype=bool)
    borders[[ord("\n"), ord("\r"), ord(delimiter)]] = True
    opening, closing = places[::2], places[1::2]
    opens = borders[bytes_[opening - 1]]
    opens[1:] |= opening[1:] - 1 == closing[:-1]
    closes = borders[bytes_[closing + 1]]
    closes[:-1] |= closing[:-1] + 1 == opening[1:]
    return bool(opens.all() and closes.all())


class _Fault(NamedTuple):
    column: str | None
    reason: str


@dataclass(frozen=True)
class _CarefulReader:
    """Reads row by row and names the place of every fault."""

    file: str
    dialect: Dialect
    reading: Reading

    def read(
        self, decoded: encodings.Decoded, size_bytes: int, advance: Callable[[int], None]
    ) -> pa.Table:
        schema = pa.schema([(name, pa.large_string()) for name in self.dialect.columns])
        batches = []
        done = 0
        text = decoded.text
        for rows, stop in self._chunks(text, clean=decoded.clean):
            columns = zip(*rows, strict=True) if rows else [()] * len(schema)
            arrays = [pa.array(column, type=pa.large_string()) for column in columns]
            batches.append(pa.record_batch(arrays, schema=schema))
            so_far = stop * size_bytes // len(text)
            advance(so_far - done)
            done = so_far
        return pa.Table.from_batches(batches, schema=schema)

    def _chunks(self, text: str, *, clean: bool) -> Iterator[tuple[list[Sequence[str]], int]]:
        rows: list[Sequence[str]] = []
        body = self.dialect.body
        first_line = self.dialect.body_line
        for number, record in enumerate(
            records(text, self.dialect.delimiter, start=body, line=first_line), start=1
        ):
            fault = self._fault(record, clean=clean)
            if fault is None:
                assert record.cells is not None
                rows.append(record.cells)
            else:
                reason = f"{fault.reason} (line {record.line})."
                raw = encodings.visible(text[record.start : record.stop])
                bad = RejectedRow(self.file, number, fault.column, reason, raw)
                self.reading.bad_rows.reject(bad)
            if len(rows) == _CHUNK_ROWS:
                yield rows, record.stop
                rows = []
        yield rows, len(text)

    def _fault(self, record: Record, *, clean: bool) -> _Fault | None:
        names = self.dialect.columns
        cells = record.cells
        if cells is None:
            assert record.broken is not None
            column = names[record.broken] if record.broken < len(names) else None
            return _Fault(column, "unbalanced quote: the cell that it opens is not closed by one")
        if len(cells) != len(names):
            counted = f"{len(cells)} {'cell' if len(cells) == 1 else 'cells'}"
            return _Fault(None, f"{counted} where the header has {len(names)}")
        if not clean:
            for name, cell in zip(names, cells, strict=True):
                bad = encodings.UNDECODABLE.search(cell)
                if bad is not None:
                    shown = encodings.visible(bad[0])
                    return _Fault(name, f"byte {shown} is no valid text in the file's encoding")
        # UTF-8 takes at most four bytes for a character, so most rows need no look at their cells.
        if (record.stop - record.start) * 4 > self.reading.max_field_bytes:
            for name, cell in zip(names, cells, strict=True):
                reason = self.reading.too_long(cell)
                if reason is not None:
                    return _Fault(name, reason)
        return None
