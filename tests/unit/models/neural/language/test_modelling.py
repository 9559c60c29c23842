from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.language.modelling import Modelling, surprise_of
from newsdesk.models.neural.language.params import PretrainParams
from newsdesk.models.neural.language.text import Stream

CPU = torch.device("cpu")
WHOLE = Sequences(np.array([0, 30, 41]), np.arange(41, dtype=np.int32) % 7 + 3)


class Settings(PretrainParams):
    """Settings of no kind in particular."""

    family = "trial"


class Network(nn.Module):
    """The loss of a window is its first word; its words surprise by what they are."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.modes: list[bool] = []
        self.graphs: list[bool] = []

    def forward(self, ids: Tensor, following: Tensor, fresh: Tensor) -> Tensor:
        self.modes.append(self.training)
        return self.weight * ids[0, 0].float()

    def surprise(self, ids: Tensor, following: Tensor, fresh: Tensor) -> tuple[Tensor, int]:
        self.modes.append(self.training)
        self.graphs.append(torch.is_grad_enabled())
        return following.float().sum(), following.numel()


def stream(**values: Any) -> Stream:
    return Stream(WHOLE, 2, **{"strips": 2, "window": 4, **values})


def modelling(*, held_out: Stream | None = None, **values: Any) -> Modelling:
    return Modelling(stream(), held_out, Settings(**values), CPU)


@pytest.mark.parametrize(("accumulate", "n_updates"), [(1, 5), (2, 3), (9, 1)])
def test_updates_are_counted_by_the_batches_of_the_text(accumulate: int, n_updates: int) -> None:
    objective = modelling(accumulate=accumulate)
    assert len(objective.deal(3)) == 5
    assert objective.n_updates == n_updates


def test_words_are_told_of_as_the_text_counts_them() -> None:
    assert modelling().lengths.tolist() == [8] * 5


def test_each_batch_has_its_share_of_the_update() -> None:
    objective, network = modelling(accumulate=2), Network()
    parts = objective.deal(0)[:2]
    losses = list(objective.losses(network, parts))
    firsts = [float(objective.text.batch(rows, CPU)[0][0, 0]) for rows in parts]
    assert [loss.mean.item() for loss in losses] == firsts
    assert [loss.gradient.item() for loss in losses] == [first / 2 for first in firsts]
    assert [loss.n for loss in losses] == [1, 1]
    assert all(loss.n_right is None for loss in losses)
    assert losses[0].gradient.requires_grad
    assert not losses[0].mean.requires_grad


def test_the_loss_of_a_batch_is_not_computed_before_it_is_asked_for() -> None:
    objective, network = modelling(), Network()
    losses = objective.losses(network, objective.deal(1)[:3])
    next(losses)
    assert len(network.modes) == 1


def test_held_out_words_are_measured_without_dropout_each_once() -> None:
    network = Network().train()
    held_out = stream(window=3)
    measured = modelling(held_out=held_out).measure(network)
    assert measured is not None
    following = [held_out.batch(rows, CPU)[1] for rows in held_out.deal(0)]
    assert measured.loss == pytest.approx(torch.cat(following, 1).float().mean().item())
    assert measured.accuracy is None
    assert measured.macro_f1 is None
    assert set(network.modes) == set(network.graphs) == {False}


def test_less_surprise_is_better() -> None:
    objective, network = modelling(held_out=stream()), Network()
    measured = objective.measure(network)
    assert measured is not None
    assert objective.value(measured) > objective.value(measured._replace(loss=measured.loss + 1))


def test_nothing_held_out_is_not_measured() -> None:
    assert modelling().measure(Network()) is None


def test_the_mean_surprise_weighs_words_and_not_batches() -> None:
    class Uneven:
        lengths = np.array([1, 3])

        def deal(self, epoch: int) -> list[Any]:
            assert epoch == 0
            return [np.array([0]), np.array([1])]

        def batch(self, rows: Any, device: torch.device) -> tuple[Tensor, ...]:
            words = torch.tensor([[10]] if rows[0] == 0 else [[1, 2, 3]])
            return words, words, torch.tensor(True)

    assert surprise_of(Network(), Uneven(), CPU) == 16 / 4


@pytest.mark.parametrize(("precision", "dtype"), [("float32", 32), ("bfloat16", 16)])
def test_words_are_predicted_in_the_precision_asked_for(precision: str, dtype: int) -> None:
    class Precise(Network):
        def forward(self, ids: Tensor, following: Tensor, fresh: Tensor) -> Tensor:
            product = torch.eye(2) @ torch.eye(2)
            assert product.dtype == {32: torch.float32, 16: torch.bfloat16}[dtype]
            return product.sum() * self.weight

    objective = modelling(precision=precision)
    (loss,) = objective.losses(Precise(), objective.deal(1)[:1])
    assert loss.gradient.dtype == loss.mean.dtype == torch.float32
