"""A family whose accuracy follows from its settings, and a small study of it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.errors import ConfigError, DivergedError
from newsdesk.models import registry
from newsdesk.models.history import Epoch, History
from newsdesk.models.prior import Prior
from newsdesk.study import StudyResult, study
from newsdesk.types import Documents, Floats, Indices

NAMES = ("alpha", "beta", "gamma")


def rows(n: int = 300) -> pa.Table:
    """Texts that name their class, as many of each."""
    names = [NAMES[row % 3] for row in range(n)]
    return pa.table({"text": [f"{name} {row}" for row, name in enumerate(names)], "label": names})


@dataclass(frozen=True)
class ToyParams:
    """Settings of the family ``toy``.

    Parameters
    ----------
    dropout : float
        The larger, the less right on train and the more right on valid.
    rate : float
        Nothing; above 1 the training diverges.
    kind : Literal["a", "b"]
        ``b`` is never right.
    patience : int
        Nothing.
    keep : Literal["best", "last"]
        Nothing.
    """

    FACTORS: ClassVar[dict[str, tuple[Any, ...]]] = {"dropout": (0.0, 0.2, 0.5), "rate": (0.1, 9.0)}

    dropout: float = 0.0
    rate: float = 0.1
    kind: Literal["a", "b"] = "a"
    patience: int = 2
    keep: Literal["best", "last"] = "best"

    def __post_init__(self) -> None:
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"dropout is {self.dropout}, allowed: [0, 1).", remedy="Lower it.")


class Toy(Prior):
    """Right on a share of the documents that its settings tell."""

    Params: ClassVar[type] = ToyParams
    n_fits: ClassVar[int] = 0
    seen: ClassVar[list[ToyParams]] = []
    texts: ClassVar[set[str]] = set()

    def __init__(self, params: ToyParams | None = None) -> None:
        super().__init__()
        self.own = params or ToyParams()

    def fit(self, documents: Documents, y: Indices, **others: Any) -> Self:
        type(self).n_fits += 1
        self.seen.append(self.own)
        if self.own.rate > 1:
            raise DivergedError(f"rate is {self.own.rate}.", remedy="Lower it.")
        self.seed = int(others["rng"].integers(1 << 30))
        self.train = set(documents.texts.to_pylist())
        self.texts.update(self.train)
        return self

    def predict_proba(self, documents: Documents) -> Floats:
        proba = np.full((len(documents), 3), 0.05, dtype=np.float32)
        for row, text in enumerate(documents.texts.to_pylist()):
            self.texts.add(text)
            label = NAMES.index(text.split()[0])
            share = 1 - 0.3 * self.own.dropout
            if text not in self.train:
                share = 0.6 + 0.2 * self.own.dropout
            chance = zlib.crc32(f"{text} {self.seed % 7}".encode()) / 2**32
            right = chance < share and self.own.kind == "a"
            proba[row, label if right else (label + 1) % 3] = 0.9
        return proba


class Epochs(Toy):
    """The same in epochs."""

    brief = False
    checkpoints: Path | None = None
    notes: tuple[str, ...] = ()

    @property
    def history(self) -> History:
        epochs = tuple(
            Epoch(n, 10 * n, 1 / n, 1 - 0.5 / n, 1.1 / n, 0.9 - 0.5 / n, 0.5, 0.1, 0.5)
            for n in (1, 2, 3)
        )
        return History(epochs, chosen=3)


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Toy]]:
    """Register the families ``toy`` and ``epochs``."""
    mine = {"toy": Toy, "epochs": Epochs}
    monkeypatch.setattr(Toy, "n_fits", 0)
    monkeypatch.setattr(Toy, "seen", [])
    monkeypatch.setattr(Toy, "texts", set())
    load = registry.Family.load
    monkeypatch.setattr(
        registry.Family, "load", lambda self: mine[self.name] if self.name in mine else load(self)
    )
    rows = tuple(registry.Family(name, f"nowhere:{name}", "For tests.") for name in mine)
    monkeypatch.setattr(registry, "_BUILT_IN", (*registry._BUILT_IN, *rows))
    registry.families.cache_clear()
    yield Toy
    registry.families.cache_clear()


@pytest.fixture(name="rows", scope="session")
def _rows() -> Callable[..., pa.Table]:
    return rows


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "found"


Studied = Callable[..., StudyResult]


@pytest.fixture
def studied() -> Studied:
    """A study of the family ``toy``, unless told otherwise."""

    def run(data: Any = None, **options: Any) -> StudyResult:
        given = {"family": "toy", "seeds": 2, "split": "stratified:0.2", "near_duplicates": False}
        return study(rows() if data is None else data, **(given | options))

    return run
