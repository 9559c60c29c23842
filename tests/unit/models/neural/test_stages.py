from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from newsdesk.models.neural.layers import Dense, RowEmbedding
from newsdesk.models.neural.lstm.params import LstmParams
from newsdesk.models.neural.stages import Stages
from newsdesk.models.neural.wishes import Wishes

N_UPDATES = 20
FIRST = {"low.weight": 3, "low.bias": 3, "table.weight": 4, "high.weight": 2}


class Network(nn.Module):
    """A table and two layers."""

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.table = RowEmbedding(5, 3, generator)
        self.low = Dense(3, 2, generator)
        self.high = Dense(2, 2, generator)

    def forward(self, ids: Tensor) -> Tensor:
        found: Tensor = self.high(self.low(self.table(ids)))
        return found


def stages(network: nn.Module | None = None, *, first: Any = None, **values: Any) -> Stages:
    settings = {"epochs": 6, "learning_rate": 0.01, "schedule": "slanted-triangular"}
    params = LstmParams(**(settings | values))
    wishes = Wishes(first_epochs=FIRST if first is None else first)
    return Stages(network or Network(), params, wishes, N_UPDATES)


def slanted(t: int, n: int, peak: float) -> float:
    """Howard & Ruder 2018, equation 3, with cut_frac 0.1 and ratio 32, as it is printed."""
    cut_frac, ratio = 0.1, 32
    cut = n * cut_frac
    p = t / cut if t < cut else 1 - (t - cut) / (cut * (1 / cut_frac - 1))
    return peak * (1 + p * (ratio - 1)) / ratio


def test_rates_are_those_of_the_paper_and_begin_anew_with_each_group_that_moves() -> None:
    found = [stages().rate(step) for step in range(6 * N_UPDATES)]
    # Groups begin in epochs 1, 2, 3 and 4; the last stage goes on to the end.
    expected = [slanted(t, n, 0.01) for n in (20, 20, 20, 60) for t in range(n)]
    assert found == pytest.approx(expected)
    for begin in (0, 20, 40, 60):
        assert found[begin] == pytest.approx(0.01 / 32)
    assert found[2] == found[22] == found[42] == found[66] == pytest.approx(0.01)


def test_without_wishes_there_is_one_stage() -> None:
    own = stages(first={})
    found = [own.rate(step) for step in range(6 * N_UPDATES)]
    assert found == pytest.approx([slanted(t, 120, 0.01) for t in range(120)])


@pytest.mark.parametrize("schedule", ["constant", "one-cycle", "warm-up"])
def test_every_schedule_begins_anew(schedule: str) -> None:
    own = stages(schedule=schedule)
    first, second = ([own.rate(at + step) for step in range(20)] for at in (0, 20))
    assert first == second
    assert max(first) == pytest.approx(0.01)


def test_groups_that_would_begin_after_the_last_epoch_make_no_stage() -> None:
    own = stages(epochs=2)
    assert [own.rate(step) for step in range(20, 40)] == pytest.approx(
        [slanted(t, 20, 0.01) for t in range(20)]
    )
    assert own.rate(40) > 0  # a step more than was planned has a rate too


@pytest.mark.parametrize(
    ("epoch", "moving"),
    [
        (1, {"high.bias"}),
        (2, {"high.bias", "high.weight"}),
        (3, {"high.bias", "high.weight", "low.weight", "low.bias"}),
        (4, {"high.bias", "high.weight", "low.weight", "low.bias", "table.weight"}),
        (9, {"high.bias", "high.weight", "low.weight", "low.bias", "table.weight"}),
    ],
)
def test_no_weight_has_a_gradient_before_its_epoch(epoch: int, moving: set[str]) -> None:
    network = Network()
    own = stages(network)
    for begun in (9, epoch):  # whatever moved before
        own.begin(begun)
    network(torch.tensor([1, 2])).sum().backward()
    found = {name for name, weight in network.named_parameters() if weight.grad is not None}
    if network.table.rows is not None:
        found.add("table.weight")
    assert found == moving


def test_weights_that_nobody_speaks_of_are_left_as_they_are() -> None:
    network = Network()
    network.high.bias.requires_grad_(False)
    stages(network).begin(6)
    assert not network.high.bias.requires_grad
    frozen = Network()
    frozen.table.frozen = True
    stages(frozen, first={}).begin(1)
    assert frozen.table.frozen
