"""Merge maps: versioned TOML files that give several labels one name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from newsdesk import config
from newsdesk.config import suggest
from newsdesk.data.wording import counted, listed
from newsdesk.errors import ConfigError, LabelError

__all__ = ["LabelMap", "apply", "load", "shipped"]

_NEAR = 0.85
"""Least similarity, as difflib measures it, of a typing error; case and blanks do not count."""


@dataclass(frozen=True)
class LabelMap:
    """Which labels are merged into which.

    Parameters
    ----------
    name : str
        Its name.
    version : int
        Raised with every change, so that numbers can be traced to the map they were made with.
    merge : Mapping[str, str]
        Old label to new label; labels that are not named stay.
    source : str
        Where the map comes from.
    """

    name: str
    version: int
    merge: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


def shipped() -> tuple[str, ...]:
    """Names of the maps that come with the package.

    Returns
    -------
    tuple[str, ...]
        Sorted names.
    """
    folder = resources.files("newsdesk.data") / "maps"
    return tuple(
        sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if _is_map(item.name))
    )


def _is_map(name: str) -> bool:
    return name.endswith(".toml")


def load(which: str | Path) -> LabelMap:
    """Load a map by the name of a shipped one, or from a TOML file.

    Parameters
    ----------
    which : str | Path
        Such as ``"huffpost-34"`` or ``"my-labels.toml"``.

    Returns
    -------
    LabelMap
        The map.

    Raises
    ------
    ConfigError
        If there is no such map, the file is malformed, or a label is merged into itself or into
        one that is itself merged away (a chain or a cycle).

    Examples
    --------
    >>> load("huffpost-34").merge["TASTE"]
    'FOOD & DRINK'
    """
    if str(which) in shipped():
        with resources.as_file(resources.files("newsdesk.data") / f"maps/{which}.toml") as path:
            return _checked(config.load(LabelMap, path), f"map {which}")
    path = Path(which)
    if not path.exists() and not _is_map(path.name):
        problem = f"There is no label map {str(which)!r}."
        remedy = f"{suggest(str(which), shipped())} A TOML file of your own is named by its path."
        raise ConfigError(problem, remedy=remedy)
    return _checked(config.load(LabelMap, path), str(path))


def _checked(label_map: LabelMap, where: str) -> LabelMap:
    for old, new in label_map.merge.items():
        if old == new:
            problem = f"{where}: {old!r} is merged into itself."
            raise ConfigError(problem, remedy="Leave it out: what is not named stays.")
        if new in label_map.merge:
            problem = f"{where}: {old!r} is merged into {new!r}, which is itself merged away."
            raise ConfigError(problem, remedy="Name the last label of the chain for both.")
        if not old.strip() or not new.strip():
            problem = f"{where}: {old!r} = {new!r} has an empty label."
            raise ConfigError(problem, remedy="Name both labels.")
    return label_map


def apply(
    label_map: LabelMap, labels: pa.LargeStringArray, *, partial: bool = False
) -> tuple[pa.LargeStringArray, list[str]]:
    """Merge labels.

    Parameters
    ----------
    label_map : LabelMap
        The map.
    labels : pa.LargeStringArray
        Shape ``(n,)``.
    partial : bool
        Whether the rows may be any part of the data, such as a few test rows, so that labels
        which the map names may be missing.

    Returns
    -------
    tuple[pa.LargeStringArray, list[str]]
        The new labels, shape ``(n,)``; lines for the log, with counts.

    Raises
    ------
    LabelError
        If the data are whole and hold no label of the map, or the map makes one class of all.
    """
    old = pa.array(label_map.merge.keys(), type=pa.large_string())
    new = pa.array(label_map.merge.values(), type=pa.large_string())
    hits = pc.index_in(labels, value_set=old)
    merged = pc.coalesce(new.take(hits), labels)
    counts = {
        item["values"]: item["counts"] for item in pc.value_counts(hits.drop_null()).to_pylist()
    }
    before, after = (pc.unique(column).to_pylist() for column in (labels, merged))
    lines = [
        f"labels merged by {label_map.name} version {label_map.version}: "
        f"{counted(len(before), 'class')} became {len(after):,}"
    ]
    absent = []
    for position, (source, target) in enumerate(label_map.merge.items()):
        if position in counts:
            lines.append(f"  {source} → {target}: {counted(counts[position])}")
        else:
            absent.append(f"{source}{_near(source, before)}")
    if absent:
        lines.append(f"  in the map but not in the data: {', '.join(absent)}")
    if not partial and absent and not counts:
        problem = f"The map {label_map.name} names no label of the data: {listed(absent)}."
        raise LabelError(problem, remedy=f"The data have {listed(sorted(before))}.")
    if not partial and len(before) > len(after) == 1:
        problem = f"The map {label_map.name} merges all {len(before):,} classes into {after[0]!r}."
        raise LabelError(problem, remedy="Leave at least two classes apart.")
    return merged, lines


def _near(name: str, known: Sequence[str]) -> str:
    """A question in brackets, where a label differs from a name by little; else nothing."""
    folded = {" ".join(label.split()).casefold(): label for label in known}
    key = " ".join(name.split()).casefold()
    near = difflib.get_close_matches(key, folded, n=1, cutoff=_NEAR)
    return f" (did you mean {folded[near[0]]!r}?)" if near else ""
