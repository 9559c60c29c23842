"""The test rows of a comparison, and whether a bundle has learnt them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from newsdesk.bundle import Bundle
from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.fields import aligned
from newsdesk.data.identity import split_digest
from newsdesk.errors import ConfigError, DataError, LabelError, LeakageError, StorageError
from newsdesk.features.near_duplicates import find_exact
from newsdesk.promotion.gate import joint_labels
from newsdesk.training.rows import Rows, RowSource
from newsdesk.types import Bools, Documents, Indices, Progress, Silent

__all__ = ["Measured", "TestRows", "Trained"]

_SOURCE = ("data", "test", "split", "text", "label", "labels", "classes", "rows", "seed")
_READING = ("on_bad_row", "encoding", "delimiter", "near_duplicates")


@dataclass(frozen=True, kw_only=True)
class TestRows:
    """Where the rows come from on which both versions are measured.

    Parameters
    ----------
    test : str | None
        A table of labelled rows that neither has learnt; None takes the test rows of the run that
        wrote the candidate, drawn again.
    data : str | None
        Where the data of that run lie now; None means where they lay then.
    text : Sequence[str] | None
        Text columns of `test`; guessed if None.
    label : str | None
        Label column of `test`; guessed if None.
    labels : str | None
        Label merge map of `test`.
    without_learnt : bool
        Whether rows that one of the bundles has learnt are left out, instead of refused.
    """

    __test__ = False  # no test of pytest's

    test: str | None = None
    data: str | None = None
    text: Sequence[str] | None = None
    label: str | None = None
    labels: str | None = None
    without_learnt: bool = False

    def read(self, trained: Trained, prefer: Sequence[str], progress: Progress) -> Corpus:
        """Read the rows.

        Parameters
        ----------
        trained : Trained
            The run that wrote the candidate.
        prefer : Sequence[str]
            Text columns to take where there are such: fields of the candidate.
        progress : Progress
            Told of the bytes read.

        Returns
        -------
        Corpus
            Test rows alone.

        Raises
        ------
        ConfigError
            If no test rows are named and the run's cannot be drawn again.
        """
        if self.test is not None:
            return read_corpus(
                self.test,
                text=self.text,
                label=self.label,
                labels=self.labels,
                prefer=prefer,
                min_classes=1,
                progress=progress,
            )
        rows = trained.rows(progress)
        if isinstance(rows, str):
            problem = f"The test rows of the candidate's run cannot be drawn again: {rows}."
            remedy = "Name a table of them (--test FILE), or where the data lie now (--data DATA)."
            raise ConfigError(problem, remedy=remedy)
        test = rows.split.test
        return rows.corpus.take(test[rows.corpus.y[test] >= 0])


@dataclass(eq=False)
class Trained:
    """What is known of the training of a bundle.

    Parameters
    ----------
    name : str
        What the bundle is called in sentences.
    run : Mapping[str, Any]
        Settings of the run that wrote it, as ``run.toml`` has them; empty where nothing is known.
    fingerprint : str
        Of the rows that it was trained on.
    """

    name: str
    run: Mapping[str, Any]
    fingerprint: str
    _drawn: Rows | str | None = field(default=None, init=False)
    _twin: Trained | None = field(default=None, init=False)

    @property
    def settings(self) -> dict[str, Any]:
        """Settings that draw the rows again, and by which they are known; for the history."""
        keys = (*_SOURCE, *_READING, "feedback", "data_fingerprint", "split_digest")
        return {key: self.run[key] for key in keys if key in self.run}

    def moved(self, data: str | None) -> Trained:
        """Say where the data lie now; None means where they lay then."""
        run = self.run if data is None else {**self.run, "data": data}
        return Trained(self.name, run, self.fingerprint)

    def rows(self, progress: Progress) -> Rows | str:
        """Read and split the rows of the training again.

        Parameters
        ----------
        progress : Progress
            Told of the bytes read and of the search for near-duplicates.

        Returns
        -------
        Rows | str
            The same rows, divided as then; or why there are none.
        """
        if self._drawn is None:
            twin = self._twin
            self._drawn = self._draw(progress) if twin is None else twin.rows(progress)
        return self._drawn

    def share(self, other: Trained) -> None:
        """Take the rows of another bundle where both were trained on the same ones."""
        mine, theirs = (
            msgspec.json.encode(each.settings, order="sorted") for each in (self, other)
        )
        if mine == theirs and self.fingerprint == other.fingerprint:
            self._twin = other

    def _draw(self, progress: Progress) -> Rows | str:
        run = self.run
        if run.get("data_fingerprint") != self.fingerprint:
            return "it lies in no run folder that says how it was trained"
        # Corrections change the train rows alone; what stood there before is recorded with them.
        facts = run.get("feedback", run)
        if not {"data_fingerprint", "split_digest"} <= facts.keys():
            return "its run does not say how the rows were divided"
        options = {key: run[key] for key in (*_SOURCE, *_READING) if key in run}
        if "test" in options:
            options.pop("split", None)  # says no more than that there was a file
        if options.get("on_bad_row") == "quarantine":
            options["on_bad_row"] = "skip"
        try:
            source = RowSource(**options)
            rows = source.draw(source.read(progress), progress)
        except (DataError, ConfigError, StorageError) as error:
            return f"its data cannot be read ({error.problem})"
        same = rows.corpus.fingerprint == facts["data_fingerprint"]
        if not same or split_digest(rows.split) != facts["split_digest"]:
            return "its data are no longer those that it was trained on"
        return rows


@dataclass(frozen=True, eq=False)
class Measured:
    """The rows on which two bundles are compared.

    Parameters
    ----------
    corpus : Corpus
        n rows whose label at least one of the bundles knows.
    y : Indices
        Class indices among the classes of both, shape ``(n,)``.
    notes : tuple[str, ...]
        What a reader of the numbers should know.
    """

    corpus: Corpus
    y: Indices
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls,
        corpus: Corpus,
        bundles: Sequence[tuple[Bundle, Trained]],
        *,
        guessed: bool,
        without_learnt: bool,
        progress: Progress | None = None,
    ) -> Measured:
        """Take the rows that say something about both.

        Parameters
        ----------
        corpus : Corpus
            Test rows.
        bundles : Sequence[tuple[Bundle, Trained]]
            The served version and the candidate, each with its training.
        guessed : bool
            Whether nobody named the text columns.
        without_learnt : bool
            Whether learnt rows are left out instead of refused.
        progress : Progress | None
            Told of rows that are read again.

        Returns
        -------
        Measured
            The rows.

        Raises
        ------
        LeakageError
            If one of the bundles has learnt some rows, and these are not to be left out.
        LabelError
            If neither knows a label of the rows, or no row is left.
        """
        (served, _), (candidate, _) = bundles
        names = joint_labels(served.labels, candidate.labels)
        index = np.array([names.find(name) for name in corpus.labels] + [-1], dtype=np.int64)
        y = index[corpus.y]
        keep = y >= 0
        notes = []
        if not keep.all():
            unknown = ", ".join(sorted({n for n in corpus.labels if names.find(n) < 0})[:5])
            notes.append(f"{int((~keep).sum()):,} rows with labels that neither knows ({unknown})")
        for bundle, trained in bundles:
            documents, _ = aligned(corpus.documents, bundle.fields, guessed=guessed)
            learnt = _learnt(documents, trained, progress or Silent())
            if isinstance(learnt, str):
                notes.append(f"whether {trained.name} has learnt test rows is not known: {learnt}")
                continue
            n = int((learnt & keep).sum())
            if n and not without_learnt:
                problem = f"Of the {len(y):,} test rows {n:,} have been learnt by {trained.name}."
                remedy = "Give rows that it has not seen, or leave these out (--without-learnt)."
                raise LeakageError(problem, remedy=remedy)
            if n:
                notes.append(f"{n:,} rows that {trained.name} has learnt are left out")
            if "feedback" in trained.run:
                notes.append(f"which corrections {trained.name} has learnt is not looked at")
            keep &= ~learnt
        rows = np.flatnonzero(keep)
        if not len(rows):
            problem = f"None of the {len(y):,} test rows can be measured on."
            remedy = "Give rows with labels of the bundles that neither has learnt."
            raise LabelError(problem, remedy=remedy)
        return cls(corpus.take(rows), y[rows], tuple(notes))

    def documents(self, bundle: Bundle, *, guessed: bool) -> Documents:
        """The rows with the fields that a bundle knows."""
        return aligned(self.corpus.documents, bundle.fields, guessed=guessed)[0]


def _learnt(documents: Documents, trained: Trained, progress: Progress) -> Bools | str:
    """Which rows stand word for word among those that a bundle was trained or calibrated on."""
    rows = trained.rows(progress)
    if isinstance(rows, str):
        return rows
    taken = np.concatenate([rows.split.train, rows.split.valid])
    seen = rows.corpus.documents.take(taken)
    # Fields that the test rows lack cannot tell them from a learnt row.
    names = [name for name in seen.fields if name in documents.fields]
    learnt, asked = (
        Documents(each.ids, {name: each.fields[name] for name in names})
        for each in (seen, documents)
    )
    clusters = find_exact(learnt.extended(asked))
    found: Bools = np.isin(clusters[len(learnt) :], clusters[: len(learnt)])
    return found
