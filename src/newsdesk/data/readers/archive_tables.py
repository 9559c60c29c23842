"""What a zip archive holds: one table, several of the same columns, or one folder per class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

import pyarrow as pa

from newsdesk.data.readers.archives import Archive, Member, open_archive
from newsdesk.data.readers.content import Content, Reading
from newsdesk.data.readers.formats import (
    PACKED,
    READABLE,
    is_readable,
    is_table,
    read_content,
    suffix_of,
)
from newsdesk.data.readers.trees import Tree, TreeFile, is_junk, plan, read_tree
from newsdesk.data.wording import counted, listed
from newsdesk.errors import DataError, SchemaError

__all__ = ["read_archive"]

_PAPERS = (
    *("readme", "license", "licence", "copying", "notice", "authors", "citation", "changelog"),
    *("about", "terms"),
)
"""Beginnings of the names of ``.txt`` files that come along with data and hold none."""


def read_archive(
    path: Path, member: str | None, reading: Reading
) -> Iterator[tuple[str, pa.Table, str | None]]:
    """Read the tables of a zip archive, or the one that a member is.

    Parameters
    ----------
    path : Path
        The archive.
    member : str | None
        Path of the one file to read; None for all.
    reading : Reading
        How to read them.

    Yields
    ------
    tuple[str, pa.Table, str | None]
        Name, such as ``news.zip/train.csv``, rows, and a note.

    Raises
    ------
    DataError
        If the archive is damaged, unsafe or holds nothing that can be read, see
        `archives.open_archive`.
    SchemaError
        If a table is malformed.
    RowError
        On the first bad row, if that is the policy.
    """
    with open_archive(path) as archive:
        visible = [each for each in archive.members if not is_junk(each.path)]
        for each in visible:
            if PurePosixPath(each.path.lower()).suffix in PACKED:
                problem = f"{path} holds {each.path!r}, an archive in an archive."
                raise DataError(problem, remedy="Unpack it, and name what it holds.")
        if member is not None:
            yield _read(archive, _named(visible, member, path), reading, None)
            return
        n_junk = len(archive.members) - len(visible)
        junk = f"{counted(n_junk, 'hidden or system file')} passed over" if n_junk else None
        tree, note = _tree(archive, visible)
        if tree is not None:
            table, said = read_tree(str(path), tree, reading)
            yield str(path), table, _joined(said, note, junk)
            return
        tables = _tables(visible)
        if not tables:
            held = _paths(archive.members)
            problem = f"{path} holds no table and no folders of texts; it holds {held}."
            raise DataError(problem, remedy=READABLE)
        taken = {each.path for each in tables}
        left = [each for each in visible if each.path not in taken]
        others = f"{counted(len(left), 'other file')} left out: {_paths(left)}" if left else None
        note = _joined(others, junk)
        for each in tables:
            yield _read(archive, each, reading, note)
            note = None


def _read(
    archive: Archive, member: Member, reading: Reading, note: str | None
) -> tuple[str, pa.Table, str | None]:
    name = f"{archive.name}/{member.path}"
    content = Content(name, suffix_of(member.path), archive.read(member))
    table, said = read_content(content, reading)
    return name, table, _joined(said, note)


def _named(members: Sequence[Member], wanted: str, path: Path) -> Member:
    for member in members:
        if member.path == wanted:
            if is_readable(wanted):
                return member
            problem = f"{path}/{wanted} has a suffix of which no format is known."
            raise SchemaError(problem, remedy=READABLE)
    problem = f"{path} holds no file {wanted!r}."
    raise DataError(problem, remedy=f"It holds {_paths(members)}.")


def _tables(members: Sequence[Member]) -> list[Member]:
    tables = [member for member in members if is_table(member.path)]
    return tables or [
        member
        for member in members
        if is_readable(member.path)
        and not PurePosixPath(member.path.lower()).name.startswith(_PAPERS)
    ]


def _tree(archive: Archive, members: Sequence[Member]) -> tuple[Tree | None, str | None]:
    """The tree that an archive holds, below the folder in which it is often packed."""
    root = _root([member.path for member in members])
    inside = [member for member in members if member.path.startswith(root)]
    files = [
        TreeFile(member.path[len(root) :], member.size_bytes, partial(archive.read, member))
        for member in inside
    ]
    notes = [f"folder {root} taken as the root"] if root else []
    if len(inside) < len(members):
        left = [member for member in members if not member.path.startswith(root)]
        notes.append(f"{counted(len(left), 'file')} beside it left out: {_paths(left)}")
    return plan(files), _joined(*notes)


def _joined(*notes: str | None) -> str | None:
    return "; ".join(filter(None, notes)) or None


def _root(paths: Sequence[str]) -> str:
    root = ""
    while True:
        below = [path[len(root) :].split("/") for path in paths if path.startswith(root)]
        tops = {names[0] for names in below if len(names) > 1}
        if len(tops) != 1 or max(map(len, below)) < 3:
            return root
        root += f"{tops.pop()}/"


def _paths(members: Sequence[Member]) -> str:
    return listed(sorted(member.path for member in members)) or "nothing"
