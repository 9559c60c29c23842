"""Which suffix means which format, and the reader of each."""

from __future__ import annotations

from pathlib import PurePosixPath

import pyarrow as pa

from newsdesk.data.readers import arrow_files
from newsdesk.data.readers.content import Content, Reading
from newsdesk.data.readers.delimited import read_delimited
from newsdesk.data.readers.fasttext import is_fasttext, read_fasttext
from newsdesk.data.readers.jsonlines import read_jsonlines
from newsdesk.errors import DataError, SchemaError

__all__ = [
    "GZIP",
    "PACKED",
    "READABLE",
    "UNREADABLE_PACKED",
    "ZIP",
    "is_readable",
    "is_table",
    "read_content",
    "suffix_of",
]

_DELIMITED = (".csv", ".tsv", ".tab")
_LINES = (".txt", ".train", ".valid", ".test")
"""Suffixes of fastText's lines and of others; the first line decides."""
_FASTTEXT = (".ft", ".fasttext")
_JSON = (".jsonl", ".ndjson", ".json")
_PARQUET = (".parquet", ".pq")
_FEATHER = (".feather", ".arrow", ".ipc")
_TABLES = (*_DELIMITED, *_FASTTEXT, *_JSON, *_PARQUET, *_FEATHER)

GZIP = ".gz"
ZIP = ".zip"
UNREADABLE_PACKED = (
    *(".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".7z", ".rar", ".bz2", ".xz", ".zst", ".lz4"),
    *(".lzma", ".z"),
)
"""Suffixes of archives that are known by name and not read."""
PACKED = (ZIP, GZIP, *UNREADABLE_PACKED)
"""Suffixes of all archives."""
READABLE = (
    "Readable are CSV and TSV (.csv .tsv .tab .txt), JSON (.jsonl .ndjson .json), fastText (.ft "
    ".fasttext), Parquet (.parquet .pq), Feather or Arrow (.feather .arrow .ipc), each also as "
    ".gz or in a .zip, and folders with one folder per class."
)
_MAGIC = {
    b"\x1f\x8b": "gzip data",
    b"PK\x03\x04": "a zip archive",
    b"BZh": "bzip2 data",
    b"\xfd7zXZ": "xz data",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a rar archive",
    b"\x28\xb5\x2f\xfd": "zstandard data",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"%PDF-": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Office document",
}
"""What files of a wrong suffix begin with, from the formats' definitions."""


def suffix_of(name: str) -> str:
    """Suffix that tells the format of a table, also under ``.gz``.

    Parameters
    ----------
    name : str
        File name or path.

    Returns
    -------
    str
        In lower case, with its dot; empty where there is none.

    Examples
    --------
    >>> suffix_of("NEWS.CSV"), suffix_of("news.csv.gz")
    ('.csv', '.csv')
    """
    path = PurePosixPath(name.lower())
    return PurePosixPath(path.stem).suffix if path.suffix == GZIP else path.suffix


def is_table(name: str) -> bool:
    """Whether a suffix is one that nothing but tables have.

    Parameters
    ----------
    name : str
        File name or path.

    Returns
    -------
    bool
        False for ``.txt``, which a single document may have too.
    """
    return suffix_of(name) in _TABLES


def is_readable(name: str) -> bool:
    """Whether a file of this name may be read as a table.

    Parameters
    ----------
    name : str
        File name or path.

    Returns
    -------
    bool
        True for tables, packed by gzip or not, and for ``.txt``.
    """
    return suffix_of(name) in (*_TABLES, *_LINES)


def read_content(content: Content, reading: Reading) -> tuple[pa.Table, str | None]:
    """Read one table by the reader of its format.

    Parameters
    ----------
    content : Content
        The table; `is_readable` holds of its name.
    reading : Reading
        How to read it.

    Returns
    -------
    tuple[pa.Table, str | None]
        The rows that could be read; a note on what was found and not plain.

    Raises
    ------
    DataError
        If the content is empty, damaged or of another format than the suffix says.
    SchemaError
        If a column name occurs twice, or the format is not what the suffix promises.
    RowError
        On the first bad row, if that is the policy.
    """
    suffix = content.suffix
    if suffix in (*_PARQUET, *_FEATHER):
        reader = arrow_files.read_parquet if suffix in _PARQUET else arrow_files.read_feather
        table = reader(content)
        screened = arrow_files.screen(
            table, content.name, reading.bad_rows, reading.max_field_bytes
        )
        return screened, None
    data = content.load()
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            problem = f"{content.name} is no text: it begins as {what} does."
            raise DataError(problem, remedy=f"Name it by its real format. {READABLE}")
    content = Content(content.name, suffix, data)
    if suffix in _JSON:
        return read_jsonlines(content, reading)
    if suffix in _FASTTEXT or (suffix in _LINES and is_fasttext(data, reading.encoding)):
        return read_fasttext(content, reading)
    if suffix in _LINES and suffix != ".txt":
        problem = f"{content.name} does not begin with __label__, as fastText's files do."
        raise SchemaError(problem, remedy=f"Name it by its real format. {READABLE}")
    return read_delimited(content, reading)
