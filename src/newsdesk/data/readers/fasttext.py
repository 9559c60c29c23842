"""fastText's training files: lines of words, among them one ``__label__NAME``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pyarrow as pa

from newsdesk.data.bad_rows import RejectedRow
from newsdesk.data.readers import encoding as encodings
from newsdesk.data.readers.content import Content, Reading
from newsdesk.data.readers.records import LINE_END
from newsdesk.errors import DataError

__all__ = ["is_fasttext", "read_fasttext"]

_CHUNK_ROWS = 50_000
_SAMPLE_BYTES = 1 << 16
# Words are divided as by fastText's Dictionary::readWord; other spaces are part of a word.
_BLANKS = " \t\v\f\0"
_PREFIX = "__label__"
_FIRST = re.compile(rf"{_PREFIX}([^{_BLANKS}]+)[{_BLANKS}]*")
_LABEL = re.compile(rf"(?:^|(?<=[{_BLANKS}])){_PREFIX}([^{_BLANKS}]*)")
_SCHEMA = pa.schema([("label", pa.large_string()), ("text", pa.large_string())])


def is_fasttext(data: bytes, encoding: str | None = None) -> bool:
    """Whether the first line that is not blank begins with ``__label__``.

    Parameters
    ----------
    data : bytes
        A text file.
    encoding : str | None
        Python's name of its encoding; None to find it.

    Returns
    -------
    bool
        True for fastText's files.

    Examples
    --------
    >>> is_fasttext(b"__label__TECH Phones get smaller"), is_fasttext(b"label,text")
    (True, False)
    """
    sample = encodings.decode(data[:_SAMPLE_BYTES], encoding).text
    return sample.lstrip().startswith(_PREFIX)


def read_fasttext(content: Content, reading: Reading) -> tuple[pa.Table, str | None]:
    r"""Read one file of fastText's format.

    A word that begins with ``__label__`` is a label, wherever it stands in its line; the rest of
    the line is the text, without blanks at its ends. Label names stay as they are written:
    fastText has ``-`` or ``_`` for the blanks of a name, and which it was cannot be told. Lines
    end with ``\n``, ``\r\n`` or a lone ``\r``; blank lines are no rows.

    Parameters
    ----------
    content : Content
        The file.
    reading : Reading
        How to read it.

    Returns
    -------
    tuple[pa.Table, str | None]
        Columns ``label`` and ``text`` of type ``large_string``; a note on the encoding, where
        that is not UTF-8.

    Raises
    ------
    DataError
        If the file is empty.
    RowError
        On the first line without a label, with several or that is no text, if that is the
        policy.
    """
    data = content.load()
    decoded = encodings.decode(data, reading.encoding)
    if not decoded.text.strip():
        problem = f"{content.name} is empty."
        raise DataError(problem, remedy="Give a file with a label and a text on each line.")
    batches = []
    with reading.progress.task(f"reading {content.title}", len(data), "bytes") as advance:
        for rows in _chunks(content.name, decoded, len(data), reading, advance):
            columns = zip(*rows, strict=True) if rows else ((), ())
            arrays = [pa.array(column, type=pa.large_string()) for column in columns]
            batches.append(pa.record_batch(arrays, schema=_SCHEMA))
    return pa.Table.from_batches(batches, schema=_SCHEMA), decoded.note(reading.encoding)


def _chunks(
    name: str,
    decoded: encodings.Decoded,
    size_bytes: int,
    reading: Reading,
    advance: Callable[[int], None],
) -> Iterator[list[tuple[str, str]]]:
    rows: list[tuple[str, str]] = []
    number = done = 0
    lines = LINE_END.split(decoded.text)
    for line_number, line in enumerate(lines, start=1):
        if not line.strip(_BLANKS):
            continue
        number += 1
        row, column, reason = _parsed(line, clean=decoded.clean)
        if reason is None:
            column, reason = "text", reading.too_long(row[1])
        if reason is None:
            rows.append(row)
        else:
            raw = encodings.visible(line)
            bad = RejectedRow(name, number, column, f"{reason} (line {line_number}).", raw)
            reading.bad_rows.reject(bad)
        if len(rows) == _CHUNK_ROWS:
            yield rows
            rows = []
            so_far = line_number * size_bytes // len(lines)
            advance(so_far - done)
            done = so_far
    yield rows
    advance(size_bytes - done)


def _parsed(line: str, *, clean: bool) -> tuple[tuple[str, str], str | None, str | None]:
    """Label and text of a line; the column to blame and the reason, where it is a bad row."""
    first = _FIRST.match(line)
    if first is None or line.count(_PREFIX) > 1:
        labels = list(_LABEL.finditer(line))
        if not labels or not labels[0][1]:
            return ("", ""), "label", "the line names no label by __label__NAME"
        if len(labels) > 1:
            reason = f"the line has {len(labels)} labels; newsdesk takes one label per document"
            return ("", ""), "label", reason
        first = labels[0]
    before, after = line[: first.start()].rstrip(_BLANKS), line[first.end() :].strip(_BLANKS)
    row = first[1], f"{before} {after}" if before and after else before or after
    if not clean:
        for name, cell in zip(_SCHEMA.names, row, strict=True):
            bad = encodings.UNDECODABLE.search(cell)
            if bad is not None:
                shown = encodings.visible(bad[0])
                return row, name, f"byte {shown} is no valid text in the file's encoding"
    return row, None, None
