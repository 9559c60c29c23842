"""The sample, split and ready to be fitted, and results that differ as they are told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from newsdesk.bundle import Cleaner
from newsdesk.training.fitting import Fitting
from newsdesk.training.leaks import find_leaks
from newsdesk.training.result import Costs, Result
from newsdesk.training.rows import RowSource
from newsdesk.types import Silent


@pytest.fixture(autouse=True, scope="package")
def _measure_speed_briefly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("newsdesk.training.result._LEAST_SECONDS", 0.0)
        yield


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def fitting(said: list[str]) -> Fitting:
    source = RowSource(data="sample", rows=300)
    rows = source.draw(source.read(Silent()), Silent())
    leaks = find_leaks(rows.corpus, rows.split, near=True, forbid=False, progress=Silent())
    return Fitting(rows, leaks, Cleaner(), None, None, Silent(), said.append)


@pytest.fixture(scope="session")
def one() -> Result:
    """A result to vary."""
    source = RowSource(data="sample", rows=300)
    rows = source.draw(source.read(Silent()), Silent())
    leaks = find_leaks(rows.corpus, rows.split, near=False, forbid=False, progress=Silent())
    return Fitting(rows, leaks, Cleaner(), None, None, Silent(), lambda _line: None).run(
        "prior", None
    )


@pytest.fixture(scope="session")
def made(one: Result) -> Callable[..., Result]:
    """Make a result of so much valid macro-F1 and speed."""

    def make(name: str, macro_f1: float, speed: float = 1.0) -> Result:
        return replace(
            one,
            family=name,
            valid=replace(one.valid, macro_f1=macro_f1),
            costs=Costs(1.0, 0.0, speed, 100.0),
        )

    return make


@pytest.fixture
def answered(one: Result) -> Callable[..., Result]:
    """Make a result that answers n valid rows of two classes, some of them wrongly."""

    def make(name: str, y: np.ndarray, wrong: np.ndarray) -> Result:
        from newsdesk.evaluation.metrics import measure
        from newsdesk.types import LabelSet

        proba = np.full((len(y), 2), 0.2, dtype=np.float32)
        proba[np.arange(len(y)), np.where(wrong, 1 - y, y)] = 0.8
        valid = measure(proba, y, LabelSet(["A", "B"]), n_bootstrap=10)
        rows = np.arange(len(y))
        return replace(one, family=name, valid=valid, valid_proba=proba, valid_rows=rows)

    return make
