"""What makes a corpus the same as another."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from newsdesk.types import Documents, Indices, LabelSet

if TYPE_CHECKING:
    from newsdesk.data.split import Split

__all__ = ["fingerprint", "split_digest"]


def fingerprint(documents: Documents, labels: LabelSet, y: Indices) -> str:
    """Digest of field names, texts, class names and class indices, and of nothing else.

    Parameters
    ----------
    documents : Documents
        n documents.
    labels : LabelSet
        The class names.
    y : Indices
        Class indices, shape ``(n,)``.

    Returns
    -------
    str
        Sha256, hexadecimal; the same for every file format, chunking in memory and machine.
    """
    digest = hashlib.sha256()
    for name, column in documents.fields.items():
        offsets = _offsets(column)
        digest.update(_framed([name]))
        digest.update(np.diff(offsets).astype("<i8").tobytes())
        content = column.buffers()[2]
        if content is not None:
            digest.update(memoryview(content)[int(offsets[0]) : int(offsets[-1])])
    digest.update(_framed(labels.names))
    digest.update(y.astype("<i8").tobytes())
    return digest.hexdigest()


def _framed(names: Sequence[str]) -> bytes:
    """Names after their number and sizes, so that no two lists give the same bytes."""
    encoded = [name.encode() for name in names]
    sizes = np.array([len(encoded), *map(len, encoded)], dtype="<i8")
    return sizes.tobytes() + b"".join(encoded)


def _offsets(column: pa.LargeStringArray) -> Indices:
    if len(column) == 0:
        return np.zeros(1, dtype=np.int64)
    everything = np.frombuffer(column.buffers()[1], dtype=np.int64)
    offsets: Indices = everything[column.offset : column.offset + len(column) + 1]
    return offsets


def split_digest(split: Split) -> str:
    """Tell one division of the same rows from another.

    Parameters
    ----------
    split : Split
        Train, valid and test.

    Returns
    -------
    str
        Sha256 of the three row lists, hexadecimal.
    """
    digest = hashlib.sha256()
    for rows in (split.train, split.valid, split.test):
        digest.update(np.array([len(rows), *rows], dtype="<i8").tobytes())
    return digest.hexdigest()
