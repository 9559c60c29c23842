"""Folders on disk that hold one folder per class."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from newsdesk.data.readers.content import Reading
from newsdesk.data.readers.formats import GZIP, READABLE, is_table, suffix_of
from newsdesk.data.readers.trees import TreeFile, is_junk, plan, read_tree
from newsdesk.data.wording import counted, listed
from newsdesk.errors import SchemaError, StorageError

__all__ = ["read_folder"]


def read_folder(folder: Path, reading: Reading) -> tuple[pa.Table, str]:
    """Read a folder that holds one folder per class, one text per file.

    Hidden files, and what file managers leave behind, are passed over; links are followed only
    to files inside of the folder. All of this is counted in the note.

    Parameters
    ----------
    folder : Path
        The folder.
    reading : Reading
        How to read its files.

    Returns
    -------
    tuple[pa.Table, str]
        Columns ``id``, ``label``, ``text`` and perhaps ``split``, see `trees.read_tree`; a note.

    Raises
    ------
    SchemaError
        If it is no such folder.
    RowError
        On the first file that gives no text, if that is the policy.
    StorageError
        If a folder in it cannot be listed.
    """
    passed: dict[str, list[str]] = defaultdict(list)
    files = list(_walk(folder, passed))
    tree = plan(files)
    if tree is None:
        raise _no_tree(folder, [file.path for file in files])
    notes = [
        f"{counted(len(paths), what)} passed over: {listed(sorted(paths))}"
        for what, paths in passed.items()
    ]
    return read_tree(str(folder), replace(tree, notes=(*tree.notes, *notes)), reading)


def _walk(folder: Path, passed: dict[str, list[str]]) -> Iterator[TreeFile]:
    root = os.path.realpath(folder)
    waiting = [""]
    while waiting:
        below = waiting.pop()
        for entry in _entries(folder / below):
            path = f"{below}{entry.name}"
            if is_junk(entry.name):
                passed["hidden or system file"].append(path)
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(f"{path}/")
            elif entry.is_symlink() and not _leads_inside(entry, root):
                passed["link"].append(path)
            elif entry.is_file():
                yield TreeFile(path, entry.stat().st_size, Path(entry.path).read_bytes)
            else:
                passed["special file"].append(path)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        problem = f"The folder {folder} cannot be listed: {error.strerror or error}."
        raise StorageError(problem, remedy="Check that the folder may be read.") from error


def _leads_inside(link: os.DirEntry[str], root: str) -> bool:
    """Whether a link leads to a file below the root; links to folders could go in circles."""
    target = os.path.realpath(link.path)
    return Path(target).is_file() and os.path.commonpath([root, target]) == root


def _no_tree(folder: Path, paths: list[str]) -> SchemaError:
    tables = [path for path in paths if is_table(path)]
    if not tables:
        problem = f"{folder} is a folder that holds no texts in a folder per class."
        remedy = f"Put the texts of each class into a folder of its own. {READABLE}"
        return SchemaError(problem, remedy=remedy)
    suffixes = Counter(
        suffix_of(path) + (GZIP if path.lower().endswith(GZIP) else "") for path in tables
    )
    suffix = suffixes.most_common(1)[0][0]
    nested = any("/" in path for path in tables)
    pattern = folder / ("**" if nested else "") / f"*{suffix}"
    problem = f"{folder} is a folder of tables ({listed(sorted(tables))})."
    return SchemaError(problem, remedy=f'Name one of them, or several by a glob: "{pattern}".')
