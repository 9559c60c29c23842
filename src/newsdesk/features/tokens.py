"""Texts to token hashes, many texts at once, without one Python string per word.

The texts of a chunk lie in one array of code points. Token borders come from the character table,
token hashes from prefix sums: with ``Q[i] = sum(c[j] * q**j for j < i)`` modulo 2**64 and odd
``q``, the polynomial hash of the characters ``s … e-1`` is ``(Q[e] - Q[s]) * q**-s``: the same
wherever the word stands (Karp & Rabin 1987, "Efficient randomized pattern-matching algorithms").
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from newsdesk.features.scripts import MARK, SEPARATOR, SINGLE, WORD, character_classes
from newsdesk.types import Documents, Indices

__all__ = [
    "Segments",
    "Tokens",
    "composed",
    "inverse_powers",
    "mix",
    "normal_form",
    "tokenise",
]

U64 = NDArray[np.uint64]

_Q = 0x9E3779B97F4A7C15  # odd; 2**64 / golden ratio (Knuth, TAOCP 3, section 6.4)
_Q_INVERSE = pow(_Q, -1, 1 << 64)
_SPACE = 0x20
_MOST_MARKS = 30
# Surrogates cannot occur in a text that came from UTF-8, so they mark borders without ambiguity.
_FIELD_END = "\udffe"
_DOCUMENT_END = "\udfff"
_EMPTY, _BLANK = pa.scalar("", pa.large_string()), pa.scalar(" ", pa.large_string())


class Tokens(NamedTuple):
    """The tokens of some documents, in reading order."""

    codes: NDArray[np.unsignedinteger]
    """Normalised code points of all texts, separators as spaces, shape ``(n_chars,)``; the first is
    a space, and so is the last of each segment."""
    prefix: U64
    """``Q`` of the module's docstring, shape ``(n_chars + 1,)``."""
    start: Indices
    """First character of each token, shape ``(n_tokens,)``."""
    end: Indices
    """One past the last character of each token."""
    hashes: U64
    """Hash of each token."""
    document: Indices
    """Document of each token among those that were given to `tokenise`, ascending."""
    field: Indices
    """Field of each token."""
    segments: Segments
    """Where documents and fields begin."""


class Segments(NamedTuple):
    """Where the fields of documents lie in an array of characters."""

    bounds: Indices
    """First character of each segment (one field of one document) and the end of the last, shape
    ``(n_segments + 1,)``."""
    rows: Indices
    """The documents, ascending, shape ``(n_documents,)``."""
    n_fields: int
    """Fields per document."""

    def place(self, position: Indices) -> tuple[Indices, Indices]:
        """Document and field of characters.

        Parameters
        ----------
        position : Indices
            Ascending positions, none of them 0.

        Returns
        -------
        tuple[Indices, Indices]
            Document and field of each.
        """
        borders = position.searchsorted(self.bounds)
        segment = np.arange(len(borders) - 1).repeat(borders[1:] - borders[:-1])
        if self.n_fields == 1:
            return self.rows[segment], np.zeros_like(segment)
        document = segment // self.n_fields
        return self.rows[document], segment - document * self.n_fields


def normal_form(text: str) -> str:
    r"""Unicode case folding and canonical composition (NFC).

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The text that is tokenised.

    Examples
    --------
    >>> normal_form("Straße CAFE\u0301")
    'strasse café'
    """
    return composed(text.casefold())


def composed(text: str) -> str:
    r"""Canonical composition (NFC).

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The same text, written one way.

    Examples
    --------
    >>> composed("Cafe\u0301")
    'Café'
    """
    return text if text.isascii() else unicodedata.normalize("NFC", _limit_marks(text))


def _limit_marks(text: str) -> str:
    """Leave out the marks of a character beyond the thirtieth.

    Composition sorts the marks of a character in quadratic time; no script needs so many (the
    Stream-Safe Text Format of UAX #15, section 13).
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    mark = character_classes()[codes] == MARK
    if not mark.any():
        return text
    position = np.arange(len(codes))
    base = np.maximum.accumulate(np.where(mark, -1, position))
    kept = position - base <= _MOST_MARKS
    if kept.all():
        return text
    return codes[kept].tobytes().decode("utf-32-le", "surrogatepass")


def mix(x: U64) -> U64:
    """Spread the bits of 64-bit keys (the finaliser of MurmurHash3, Appleby 2011), in place.

    Parameters
    ----------
    x : U64
        Keys, any shape; overwritten.

    Returns
    -------
    U64
        The same array.
    """
    x ^= x >> np.uint64(33)
    x *= np.uint64(0xFF51AFD7ED558CCD)
    x ^= x >> np.uint64(33)
    x *= np.uint64(0xC4CEB9FE1A85EC53)
    x ^= x >> np.uint64(33)
    return x


class _Powers:
    """Powers of ``q`` and of its inverse, grown on demand and shared by all threads."""

    def __init__(self) -> None:
        self.tables = (np.ones(1, dtype=np.uint64), np.ones(1, dtype=np.uint64))

    def upto(self, n: int) -> tuple[U64, U64]:
        if len(self.tables[0]) < n:
            size = max(n, 2 * len(self.tables[0]), 1 << 12)
            # One assignment of a tuple: threads see the old pair or the new one.
            self.tables = (_powers(_Q, size), _powers(_Q_INVERSE, size))
        return self.tables


def _powers(base: int, n: int) -> U64:
    factors = np.full(n, base, dtype=np.uint64)
    factors[0] = 1
    return np.multiply.accumulate(factors)


_POWERS = _Powers()


def inverse_powers(n: int) -> U64:
    """Powers ``q**-i`` modulo 2**64.

    Parameters
    ----------
    n : int
        How many are needed.

    Returns
    -------
    U64
        At least n powers.
    """
    return _POWERS.upto(n)[1]


@cache
def _folded_ascii() -> NDArray[np.uint8]:
    """ASCII characters in lower case, separators as spaces."""
    folded = np.array([ord(chr(code).lower()) for code in range(128)], dtype=np.uint8)
    folded[character_classes()[:128] != WORD] = _SPACE
    return folded


def tokenise(documents: Documents) -> list[Tokens]:
    """Find and hash the tokens of all fields.

    Parameters
    ----------
    documents : Documents
        n documents; take a few thousand at a time, the work arrays want to stay in the cache.

    Returns
    -------
    list[Tokens]
        One or two groups, which together hold every document once: documents of pure ASCII are
        read from the Arrow buffers as they lie, the others are normalised first.
    """
    columns = list(documents.fields.values())
    rows = np.arange(len(documents))
    if len(documents) == 1:  # Arrow's calls would cost more than the text
        texts = [column[0].as_py() for column in columns]
        joined = " ".join([*texts, ""])
        if not joined.isascii():
            return [_tokenise_unicode(columns, rows)]
        data = np.frombuffer(joined.encode(), dtype=np.uint8)
        return [_tokenise_ascii(data, np.array([[len(text) + 1 for text in texts]]), rows)]
    joined = pc.binary_join_element_wise(*columns, _EMPTY, _BLANK)
    data, offsets = _buffers(joined)
    lengths = np.stack([np.diff(_offsets(column)) for column in columns], axis=1)
    lengths += 1  # the space behind each field
    if not data.size or data.max() < 0x80:
        return [_tokenise_ascii(data, lengths, rows)]
    foreign = np.unique(np.searchsorted(offsets, np.flatnonzero(data >= 0x80), side="right") - 1)
    plain = np.setdiff1d(rows, foreign, assume_unique=True)
    groups = []
    if len(plain):
        data, _ = _buffers(joined.take(pa.array(plain)))
        groups.append(_tokenise_ascii(data, lengths[plain], plain))
    groups.append(
        _tokenise_unicode([column.take(pa.array(foreign)) for column in columns], foreign)
    )
    return groups


def _offsets(column: pa.LargeStringArray) -> Indices:
    raw = np.frombuffer(column.buffers()[1], dtype=np.int64)
    return raw[column.offset : column.offset + len(column) + 1]


def _buffers(column: pa.LargeStringArray) -> tuple[NDArray[np.uint8], Indices]:
    offsets = _offsets(column)
    buffer = column.buffers()[2]
    if buffer is None:
        return np.zeros(0, dtype=np.uint8), offsets - offsets[0]
    data = np.frombuffer(buffer, dtype=np.uint8)[offsets[0] : offsets[-1]]
    return data, offsets - offsets[0]


def _tokenise_ascii(data: NDArray[np.uint8], lengths: Indices, rows: Indices) -> Tokens:
    folded = _folded_ascii()
    codes = np.empty(len(data) + 1, dtype=np.uint8)
    codes[0] = _SPACE
    codes[1:] = folded[data]
    inside = codes != _SPACE
    # Every segment begins and ends with a space, so borders come in pairs.
    borders = (inside[1:] != inside[:-1]).nonzero()[0] + 1
    start, end = borders[::2], borders[1::2]
    long = end - start >= 2
    return _finish(codes, start[long], end[long], lengths, rows)


def _tokenise_unicode(columns: list[pa.LargeStringArray], rows: Indices) -> Tokens:
    texts = zip(*(column.to_pylist() for column in columns), strict=True)
    joined = "".join(_DOCUMENT_END + _FIELD_END.join(fields) for fields in texts) + _DOCUMENT_END
    # Neither case folding nor composition reaches over a surrogate.
    normal = normal_form(joined)
    codes = np.frombuffer(normal.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    borders = np.flatnonzero((codes == ord(_FIELD_END)) | (codes == ord(_DOCUMENT_END)))
    lengths = np.diff(borders).reshape(len(rows), len(columns))
    kind = character_classes()[codes]
    base = np.where(kind != MARK, np.arange(len(kind)), 0)
    # A mark is what its base is; one without a base separates. The leading border is no base.
    inherited = kind[np.maximum.accumulate(base)]
    inherited[inherited == MARK] = SEPARATOR
    # The text begins and ends with a border, so every position of a token has both neighbours.
    starts = kind == SINGLE
    starts[1:] |= (inherited[1:] == WORD) & (inherited[:-1] != WORD)
    ends = (inherited[:-1] != SEPARATOR) & (starts[1:] | (inherited[1:] == SEPARATOR))
    start = np.flatnonzero(starts)
    end = np.flatnonzero(ends) + 1
    long = (end - start >= 2) | (kind[start] == SINGLE)
    clean = np.where(inherited == SEPARATOR, np.uint32(_SPACE), codes)
    return _finish(clean, start[long], end[long], lengths, rows)


def _finish(
    codes: NDArray[np.unsignedinteger],
    start: Indices,
    end: Indices,
    lengths: Indices,
    rows: Indices,
) -> Tokens:
    powers, inverse = _POWERS.upto(len(codes))
    prefix = np.empty(len(codes) + 1, dtype=np.uint64)
    prefix[0] = 0
    (powers[: len(codes)] * codes).cumsum(out=prefix[1:])
    bounds = np.empty(lengths.size + 1, dtype=np.int64)
    bounds[0] = 1  # behind the leading space
    lengths.ravel().cumsum(out=bounds[1:])
    bounds[1:] += 1
    segments = Segments(bounds, rows, lengths.shape[1])
    document, field = segments.place(start)
    hashes = mix((prefix[end] - prefix[start]) * inverse[start])
    return Tokens(codes, prefix, start, end, hashes, document, field, segments)
