"""Accepted corrections of a store of feedback, as train rows of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsdesk.data import label_map
from newsdesk.data.corpus import Corpus
from newsdesk.data.corrections import correct
from newsdesk.data.identity import split_digest
from newsdesk.data.split import Split
from newsdesk.data.wording import counted, listed
from newsdesk.errors import SchemaError
from newsdesk.feedback import Correction, Entry, open_store
from newsdesk.types import TEXT_FIELD, Documents, Progress, string_array

__all__ = ["Accepted", "learn", "read_accepted"]

_ID = "feedback-"
"""Before the id of a correction, which is then that of a row."""


class Accepted:
    """The accepted corrections of a store at one time.

    Parameters
    ----------
    name : str
        Where they come from, without a password.
    entries : Sequence[Entry]
        Corrections, the oldest first.
    """

    def __init__(self, name: str, entries: Sequence[Entry]) -> None:
        self.name = name
        self.entries = tuple(entries)


def read_accepted(store: str | Path) -> Accepted:
    """Read the accepted corrections.

    Parameters
    ----------
    store : str | Path
        A SQLite file, or the URL of a store.

    Returns
    -------
    Accepted
        All of them.

    Raises
    ------
    ConfigError
        If the URL is of no known kind.
    StorageError
        If the store does not exist or cannot be read.
    MissingExtraError
        If what reads it is not installed.
    """
    with open_store(store, create=False) as opened:
        return Accepted(opened.name, list(opened.export()))


def learn(
    accepted: Accepted,
    corpus: Corpus,
    split: Split,
    *,
    labels: str | Path | None,
    only_known: bool,
    near: bool,
    seed: int,
    progress: Progress,
) -> tuple[Corpus, Split, dict[str, Any]]:
    """Put accepted corrections among the train rows, see `newsdesk.data.corrections.correct`.

    Parameters
    ----------
    accepted : Accepted
        The corrections.
    corpus : Corpus
        n rows.
    split : Split
        Its split.
    labels : str | Path | None
        Label merge map of the run; corrections go by it too.
    only_known : bool
        Whether classes were chosen: then corrections of others are left out.
    near : bool
        Whether near-duplicates are the same text, or exact copies alone.
    seed : int
        Of the draw of valid rows of new classes.
    progress : Progress
        Told of the search for near-duplicates.

    Returns
    -------
    tuple[Corpus, Split, dict[str, Any]]
        The rows, their split, and what became of the corrections, for the record.

    Raises
    ------
    SchemaError
        If a correction has a field that the corpus lacks.
    """
    said = [entry.correction for entry in accepted.entries]
    documents = _documents(accepted, tuple(corpus.documents.fields))
    names = string_array([correction.label for correction in said])
    if labels is not None:
        names, _ = label_map.apply(label_map.load(labels), names, partial=True)
    chosen = np.arange(len(said))
    lines: tuple[str, ...] = ()
    if only_known:
        known = pa.array(corpus.labels.names, type=pa.large_string())
        chosen = np.flatnonzero(pc.is_in(names, value_set=known).to_numpy(zero_copy_only=False))
        n_other = len(said) - len(chosen)
        if n_other:
            lines = (
                f"feedback: {counted(n_other, 'accepted correction')} of classes that were not "
                "chosen left out",
            )
    found = correct(
        corpus,
        split,
        documents.take(chosen),
        names.take(pa.array(chosen)),
        near=near,
        seed=seed,
        progress=progress,
    )
    record = {
        "store": accepted.name,
        # Of the rows as they are without corrections: by these they can be drawn again.
        "data_fingerprint": corpus.fingerprint,
        "split_digest": split_digest(split),
        **found.counts,
        "n_accepted": len(said),
        "n_not_chosen": len(said) - len(chosen),
        "new_classes": list(found.new_classes),
    }
    grown = found.corpus.with_changes(steps=(*found.corpus.steps, *lines))
    return grown, found.split, record


def _documents(accepted: Accepted, fields: Sequence[str]) -> Documents:
    rows = [_fields(entry.correction, fields) for entry in accepted.entries]
    unknown = sorted({name for row in rows for name in row} - set(fields))
    if unknown:
        n = sum(not row.keys() <= set(fields) for row in rows)
        problem = (
            f"{counted(n, 'accepted correction')} of {accepted.name} "
            f"{'has' if n == 1 else 'have'} the fields {listed(unknown)}; the rows have "
            f"{listed(fields)}."
        )
        remedy = "Name the same columns with --text, or reject those corrections."
        raise SchemaError(problem, remedy=remedy)
    return Documents(
        string_array([f"{_ID}{entry.id}" for entry in accepted.entries]),
        {name: string_array([row.get(name, "") for row in rows]) for name in fields},
    )


def _fields(correction: Correction, fields: Sequence[str]) -> dict[str, str]:
    """Texts by field; a bare text is the first field, as a bundle takes it."""
    given = {name: text for name, text in correction.fields.items() if text.strip()}
    if given.keys() == {TEXT_FIELD} and TEXT_FIELD not in fields:
        return {fields[0]: given[TEXT_FIELD]}
    return given
