"""Train on the embedded sample and show what comes out.

Prints the leaderboard, writes the report, classifies three headlines, says what to do next.

For example:
  newsdesk demo
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from newsdesk.cli import console, options

__all__ = ["HEADLINES", "demo"]

HEADLINES = (
    "Veteran goalkeeper saves two penalties as the island side reach the final",
    "Chipmaker's shares slide after it warns of weaker demand for phones",
    "New telescope finds water vapour around a planet the size of Neptune",
)
"""Written for the demo; none of them stands in the sample."""


def demo(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="The output folder; it is replaced.")
    ] = Path("runs/demo"),
    quiet: options.Quiet = False,
) -> None:
    """Train on the sample; show the leaderboard, three answers and what to do next."""
    from newsdesk import training
    from newsdesk.cli import answers, results
    from newsdesk.cli.progress import progress
    from newsdesk.types import Documents

    run = training.train(
        "sample",
        family=("linear", "prior"),
        out=out,
        overwrite=True,
        progress=progress(quiet=quiet),
        notes=None if quiet else console.note,
    )
    results.show(run)
    console.say()
    console.say("Three headlines that it has not seen:")
    predictions = run.bundle.predict(Documents.from_texts(HEADLINES))
    console.say(answers.several(HEADLINES, predictions, top=3))
    results.show_next(run)
    console.say("Your own data:  newsdesk train articles.csv")
