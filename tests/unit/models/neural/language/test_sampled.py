from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from newsdesk.models.neural.language.sampled import SampledSoftmax, unigram_perplexity
from newsdesk.models.neural.layers import RowEmbedding

N_WORDS, WIDTH, M = 300, 5, 24
COUNTS = (10_000 / np.arange(1, N_WORDS + 1)).astype(np.int64)
SHARE = COUNTS**0.75 / (COUNTS**0.75).sum()


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def table() -> RowEmbedding:
    generator = torch.Generator().manual_seed(3)
    return RowEmbedding(N_WORDS, WIDTH, generator, 0.6 * drawn(N_WORDS, WIDTH, seed=1).numpy())


def targets() -> Tensor:
    """Words as they occur: mostly the common ones."""
    share = torch.from_numpy(COUNTS / COUNTS.sum())
    return torch.multinomial(share, M, True, generator=torch.Generator().manual_seed(2))


def told() -> Tensor:
    """States that foresee the words to some degree."""
    return 0.5 * drawn(M, WIDTH) + 1.5 * table().weight[targets()]


def gradients(softmax: SampledSoftmax) -> tuple[float, Tensor, Tensor, Tensor]:
    """Loss, and its gradients by the states, by the whole table and by the bias."""
    states, bias, own = told().requires_grad_(), torch.zeros(N_WORDS), table()
    bias.requires_grad_()
    loss = softmax.loss(states, own, bias, targets())
    loss.backward()
    rows = torch.zeros(N_WORDS, WIDTH)
    for ids, vectors in own.further:
        assert vectors.grad is not None
        rows.index_add_(0, ids, vectors.grad)
    assert states.grad is not None
    assert bias.grad is not None
    return loss.item(), states.grad, rows, bias.grad


def full() -> tuple[float, Tensor, Tensor, Tensor]:
    """The same by the full softmax."""
    weight = table().weight.clone().requires_grad_()
    states, bias = told().requires_grad_(), torch.zeros(N_WORDS, requires_grad=True)
    loss = F.cross_entropy(states @ weight.T + bias, targets())
    return loss.item(), *torch.autograd.grad(loss, [states, weight, bias])


@pytest.mark.parametrize("n_samples", [0, N_WORDS, N_WORDS + 5])
def test_without_noise_it_is_the_full_softmax(n_samples: int) -> None:
    found, expected = gradients(SampledSoftmax(COUNTS, n_samples)), full()
    assert found[0] == pytest.approx(expected[0], rel=1e-6)
    for own, theirs in zip(found[1:], expected[1:], strict=True):
        torch.testing.assert_close(own, theirs)


def test_the_mean_gradient_of_many_draws_comes_near_that_of_the_full_softmax() -> None:
    softmax, expected = SampledSoftmax(COUNTS, N_WORDS - 1), full()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        draws = [gradients(softmax) for _ in range(200)]
    assert len({draw[0] for draw in draws}) > 100
    for own, theirs in zip(
        zip(*(draw[1:] for draw in draws), strict=True), expected[1:], strict=True
    ):
        mean = torch.stack(own).mean(dim=0)
        # A few hundredths are the noise of the draws and the bias of so many of them.
        assert (mean - theirs).norm() < 0.06 * theirs.norm()


def test_what_is_learnt_of_noise_are_the_true_probabilities() -> None:
    # A word that follows half of the time and is often drawn as noise must not become too likely.
    rng = np.random.default_rng(0)
    truth = COUNTS * np.exp(rng.normal(0, 1, N_WORDS))
    truth[3] = truth.sum() - truth[3]
    truth /= truth.sum()
    one = RowEmbedding(N_WORDS, 1, torch.Generator(), np.zeros((N_WORDS, 1), dtype=np.float32))
    softmax, bias = SampledSoftmax(COUNTS, 100), torch.zeros(N_WORDS, requires_grad=True)
    optimizer = torch.optim.Adam([bias], lr=0.1)
    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for step in range(400):
            optimizer.param_groups[0]["lr"] = 0.1 * (1 - step / 400)
            words = torch.multinomial(torch.from_numpy(truth), 256, True, generator=generator)
            optimizer.zero_grad()
            softmax.loss(torch.zeros(256, 1), one, bias, words).backward()
            one.further.clear()
            optimizer.step()
    learnt = F.softmax(bias.detach(), dim=0).numpy()
    assert truth[3] == pytest.approx(0.5)
    assert learnt[3] == pytest.approx(0.5, abs=0.04)
    assert learnt[0] == pytest.approx(truth[0], rel=0.2)


def one_draw(monkeypatch: pytest.MonkeyPatch, counts: list[int], at: list[float]) -> list[int]:
    """The noise words that come of given numbers from 0 to 1, as they are touched."""
    monkeypatch.setattr(torch, "rand", lambda *_, **__: torch.tensor(at, dtype=torch.float64))
    own = RowEmbedding(len(counts), 2, torch.Generator().manual_seed(0))
    softmax = SampledSoftmax(np.array(counts), len(at))
    bias = torch.zeros(len(counts))
    softmax.loss(torch.ones(1, 2), own, bias, torch.tensor([0])).backward()
    ((ids, _),) = own.further
    return [int(i) for i in ids]


def test_noise_is_drawn_by_the_power_of_frequency(monkeypatch: pytest.MonkeyPatch) -> None:
    # 16**0.75 = 8 and 81**0.75 = 27: shares 8, 27 and 1 of 36, and word 3 never.
    counts = [16, 81, 1, 0]
    edges = np.array([0, 8, 35, 36]) / 36
    assert one_draw(monkeypatch, counts, [edges[1] - 1e-9]) == [0]
    assert one_draw(monkeypatch, counts, [edges[1] + 1e-9]) == [0, 1]
    assert one_draw(monkeypatch, counts, [edges[2] - 1e-9]) == [0, 1]
    assert one_draw(monkeypatch, counts, [edges[2] + 1e-9]) == [0, 2]
    assert one_draw(monkeypatch, counts, [1 - 1e-12]) == [0, 2]
    assert one_draw(monkeypatch, counts, [0.9, 0.5, 0.95]) == [0, 1]  # each row once


def test_the_log_of_how_often_a_word_is_expected_is_taken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch, "rand", lambda *_, **__: torch.tensor([0.5, 0.99]).double())
    counts = np.array([16, 81, 1, 0])
    softmax = SampledSoftmax(counts, 2)  # words 1 and 2
    states, bias, own = drawn(3, 2), drawn(4, seed=5), RowEmbedding(4, 2, torch.Generator())
    words = torch.tensor([0, 1, 3])
    logits = (states @ own.weight.T + bias).double() - torch.log(
        # What never occurs is corrected like the rarest word that does.
        torch.tensor([16, 81, 1, 1]).double() ** 0.75 / 36 * 2
    )
    expected = [
        logits[row, [word, 1, 2]].logsumexp(0) - logits[row, word]
        for row, word in enumerate(words.tolist())
    ]
    found = softmax.loss(states, own, bias, words)
    assert found.item() == pytest.approx(torch.stack(expected).mean().item(), rel=1e-5)


def test_no_row_is_touched_that_is_neither_noise_nor_asked_for() -> None:
    own = table()
    own(torch.tensor([[7, 8]]))  # what was read before stays noted
    softmax = SampledSoftmax(COUNTS, 10)
    softmax.loss(drawn(2, WIDTH), own, torch.zeros(N_WORDS), torch.tensor([290, 291]))
    ((ids, _),) = own.further
    assert {290, 291} <= set(ids.tolist())
    assert len(ids) <= 12
    assert own.touched is not None
    assert own.touched.tolist() == [7, 8]


def test_noise_is_no_part_of_a_network_s_state() -> None:
    assert not SampledSoftmax(COUNTS, 10).state_dict()


@pytest.mark.parametrize("m", [0, 1, 2048, 2049, 5000])
def test_the_surprise_is_the_sum_of_the_exact_cross_entropies(m: int) -> None:
    states, weight, bias = drawn(m, 3), drawn(20, 3, seed=1), drawn(20, seed=2)
    words = torch.randint(0, 20, (m,), generator=torch.Generator().manual_seed(4))
    found = SampledSoftmax(np.ones(20, dtype=np.int64), 5).surprise(states, weight, bias, words)
    expected = F.cross_entropy((states @ weight.T + bias).double(), words, reduction="sum")
    assert found.item() == pytest.approx(expected.item() if m else 0.0, rel=1e-5)


@pytest.mark.parametrize("counts", [[0, 0, 0], [5, 0, 0]])
def test_counts_that_say_nothing_give_a_loss_all_the_same(counts: list[int]) -> None:
    own = RowEmbedding(3, 2, torch.Generator().manual_seed(0))
    loss = SampledSoftmax(np.array(counts), 2).loss(
        torch.ones(2, 2), own, torch.zeros(3), torch.tensor([0, 2])
    )
    assert torch.isfinite(loss)


def test_the_unigram_perplexity_is_that_of_smoothed_frequencies() -> None:
    counts = np.array([7, 2, 0])
    shares = np.array([8, 3, 1]) / 12
    found = unigram_perplexity(counts, np.array([0, 0, 1, 2]))
    assert found == pytest.approx(float(np.prod(shares[[0, 0, 1, 2]]) ** (-1 / 4)))
    assert unigram_perplexity(np.ones(8, dtype=np.int64), np.arange(8)) == pytest.approx(8)


def test_the_noise_depends_on_torch_s_generator_alone() -> None:
    softmax = SampledSoftmax(COUNTS, 50)
    losses = []
    with torch.random.fork_rng():
        for seed in (1, 1, 2):
            torch.manual_seed(seed)
            losses.append(gradients(softmax)[0])
    assert losses[0] == losses[1] != losses[2]
