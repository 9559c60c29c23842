"""Gzip files unpacked in memory, and the bounds that all unpacking keeps to."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

from newsdesk.errors import DataError
from newsdesk.types import Progress

__all__ = ["MAX_MEMBER_BYTES", "Allowance", "gunzip"]

MAX_MEMBER_BYTES = 2 * 2**30
"""Most bytes that one packed file may become: 2 GiB."""
FREE_BYTES = 100 * 2**20
"""Up to 100 MiB may come out of any number of bytes."""
MAX_RATIO = 200
"""Beyond that, at most so many bytes may come out of each one.

Deflate itself ends at 1032:1 (zlib, "Technical Details"), for a run of one byte. News are packed
3:1, one headline under two labels in random order 150:1, and one line again and again 350:1.
"""

_CHUNK_BYTES = 1 << 14
"""Short, since what follows the end of a member is copied for each member."""
_GZIP = 31
"""zlib's number for a gzip header and the largest window."""


class Allowance:
    """Counts the bytes that come out of packed ones, and stops what grows beyond all measure.

    Parameters
    ----------
    name : str
        What is unpacked.
    most : int
        Bytes that may come out.
    """

    def __init__(self, name: str, most: int) -> None:
        self.name = name
        self.most = most
        self.n_out = 0

    def spend(self, n_bytes: int, n_packed: int) -> None:
        """Count bytes that came out.

        Parameters
        ----------
        n_bytes : int
            How many, since the last call.
        n_packed : int
            All the packed bytes that these and the earlier ones came from.

        Raises
        ------
        DataError
            If they are too many.
        """
        self.n_out += n_bytes
        if self.n_out > self.most:
            problem = f"{self.name} unpacks to more than the {self.most:,} bytes that are read."
            raise DataError(problem, remedy="Unpack it, divide it and name the parts.")
        if self.n_out > max(FREE_BYTES, MAX_RATIO * n_packed):
            problem = (
                f"{self.name} unpacks to more than {MAX_RATIO} times its {n_packed:,} bytes, "
                "as archives made to do harm do."
            )
            raise DataError(problem, remedy="Unpack it yourself if you trust it.")


def gunzip(path: Path, *, progress: Progress) -> bytes:
    """Unpack a gzip file into memory; several members one after another are one text.

    Parameters
    ----------
    path : Path
        The file.
    progress : Progress
        Told of the packed bytes read.

    Returns
    -------
    bytes
        What it holds; every member's checksum is right.

    Raises
    ------
    DataError
        If it is damaged, cut short, followed by other bytes, or too large.
    """
    allowance = Allowance(str(path), MAX_MEMBER_BYTES)
    unpacked = io.BytesIO()
    member = zlib.decompressobj(_GZIP)
    n_packed = n_members = 0
    begun = False
    with (
        path.open("rb") as file,
        progress.task(f"unpacking {path.name}", path.stat().st_size, "bytes") as advance,
    ):
        while chunk := file.read(_CHUNK_BYTES):
            n_packed += len(chunk)
            advance(len(chunk))
            while chunk:
                if n_members and not begun:
                    chunk = chunk.lstrip(b"\0")  # padding to whole blocks, as tapes had it
                    if not chunk:
                        break
                try:
                    piece = member.decompress(chunk)
                except zlib.error as error:
                    raise _damaged(path, n_members, begun=begun, reason=str(error)) from error
                allowance.spend(len(piece), n_packed)
                unpacked.write(piece)
                begun, chunk = True, member.unused_data
                if member.eof:
                    n_members, begun, member = n_members + 1, False, zlib.decompressobj(_GZIP)
    if begun or not n_members:
        problem = f"{path} is cut short: its gzip data has no end."
        raise DataError(problem, remedy="Fetch the file again.")
    return unpacked.getvalue()


def _damaged(path: Path, n_members: int, *, begun: bool, reason: str) -> DataError:
    if n_members and not begun:
        problem = f"{path} holds other bytes after the end of its gzip data."
    else:
        problem = f"{path} cannot be unpacked as gzip: {reason}."
    return DataError(problem, remedy="Fetch the file again.")
