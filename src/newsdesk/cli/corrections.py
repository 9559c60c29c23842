"""What corrections are to people and to programs: tables, records, counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from newsdesk.cli import console

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.table import Table

    from newsdesk.feedback import Entry, Stats

__all__ = ["exported", "record", "show_stats", "table"]

_TEXT = 60
"""Characters of a text in a table."""
_SHOWN = 30
"""Labels, models and days in a table; JSON has all."""


def record(entry: Entry) -> dict[str, Any]:
    """What a correction is to programs.

    Parameters
    ----------
    entry : Entry
        A correction.

    Returns
    -------
    dict[str, Any]
        Everything that is known of it, times in UTC.
    """
    said = entry.correction
    return {
        "id": entry.id,
        "status": entry.status,
        "created_at": entry.created_at,
        "decided_at": entry.decided_at,
        "fields": dict(said.fields),
        "label": said.label,
        "predicted": said.predicted,
        "score": said.score,
        "model": said.model,
        "digest": said.digest,
        "comment": said.comment,
        "source": said.source,
    }


def table(entries: Sequence[Entry]) -> Table:
    """Lay corrections out for people.

    Parameters
    ----------
    entries : Sequence[Entry]
        Corrections.

    Returns
    -------
    Table
        One row each.
    """
    cells = [
        [
            entry.id,
            f"{entry.created_at:%Y-%m-%d %H:%M}",
            entry.status,
            console.printable(entry.correction.label),
            console.printable(entry.correction.predicted or ""),
            "" if entry.correction.score is None else console.percent(entry.correction.score),
            console.clip(console.printable(" ".join(entry.correction.fields.values())), _TEXT),
        ]
        for entry in entries
    ]
    headings = ["id", "when (UTC)", "status", "label", "predicted", "score", "text"]
    return console.table(headings, cells, left=(0, 1, 2, 3, 4, 6))


def show_stats(stats: Stats) -> None:
    """Print how many corrections there are.

    Parameters
    ----------
    stats : Stats
        The counts.
    """
    kinds: tuple[tuple[str, Mapping[str, int]], ...] = (
        ("status", stats.by_status),
        ("label", stats.by_label),
        ("model digest", stats.by_digest),
        # The last days are those that one wants to see.
        ("day (UTC)", dict(list(stats.by_day.items())[-_SHOWN:])),
    )
    for heading, counts in kinds:
        cells = [
            [console.printable(name) or "none", f"{n:,}"]
            for name, n in list(counts.items())[:_SHOWN]
        ]
        console.say(console.table([heading, "corrections"], cells))
        if len(counts) > _SHOWN:
            console.say(f"and {len(counts) - _SHOWN:,} more (--json has all)")
        console.say()


def exported(entries: Sequence[Entry]) -> pa.Table:
    """Make a table of corrections, as a corpus is read from one.

    Parameters
    ----------
    entries : Sequence[Entry]
        Corrections.

    Returns
    -------
    pa.Table
        A column per field, in order of first appearance and empty where a correction lacks it;
        then ``label`` and ``id``.

    Raises
    ------
    SchemaError
        If a field is called like one of these.
    """
    import pyarrow as pa

    from newsdesk.errors import SchemaError

    names = list(dict.fromkeys(name for entry in entries for name in entry.correction.fields))
    taken = [name for name in names if name in ("label", "id")]
    if taken:
        problem = f"Corrections have a field {taken[0]!r}, which is the name of another column."
        remedy = "Read them with: newsdesk feedback list DB --status accepted --json."
        raise SchemaError(problem, remedy=remedy)
    columns = {name: [entry.correction.fields.get(name, "") for entry in entries] for name in names}
    columns["label"] = [entry.correction.label for entry in entries]
    columns["id"] = [entry.id for entry in entries]
    return pa.table({name: pa.array(column, pa.large_string()) for name, column in columns.items()})
