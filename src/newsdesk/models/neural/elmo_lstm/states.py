"""What a language model says of the words of texts, kept on the disk.

An entry of the cache belongs to one model and one length. As in
`newsdesk.models.neural.encoders.memory`, it holds two files that only ever grow: the states, one
behind the other, and a record a text with the digest of the text, where its states lie and their
checksum. States are written before their records; whoever writes next cuts off what a crash left.

States are half-precision numbers: the bounds of the model's layers keep them small.
"""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.caching import alone, translated
from newsdesk.models.neural.encoders.memory import Keys
from newsdesk.models.neural.records import append, entry, grown, latest, size_of
from newsdesk.types import Bools, Indices

__all__ = ["Halves", "Kept", "States"]

Halves = NDArray[np.float16]
_RECORD = np.dtype(
    [("high", "<u8"), ("low", "<u8"), ("start", "<u8"), ("n", "<u4"), ("checksum", "<u4")]
)
_FORMAT = 1
"""Raised whenever the same model comes to say other numbers."""


class Kept(NamedTuple):
    """What is known of some texts."""

    known: Bools
    """Which of them, shape ``(n,)``."""
    start: Indices
    """Where the states of each begin, shape ``(n,)``; undefined for unknown texts."""
    length: Indices
    """Words of each, likewise."""
    states: Halves
    """All states of the entry as the disk has them, shape ``(n_words, width)``."""


@dataclass(frozen=True, eq=False)
class States:
    """The states that one model gives.

    Parameters
    ----------
    folder : Path
        The entry of the cache; it need not exist.
    width : int
        Numbers of a word.
    """

    folder: Path
    width: int

    @classmethod
    def of(cls, width: int, *parts: object) -> States:
        """Find the entry of a model.

        Parameters
        ----------
        width : int
            Numbers of a word.
        *parts : object
            All that states depend on, beside the text.

        Returns
        -------
        States
            The entry.

        Raises
        ------
        StorageError
            If the user has no home.
        """
        return cls(entry("states", _FORMAT, width, *parts), width)

    def recall(self, keys: Keys) -> Kept:
        """Look texts up; nothing is known of a damaged one.

        Parameters
        ----------
        keys : Keys
            From `newsdesk.models.neural.encoders.memory.keys_of`, shape ``(n,)``.

        Returns
        -------
        Kept
            What is known.

        Raises
        ------
        StorageError
            If the files cannot be read.
        """
        known = np.zeros(len(keys), dtype=np.bool_)
        with translated(self.folder):
            records, states = self._read()
        if not len(records):
            nowhere = np.zeros(len(keys), dtype=np.int64)
            return Kept(known, nowhere, nowhere, states)
        place, same = latest(records, keys)
        found = records[place]
        start, length = found["start"].astype(np.int64), found["n"].astype(np.int64)
        same &= start + length <= len(states)
        for row in np.flatnonzero(same).tolist():
            own = states[start[row] : start[row] + length[row]]
            known[row] = zlib.crc32(own.data) == found["checksum"][row]
        return Kept(known, start, length, states)

    def _read(self) -> tuple[NDArray[np.void], Halves]:
        nothing = np.empty(0, dtype=_RECORD), np.empty((0, self.width), dtype=np.float16)
        try:
            records = np.fromfile(self.folder / "records", dtype=_RECORD)
            size = (self.folder / "states").stat().st_size
        except FileNotFoundError:
            return nothing
        n = size // (2 * self.width)
        if not len(records) or not n:
            return nothing
        shape = (n, self.width)
        return records, np.memmap(self.folder / "states", np.float16, mode="r", shape=shape)

    def add(self, keys: Keys, states: Sequence[Halves]) -> None:
        """Keep what was computed.

        Parameters
        ----------
        keys : Keys
            Of n texts.
        states : Sequence[Halves]
            Those of the words of each, shape ``(n_words, width)``, at least one word.

        Raises
        ------
        StorageError
            If the disk refuses.
        """
        records = np.empty(len(keys), dtype=_RECORD)
        records["high"], records["low"] = keys["high"], keys["low"]
        records["n"] = [len(own) for own in states]
        content = [np.ascontiguousarray(own).data for own in states]
        records["checksum"] = [zlib.crc32(own) for own in content]
        with alone(self.folder), translated(self.folder):
            self.folder.mkdir(exist_ok=True)
            with (
                grown(self.folder / "states") as stored,
                grown(self.folder / "records") as list_,
            ):
                end = size_of(stored) // (2 * self.width)
                records["start"] = end + records["n"].cumsum(dtype=np.int64) - records["n"]
                append(stored, end * 2 * self.width, b"".join(content))
                n = size_of(list_) // _RECORD.itemsize
                append(list_, n * _RECORD.itemsize, records.tobytes())

    def forget(self) -> None:
        """Remove the entry, if there is one."""
        shutil.rmtree(self.folder, ignore_errors=True)
