"""Zip archives read member by member: nothing is ever extracted, and nothing unsafe is opened.

The limits follow what is known of harmful archives: names that lead elsewhere, names that two
systems tell apart differently, members that share their bytes (Fifield, "A better zip bomb",
WOOT 2019), and directories that are far larger than the file lets on.
"""

from __future__ import annotations

import copy
import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from newsdesk.data.readers.compressed import MAX_MEMBER_BYTES, Allowance
from newsdesk.errors import DataError

__all__ = ["Archive", "Member", "open_archive"]

MAX_ARCHIVE_BYTES = 8 * 2**30
"""Most bytes that all members together may become: 8 GiB."""
MAX_ENTRIES = 1_000_000
"""Most entries of an archive."""

# Records of a zip file: PKWARE's APPNOTE 6.3.10, sections 4.3.12 to 4.3.16.
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_LONG_END = struct.Struct("<4sQ2H2L4Q")
_LONG_END_MARK = b"PK\x06\x06"
_LOCATOR_BYTES = 20
_LOCATOR_MARK = b"PK\x06\x07"
_ENTRY_BYTES = 46
_ENTRY_MARK = b"PK\x01\x02"
_LOCAL_BYTES = 30
_LONGEST_COMMENT = 1 << 16
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8_NAME = 0x800

_CHUNK_BYTES = 1 << 18
_DRIVE = re.compile(r"[A-Za-z]:")
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
_AGAIN = "Fetch the archive again."
_REPACK = "Pack the files again, from a folder that holds nothing else."


class Member(NamedTuple):
    """One file of an archive."""

    path: str
    """Its name, folders divided by ``/``."""
    size_bytes: int
    """Length that the archive claims; reading checks it."""
    info: zipfile.ZipInfo
    """Where it is in the archive."""


class Archive:
    """An open zip archive whose directory has been checked.

    Parameters
    ----------
    name : str
        What errors call it.
    opened : zipfile.ZipFile
        The archive.
    members : Sequence[Member]
        Its files.
    size_bytes : int
        Length of the archive.
    """

    def __init__(
        self, name: str, opened: zipfile.ZipFile, members: Sequence[Member], size_bytes: int
    ) -> None:
        self.name = name
        self.members = members
        self._opened = opened
        self._size_bytes = size_bytes
        self._allowance = Allowance(name, MAX_ARCHIVE_BYTES)

    def read(self, member: Member) -> bytes:
        """Unpack one member into memory, counting the bytes that really come out.

        Parameters
        ----------
        member : Member
            One of `members`.

        Returns
        -------
        bytes
            Its content; length and checksum are right.

        Raises
        ------
        DataError
            If it is damaged, or too large.
        """
        name = f"{self.name}/{member.path}"
        allowance = Allowance(name, MAX_MEMBER_BYTES)
        unpacked = io.BytesIO()
        info = copy.copy(member.info)
        # The library cuts at the claimed length. Let it run on, so that a false claim is seen.
        info.file_size = MAX_MEMBER_BYTES + 1
        try:
            with self._opened.open(info) as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    allowance.spend(len(chunk), info.compress_size)
                    self._allowance.spend(len(chunk), self._size_bytes)
                    unpacked.write(chunk)
        except DataError:
            raise
        except _FAULTS as error:
            raise _damaged(name, error) from error
        if allowance.n_out != member.size_bytes:
            reason = f"it has {allowance.n_out:,} bytes, not {member.size_bytes:,}"
            raise DataError(f"{name} is damaged: {reason}.", remedy=_AGAIN)
        return unpacked.getvalue()


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a zip archive, after all its entries have been looked over.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    Archive
        The archive; its members are plain files with plain names.

    Raises
    ------
    DataError
        If the archive is damaged, or has an entry that is encrypted, a link, of a name that
        leads elsewhere or cannot be told from another, or that shares bytes with another.
    """
    with path.open("rb") as file:
        directory_start = _check_directory(file, path)
        try:
            opened = zipfile.ZipFile(file)
        except _FAULTS as error:
            raise _damaged(str(path), error) from error
        with opened:
            infos = opened.infolist()
            _check_overlaps(infos, directory_start, path)
            members = _checked(infos, path)
            yield Archive(str(path), opened, members, file.seek(0, io.SEEK_END))


def _damaged(name: str, error: Exception) -> DataError:
    reason = str(error).rstrip(".") or type(error).__name__
    return DataError(f"{name} is damaged: {reason}.", remedy=_AGAIN)


def _check_directory(file: BinaryIO, path: Path) -> int:
    """Count the entries before any is turned into an object; return where the directory begins."""
    size = file.seek(0, io.SEEK_END)
    tail_start = max(0, size - _END.size - _LONGEST_COMMENT)
    file.seek(tail_start)
    tail = file.read()
    place = len(tail) - _END.size
    if tail[place : place + 4] != _END_MARK or tail[-2:] != b"\0\0":
        place = tail.rfind(_END_MARK)
    if place < 0 or place + _END.size > len(tail):
        problem = f"{path} is no zip archive, or is cut short: it has no directory."
        raise DataError(problem, remedy=_AGAIN)
    n_entries: int
    n_bytes: int
    _, _, _, _, n_entries, n_bytes, _, _ = _END.unpack_from(tail, place)
    end = tail_start + place
    long_end = end - _LOCATOR_BYTES - _LONG_END.size
    if long_end >= 0:
        file.seek(long_end)
        record = file.read(_LONG_END.size)
        if record[:4] == _LONG_END_MARK and file.read(4) == _LOCATOR_MARK:
            _, _, _, _, _, _, _, n_entries, n_bytes, _ = _LONG_END.unpack(record)
            end = long_end
    if n_entries > MAX_ENTRIES:
        problem = f"{path} has {n_entries:,} entries, more than the {MAX_ENTRIES:,} that are read."
        raise DataError(problem, remedy="Divide it, or unpack it.")
    start = end - n_bytes
    if start < 0:
        raise DataError(f"{path} is damaged: its directory is cut short.", remedy=_AGAIN)
    file.seek(start)
    directory = file.read(n_bytes)
    place = 0
    for _ in range(n_entries):
        if directory[place : place + 4] != _ENTRY_MARK or place + _ENTRY_BYTES > n_bytes:
            break
        place += _ENTRY_BYTES + sum(struct.unpack_from("<3H", directory, place + 28))
    else:
        if place == n_bytes:
            return start
    problem = f"{path} is damaged: its directory is not of the {n_entries:,} entries it names."
    raise DataError(problem, remedy=_AGAIN)


def _check_overlaps(infos: Sequence[zipfile.ZipInfo], directory_start: int, path: Path) -> None:
    end, before = 0, ""
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            problem = f"{path}: {before!r} and {info.orig_filename!r} share bytes of the archive."
            raise DataError(problem, remedy=_REPACK)
        end, before = info.header_offset + _LOCAL_BYTES + info.compress_size, info.orig_filename
    if end > directory_start:
        problem = f"{path}: {before!r} reaches into the archive's directory."
        raise DataError(problem, remedy=_REPACK)


def _checked(infos: Sequence[zipfile.ZipInfo], path: Path) -> list[Member]:
    members = []
    seen: dict[str, str] = {}
    for info in infos:
        name = _name(info)
        fault = _name_fault(name) or _entry_fault(info)
        if fault is not None:
            problem = f"{path} holds {name!r}, which {fault}."
            raise DataError(problem, remedy=_REPACK)
        # What other systems take for one name must be one.
        key = unicodedata.normalize("NFC", name.rstrip("/")).casefold()
        if key in seen:
            twin = seen[key]
            same = "twice" if twin == name else f"beside {twin!r}, the same name on other systems"
            problem = f"{path} holds {name!r} {same}."
            raise DataError(problem, remedy=_REPACK)
        seen[key] = name
        if not name.endswith("/"):
            members.append(Member(name, info.file_size, info))
    return members


def _name(info: zipfile.ZipInfo) -> str:
    raw = info.orig_filename
    if info.flag_bits & _UTF8_NAME:
        return raw
    try:
        # macOS writes UTF-8 without saying so; APPNOTE's default, code page 437, is seldom meant.
        return raw.encode("cp437").decode("utf-8")
    except UnicodeError:
        return raw


def _name_fault(name: str) -> str | None:
    if "\0" in name:
        return "has a NUL in its name"
    if "\\" in name:
        return "has a backslash in its name"
    if name.startswith("/") or _DRIVE.match(name):
        return "is an absolute path"
    if {"", ".", ".."} & set(name.removesuffix("/").split("/")):
        return "is no plain path"
    return None


def _entry_fault(info: zipfile.ZipInfo) -> str | None:
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a device"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"is packed by method {info.compress_type}; only 0 (stored) and 8 (deflate) are read"
    return None
