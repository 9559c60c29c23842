from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from newsdesk.models.neural.examples import Measured
from newsdesk.models.neural.loop import pursue
from newsdesk.models.neural.objective import Loss
from newsdesk.models.neural.params import LoopParams
from newsdesk.types import Indices, Silent


class Settings(LoopParams):
    """Settings of no family in particular."""

    family = "trial"


class Aim(nn.Module):
    """One number."""

    def __init__(self) -> None:
        super().__init__()
        self.number = nn.Parameter(torch.zeros(()))

    def forward(self, values: Tensor) -> Tensor:
        return ((self.number - values) ** 2).mean()


class Nearest:
    """To be near the mean of some numbers: an `Objective` that knows neither classes nor words."""

    name = "aiming"

    def __init__(self, values: list[float], *, watched: float | None = None) -> None:
        self.values, self.watched = torch.tensor(values), watched
        self.dealt: list[int] = []
        self.measured: list[float] = []

    @property
    def lengths(self) -> Indices:
        return np.ones(len(self.values), dtype=np.int64)

    @property
    def n_updates(self) -> int:
        return 2

    def deal(self, epoch: int) -> list[Indices]:
        self.dealt.append(epoch)
        return np.array_split(np.arange(len(self.values)), 2)

    def losses(self, network: nn.Module, parts: list[Indices]) -> Iterator[Loss]:
        for rows in parts:
            loss = network(self.values[torch.from_numpy(rows)])
            yield Loss(loss, len(rows), loss.detach(), None)

    def measure(self, network: nn.Module) -> Measured | None:
        if self.watched is None:
            return None
        away = abs(network.number.item() - self.watched)
        self.measured.append(away)
        return Measured(away, None, None)

    def value(self, measured: Measured) -> float:
        return -measured.loss


def pursued(objective: Nearest, **values: Any) -> tuple[Aim, Any]:
    quick = {"epochs": 40, "learning_rate": 0.1, "patience": 0, "device": "cpu"}
    network = Aim()
    params = Settings(**(quick | values))
    return network, pursue(network, objective, params=params, seed=0, progress=Silent())


def test_the_loop_trains_for_whatever_its_objective_says() -> None:
    objective = Nearest([1.0, 2.0, 3.0, 2.0])
    network, history = pursued(objective)
    assert network.number.item() == pytest.approx(2.0, abs=0.1)
    assert objective.dealt == list(range(1, 41))
    assert history.chosen == 40
    assert all(epoch.train_accuracy is None for epoch in history.epochs)
    assert all(epoch.valid_loss is None for epoch in history.epochs)


def test_the_epoch_that_the_objective_values_most_is_kept() -> None:
    objective = Nearest([2.0] * 4, watched=1.0)  # passed by on the way
    network, history = pursued(objective)
    best = int(np.argmin(objective.measured)) + 1
    assert 1 < best < 40
    assert history.chosen == best
    assert abs(network.number.item() - 1.0) == pytest.approx(min(objective.measured))
    assert history.epochs[best - 1].valid_loss == pytest.approx(min(objective.measured))
    assert history.epochs[0].valid_accuracy is None


def test_training_stops_where_the_objective_sees_nothing_better() -> None:
    objective = Nearest([2.0] * 4, watched=1.0)
    _, history = pursued(objective, patience=2)
    assert len(history.epochs) == history.chosen + 2
