"""Read what people have corrected, and decide on it.

DB is a SQLite file, or the URL of a store: sqlite:///PATH or postgresql://USER@HOST/DATABASE. What
is accepted can be trained on: newsdesk train DATA --with-feedback DB.

For example:
  newsdesk feedback review feedback.db
  newsdesk feedback list feedback.db --status waiting
  newsdesk feedback export feedback.db --out accepted.csv
  newsdesk feedback delete feedback.db --older-than 90
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from newsdesk.cli import console, options

if TYPE_CHECKING:
    from newsdesk.feedback.store import Store

__all__ = ["VERBS", "accept", "delete", "export", "reject", "review", "show", "stats"]

Db = Annotated[str, typer.Argument(metavar="DB", help="The store: a SQLite file, or its URL.")]
Ids = Annotated[list[str], typer.Argument(metavar="ID", help="Ids of corrections.")]


def review(db: Db) -> None:
    """Decide on the waiting corrections one by one."""
    from newsdesk.cli import reviewing

    with _opened(db) as store:
        reviewing.walk(store)


def show(
    db: Db,
    status: Annotated[
        Literal["waiting", "accepted", "rejected"] | None,
        typer.Option("--status", help="Only those of this status."),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option("--label", metavar="NAME", help="Only those of this corrected label."),
    ] = None,
    order: Annotated[
        Literal["newest", "oldest", "label"], typer.Option("--order", help="Which come first.")
    ] = "newest",
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, max=1000, help="How many at most.")
    ] = 50,
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="MARK", help="Go on where the page before ended."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """List corrections."""
    from newsdesk.cli import corrections

    with _opened(db) as store:
        page = store.list(status=status, label=label, order=order, limit=limit, after=after)
    if as_json:
        listed = [corrections.record(entry) for entry in page.entries]
        console.write_json({"corrections": listed, "after": page.after})
        return
    console.say(corrections.table(page.entries))
    if page.after is not None:
        console.say(f"More:  --after {page.after}", wrap=False)


def export(
    db: Db,
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE", help="Where they go: .csv, .jsonl, .parquet, .feather, …"
        ),
    ],
    raw: Annotated[
        bool,
        typer.Option("--raw", help="In CSV, leave texts as they are that a spreadsheet would run."),
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Write the accepted corrections as a table: their fields, label and id."""
    options.check_table(out)
    from newsdesk.cli import corrections
    from newsdesk.data import export as tables

    with _opened(db) as store:
        table = corrections.exported(list(store.export()))
    tables.write(table, out, escape=not raw)
    if as_json:
        console.write_json({"out": str(out), "n": len(table)})
    else:
        console.say(f"Written:  {console.printable(str(out))} ({len(table):,} rows)", wrap=False)


def stats(db: Db, as_json: options.Json = False) -> None:
    """Count corrections by status, label, model and day."""
    from newsdesk.cli import corrections

    with _opened(db) as store:
        found = store.stats()
    if as_json:
        console.write_json(found)
    else:
        corrections.show_stats(found)


def accept(db: Db, ids: Ids) -> None:
    """Accept corrections, so that they are trained on."""
    _decide(db, ids, "accept")


def reject(db: Db, ids: Ids) -> None:
    """Reject corrections; they are kept and not trained on."""
    _decide(db, ids, "reject")


def delete(
    db: Db,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Ids of corrections.")
    ] = None,
    older_than: Annotated[
        float | None,
        typer.Option(
            "--older-than", metavar="DAYS", min=0, help="All that are older, whatever their status."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
) -> None:
    """Delete corrections for good."""
    if bool(ids) == (older_than is not None):
        raise typer.BadParameter("Name ids, or --older-than DAYS.")
    with _opened(db) as store:
        if ids:
            what = f"{len(ids):,} correction{'s' if len(ids) > 1 else ''}"
        else:
            what = f"all corrections older than {older_than:g} days"
        if not yes:
            typer.confirm(f"Delete {what} from {console.printable(store.name)}?", abort=True)
        n = store.delete(ids) if ids else store.retain(older_than or 0.0)
    console.say(f"Deleted:  {n:,}")


VERBS: dict[str, Callable[..., None]] = {
    "review": review,
    "list": show,
    "export": export,
    "stats": stats,
    "accept": accept,
    "reject": reject,
    "delete": delete,
}
"""What can be done, by its name."""


def _opened(db: str) -> Store:
    from newsdesk.feedback import open_store

    return open_store(db, create=False)


def _decide(db: str, ids: list[str], decision: str) -> None:
    from newsdesk.errors import DataError

    with _opened(db) as store:
        unknown = [one for one in ids if not store.decide(one, decision)]
    n = len(ids) - len(unknown)
    console.say(f"{decision.capitalize()}ed:  {n:,}")
    if unknown:
        problem = f"There is no correction {', '.join(unknown)}."
        raise DataError(problem, remedy="newsdesk feedback list DB shows the ids.")
