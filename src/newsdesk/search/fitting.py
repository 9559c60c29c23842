"""The fits of a search, shared where the family can share, else one by one."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence, Set
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from time import perf_counter

import msgspec
import numpy as np

from newsdesk import bundle as door
from newsdesk import config
from newsdesk.errors import ConfigError, FitError
from newsdesk.models import registry
from newsdesk.models.classifier import Sweeping, SweepTask
from newsdesk.models.quality import quality
from newsdesk.search.grid import Grid
from newsdesk.search.journal import FoldScore
from newsdesk.types import Documents, Floats, Indices, LabelSet, Progress, Silent

__all__ = ["Fitting"]

Place = tuple[int, int]
"""Number of a setting, and number of a fold."""
Answer = Floats | FitError
"""Scores of held-out rows, or why there are none."""

_DIVERGED = "Training diverged: it gave scores that are not finite."


@dataclass(frozen=True, eq=False)
class Fitting:
    """What all fits of a search share.

    Parameters
    ----------
    grid : Grid
        The settings.
    documents : Documents
        n clean documents.
    y : Indices
        Class indices, shape ``(n,)``.
    fold : Indices
        Fold of each document, shape ``(n,)``.
    labels : LabelSet
        Class names.
    seed : int
        Of every random draw.
    progress : Progress
        Told of long work.
    """

    grid: Grid
    documents: Documents
    y: Indices
    fold: Indices
    labels: LabelSet
    seed: int
    progress: Progress

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.labels)

    @property
    def n_folds(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1

    def check_memory(self) -> None:
        """Refuse what would not fit.

        Raises
        ------
        ConfigError
            If a fit of the least simple setting needs more memory than there is.
        """
        largest = max(self.grid.settings, key=lambda setting: setting.complexity)
        needed = door.plan(self.grid.family, largest.params, self.documents, self.n_classes)
        free = config.available_memory()
        if needed is not None and free is not None and needed > free:
            problem = (
                f"A fit of {largest.name} on {len(self.documents):,} documents takes about "
                f"{needed / 1e9:.1f} GB of memory; {free / 1e9:.1f} GB are available."
            )
            raise ConfigError(problem, remedy="Take fewer rows (--rows), or simpler settings.")

    def scores(self, done: Sequence[FoldScore]) -> Iterator[FoldScore]:
        """Do the fits that are not done.

        Fits that a family does together are done together again when one of them is missing, so
        that a search that was interrupted ends as one that was not.

        Parameters
        ----------
        done : Sequence[FoldScore]
            Fits that are done.

        Yields
        ------
        FoldScore
            Each missing fit, as soon as it is done.
        """
        kept = {(fit.setting, fit.fold) for fit in done}
        family = registry.find(self.grid.family)
        classifier = family.load()
        places = self._missing(kept)
        found: Generator[tuple[int, Answer], None, None]
        if issubclass(classifier, Sweeping):
            places = self._with_their_chains(places)
            found = self._sweep(classifier, places)
        else:
            found = self._one_by_one(family, places)
        start = perf_counter()
        with closing(found):
            for number, answer in found:
                if places[number] not in kept:
                    now = perf_counter()
                    yield self._measured(*places[number], answer, now - start)
                    start = now

    def _missing(self, kept: Set[Place]) -> list[Place]:
        everything = product(range(len(self.grid.settings)), range(self.n_folds))
        return [place for place in everything if place not in kept]

    def _with_their_chains(self, places: list[Place]) -> list[Place]:
        """Add what is fitted together with one of these, see `Sweeping`."""
        wanted = {self._chain(place) for place in places}
        return [place for place in self._missing(set()) if self._chain(place) in wanted]

    def _chain(self, place: Place) -> tuple[bytes, int]:
        setting, fold = place
        params = msgspec.to_builtins(self.grid.settings[setting].params)
        params.pop("C", None)
        return msgspec.json.encode(params, order="sorted"), fold

    def _sweep(
        self, classifier: type[Sweeping], places: list[Place]
    ) -> Generator[tuple[int, Answer], None, None]:
        tasks = [
            SweepTask(self.grid.settings[setting].params, *self._rows[fold])
            for setting, fold in places
        ]
        yield from classifier.sweep(
            self.documents,
            self.y,
            tasks,
            n_classes=self.n_classes,
            seed=self.seed,
            progress=self.progress,
        )

    def _one_by_one(
        self, family: registry.Family, places: list[Place]
    ) -> Generator[tuple[int, Answer], None, None]:
        for number, (setting, fold) in enumerate(places):
            train, held_out = self._rows[fold]
            classifier = family.create(self.grid.settings[setting].params, self.labels)
            try:
                classifier.fit(
                    self.documents.take(train),
                    self.y[train],
                    n_classes=self.n_classes,
                    valid=None,
                    rng=np.random.default_rng(self.seed),
                    progress=Silent(),
                )
                yield number, classifier.decision(self.documents.take(held_out)).values
            except FitError as error:
                yield number, error

    @cached_property
    def _rows(self) -> list[tuple[Indices, Indices]]:
        """Rows to fit on and to measure on, by fold."""
        return [
            (np.flatnonzero(self.fold != fold), np.flatnonzero(self.fold == fold))
            for fold in range(self.n_folds)
        ]

    def _measured(self, setting: int, fold: int, answer: Answer, seconds: float) -> FoldScore:
        values = self.grid.settings[setting].values
        if isinstance(answer, FitError):
            return FoldScore(setting, fold, values, None, None, seconds, failed=answer.problem)
        if not np.isfinite(answer).all():
            return FoldScore(setting, fold, values, None, None, seconds, failed=_DIVERGED)
        y = self.y[self._rows[fold][1]]
        macro_f1, accuracy = quality(answer.argmax(axis=1), y, self.n_classes)
        return FoldScore(setting, fold, values, macro_f1, accuracy, seconds)
