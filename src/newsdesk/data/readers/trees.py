"""Trees of one folder per class, on disk or in an archive: which file has which label."""

from __future__ import annotations

import mimetypes
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

from newsdesk.data.bad_rows import RejectedRow
from newsdesk.data.readers import encoding as encodings
from newsdesk.data.readers.content import Reading
from newsdesk.data.readers.formats import is_table
from newsdesk.data.wording import counted, listed

__all__ = ["Tree", "TreeFile", "is_junk", "plan", "read_tree"]

_CHUNK_ROWS = 50_000
_JUNK = {"__macosx", "thumbs.db", "desktop.ini"}
"""What file managers leave behind, beside hidden files."""
_PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("valid", "validation", "val", "dev"), "valid"),
    **dict.fromkeys(("test", "testing"), "test"),
}
_WORD = re.compile(r"[^\W_]+")
_TYPES = mimetypes.MimeTypes()
"""Python's own list of types by suffix, not the machine's."""
_UNLABELLED = "unsup"
"""The folder beside ``pos`` and ``neg`` that holds the reviews without a label in the Large Movie
Review Dataset (aclImdb/README, section "Files")."""
_WIDEST = 4
"""Most bytes that a character takes in any encoding that is found, UTF-32."""


@dataclass(frozen=True, eq=False)
class TreeFile:
    """One file of a tree.

    Parameters
    ----------
    path : str
        Place below the root, folders divided by ``/``.
    size_bytes : int
        Its length.
    load : Callable[[], bytes]
        Fetches its bytes.
    """

    path: str
    size_bytes: int
    load: Callable[[], bytes] = field(repr=False)


class _Placed(NamedTuple):
    file: TreeFile
    label: str
    part: str | None


@dataclass(frozen=True, eq=False)
class Tree:
    """Files with their labels.

    Parameters
    ----------
    placed : tuple[_Placed, ...]
        File, label and part (``train``, ``valid`` or ``test``, where folders say so), by path.
    notes : tuple[str, ...]
        What was left out and why.
    """

    placed: tuple[_Placed, ...]
    notes: tuple[str, ...] = ()


def is_junk(path: str) -> bool:
    """Whether a file is hidden, or was left behind by a file manager.

    Parameters
    ----------
    path : str
        Place below the root, folders divided by ``/``.

    Returns
    -------
    bool
        True also where a folder on the way is hidden.

    Examples
    --------
    >>> is_junk("__MACOSX/sport/._1.txt"), is_junk("sport/1.txt")
    (True, False)
    """
    return any(name[:1] == "." or name.lower() in _JUNK for name in path.split("/"))


def plan(files: Sequence[TreeFile]) -> Tree | None:
    """Tell the label of each file from its folder.

    The first folder is the class; folders below it do not count. Where every first folder is
    called after a part of the data (``train``, ``20news-bydate-test``) and holds folders, it is
    the part, and the class is the folder below.

    Parameters
    ----------
    files : Sequence[TreeFile]
        All files that are no junk.

    Returns
    -------
    Tree | None
        The tree; None where tables outnumber the texts in folders, or there are no such texts.
    """
    split = [file.path.split("/") for file in files]
    tops = {names[0] for names in split if len(names) > 1}
    parts = {top: _part(top) for top in tops}
    deep = {names[0] for names in split if len(names) > 2}
    divided = bool(tops) and deep == tops and None not in parts.values()
    level = 1 if divided else 0
    placed = [
        _Placed(file, names[level], parts[names[0]] if divided else None)
        for file, names in zip(files, split, strict=True)
        if len(names) > level + 1
    ]
    n_tables = sum(is_table(file.path) for file in files)
    n_documents = sum(_may_be_text(each.file.path) for each in placed)
    if n_documents <= n_tables:
        return None
    notes = []
    beside = [
        file.path for file, names in zip(files, split, strict=True) if len(names) <= level + 1
    ]
    if beside:
        what = counted(len(beside), "file")
        notes.append(f"{what} beside the folders of the classes left out: {listed(sorted(beside))}")
    if {each.label for each in placed} == {"pos", "neg", _UNLABELLED}:
        labelled = [each for each in placed if each.label != _UNLABELLED]
        what = counted(len(placed) - len(labelled), "file")
        notes.append(f"{what} in the folder {_UNLABELLED}, which holds no class, left out")
        placed = labelled
    placed.sort(key=lambda each: each.file.path)
    return Tree(tuple(placed), tuple(notes))


def _may_be_text(path: str) -> bool:
    kind = _TYPES.guess_type(path)[0] or "text/plain"
    return not is_table(path) and kind.startswith(("text/", "message/"))


def _part(folder: str) -> str | None:
    found = {_PARTS[word] for word in _WORD.findall(folder.lower()) if word in _PARTS}
    return found.pop() if len(found) == 1 else None


def read_tree(name: str, tree: Tree, reading: Reading) -> tuple[pa.Table, str]:
    """Read the files of a tree, each as one document.

    Parameters
    ----------
    name : str
        Of the folder or archive, for errors.
    tree : Tree
        Its files.
    reading : Reading
        How to read them; the encoding is found for each file.

    Returns
    -------
    tuple[pa.Table, str]
        Columns ``id`` (the path), ``label``, ``text`` and, where folders name parts, ``split``;
        a note on the classes, on encodings and on what was left out.

    Raises
    ------
    RowError
        On the first file that is no text, is too long or cannot be read, if that is the policy.
    """
    divided = any(each.part for each in tree.placed)
    names = ("id", "label", "text", *(("split",) if divided else ()))
    schema = pa.schema([(column, pa.large_string()) for column in names])
    found: Counter[str] = Counter()
    batches = []
    total = sum(each.file.size_bytes for each in tree.placed)
    with reading.progress.task(f"reading {name.rpartition('/')[2]}", total, "bytes") as advance:
        for rows in _chunks(name, tree, reading, found, advance):
            columns = list(zip(*rows, strict=True)) if rows else [()] * 4
            arrays = [pa.array(column, pa.large_string()) for column in columns[: len(names)]]
            batches.append(pa.record_batch(arrays, schema=schema))
    n_classes = len({each.label for each in tree.placed})
    notes = [f"one folder per class: {counted(n_classes, 'class')}"]
    if divided:
        notes[0] += ", and the column split from the folders"
    if reading.encoding is None:
        notes += [
            f"encoding {label} found in {counted(count, 'file')}"
            for label, count in found.most_common()
            if label != "UTF-8"
        ]
    return pa.Table.from_batches(batches, schema=schema), "; ".join((*notes, *tree.notes))


def _chunks(
    name: str,
    tree: Tree,
    reading: Reading,
    found: Counter[str],
    advance: Callable[[int], None],
) -> Iterator[list[tuple[str, str, str, str | None]]]:
    rows: list[tuple[str, str, str, str | None]] = []
    for number, (file, label, part) in enumerate(tree.placed, start=1):
        text, fault = _text(file, reading, found)
        path = encodings.visible(file.path)
        if fault is None:
            rows.append((path, encodings.visible(label), text, part))
        else:
            reading.bad_rows.reject(RejectedRow(name, number, None, f"{path}: {fault}.", path))
        advance(file.size_bytes)
        if len(rows) == _CHUNK_ROWS:
            yield rows
            rows = []
    yield rows


def _text(file: TreeFile, reading: Reading, found: Counter[str]) -> tuple[str, str | None]:
    """Text of a file, or the reason why it has none, without full stop."""
    if file.size_bytes > _WIDEST * reading.max_field_bytes:
        return "", reading.excess(file.size_bytes)
    try:
        data = file.load()
    except OSError as error:
        return "", f"the file cannot be read ({error.strerror or error})"
    decoded = encodings.decode(data, reading.encoding)
    bad = None if decoded.clean else encodings.UNDECODABLE.search(decoded.text)
    if bad is not None:
        shown = encodings.visible(bad[0])
        return "", f"byte {shown} is no valid text in the encoding {decoded.label}"
    if "\0" in decoded.text:
        return "", "the file is no text, for it holds NUL bytes"
    found[decoded.label] += 1
    return decoded.text, reading.too_long(decoded.text)
