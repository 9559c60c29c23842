from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.errors import ConfigError
from newsdesk.study import fitting as room
from newsdesk.study.factors import Plan, read_plan
from newsdesk.study.fitting import Fitting
from newsdesk.types import Documents, LabelSet, Silent

Rows = Callable[..., pa.Table]


@pytest.fixture
def work(rows: Rows) -> Callable[[Plan], Fitting]:
    table = rows(300)
    documents = Documents.from_texts(table["text"].combine_chunks())
    y = np.arange(300) % 3

    def make(plan: Plan) -> Fitting:
        train, valid = np.arange(200), np.arange(200, 300)
        return Fitting(
            plan,
            (documents.take(train), y[train]),
            (documents.take(valid), y[valid]),
            labels=LabelSet("ABC"),
            seed=0,
            progress=Silent(),
        )

    return make


def test_train_and_valid_are_measured(work: Any) -> None:
    fitting = work(read_plan("toy", ["dropout=0|0.5"]))
    fit = fitting.fit(fitting.plan.base, 0)
    assert fit.numbers is not None
    assert fit.numbers.train.accuracy == 1.0
    assert fit.numbers.valid.accuracy == fit.numbers.answers(100).mean()
    assert fit.numbers.valid.accuracy == pytest.approx(0.6, abs=0.15)
    right, wrong = -np.log(0.9), -np.log(0.05)
    share = fit.numbers.valid.accuracy
    assert fit.numbers.valid.log_loss == pytest.approx(share * right + (1 - share) * wrong, 1e-5)
    assert fit.history is None


def test_a_seed_gives_the_same_numbers_again_and_another_seed_others(work: Any) -> None:
    fitting = work(read_plan("toy", ["dropout=0|0.5"]))
    first, again, other = (fitting.fit(fitting.plan.base, seed) for seed in (0, 0, 1))
    assert first.numbers == again.numbers != other.numbers


def test_a_training_that_diverges_is_recorded(work: Any) -> None:
    fitting = work(read_plan("toy", ["rate=0.1|9"]))
    fit = fitting.fit(fitting.plan.settings[1], 0)
    assert (fit.numbers, fit.failed, fit.diverged) == (None, "rate is 9.0.", True)
    assert fit.values == {"rate": 9.0}


def test_probabilities_that_are_not_finite_are_a_divergence(
    work: Any, toys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        toys, "predict_proba", lambda _, documents: np.full((len(documents), 3), np.nan)
    )
    fitting = work(read_plan("toy", ["dropout=0|0.5"]))
    fit = fitting.fit(fitting.plan.base, 0)
    assert fit.diverged
    assert "not finite" in (fit.failed or "")


def test_the_epochs_of_a_family_that_has_them_are_kept(work: Any) -> None:
    fitting = work(read_plan("epochs", ["dropout=0|0.5"]))
    history = fitting.fit(fitting.plan.base, 0).history
    assert history is not None
    assert history.chosen == 3


def test_of_many_training_rows_the_same_sample_is_measured(
    work: Any, toys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_MEASURED", 50)
    asked: list[list[str]] = []
    answer = toys.predict_proba

    def noted(self: Any, documents: Documents) -> Any:
        asked.append(documents.texts.to_pylist())
        return answer(self, documents)

    monkeypatch.setattr(toys, "predict_proba", noted)
    for _ in range(2):
        fitting = work(read_plan("toy", ["dropout=0|0.5"]))
        assert fitting.n_measured == 50
        fitting.fit(fitting.plan.base, 0)
    assert asked[0] == asked[2]
    assert len(set(asked[0])) == 50


def test_a_fit_that_needs_more_memory_than_there_is_is_refused(
    work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitting = work(read_plan("linear", ["bits=10|24"]))
    fitting.check_memory()
    monkeypatch.setattr("newsdesk.config.available_memory", lambda: 10_000_000)
    with pytest.raises(ConfigError, match=r"A fit of (base|bits=24) on 200 documents takes about"):
        fitting.check_memory()
    replace(fitting, plan=read_plan("toy", ["dropout=0|0.5"])).check_memory()
