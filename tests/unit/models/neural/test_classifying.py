from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.classifying import Classifying
from newsdesk.models.neural.examples import Measured
from newsdesk.models.neural.lstm.params import LstmParams
from newsdesk.models.neural.words.examples import WordExamples
from newsdesk.types import Floats

CPU = torch.device("cpu")
LENGTHS = np.array([3, 1, 4, 1, 5, 2, 6, 2, 3, 1])
Y = np.array([0, 1, 2, 0, 0, 1, 0, 0, 2, 0])


class Table(nn.Module):
    """Logits by a row's first word."""

    def __init__(self) -> None:
        super().__init__()
        logits = torch.randn(10, 3, generator=torch.Generator().manual_seed(0))
        self.logits = nn.Parameter(logits)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        return self.logits[ids[:, 0]]


def examples() -> WordExamples:
    """Rows whose first word is their number."""
    indptr = np.cumsum([0, *LENGTHS])
    ids = np.zeros(indptr[-1], dtype=np.int32)
    ids[indptr[:-1]] = np.arange(10)
    return WordExamples(Sequences(indptr, ids), Y)


def classifying(
    *, valid: WordExamples | None = None, targets: Floats | None = None, **values: Any
) -> Classifying:
    params = LstmParams(**{"batch_size": 4, **values})
    return Classifying(examples(), valid, 3, params, 5, CPU, targets)


def test_rows_are_dealt_once_an_epoch_in_another_order_each_time() -> None:
    objective = classifying()
    first, second, again = (objective.deal(epoch) for epoch in (1, 2, 1))
    for dealt in (first, second):
        assert sorted(np.concatenate(dealt).tolist()) == list(range(10))
        assert max(map(len, dealt)) <= 4
    assert [rows.tolist() for rows in first] == [rows.tolist() for rows in again]
    assert [rows.tolist() for rows in first] != [rows.tolist() for rows in second]


@pytest.mark.parametrize(("accumulate", "n_updates"), [(1, 3), (2, 2), (3, 1)])
def test_updates_and_tokens_are_counted(accumulate: int, n_updates: int) -> None:
    objective = classifying(accumulate=accumulate)
    assert objective.n_updates == n_updates
    assert objective.lengths.tolist() == LENGTHS.tolist()


@pytest.mark.parametrize("class_weight", ["none", "balanced"])
def test_the_batches_of_an_update_share_its_loss(class_weight: str) -> None:
    objective, network = classifying(class_weight=class_weight), Table()
    parts = [np.array([0, 1, 2, 3]), np.array([4, 5])]
    losses = list(objective.losses(network, parts))
    rows = np.concatenate(parts)
    logits, y = network.logits[torch.from_numpy(rows)], torch.from_numpy(Y[rows])
    weight = None if class_weight == "none" else torch.tensor(10 / (3 * np.bincount(Y))).float()
    whole = F.cross_entropy(logits, y, weight=weight)
    torch.testing.assert_close(torch.stack([loss.gradient for loss in losses]).sum(), whole)
    for loss, own in zip(losses, parts, strict=True):
        plain = F.cross_entropy(network.logits[torch.from_numpy(own)], torch.from_numpy(Y[own]))
        torch.testing.assert_close(loss.mean, plain.detach())
        right = (network.logits.argmax(dim=1).numpy() == Y)[own].sum()
        assert loss.n_right is not None
        assert (loss.n, int(loss.n_right)) == (len(own), right)


def test_probabilities_take_the_place_of_classes_in_the_gradient_alone() -> None:
    soft = np.random.default_rng(0).dirichlet(np.ones(3), 10).astype(np.float32)
    (loss,) = classifying(targets=soft).losses(Table(), [np.arange(10)])
    logits = Table().logits
    expected = -(torch.from_numpy(soft) * logits.log_softmax(dim=1)).sum(dim=1).mean()
    torch.testing.assert_close(loss.gradient, expected)
    torch.testing.assert_close(loss.mean, F.cross_entropy(logits, torch.from_numpy(Y)).detach())


def test_valid_rows_are_measured_where_there_are_any() -> None:
    assert classifying().measure(Table()) is None
    measured = classifying(valid=examples()).measure(Table())
    assert measured is not None
    expected = F.cross_entropy(Table().logits, torch.from_numpy(Y)).item()
    assert measured.loss == pytest.approx(expected, rel=1e-6)
    assert measured.accuracy == pytest.approx((Table().logits.argmax(1).numpy() == Y).mean())


@pytest.mark.parametrize(
    ("monitor", "value"), [("macro_f1", 0.7), ("accuracy", 0.8), ("loss", -0.5)]
)
def test_more_is_better_whatever_is_watched(monitor: str, value: float) -> None:
    assert classifying(monitor=monitor).value(Measured(0.5, 0.8, 0.7)) == value
