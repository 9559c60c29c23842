"""The rows of a run: read once, split once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from newsdesk.data import split as splits
from newsdesk.data.bad_rows import BadRowPolicy
from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.given_test import concat, name_again
from newsdesk.data.split import Split
from newsdesk.errors import ConfigError
from newsdesk.models.classifier import Valid
from newsdesk.training.corrections import Accepted, learn, read_accepted
from newsdesk.types import Documents, Progress

__all__ = ["RowSource", "Rows"]


@dataclass(frozen=True, eq=False, kw_only=True)
class RowSource:
    """Where rows come from, which of them are taken, and how they are split.

    Parameters
    ----------
    data : Any
        A path, a glob, a known name, an Arrow-stream table or a `Corpus`.
    split : str | None
        How test and valid are drawn; None means what `newsdesk.data.split.default_spec` chooses.
    test : str | Path | None
        A table of test rows; all of `data` is then train and valid.
    text : Sequence[str] | None
        Text columns in reading order; guessed if None.
    label : str | None
        Label column; guessed if None.
    labels : str | Path | None
        Label merge map, by name or TOML file.
    classes : Sequence[str] | str | None
        Classes to keep: names, ``"A,B"`` or ``"top5"``.
    rows : int | None
        Keep a seeded sample of so many rows.
    seed : int
        Of the sample and of the split.
    on_bad_row : BadRowPolicy
        ``"error"``, ``"skip"`` or ``"quarantine"``.
    quarantine : Path | None
        Folder for rejected rows.
    encoding : str | None
        Of text files; found if None.
    delimiter : str | None
        Of CSV files; found if None.
    near_duplicates : bool
        Whether near-duplicates are looked for; without, only exact copies are known.
    feedback : str | Path | None
        A store whose accepted corrections become train rows; None for none.

    Raises
    ------
    ConfigError
        If options contradict each other; nothing has been read then.
    """

    data: Any
    split: str | None = None
    test: str | Path | None = None
    text: Sequence[str] | None = None
    label: str | None = None
    labels: str | Path | None = None
    classes: Sequence[str] | str | None = None
    rows: int | None = None
    seed: int = 0
    on_bad_row: BadRowPolicy = "error"
    quarantine: Path | None = None
    encoding: str | None = None
    delimiter: str | None = None
    near_duplicates: bool = True
    feedback: str | Path | None = None

    def __post_init__(self) -> None:
        if self.split is not None and self.test is not None:
            problem = (
                f"Both a split ({self.split}) and a file of test rows ({self.test}) are given."
            )
            raise ConfigError(problem, remedy="Give one of them.")
        given = [name for name, value in self.choosing.items() if value is not None]
        if isinstance(self.data, Corpus) and given:
            problem = f"{' and '.join(given)} cannot be applied to a Corpus, which is read already."
            raise ConfigError(problem, remedy="Give them to read_corpus.")

    @property
    def choosing(self) -> dict[str, Any]:
        """Which rows are kept, and under which labels; by name."""
        return {"labels": self.labels, "classes": self.classes, "rows": self.rows}

    @property
    def reading(self) -> dict[str, Any]:
        """How tables are read, `data` and `test` alike; by name."""
        return {
            "on_bad_row": self.on_bad_row,
            "quarantine": self.quarantine,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "text": self.text,
            "label": self.label,
        }

    @cached_property
    def accepted(self) -> Accepted | None:
        """The corrections to train on, read once."""
        return None if self.feedback is None else read_accepted(self.feedback)

    def read(self, progress: Progress) -> Corpus:
        """Read the rows, those of a test file apart.

        Parameters
        ----------
        progress : Progress
            Told of the bytes read.

        Returns
        -------
        Corpus
            The rows; `data` itself where it is a corpus.
        """
        if self.feedback is not None:
            _ = self.accepted  # a store that cannot be read is found out first
        if isinstance(self.data, Corpus):
            return self.data
        return read_corpus(
            self.data, **self.choosing, seed=self.seed, **self.reading, progress=progress
        )

    def draw(self, corpus: Corpus, progress: Progress) -> Rows:
        """Split a corpus, or put the rows of the test file behind it; then add corrections.

        Parameters
        ----------
        corpus : Corpus
            What `read` gave, or some rows of it.
        progress : Progress
            Told of the bytes read and of the search for near-duplicates.

        Returns
        -------
        Rows
            All rows and their parts.
        """
        near = self.near_duplicates
        if self.test is None:
            spec = self.split or splits.default_spec(corpus)
            drawn = splits.draw(corpus, spec, seed=self.seed, near=near, progress=progress)
            return self._corrected(corpus, drawn, progress)
        given = read_corpus(
            self.test, labels=self.labels, min_classes=1, **self.reading, progress=progress
        )
        both, drawn = concat(corpus, given, seed=self.seed, near=near, progress=progress)
        found = self._corrected(both, drawn, progress)
        if found.corpus.labels == both.labels:
            return found
        grown, split = name_again(found.corpus, found.split, given, both.labels)
        return replace(found, corpus=grown, split=split)

    def _corrected(self, corpus: Corpus, split: Split, progress: Progress) -> Rows:
        if self.accepted is None:
            return Rows(self, corpus, split)
        grown, moved, record = learn(
            self.accepted,
            corpus,
            split,
            labels=self.labels,
            only_known=self.classes is not None,
            near=self.near_duplicates,
            seed=self.seed,
            progress=progress,
        )
        return Rows(self, grown, moved, record)


@dataclass(frozen=True, eq=False)
class Rows:
    """A corpus and its split.

    Parameters
    ----------
    source : RowSource
        Where they come from.
    corpus : Corpus
        n rows.
    split : Split
        Which of them train, choose and test.
    feedback : dict[str, Any] | None
        What became of accepted corrections; None where none were asked for.
    """

    source: RowSource
    corpus: Corpus
    split: Split
    feedback: dict[str, Any] | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to the rows, and how they were split."""
        return (*self.corpus.steps, self.split.how, *self.split.notes)

    @cached_property
    def train(self) -> Valid:
        """Documents and class indices of the train rows."""
        rows = self.split.train
        return self.corpus.documents.take(rows), self.corpus.y[rows]

    @cached_property
    def valid(self) -> Valid:
        """Documents and class indices of the valid rows."""
        rows = self.split.valid
        return self.corpus.documents.take(rows), self.corpus.y[rows]

    @cached_property
    def test(self) -> Documents:
        """Documents of the test rows."""
        return self.corpus.documents.take(self.split.test)
