from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from newsdesk import config
from newsdesk.bundle import Bundle, Cleaner
from newsdesk.bundle.ensemble import EnsembleParams
from newsdesk.errors import ConfigError
from newsdesk.evaluation.metrics import measure
from newsdesk.models.linear.params import LinearParams
from newsdesk.models.prior import PriorParams
from newsdesk.training.fitting import Fitting
from newsdesk.training.leaks import find_leaks
from newsdesk.training.rows import RowSource
from newsdesk.types import Silent

News = Callable[..., pa.Table]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def fitting(news: News, said: list[str]) -> Fitting:
    """The first five texts stand in test again."""
    table = news(120)
    headlines = table["headline"].to_pylist()
    headlines[100:105] = headlines[:5]
    source = RowSource(data=table.set_column(0, "headline", pa.array(headlines)), split="tail:20")
    rows = source.draw(source.read(Silent()), Silent())
    leaks = find_leaks(rows.corpus, rows.split, near=True, forbid=False, progress=Silent())
    return Fitting(
        rows,
        leaks,
        Cleaner.of(["lower"]),
        refit=True,
        checkpoints=None,
        progress=Silent(),
        said=said.append,
    )


def test_a_family_is_measured_on_the_test_rows_and_on_those_that_are_new(fitting: Fitting) -> None:
    result = fitting.run("linear", LinearParams(bits=12))
    rows = fitting.rows
    proba, y = result.predictions.proba, rows.corpus.y[rows.split.test]
    assert np.array_equal(proba, result.bundle.predict(rows.test).proba)
    assert result.test == measure(proba, y, rows.corpus.labels)
    assert result.without_leaked == measure(proba[5:], y[5:], rows.corpus.labels)
    assert result.test_rows.tolist() == list(range(100, 120))
    assert (result.n_leaked, result.n_copies) == (5, 5)


def test_the_bundle_has_the_settings_and_the_text_steps(fitting: Fitting) -> None:
    bundle = fitting.run("linear", LinearParams(bits=12, C=0.3)).bundle
    assert bundle.classifier.params == LinearParams(bits=12, C=0.3)
    assert bundle.cleaner == fitting.cleaner
    assert bundle.fingerprint == fitting.rows.corpus.fingerprint


def test_a_fit_that_fits_into_memory_is_told(fitting: Fitting, said: list[str]) -> None:
    fitting.check_memory("linear", LinearParams())
    (line,) = said
    assert line.startswith("Fitting linear takes about 0.")


def test_a_fit_that_does_not_fit_into_memory_is_refused(
    fitting: Fitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "available_memory", lambda: 1_000_000)
    with pytest.raises(ConfigError, match=r"Fitting linear on \d+ documents and 3 classes takes"):
        fitting.check_memory("linear", LinearParams())


def test_a_family_that_does_not_tell_its_memory_is_let_through(
    fitting: Fitting, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "available_memory", lambda: 0)
    fitting.check_memory("prior", PriorParams())
    assert not said


def test_the_memory_of_a_fit_is_estimated_where_the_family_tells(fitting: Fitting) -> None:
    small = fitting.memory("linear", LinearParams(bits=10))
    large = fitting.memory("linear", LinearParams(bits=20))
    assert small is not None
    assert large is not None
    assert 0 < small < large
    assert fitting.memory("prior", PriorParams()) is None


def test_held_out_answers_are_kept_with_their_rows(fitting: Fitting) -> None:
    result = fitting.run("linear", LinearParams(bits=12))
    y = fitting.rows.corpus.y[result.valid_rows]
    assert result.valid == measure(
        result.valid_proba,
        y,
        fitting.rows.corpus.labels,
        clusters=fitting.leaks.clusters[result.valid_rows],
    )
    assert not set(result.valid_rows) & set(fitting.rows.split.test)


def test_bundles_are_vouched_for_before_they_are_mixed(
    fitting: Fitting, said: list[str], tmp_path: Path
) -> None:
    labels = fitting.rows.corpus.labels
    for seed in (1, 2):
        fitted = Bundle.fit(*fitting.rows.train, labels=labels, family="prior", seed=seed)
        fitted.bundle.save(tmp_path / str(seed))
    params = EnsembleParams(bundles=(str(tmp_path / "1"), str(tmp_path / "2")))
    with pytest.raises(ConfigError, match="is not known"):
        fitting.vouch("ensemble", params)
    trusting = replace(params, trust=True)
    assert fitting.vouch("ensemble", trusting) == trusting
    assert [note.partition(" was ")[2][:14] for note in said] == ["taken on trust"] * 2
    assert fitting.run("ensemble", trusting).bundle.family == "ensemble"


def test_a_family_without_bundles_needs_nobody_to_vouch(fitting: Fitting) -> None:
    params = LinearParams()
    assert fitting.vouch("linear", params) is params
