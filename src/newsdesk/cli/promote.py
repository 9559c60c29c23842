"""Serve another bundle, unless it is worse.

Both answer the same test rows: a table of its own (--test), or the test rows of the run that wrote
the candidate. The candidate is refused if it may be worse by more than --margin in accuracy or
macro-F1, is shown to be worse by more than that in F1 on a class of 100 test rows or more, or lacks
a class. HOME is then given to serve, predict or explain in place of a bundle. The first promotion
compares nothing.

For example:
  newsdesk promote runs/news homes/news
  newsdesk promote runs/newer homes/news --test frozen.csv --label section
  newsdesk promote runs/newer homes/news --test frozen.csv --reload http://127.0.0.1:8080 \
--management-key-file keys.txt
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsdesk.cli import console, options

if TYPE_CHECKING:
    from newsdesk.promotion import Line, Promotion

__all__ = ["promote"]


def promote(
    candidate: Annotated[
        Path, typer.Argument(metavar="CANDIDATE", help="A bundle folder, or a run folder.")
    ],
    home: options.Home,
    test: Annotated[
        str | None,
        typer.Option(
            "--test",
            metavar="FILE",
            help="Labelled rows that neither has learnt.  [default: the test rows of the run]",
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            "--data", metavar="DATA", help="Where the data of the run lie now.  [default: as then]"
        ),
    ] = None,
    text: options.Text = None,
    label: options.Label = None,
    labels: options.Labels = None,
    margin: Annotated[
        float,
        typer.Option(
            "--margin",
            metavar="SHARE",
            min=0,
            max=1,
            help="What accuracy, macro-F1 and the F1 of a class may lose.",
        ),
    ] = 0.005,
    without_learnt: Annotated[
        bool,
        typer.Option("--without-learnt", help="Leave out test rows that one of them has learnt."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Compare, and change nothing.")
    ] = False,
    force: Annotated[
        str | None,
        typer.Option(
            "--force", metavar="REASON", help="Promote it all the same; the reason is kept."
        ),
    ] = None,
    by: options.By = None,
    reload: options.Reload = None,
    management_key_file: options.ManagementKeyFile = None,
    model: options.Model = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Serve another bundle, unless it is worse."""
    from newsdesk import promotion
    from newsdesk.cli.progress import progress
    from newsdesk.cli.servers import server, told, whoever

    running = server(reload, management_key_file, model)
    found = promotion.promote(
        candidate,
        home,
        test=promotion.TestRows(
            test=test,
            data=data,
            text=options.names(text),
            label=label,
            labels=labels,
            without_learnt=without_learnt,
        ),
        margin=margin,
        dry_run=dry_run,
        force=force,
        by=whoever(by),
        progress=progress(quiet=quiet),
    )
    if not quiet:
        for line in found.notes:
            console.note(line)
    if as_json:
        console.write_json(
            {
                "home": str(home),
                "promoted": found.promoted,
                "dry_run": dry_run,
                "before": found.before,
                "digest": found.digest,
                "comparison": None if found.verdict is None else found.verdict.numbers,
                "notes": found.notes,
            }
        )
    else:
        _show(found)
    found.check()
    if not as_json:
        console.say(_sentence(found, home, dry_run=dry_run), wrap=False)
    if not dry_run:
        told(running, found.digest, quiet=quiet)


def _show(found: Promotion) -> None:
    if found.verdict is None:
        return
    headings = ["metric", "rows", "served", "candidate", "difference", "interval", "verdict"]
    console.say(console.table(headings, [_cells(line) for line in found.verdict.lines]))
    console.say()


def _cells(line: Line) -> list[str]:
    low, high = line.interval
    return [
        console.printable(line.name),
        f"{line.n:,}",
        f"{line.served:.3f}",
        f"{line.candidate:.3f}",
        f"{line.difference:+.4f}",
        f"{low:+.4f} – {high:+.4f}",
        line.outcome,
    ]


def _sentence(found: Promotion, home: Path, *, dry_run: bool) -> str:
    new, old = found.digest[:12], (found.before or "nothing")[:12]
    if found.before == found.digest:
        return f"{home} serves {new} already."
    return f"{home} {'would serve' if dry_run else 'serves'} {new} in place of {old}."
