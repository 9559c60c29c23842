from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score, log_loss
from sklearn.utils.class_weight import compute_class_weight
from torch import Tensor, nn

from newsdesk.models.neural.examples import Measured, class_weights, measure
from newsdesk.models.neural.lstm.params import LstmParams
from newsdesk.models.neural.wishes import Wishes
from newsdesk.types import Indices

CPU = torch.device("cpu")


@dataclass
class Numbered:
    """Rows that are known by their numbers."""

    y: Indices
    lengths: Indices

    def batch(self, rows: Indices, device: torch.device) -> tuple[Tensor, ...]:
        return (torch.from_numpy(rows).to(device),)


class Known(nn.Module):
    """Answers that stand in a table."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = logits
        self.sizes: list[int] = []

    def forward(self, rows: Tensor) -> Tensor:
        assert not self.training
        assert torch.is_inference_mode_enabled()
        self.sizes.append(len(rows))
        return self.logits[rows]


def test_measures_are_those_of_all_rows_in_their_order() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (600, 4)).astype(np.float32)
    y = rng.integers(0, 4, 600)
    network = Known(torch.from_numpy(logits)).train()
    found = measure(network, Numbered(y, rng.integers(1, 50, 600)), 4, CPU)
    proba = np.exp(logits.astype(np.float64))
    proba /= proba.sum(axis=1, keepdims=True)
    predicted = logits.argmax(axis=1)
    assert found.loss == pytest.approx(log_loss(y, proba), rel=1e-5)
    assert found.accuracy == pytest.approx((predicted == y).mean())
    assert found.macro_f1 == pytest.approx(f1_score(y, predicted, average="macro"))
    assert sum(network.sizes) == 600
    assert len(network.sizes) > 1
    assert not network.training


def test_long_rows_are_measured_few_at_a_time_where_the_network_wishes_it() -> None:
    lengths = np.repeat([10, 1000], 30)
    network = Known(torch.zeros(60, 2))
    network.wishes = Wishes(tokens_together=3000)  # type: ignore[assignment]
    measure(network, Numbered(np.zeros(60, dtype=np.int64), lengths), 2, CPU)
    assert network.sizes == [30, *[3] * 10]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_rows_are_measured_in_the_precision_of_training(precision: str) -> None:
    seen = []

    class Mapped(nn.Module):
        def forward(self, rows: Tensor) -> Tensor:
            logits = torch.ones(len(rows), 2) @ torch.ones(2, 2)
            seen.append(logits.dtype)
            return logits

    rows = Numbered(np.zeros(3, dtype=np.int64), np.ones(3, dtype=np.int64))
    measure(Mapped(), rows, 2, CPU, precision)
    assert seen == [getattr(torch, precision)]


@pytest.mark.parametrize(
    ("monitor", "value"), [("loss", -0.5), ("accuracy", 0.75), ("macro_f1", 0.25)]
)
def test_more_is_better_whatever_is_watched(monitor: str, value: float) -> None:
    assert Measured(loss=0.5, accuracy=0.75, macro_f1=0.25).value(monitor) == value


def balanced(y: Indices, n_classes: int) -> Any:
    found = class_weights(LstmParams(class_weight="balanced"), y, n_classes, CPU)
    assert found is not None
    return found.numpy()


def test_balanced_weights_are_scikit_learns() -> None:
    y = np.repeat([0, 1, 2], [50, 7, 3])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=y)
    assert balanced(y, 3) == pytest.approx(expected)


def test_a_class_without_rows_changes_no_other_weight() -> None:
    y = np.repeat([0, 2], [50, 7])
    assert balanced(y, 4)[[0, 2]] == pytest.approx(balanced(y // 2, 2))
    assert np.isfinite(balanced(y, 4)).all()


def test_classes_weigh_the_same_unless_asked_for() -> None:
    assert class_weights(LstmParams(), np.zeros(3, np.int64), 2, CPU) is None
