"""JSON files that are one document: which of the usual forms of a table they have, as rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from newsdesk.data.wording import counted, listed
from newsdesk.errors import DataError, SchemaError

__all__ = ["DocumentRows", "document_rows"]

_SAMPLE_LINES = 100
_SPLIT_KEYS = {"columns", "index", "data"}
"""Keys of pandas' ``split`` form; ``index`` may be left out."""
_LINE = re.compile(rb"[^\r\n]*[^\r\n\t ][^\r\n]*")
_BLANK = re.compile(r"[ \t\r\n]*")
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|u([dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
"""An escape of JSON (RFC 8259, section 7); the group is half of a surrogate pair."""
_FORMS = (
    'Readable are one object a line, an array of objects, {"data": [objects]} and columns such as '
    '{"text": ["a", "b"], "label": ["x", "y"]}.'
)


class DocumentRows(NamedTuple):
    """The rows of one JSON document."""

    rows: Sequence[bytes | Raw]
    """JSON text of each row, not yet decoded: what is wrong in one harms no other."""
    note: str | None
    """Which form was found, where that is not an array of objects or one object."""


def document_rows(data: bytes, name: str) -> DocumentRows | None:
    r"""Take the rows out of a JSON document.

    An array holds rows. One object is a table in the ``split`` form of pandas; columns of equal
    length; columns or rows by position (``{"text": {"0": "a"}}``, ``{"0": {"text": "a"}}``); an
    object with one array of objects, which are the rows; or one row, if some value of it is a
    text or number. Objects one after another that are broken into lines are rows too.

    Parameters
    ----------
    data : bytes
        UTF-8 text, not blank.
    name : str
        What to call it in errors.

    Returns
    -------
    DocumentRows | None
        The rows; None if the text is no document, but one object a line.

    Raises
    ------
    DataError
        If the document is malformed.
    SchemaError
        If it is no table.

    Examples
    --------
    >>> rows, note = document_rows(b'{"text": ["a", "b"], "label": [1, 2]}', "news.json")
    >>> rows, note
    ([b'{"text":"a","label":1}', b'{"text":"b","label":2}'], 'one JSON object of 2 columns')
    """
    start = data.lstrip()[:1]
    if start == b"[":
        rows: list[Raw] = _decode(data, name, list[Raw])
        return DocumentRows(rows, None)
    if start != b"{":
        return None
    first, *others = (match[0] for match in islice(_LINE.finditer(data), _SAMPLE_LINES))
    if others and _is_object(first):
        return None
    try:
        document: dict[str, Raw] = _decode(data, name, dict[str, Raw])
    except DataError:
        n_objects = sum(map(_is_object, others))
        if first.rstrip()[-1:] not in b"{[," or n_objects * 2 > len(others):
            return None  # lines, the first of them bad
        several = _one_after_another(data)
        if several is None:
            raise
        return DocumentRows(several, f"{counted(len(several), 'JSON object')} one after another")
    return _Document(name, document).table() or DocumentRows([data], None)


def _decode(data: bytes | Raw, name: str, kind: Any) -> Any:  # noqa: ANN401  the kind's own type
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        whole = bytes(data)
        try:
            return msgspec.json.decode(_ESCAPE.sub(_unescaped, whole), type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            what = "array" if whole.lstrip()[:1] == b"[" else "object"
            problem = f"{name} begins as one JSON {what} but cannot be read as one: {error}."
            remedy = "Mend it, or write one JSON object a line, where a bad row harms no other."
            raise DataError(problem, remedy=remedy) from error


def _unescaped(escape: re.Match[bytes]) -> bytes:
    """Write half a surrogate pair as bytes that spoil only their own row, not the document."""
    half = escape[1]
    return escape[0] if half is None else chr(int(half, 16)).encode("utf-8", "surrogatepass")


def _is_object(line: bytes) -> bool:
    try:
        msgspec.json.decode(line, type=dict[str, Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True


def _one_after_another(data: bytes) -> list[bytes] | None:
    """Objects with nothing but blanks between them; None where that is not so."""
    text = data.decode("utf-8", "surrogateescape")
    scanner = json.JSONDecoder()
    rows = []
    place = _after_blanks(text, 0)
    while place < len(text):
        try:
            _, stop = scanner.raw_decode(text, place)
        except (ValueError, RecursionError):
            return None
        rows.append(text[place:stop].encode("utf-8", "surrogateescape"))
        place = _after_blanks(text, stop)
    return rows


def _after_blanks(text: str, place: int) -> int:
    blanks = _BLANK.match(text, place)
    assert blanks is not None
    return blanks.end()


class _Document:
    """One JSON object and its values, by their kinds."""

    def __init__(self, name: str, values: Mapping[str, Raw]) -> None:
        self.name = name
        self.values = values
        self.arrays: dict[str, list[Raw]] = {
            key: _decode(value, name, list[Raw])
            for key, value in values.items()
            if _opens(value, b"[")
        }
        self.records = [
            key for key, items in self.arrays.items() if items and _all_open(items, b"{")
        ]
        self.all_objects = bool(values) and _all_open(values.values(), b"{")

    def table(self) -> DocumentRows | None:
        """Rows of the form that it has; None where it is itself one row."""
        if {"columns", "data"} <= set(self.arrays) == set(self.values) <= _SPLIT_KEYS:
            return self._split()
        if self.all_objects:
            return self._by_position()
        if len(self.arrays) == len(self.values) > 0 and len(self.records) < len(self.arrays):
            lengths = {key: len(items) for key, items in self.arrays.items()}
            if len(set(lengths.values())) == 1:
                return _columns(self.arrays)
            if not self.records:
                shown = listed([f"{key} {length:,}" for key, length in lengths.items()])
                problem = f"{self.name} holds columns of different lengths: {shown}."
                raise SchemaError(problem, remedy="Give all columns the same length.")
        if len(self.records) == 1:
            key = self.records[0]
            return DocumentRows(self.arrays[key], f"rows found under {key!r}")
        if len(self.records) > 1:
            problem = f"{self.name} holds several tables: {listed(self.records)}."
            raise SchemaError(problem, remedy="Write each into a file of its own.")
        if all(_opens(value, b"[") or _opens(value, b"{") for value in self.values.values()):
            raise self._no_table()
        return None

    def _split(self) -> DocumentRows:
        names: list[str] = _decode(self.values["columns"], self.name, list[str])
        rows: list[bytes | Raw] = []
        for row in self.arrays["data"]:
            cells = _decode(row, self.name, list[Raw]) if _opens(row, b"[") else []
            # What has other than one cell a column stays as it is, and is a bad row.
            fits = len(cells) == len(names)
            rows.append(_row(_heads(names), cells) if fits else row)
        return DocumentRows(rows, _of_columns(len(names)))

    def _by_position(self) -> DocumentRows:
        values = {
            key: _decode(value, self.name, dict[str, Raw]) for key, value in self.values.items()
        }
        places = next(iter(values.values())).keys()
        if places and all(place.isdecimal() for place in places):
            for key, cells in values.items():
                if cells.keys() != places:
                    problem = f"{self.name}: column {key!r} has other rows than the first column."
                    raise SchemaError(problem, remedy="Give each column a value for each row.")
            ordered = {key: [cells[place] for place in places] for key, cells in values.items()}
            return _columns(ordered)
        if all(key.isdecimal() for key in values):
            return DocumentRows(list(self.values.values()), "rows found by their positions")
        raise self._no_table()

    def _no_table(self) -> SchemaError:
        keys = listed(list(self.values)) or "no keys"
        problem = f"{self.name} is one JSON object of {keys}, and no table."
        return SchemaError(problem, remedy=_FORMS)


def _opens(value: Raw, bracket: bytes) -> bool:
    return memoryview(value)[:1] == bracket


def _all_open(values: Iterable[Raw], bracket: bytes) -> bool:
    return all(_opens(value, bracket) for value in values)


def _columns(columns: Mapping[str, Sequence[Raw]]) -> DocumentRows:
    heads = _heads(columns)
    rows = [_row(heads, cells) for cells in zip(*columns.values(), strict=True)]
    return DocumentRows(rows, _of_columns(len(columns)))


def _of_columns(n: int) -> str:
    return f"one JSON object of {counted(n, 'column')}"


def _heads(names: Sequence[str] | Mapping[str, Any]) -> list[bytes]:
    return [msgspec.json.encode(name) + b":" for name in names]


def _row(heads: Sequence[bytes], cells: Sequence[Raw]) -> bytes:
    inner = b",".join(head + bytes(cell) for head, cell in zip(heads, cells, strict=True))
    return b"{" + inner + b"}"
