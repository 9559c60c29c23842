"""Words as their bytes lie one behind the other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsdesk.types import Indices

__all__ = ["U64", "Bytes", "WordBytes", "word_bytes"]

Bytes = NDArray[np.uint8]
"""Raw bytes; shapes stand in the docstring of each use."""
U64 = NDArray[np.uint64]
"""Hashes."""


class WordBytes(NamedTuple):
    """n words in UTF-8, one behind the other."""

    data: Bytes
    """Shape ``(n_bytes,)``."""
    offsets: Indices
    """Shape ``(n + 1,)``: word i owns bytes ``offsets[i] … offsets[i+1]-1``."""


def word_bytes(words: pa.LargeStringArray) -> WordBytes:
    """Take words as they lie in Arrow's buffers.

    Parameters
    ----------
    words : pa.LargeStringArray
        n words.

    Returns
    -------
    WordBytes
        Views of the same memory.
    """
    raw = np.frombuffer(words.buffers()[1], dtype=np.int64)
    buffer = words.buffers()[2]
    # Arrow may leave out a buffer without bytes.
    data = np.frombuffer(buffer if buffer else b"\0", dtype=np.uint8)
    offsets = raw[words.offset : words.offset + len(words) + 1]
    # Loops are compiled for each kind of array; some of Arrow's can be written, some cannot.
    data.flags.writeable = offsets.flags.writeable = False
    return WordBytes(data, offsets)
