from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from newsdesk.bundle import SMALL, Bundle, default_params
from newsdesk.ladder import estimate as estimates
from newsdesk.ladder.deadline import Deadline, OutOfTimeError
from newsdesk.ladder.estimate import Estimator
from newsdesk.ladder.trials import FEWEST
from newsdesk.models.neural.embedding import EmbeddingParams
from newsdesk.models.neural.encoders.runner import Runner
from newsdesk.models.neural.static import StaticParams
from newsdesk.training.fitting import Fitting
from newsdesk.types import Silent


def test_an_estimate_is_above_what_is_known_to_be_needed(fitting: Fitting) -> None:
    found = Estimator(fitting).estimate("linear", default_params("linear"), left=1e6, measuring=7.0)
    assert found.seconds > estimates.MARGIN * 7.0
    assert not found.is_least


def test_of_a_family_that_takes_too_much_only_that_is_found_out(
    fitting: Fitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = []
    fit = Bundle.fit
    monkeypatch.setattr(Bundle, "fit", lambda *a, **b: fits.append(b) or fit(*a, **b))
    found = Estimator(fitting).estimate("linear", default_params("linear"), left=1.0, measuring=7.0)
    assert found.is_least
    assert found.seconds >= 7.0
    assert len(fits) == 1


@pytest.mark.parametrize("few", [True, False])
def test_trials_go_the_way_of_the_whole_fit(
    fitting: Fitting, monkeypatch: pytest.MonkeyPatch, few: bool
) -> None:
    if not few:
        monkeypatch.setattr(estimates, "SMALL", 100)
    asked: list[dict[str, Any]] = []
    fitted = []
    fit = Bundle.fit

    def watched(*documents: Any, **options: Any) -> Any:
        asked.append(options)
        fitted.append(fit(*documents, **options))
        return fitted[-1]

    monkeypatch.setattr(Bundle, "fit", watched)
    fitting = replace(fitting, refit=False)
    Estimator(fitting).estimate("linear", default_params("linear"), left=1e6, measuring=0.0)
    split = fitting.rows.split
    assert all(one.out_of_fold == few for one in fitted)
    assert all(options["refit"] is False for options in asked)
    assert all(options["labels"] is fitting.rows.corpus.labels for options in asked)
    n = FEWEST // 2
    assert len(asked[0]["groups"]) == n < SMALL
    assert n * len(split.valid) / (len(split.train) + len(split.valid)) == pytest.approx(
        len(asked[0]["valid"][1]), abs=1
    )


def test_trials_make_the_passes_of_the_whole_fit(
    fitting: Fitting, make_encoder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    fit = Bundle.fit
    monkeypatch.setattr(Bundle, "fit", lambda *a, **b: asked.append(b) or fit(*a, **b))
    estimator = Estimator(fitting)
    params = StaticParams(encoder=str(make_encoder()), batch_size=16, epochs=1, min_updates=40)
    estimator.estimate("static", params, left=1e6, measuring=0.0)
    passes = params.settled(estimator.n_rows).epochs
    assert 1 < passes < params.settled(len(asked[0]["groups"])).epochs
    assert {(one["params"].epochs, one["params"].min_updates) for one in asked} == {(passes, 0)}


def test_texts_that_are_known_already_are_not_read_and_do_not_count(
    fitting: Fitting, make_encoder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    params = EmbeddingParams(encoder=str(make_encoder()), hidden=(), epochs=1)
    monkeypatch.setattr(Estimator, "_answering", lambda *_: 1.0)
    estimator = Estimator(fitting)
    n_test = len(fitting.rows.test)
    n_rows = estimator.n_rows
    first = estimator.estimate("embedding", params, left=1e6, measuring=0.0)
    # What trials have read is known; the rest takes a second a text.
    n_left = n_rows // 2
    assert first.seconds > estimates.MARGIN * (n_left + n_test)
    told: list[int] = []
    run = Runner.vectors
    monkeypatch.setattr(Runner, "vectors", lambda s, q, *m: told.append(q.n) or run(s, q, *m))
    again = estimator.estimate("embedding", params, left=1e6, measuring=0.0)
    assert not told
    assert again.seconds < estimates.MARGIN * (n_left + n_test + 60)


def test_trials_can_be_stopped(fitting: Fitting) -> None:
    late = Deadline(Silent(), -1.0)
    with pytest.raises(OutOfTimeError, match="over"):
        Estimator(fitting).estimate("linear", None, left=1e6, measuring=0.0, progress=late)
