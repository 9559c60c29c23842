from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from newsdesk.models.neural.losses import loss_of, shares, soft_loss_of
from newsdesk.models.neural.lstm.params import LstmParams

WEIGHTS = torch.tensor([0.5, 2.0, 1.0])


def batch(n: int = 7) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(n)
    logits = 2 * torch.randn(n, 3, generator=generator)
    return logits.requires_grad_(), torch.randint(0, 3, (n,), generator=generator)


def loss(*arguments: Any, **values: Any) -> Tensor:
    logits, y, weights = arguments
    return loss_of(logits, y, weights, LstmParams(**values))


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_without_focus_it_is_the_cross_entropy(weights: Tensor | None, smoothing: float) -> None:
    logits, y = batch()
    expected = F.cross_entropy(logits, y, weights, label_smoothing=smoothing)
    assert torch.equal(loss(logits, y, weights, label_smoothing=smoothing), expected)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("gamma", [0.5, 2.0, 5.0])
def test_the_focal_loss_is_the_papers(weights: Tensor | None, gamma: float) -> None:
    # Lin et al. 2017, equation 5, in the weighted mean that torch takes of a batch.
    logits, y = batch()
    p = np.exp(logits.detach().numpy().astype(np.float64))
    p = (p / p.sum(axis=1, keepdims=True))[np.arange(7), y.numpy()]
    alpha = np.ones(7) if weights is None else weights.numpy()[y.numpy()]
    expected = -(alpha * (1 - p) ** gamma * np.log(p)).sum() / alpha.sum()
    assert loss(logits, y, weights, focal_gamma=gamma).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_a_vanishing_focus_is_the_cross_entropy(weights: Tensor | None) -> None:
    logits, y = batch()
    found = loss(logits, y, weights, focal_gamma=1e-7, label_smoothing=0.1)
    expected = F.cross_entropy(logits, y, weights, label_smoothing=0.1)
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)


def test_rows_that_are_hard_keep_their_say() -> None:
    logits = torch.tensor([[4.0, 0.0, 0.0], [0.0, 1.0, 0.0]], requires_grad=True)
    y = torch.tensor([0, 0])
    loss(logits, y, None, focal_gamma=2.0).backward()
    assert logits.grad is not None
    easy, hard = logits.grad.abs().sum(dim=1).tolist()
    logits.grad = None
    loss(logits, y, None).backward()
    easy_before, hard_before = logits.grad.abs().sum(dim=1).tolist()
    assert easy / hard < easy_before / hard_before / 100


@pytest.mark.parametrize("gamma", [0.3, 1.0, 2.0])
def test_a_row_that_is_answered_for_certain_breaks_nothing(gamma: float) -> None:
    logits = torch.tensor([[80.0, 0.0, 0.0], [0.0, 80.0, 0.0]], requires_grad=True)
    found = loss(logits, torch.tensor([0, 0]), None, focal_gamma=gamma)
    found.backward()
    assert found.item() == pytest.approx(40.0, rel=1e-5)
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("values", [{}, {"label_smoothing": 0.2}, {"focal_gamma": 2.0}], ids=str)
def test_the_shares_make_one_mean_of_several(
    weights: Tensor | None, values: dict[str, float]
) -> None:
    parts = [batch(n) for n in (5, 2, 1)]
    found = sum(
        share * loss(*part, weights, **values)
        for part, share in zip(parts, shares([y for _, y in parts], weights), strict=True)
    )
    logits, y = (torch.cat(own) for own in zip(*parts, strict=True))
    torch.testing.assert_close(found, loss(logits, y, weights, **values))


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_one_batch_is_all_there_is(weights: Tensor | None) -> None:
    assert [share.item() for share in shares([batch()[1]], weights)] == [1.0]


def soft(n: int = 7) -> Tensor:
    generator = torch.Generator().manual_seed(n + 1)
    return torch.randn(n, 3, generator=generator).softmax(dim=1)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_the_loss_of_probabilities_is_their_cross_entropy(weights: Tensor | None) -> None:
    logits, targets = batch()[0].detach().numpy().astype(np.float64), soft().numpy()
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    of_class = np.ones(3) if weights is None else weights.numpy()
    expected = -(targets * of_class * log_p).sum() / (targets * of_class).sum()
    found = soft_loss_of(batch()[0], soft(), weights, LstmParams())
    assert found.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("gamma", [0.0, 2.0])
def test_certain_targets_are_classes(
    weights: Tensor | None, smoothing: float, gamma: float
) -> None:
    logits, y = batch()
    params = LstmParams(label_smoothing=smoothing, focal_gamma=gamma)
    certain = F.one_hot(y, 3).float()
    found = soft_loss_of(logits, certain, weights, params)
    assert found.item() == pytest.approx(loss_of(logits, y, weights, params).item(), rel=1e-5)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("gamma", [0.0, 2.0])
def test_shares_make_the_losses_of_parts_that_of_the_whole(
    weights: Tensor | None, gamma: float
) -> None:
    logits, targets = batch()[0].detach(), soft()
    params = LstmParams(focal_gamma=gamma)
    parts = [slice(0, 3), slice(3, 7)]
    found = sum(
        soft_loss_of(logits[part], targets[part], weights, params) * share
        for part, share in zip(
            parts, shares([targets[part] for part in parts], weights), strict=True
        )
    )
    whole = soft_loss_of(logits, targets, weights, params)
    assert float(found) == pytest.approx(whole.item(), rel=1e-5)
