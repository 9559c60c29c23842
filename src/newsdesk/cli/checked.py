"""Explanations of a table's texts, measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from newsdesk.cli import console
from newsdesk.cli.progress import progress

if TYPE_CHECKING:
    from newsdesk.bundle import Bundle
    from newsdesk.explain.faithfulness import Deletion, Faithfulness

__all__ = ["show"]


def show(
    door: Bundle,
    table: str,
    columns: Sequence[str] | None,
    label: str | None,
    rows: int,
    seed: int,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Check whether a bundle's explanations tell what moves it, and say so.

    Parameters
    ----------
    door : Bundle
        The bundle.
    table : str
        A path or a glob.
    columns : Sequence[str] | None
        Its text columns; None means those of training, else guessed.
    label : str | None
        The class to explain; None means each text's likeliest.
    rows : int
        How many rows are drawn.
    seed : int
        Of the draws.
    as_json : bool
        Whether the result is written for programs.
    quiet : bool
        Whether there are no notes and no progress.
    """
    from newsdesk.data import fields, tables
    from newsdesk.explain import faithfulness

    read = tables.read(table, progress=progress(quiet=quiet))
    documents, said = fields.documents(read, columns, door.fields)
    if not quiet:
        for line in (*read.notes, *said):
            console.note(line)
    if rows < len(documents):
        drawn = np.random.default_rng(seed).choice(len(documents), rows, replace=False)
        documents = documents.take(np.sort(drawn))
    found = faithfulness.check(
        door, documents, label=label, seed=seed, progress=progress(quiet=quiet)
    )
    if as_json:
        facts = {"digest": door.digest, "data": table, "faithful": found.is_faithful}
        console.write_json(facts | {"sentence": found.sentence, "result": found})
        return
    _say(found)


def _say(found: Faithfulness) -> None:
    headings = ["words left out", "texts", "drop, heaviest", "drop, random", "difference", "95 %"]
    console.say(console.table(headings, [_cells(own) for own in found.deletions]))
    console.say()
    skipped = f", {found.n_skipped:,} skipped" if found.n_skipped else ""
    how = "exact weights" if found.method == "exact" else "weights by occlusion"
    console.say(f"{found.n:,} texts explained by {how}{skipped}. {found.sentence}")


def _cells(own: Deletion) -> list[str]:
    low, high = own.interval
    return [
        f"{own.n_words}",
        f"{own.n:,}",
        f"{own.top:.3f}",
        f"{own.random:.3f}",
        f"{own.difference:+.3f}",
        f"{low:+.3f} – {high:+.3f}",
    ]
