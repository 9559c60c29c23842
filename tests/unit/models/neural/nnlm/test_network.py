from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from newsdesk.features.sequences import OOV, PAD
from newsdesk.models.neural.nnlm.network import NnlmNetwork
from newsdesk.models.neural.nnlm.params import NnlmParams

COUNTS = np.array([4, 1, 9, 5, 3, 2])
BUCKETS = np.array([OOV, OOV, 6, 6, 7, 6], dtype=np.int32)
IDS = torch.tensor([[2, 3, 4, 5, 7, 3, 2], [0, 3, 2, 0, 4, 4, 5]])
FRESH = torch.tensor(True)


def network(n_samples: int = 0, **settings: Any) -> NnlmNetwork:
    own: dict[str, Any] = {"embedding_dim": 3, "units": 5, "n_buckets": 2, "dropout": 0.0}
    params = NnlmParams(n_samples=n_samples, **{**own, "window": 4, **settings})
    return NnlmNetwork(params, COUNTS, BUCKETS, PAD, torch.Generator().manual_seed(1))


def following(ids: Tensor, own: NnlmNetwork) -> tuple[Tensor, Tensor]:
    """Words, and those that follow all but the first ones."""
    return ids[:, :-1], ids[:, own.lookback + 1 :]


def by_hand(own: NnlmNetwork, before: list[int]) -> Tensor:
    """Log probabilities of the next word by the equation of the paper."""
    vectors = own.embedding.weight[torch.tensor(before)].clone()
    ends = [at for at, id_ in enumerate(before) if id_ == PAD]
    if ends:
        vectors[: ends[-1]] = 0
    x = vectors.flatten()
    y = own.bias + own.output.weight @ torch.tanh(own.hidden.bias + own.hidden.weight @ x)
    return y.log_softmax(dim=0)


def test_the_surprise_is_that_of_the_equation_of_the_paper() -> None:
    own = network().eval()
    ids, targets = following(IDS, own)
    with torch.no_grad():
        total, n_words = own.surprise(ids, targets, FRESH)
        expected = [
            -by_hand(own, row[at : at + 3])[row[at + 3] if row[at + 3] < 6 else OOV].item()
            for row in IDS.tolist()
            for at in range(4)
        ]
    assert n_words == 8
    assert total.item() == pytest.approx(sum(expected), rel=1e-5)


def test_without_noise_the_loss_is_the_mean_surprise() -> None:
    own = network()
    ids, targets = following(IDS, own)
    total, n_words = own.surprise(ids, targets, FRESH)
    assert own(ids, targets, FRESH).item() == pytest.approx(total.item() / n_words, rel=1e-5)


def test_words_of_another_text_are_not_seen() -> None:
    own = network().eval()
    ids, _ = following(IDS[1:], own)
    other = ids.clone()
    other[0, 1:3] = 5  # before the second separator
    with torch.no_grad():
        found, changed = own._states(ids), own._states(other)
    # What comes directly behind the separator, and after one word more.
    assert torch.equal(found[-2:], changed[-2:])
    assert not torch.equal(found[0], changed[0])


def test_an_unknown_word_is_read_as_its_bucket_and_predicted_as_unknown() -> None:
    own = network()
    ids = torch.tensor([[2, 3, 6, 2]])
    loss = own(ids[:, :-1], torch.tensor([[7]]), FRESH)
    assert loss.item() == own(ids[:, :-1], torch.tensor([[OOV]]), FRESH).item()
    other = own(torch.tensor([[2, 3, 7]]), torch.tensor([[7]]), FRESH)
    assert other.item() != loss.item()
    loss = own(ids[:, :-1], torch.tensor([[7]]), FRESH)
    loss.backward()  # type: ignore[no-untyped-call]
    assert own.embedding.touched is not None
    assert own.embedding.rows is not None
    assert own.embedding.rows.grad is not None
    gradient = dict(
        zip(own.embedding.touched.tolist(), own.embedding.rows.grad.abs().sum(1), strict=True)
    )
    assert set(gradient) == {2, 3, 6}
    assert gradient[6] > 0


def test_a_word_that_occurs_once_is_read_as_its_bucket_at_times_in_training() -> None:
    counts = np.array([4, 1, 9, 1, 3, 2])
    params = NnlmParams(embedding_dim=3, units=5, n_buckets=2, dropout=0.0, window=2, n_samples=0)
    own = NnlmNetwork(params, counts, BUCKETS, PAD, torch.Generator().manual_seed(1))
    ids, targets = torch.tensor([[3, 4] * 50]), torch.tensor([[2, 2] * 50])
    torch.manual_seed(0)
    own(ids, targets, FRESH)
    assert own.embedding.touched is not None
    assert own.embedding.touched.tolist() == [3, 4, 6]
    own.eval()(ids, targets, FRESH)
    assert own.embedding.touched.tolist() == [3, 4]


def test_it_begins_by_knowing_how_frequent_words_are() -> None:
    own = network().eval()
    with torch.no_grad():
        own.output.weight.zero_()
        found = by_hand(own, [2, 3, 4]).exp()
    assert found.numpy() == pytest.approx((COUNTS + 1) / (COUNTS.sum() + 6), rel=1e-5)


def test_noise_gives_a_loss_that_can_be_trained_by() -> None:
    own = network(n_samples=3)
    ids, targets = following(IDS, own)
    torch.manual_seed(0)
    loss = own(ids, targets, FRESH)
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() > 0
    assert own.hidden.weight.grad is not None
    assert own.hidden.weight.grad.abs().sum() > 0


def test_dropout_works_in_training_alone() -> None:
    own = network(dropout=0.5)
    ids, targets = following(IDS, own)
    losses = {own(ids, targets, FRESH).item() for _ in range(8)}
    assert len(losses) > 1
    own.eval()
    assert len({own(ids, targets, FRESH).item() for _ in range(8)}) == 1


def test_a_window_of_two_words_sees_the_last_word_alone() -> None:
    own = network(window=2).eval()
    assert own.lookback == 0
    ids = torch.tensor([[5, 3]])
    with torch.no_grad():
        total, n_words = own.surprise(ids, torch.tensor([[3, 2]]), FRESH)
        expected = -(by_hand(own, [5])[3] + by_hand(own, [3])[2])
    assert n_words == 2
    assert total.item() == pytest.approx(expected.item(), rel=1e-5)
