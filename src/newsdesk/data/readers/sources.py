"""From the name of a source to the files that it means: a path, a glob, a part of an archive."""

from __future__ import annotations

import difflib
import glob
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from newsdesk.data.readers.formats import GZIP, READABLE, UNREADABLE_PACKED, ZIP, is_readable
from newsdesk.errors import DataError, SchemaError

__all__ = ["Source", "resolve"]


class Source(NamedTuple):
    """One file or folder to read."""

    path: Path
    """Where it is on the disk."""
    member: str | None = None
    """The one file of an archive that is meant; None for all."""


def resolve(source: str | Path) -> list[Source]:
    """Find what a path or a glob means.

    Parameters
    ----------
    source : str | Path
        A file, a folder, a glob of files, or a file in a zip archive: ``news.zip/train.csv``.

    Returns
    -------
    list[Source]
        At least one, sorted by path; all exist, and files have a suffix of a known format.

    Raises
    ------
    DataError
        If there is no such file.
    SchemaError
        If its format is unknown.
    """
    path = Path(source)
    if not path.exists():
        for parent in path.parents:
            if parent.suffix.lower() == ZIP and parent.is_file():
                return [Source(parent, path.relative_to(parent).as_posix())]
    if not path.exists() and glob.has_magic(str(source)):
        paths = sorted(Path(found) for found in glob.glob(str(source), recursive=True))  # noqa: PTH207  patterns may be absolute
        paths = [found for found in paths if not found.is_dir()]
        if not paths:
            problem = f"No file matches {str(source)!r}."
            raise DataError(problem, remedy="Check the pattern and the folder.")
    else:
        paths = [path]
    for path in paths:
        _check(path)
    return [Source(path) for path in paths]


def _check(path: Path) -> None:
    if not path.exists():
        raise _missing(path)
    suffix = path.suffix.lower()
    packed = suffix in UNREADABLE_PACKED or PurePosixPath(path.stem.lower()).suffix == ".tar"
    if path.is_dir() or suffix == ZIP or (is_readable(path.name) and not packed):
        return
    if packed:
        problem = f"{path} is packed in a way that is not read."
        remedy = "Unpack it and name what it holds, or pack it as .zip or, a single table, as .gz."
        raise SchemaError(problem, remedy=remedy)
    shown = "".join(path.suffixes[-2:]) if suffix == GZIP else path.suffix
    problem = f"{path} has the suffix {shown!r}, of which no format is known."
    raise SchemaError(problem, remedy=READABLE)


def _missing(path: Path) -> DataError:
    folder = path.parent
    if not folder.is_dir():
        return DataError(f"There is no folder {folder}.", remedy="Check the path.")
    names = sorted(found.name for found in folder.iterdir())
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0.5)
    remedy = f"Did you mean {' or '.join(near)}?" if near else "Check the path."
    return DataError(f"There is no file {path}.", remedy=remedy)
