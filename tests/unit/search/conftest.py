"""A small search, and families that fit at once or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.errors import DivergedError
from newsdesk.models import registry
from newsdesk.models.prior import Prior
from newsdesk.search.grid import Grid, read_grid
from newsdesk.search.journal import FoldScore
from newsdesk.types import Documents, Indices

WORDS = {
    "business": ["bank", "shares", "profit", "market", "rates", "fall", "merger", "oil"],
    "sport": ["goal", "cup", "striker", "coach", "final", "match", "league", "keeper"],
    "tech": ["phone", "chip", "browser", "app", "update", "battery", "screen", "robot"],
}


def news(n: int = 150, *, seed: int = 0) -> pa.Table:
    """Distinct headlines of words of their section, and as many of any section."""
    rng = np.random.default_rng(seed)
    names = sorted(WORDS)
    everything = [word for name in names for word in WORDS[name]]
    y = rng.permutation(np.arange(n) % len(names))
    headlines = []
    for row, index in enumerate(y.tolist()):
        words = [*rng.choice(WORDS[names[index]], 3), *rng.choice(everything, 3)]
        headlines.append(" ".join([*words, f"no{seed}x{row}"]))
    sections = [names[index] for index in y]
    outlets = [f"outlet {number}" for number in rng.integers(0, 12, n)]
    return pa.table({"headline": headlines, "section": sections, "outlet": outlets})


@dataclass(frozen=True)
class PlainParams:
    """Settings of a family without a sweep.

    Parameters
    ----------
    alpha : float
        Nothing; it diverges below zero.
    """

    alpha: float = 1.0


class Plain(Prior):
    """Answers with the class frequencies, and fails when it is asked to."""

    Params: ClassVar[type] = PlainParams
    n_fits: ClassVar[int] = 0

    def __init__(self, params: PlainParams | None = None) -> None:
        super().__init__()
        self.own = params or PlainParams()

    def fit(self, documents: Documents, y: Indices, **others: Any) -> Self:
        type(self).n_fits += 1
        if self.own.alpha < 0:
            raise DivergedError(f"alpha is {self.own.alpha}.", remedy="Raise it.")
        return super().fit(documents, y, **others)


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Plain]]:
    """Register the family ``plain``."""
    family = registry.Family("plain", "nowhere:Plain", "For tests.")
    monkeypatch.setattr(Plain, "n_fits", 0)
    load = registry.Family.load
    monkeypatch.setattr(
        registry.Family, "load", lambda self: Plain if self.name == "plain" else load(self)
    )
    monkeypatch.setattr(registry, "_BUILT_IN", (*registry._BUILT_IN, family))
    registry.families.cache_clear()
    yield Plain
    registry.families.cache_clear()


@pytest.fixture(name="news", scope="session")
def _news() -> Callable[..., pa.Table]:
    return news


@pytest.fixture
def grid() -> Grid:
    """Four settings of family linear."""
    return read_grid("linear", ["word_ngrams=1,1|1,2", "C=0.1|1"], ["bits=12"])


Scored = Callable[..., list[FoldScore]]


@pytest.fixture
def scored() -> Scored:
    """Fits of a grid from one row of macro-F1 per setting; None is a failed fit."""

    def make(grid: Grid, rows: list[list[float | None]]) -> list[FoldScore]:
        return [
            FoldScore(
                number,
                fold,
                grid.settings[number].values,
                value,
                value,
                0.5,
                failed=None if value is not None else "It diverged.",
            )
            for number, row in enumerate(rows)
            for fold, value in enumerate(row)
        ]

    return make


@pytest.fixture(autouse=True)
def _measure_speed_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsdesk.training.result._LEAST_SECONDS", 0.0)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "found"
