"""From a label column to clean labels: one per row, none empty, classes picked on request."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from newsdesk.config import suggest
from newsdesk.errors import LabelError

__all__ = ["choose_classes", "look_alikes", "refuse_several", "to_text"]

_SEPARATORS = ("|", ";", ",", "/")
_LEAST_STANDALONE = 3
"""Rows in which each part of a joined label must stand alone to be believed a label."""
_LEAST_SHARE = 0.01
"""Share of rows with joined labels from which a file is taken to have several labels a row."""


def to_text(column: pa.ChunkedArray) -> pa.LargeStringArray:
    """Turn a label column into text; what is missing or blank becomes null.

    Parameters
    ----------
    column : pa.ChunkedArray
        Shape ``(n,)``: text, numbers, booleans or a dictionary of these. Numbers that are whole
        are written without a fraction: a data frame holds integers with gaps as floats.

    Returns
    -------
    pa.LargeStringArray
        Shape ``(n,)``, with nulls.

    Raises
    ------
    LabelError
        If the column holds lists, or cannot be text.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return to_text(column.cast(kind.value_type))
    if pa.types.is_nested(kind):
        reason = f"the label column holds values of type {kind}"
        raise _several(reason)
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), None, column)
        whole = pc.all(pc.equal(column, pc.round(column))).as_py()
        column = column.cast(pa.int64(), safe=False) if whole is not False else column
    try:
        text = column.cast(pa.large_string()).combine_chunks()
    except pa.ArrowException as error:
        problem = f"The label column holds values of type {kind}, which cannot be names."
        raise LabelError(problem, remedy="Name a column of text or numbers.") from error
    text = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    blank = pc.equal(pc.utf8_trim_whitespace(text), "")
    return pc.if_else(blank, pa.scalar(None, pa.large_string()), text)


def refuse_several(labels: pa.LargeStringArray) -> None:
    """Refuse a column in which rows have several labels.

    That is so if cells are JSON lists; or if at least 1 % of the rows join labels by ``|``,
    ``;``, ``,`` or ``/`` whose every part is the whole label of three other rows.

    Parameters
    ----------
    labels : pa.LargeStringArray
        Shape ``(n,)``.

    Raises
    ------
    LabelError
        If rows have several labels.
    """
    counts = {item["values"]: item["counts"] for item in pc.value_counts(labels).to_pylist()}
    counts.pop(None, None)
    n = sum(counts.values())
    listed = sum(count for name, count in counts.items() if name[0] == "[" and name[-1] == "]")
    if listed * 2 > n:
        reason = 'most cells of the label column are lists such as ["a", "b"]'
        raise _several(reason)
    for separator in _SEPARATORS:
        joined: Counter[str] = Counter()
        for name, count in counts.items():
            parts = [part.strip() for part in name.split(separator)]
            if len(parts) > 1 and all(counts.get(part, 0) >= _LEAST_STANDALONE for part in parts):
                joined[name] = count
        if joined.total() >= max(1, _LEAST_SHARE * n):
            example = joined.most_common(1)[0][0]
            reason = f"{joined.total():,} rows have labels such as {example!r}"
            raise _several(reason)


def _several(reason: str) -> LabelError:
    problem = f"Only one label per row is supported, and {reason}."
    return LabelError(problem, remedy="Keep the main label of each row, or give a row per label.")


def look_alikes(names: Sequence[str]) -> list[str]:
    """Find labels that differ only by case or spaces; they stay apart, but are told of.

    Parameters
    ----------
    names : Sequence[str]
        Distinct labels.

    Returns
    -------
    list[str]
        One line per group.

    Examples
    --------
    >>> look_alikes(["SPORT", "Sport ", "TECH"])
    ["kept apart though they differ only by case or spaces: 'SPORT', 'Sport '"]
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[" ".join(name.split()).casefold()].append(name)
    return [
        f"kept apart though they differ only by case or spaces: {', '.join(map(repr, group))}"
        for group in groups.values()
        if len(group) > 1
    ]


def choose_classes(labels: pa.LargeStringArray, classes: Sequence[str] | str) -> list[str]:
    """Say which classes are asked for.

    Parameters
    ----------
    labels : pa.LargeStringArray
        Shape ``(n,)``, no nulls.
    classes : Sequence[str] | str
        Names; or one string with commas between names (a name may itself hold commas); or
        ``"topN"`` for the N most frequent classes, equals in order of their names.

    Returns
    -------
    list[str]
        Names of existing classes, sorted.

    Raises
    ------
    LabelError
        If a name is no class.
    """
    counts = {item["values"]: item["counts"] for item in pc.value_counts(labels).to_pylist()}
    known = sorted(counts)
    if isinstance(classes, str):
        number = classes.strip().lower().removeprefix("top")
        if classes not in counts and number.isdecimal() and number != classes.strip():
            frequent = sorted(known, key=lambda name: (-counts[name], name))
            return sorted(frequent[: int(number)])
        chosen = _split_names(classes, counts)
    else:
        chosen = list(classes)
    for name in chosen:
        if name not in counts:
            problem = f"There is no class {name!r} in the data."
            raise LabelError(problem, remedy=suggest(name, known))
    return sorted(set(chosen))


def _split_names(text: str, known: dict[str, int]) -> list[str]:
    """Split at commas, but prefer the longest run of parts that is itself a class."""
    parts = text.split(",")
    names = []
    while parts:
        for length in range(len(parts), 0, -1):
            name = ",".join(parts[:length])
            if name not in known:
                name = name.strip()
            if name in known or length == 1:
                names.append(name)
                del parts[:length]
                break
    return names
