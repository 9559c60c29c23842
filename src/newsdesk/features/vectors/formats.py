"""What kind of vector file it is, told from its first bytes and never from its name."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from newsdesk.errors import DataError

__all__ = ["HEAD_BYTES", "Layout", "detect", "is_number", "parts"]

HEAD_BYTES = 1 << 20
"""How much of a file `detect` wants to see."""
MOST_DIM = 1 << 14
"""Most numbers of a vector; published files have 25 to 4,096."""

_SAMPLE_LINES = 64
_BOM = b"\xef\xbb\xbf"
_HEADER = re.compile(rb"[ \t]*(\d{1,40})[ \t]+(\d{1,40})[ \t]*\r?(?:\n|\Z)")
_BLANKS = re.compile(rb"[ \t\r]+")
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|(?i:[+-]?(?:nan|inf|infinity))")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_REMEDY = "Give a GloVe, word2vec or fastText file of word vectors."
_REFUSED = {
    (793712314).to_bytes(4, "little"): (  # FASTTEXT_FILEFORMAT_MAGIC_INT32 of fasttext.cc
        "is a fastText model, not a file of word vectors.",
        "Give the .vec file that belongs to it.",
    ),
    b"PK\x03\x04": ("is a zip archive.", "Unpack it and name the file of vectors in it."),
}


@dataclass(frozen=True)
class Layout:
    """How the vectors stand in a file.

    Parameters
    ----------
    kind : Literal["text", "binary"]
        Lines of text, or words each followed by its float32 numbers.
    dim : int
        Numbers of a vector.
    n : int | None
        Number of vectors that the header promises; None where there is no header.
    skip : int
        Bytes before the first vector.
    """

    kind: Literal["text", "binary"]
    dim: int
    n: int | None
    skip: int


def parts(line: bytes) -> list[bytes]:
    """Cut a line at spaces and tabs; other white space belongs to words.

    Parameters
    ----------
    line : bytes
        Without its end.

    Returns
    -------
    list[bytes]
        Its parts, none of them empty.
    """
    return [part for part in _BLANKS.split(line) if part]


def is_number(part: bytes) -> bool:
    """Tell whether a part of a line is a number, be it finite or not.

    Parameters
    ----------
    part : bytes
        Without white space.

    Returns
    -------
    bool
        True for ``-0.5``, ``1e-3`` and ``nan``.
    """
    return _NUMBER.fullmatch(part) is not None


def detect(head: bytes, name: str) -> Layout:
    """Tell the format of a file from its beginning.

    A first line of two whole numbers is a header, also where it could be a word and its only
    number. Without a header the first lines decide: the commonest number of parts is that of a word
    and its vector, since words with spaces in them are rare.

    Parameters
    ----------
    head : bytes
        The first `HEAD_BYTES` of the file, or all of it.
    name : str
        The file, for the error text.

    Returns
    -------
    Layout
        Its format.

    Raises
    ------
    DataError
        If it is empty or of no known format.
    """
    if not head.strip():
        raise DataError(f"{name} is empty.", remedy=_REMEDY)
    for magic, (problem, remedy) in _REFUSED.items():
        if head.startswith(magic):
            raise DataError(f"{name} {problem}", remedy=remedy)
    skip = len(_BOM) if head.startswith(_BOM) else 0
    header = _HEADER.match(head, skip)
    if header is None:
        return Layout("text", _dim_of_lines(head[skip:], name), None, skip)
    n, dim = int(header[1]), int(header[2])
    if n == 0 or not 1 <= dim <= MOST_DIM:
        problem = f"{name}, line 1: the header promises {n:,} vectors of {dim:,} numbers."
        raise DataError(problem, remedy=_REMEDY)
    kind: Literal["text", "binary"] = "text" if _is_text(head[header.end() :], dim) else "binary"
    return Layout(kind, dim, n, header.end())


def _dim_of_lines(head: bytes, name: str) -> int:
    """Numbers of a vector in a file without a header."""
    lines = head.split(b"\n")
    if len(head) + len(_BOM) >= HEAD_BYTES:
        lines.pop()  # cut somewhere
    sample = [parts(line) for line in lines[:_SAMPLE_LINES] if line.strip()]
    if sample:
        n_parts = Counter(map(len, sample)).most_common(1)[0][0]
        usual = [line for line in sample if len(line) == n_parts]
        if 1 < n_parts <= MOST_DIM + 1 and any(all(map(is_number, line[1:])) for line in usual):
            return n_parts - 1
    begin = head.split(b"\n", 1)[0][:40].decode("utf-8", "backslashreplace")
    problem = f"{name} is no file of word vectors: it begins with {begin!r}."
    raise DataError(problem, remedy=_REMEDY)


def _is_text(rest: bytes, dim: int) -> bool:
    """Tell text behind a header from binary."""
    first = parts(rest.split(b"\n", 1)[0])
    if len(first) > dim and all(map(is_number, first[-dim:])):
        return True
    try:
        rest[:-4].decode()  # a character may be cut at the end
    except UnicodeDecodeError:
        return False
    # What is left is text with a mistake in its first vector, or a binary of a few odd numbers.
    return not rest or (_CONTROL.search(rest) is None and any(map(is_number, first[1:])))
