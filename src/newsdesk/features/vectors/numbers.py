"""Compiled loops over blocks of a vector file: lines of text and binary entries."""

from __future__ import annotations

import numpy as np

from newsdesk.features.compiled import compiled
from newsdesk.features.vectors.buffers import Bytes
from newsdesk.types import Floats, Indices

__all__ = ["parse_entries", "parse_lines", "parse_number"]


_MOST_DIGITS = 19  # as many as 64 bits hold
_EXACT = np.uint64(1 << 53)
_POWERS = np.array([10.0**exponent for exponent in range(23)])
_LARGEST = float(np.finfo(np.float32).max)
_SMALLEST = float(np.finfo(np.float32).tiny)
_CLOSE = 1e-15
_HUGE = 1000  # no such power of ten is in range

_TAB, _NEWLINE, _RETURN, _SPACE = 0x09, 0x0A, 0x0D, 0x20
_PLUS, _MINUS, _POINT, _ZERO, _NINE = 0x2B, 0x2D, 0x2E, 0x30, 0x39
_E, _LOWER_E = 0x45, 0x65


@compiled()
def _mantissa(data: Bytes, start: int, end: int) -> tuple[np.uint64, int, bool, int]:
    """First digits of a number, the power of ten beside them, whether they are all; its end.

    The end is the start where there is no digit.
    """
    value = np.uint64(0)
    n_digits, n_seen, scale = 0, 0, 0
    exact, point = True, False
    i = start
    while i < end:
        if _ZERO <= data[i] <= _NINE:
            n_seen += 1
            if n_digits < _MOST_DIGITS:
                value = value * np.uint64(10) + np.uint64(data[i] - _ZERO)
                if value > np.uint64(0):
                    n_digits += 1
                scale -= point
            else:
                exact = False
                scale += not point
        elif data[i] == _POINT and not point:
            point = True
        else:
            break
        i += 1
    return value, scale, exact, i if n_seen > 0 else start


@compiled()
def _exponent(data: Bytes, start: int, end: int) -> tuple[int, int]:
    """Value and end of what may follow a mantissa; the end is the start where it is none."""
    if start >= end or (data[start] != _E and data[start] != _LOWER_E):
        return 0, start
    i = start + 1
    down = i < end and data[i] == _MINUS
    if i < end and (data[i] == _MINUS or data[i] == _PLUS):
        i += 1
    value, first = 0, i
    while i < end and _ZERO <= data[i] <= _NINE and value < _HUGE:
        value = value * 10 + (data[i] - _ZERO)
        i += 1
    return -value if down else value, i if i > first else start


@compiled()
def parse_number(data: Bytes, start: int, end: int) -> tuple[float, bool]:
    """Read a decimal number.

    A mantissa up to 2**53 and a power of ten up to 22 are exact in float64, so that one operation
    rounds correctly (Clinger 1990, "How to read floating point numbers accurately"). Longer
    mantissas are taken where an error of a few units of the last place cannot change the float32.

    Parameters
    ----------
    data : Bytes
        Text, shape ``(n,)``.
    start : int
        First byte of the number.
    end : int
        One past its last.

    Returns
    -------
    tuple[float, bool]
        The value, which as float32 is that of Python's ``float``; False beside it where it is no
        number or has to be read with more care.
    """
    signed = start < end and (data[start] == _MINUS or data[start] == _PLUS)
    sign = -1.0 if signed and data[start] == _MINUS else 1.0
    first = start + 1 if signed else start
    mantissa, scale, exact, behind = _mantissa(data, first, end)
    if behind == first:
        return 0.0, False
    exponent, behind = _exponent(data, behind, end)
    scale += exponent
    if behind < end:
        return 0.0, False
    if mantissa == np.uint64(0):
        return sign * 0.0, True
    if abs(scale) >= len(_POWERS):
        return 0.0, False
    value = float(mantissa)
    value = value * _POWERS[scale] if scale >= 0 else value / _POWERS[-scale]
    if not exact or mantissa > _EXACT:
        low, high = np.float32(value * (1.0 - _CLOSE)), np.float32(value * (1.0 + _CLOSE))
        if low != high:
            return 0.0, False
    return sign * value, _SMALLEST <= value <= _LARGEST


@compiled()
def parse_lines(data: Bytes, place: Indices, vectors: Floats, words: Bytes, ends: Indices) -> bool:
    """Read lines of a word and its numbers until one of them needs more care.

    Parameters
    ----------
    data : Bytes
        Whole lines, shape ``(n_bytes,)``.
    place : Indices
        Changed in place: first byte of the next line, number of rows and number of lines so far.
    vectors : Floats
        Receives the vectors, shape ``(room, dim)``.
    words : Bytes
        Receives the words one behind the other; as long as the data.
    ends : Indices
        Receives the end of each word in `words`, shape ``(room,)``.

    Returns
    -------
    bool
        Whether all lines are read; else the one at ``place[0]`` is not an ordinary one.
    """
    dim = vectors.shape[1]
    start, row = place[0], place[1]
    while start < len(data):
        stop = start
        while stop < len(data) and data[stop] != _NEWLINE:
            stop += 1
        end = stop
        while end > start and (
            data[end - 1] == _SPACE or data[end - 1] == _TAB or data[end - 1] == _RETURN
        ):
            end -= 1
        place[0] = start
        if end > start:
            for column in range(dim - 1, -1, -1):
                first = end
                while first > start and data[first - 1] != _SPACE and data[first - 1] != _TAB:
                    first -= 1
                value, plain = parse_number(data, first, end)
                if not plain:
                    return False
                vectors[row, column] = value
                end = first
                while end > start and (data[end - 1] == _SPACE or data[end - 1] == _TAB):
                    end -= 1
            if end == start and data[start] != _SPACE and data[start] != _TAB:
                return False
            last = end
            while last > start and data[last - 1] != _SPACE and data[last - 1] != _TAB:
                last -= 1
            # A word of several parts is rare; ending in a number, it is a vector too long.
            if last > start and data[last] <= _NINE:
                return False
            at = ends[row - 1] if row > 0 else 0
            words[at : at + end - start] = data[start:end]
            ends[row] = at + end - start
            row += 1
            place[1] = row
        start = stop + 1
        place[0] = start
        place[2] += 1
    return True


@compiled()
def parse_entries(
    data: Bytes, n_wanted: int, vectors: Bytes, words: Bytes, ends: Indices
) -> tuple[int, int]:
    """Read binary entries: a word, a space, the numbers; newlines between them or none.

    Parameters
    ----------
    data : Bytes
        Entries, the last of them perhaps cut, shape ``(n_bytes,)``.
    n_wanted : int
        Most entries to read.
    vectors : Bytes
        Receives the bytes of the vectors, shape ``(room, 4 * dim)``.
    words : Bytes
        Receives the words one behind the other; as long as the data.
    ends : Indices
        Receives the end of each word in `words`, shape ``(room,)``.

    Returns
    -------
    tuple[int, int]
        First byte that is not read, and the number of entries.
    """
    size = vectors.shape[1]
    at, row, done = 0, 0, 0
    while row < n_wanted:
        first = done
        while first < len(data) and data[first] == _NEWLINE:
            first += 1
        end = first
        while end < len(data) and data[end] != _SPACE:
            end += 1
        if end + 1 + size > len(data):
            break
        words[at : at + end - first] = data[first:end]
        at += end - first
        ends[row] = at
        vectors[row] = data[end + 1 : end + 1 + size]
        row += 1
        done = end + 1 + size
    return done, row
