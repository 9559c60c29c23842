from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import f1_score

from newsdesk.data.corpus import read_corpus
from newsdesk.errors import ConfigError
from newsdesk.models.classifier import SweepTask
from newsdesk.models.linear import Linear
from newsdesk.models.quality import quality
from newsdesk.search import fitting as room
from newsdesk.search.fitting import Fitting
from newsdesk.search.grid import Grid, read_grid
from newsdesk.search.journal import FoldScore
from newsdesk.types import Floats, LabelSet, Silent

N_FOLDS = 3
LABELS = LabelSet("ABC")

Begun = Callable[[Grid], Fitting]


@pytest.fixture(name="fitting")
def _fitting(news: Callable[[int], pa.Table]) -> Begun:
    corpus = read_corpus(news(120))

    def begin(grid: Grid) -> Fitting:
        return Fitting(
            grid=grid,
            documents=corpus.documents,
            y=corpus.y,
            fold=np.arange(120) % N_FOLDS,
            labels=LABELS,
            seed=0,
            progress=Silent(),
        )

    return begin


def by_place(fits: Sequence[FoldScore]) -> dict[tuple[int, int], tuple[float | None, float | None]]:
    return {(fit.setting, fit.fold): (fit.macro_f1, fit.accuracy) for fit in fits}


def test_every_setting_is_measured_on_every_fold_once(fitting: Begun, grid: Grid) -> None:
    found = list(fitting(grid).scores(()))
    places = Counter((fit.setting, fit.fold) for fit in found)
    assert places == Counter((s, f) for s in range(4) for f in range(N_FOLDS))
    assert all(fit.values == grid.settings[fit.setting].values for fit in found)
    assert all(fit.seconds >= 0 for fit in found)


def test_a_fit_is_measured_on_its_fold_alone(fitting: Begun, grid: Grid) -> None:
    work = fitting(grid)
    first = next(fit for fit in work.scores(()) if (fit.setting, fit.fold) == (2, 1))
    held_out = np.flatnonzero(work.fold == 1)
    train = np.flatnonzero(work.fold != 1)
    model = Linear(grid.settings[2].params).fit(
        work.documents.take(train),
        work.y[train],
        n_classes=3,
        valid=None,
        rng=np.random.default_rng(0),
        progress=Silent(),
    )
    said = model.decision(work.documents.take(held_out)).values.argmax(axis=1)
    assert (first.macro_f1, first.accuracy) == quality(said, work.y[held_out], 3)


def test_what_is_done_is_not_told_again_and_the_rest_is_as_if_nothing_were_done(
    fitting: Begun, grid: Grid
) -> None:
    work = fitting(grid)
    everything = list(work.scores(()))
    for n_done in range(len(everything) + 1):
        done = everything[:n_done]
        rest = list(work.scores(done))
        assert len(rest) == len(everything) - n_done
        assert by_place([*done, *rest]) == by_place(everything)


def test_only_chains_with_a_missing_fit_are_fitted_again(
    fitting: Begun, grid: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = fitting(grid)
    everything = list(work.scores(()))
    asked: list[SweepTask] = []
    sweep = Linear.sweep

    def watched(documents: Any, y: Any, tasks: list[SweepTask], **others: Any) -> Iterator[Any]:
        asked.extend(tasks)
        return sweep(documents, y, tasks, **others)

    monkeypatch.setattr(Linear, "sweep", watched)
    done = [fit for fit in everything if (fit.setting, fit.fold) != (3, 2)]
    assert [(fit.setting, fit.fold) for fit in work.scores(done)] == [(3, 2)]
    # The settings of a chain differ in C alone: 2 and 3 have both the n-grams (1, 2).
    assert [task.params for task in asked] == [grid.settings[n].params for n in (2, 3)]
    assert all(np.array_equal(task.held_out, np.flatnonzero(work.fold == 2)) for task in asked)
    asked.clear()
    assert list(work.scores(everything)) == []
    assert asked == []


def test_scores_that_are_not_finite_are_a_failed_fit(
    fitting: Begun, grid: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = Linear.sweep

    def diverging(*given: Any, **others: Any) -> Iterator[tuple[int, Floats]]:
        for number, scores in sweep(*given, **others):
            yield number, np.full_like(scores, np.nan) if number % 2 else scores

    monkeypatch.setattr(Linear, "sweep", diverging)
    found = list(fitting(grid).scores(()))
    failed = [fit for fit in found if fit.failed]
    assert len(failed) == len(found) // 2
    assert all(fit.macro_f1 is None and "diverged" in (fit.failed or "") for fit in failed)


def test_a_family_without_a_sweep_is_fitted_one_by_one(fitting: Begun, plain: Any) -> None:
    work = fitting(read_grid("plain", ["alpha=1|2"]))
    found = list(work.scores(()))
    assert plain.n_fits == 2 * N_FOLDS
    # It answers every text with the commonest class: one of three balanced ones.
    assert all(fit.accuracy == pytest.approx(1 / 3, abs=0.1) for fit in found)
    assert next(iter(work.scores(found[:-1]))).fold == N_FOLDS - 1
    assert plain.n_fits == 2 * N_FOLDS + 1


def test_a_fit_that_fails_is_recorded_with_its_reason_and_the_others_go_on(
    fitting: Begun, plain: Any
) -> None:
    found = list(fitting(read_grid("plain", ["alpha=-1|2"])).scores(()))
    assert [fit.failed for fit in found] == ["alpha is -1.0."] * N_FOLDS + [None] * N_FOLDS


def test_a_fit_that_cannot_fit_into_memory_is_refused(
    fitting: Begun, grid: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = fitting(grid)
    work.check_memory()
    monkeypatch.setattr(room.config, "available_memory", lambda: 1000)
    with pytest.raises(ConfigError, match=r"word_ngrams=\[1,2\] C=1 on 120 documents takes"):
        work.check_memory()


@pytest.mark.parametrize("seed", range(5))
def test_quality_is_that_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y, said = rng.integers(0, 6, 40), rng.integers(1, 8, 40)
    macro_f1, accuracy = quality(said, y, 9)
    assert macro_f1 == pytest.approx(f1_score(y, said, average="macro", zero_division=0))
    assert accuracy == (y == said).mean()
