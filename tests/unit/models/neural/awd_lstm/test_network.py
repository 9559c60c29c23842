from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.awd_lstm.architecture import AwdLstmArchitecture
from newsdesk.models.neural.awd_lstm.network import AwdLstm, AwdLstmModel, Dropouts, locked
from newsdesk.models.neural.awd_lstm.params import AwdLstmParams
from newsdesk.models.neural.optimizers import Optimizer
from newsdesk.models.neural.wishes import wishes_of

N_WORDS = 11
NONE = Dropouts(0.0, 0.0, 0.0, 0.0, 0.0)
SIZES = AwdLstmArchitecture(embedding_dim=4, units=6, layers=3)
IDS = torch.tensor([[3, 5, 2, 9, 4, 4, 7], [1, 8, 10, 6, 2, 3, 5]])
FRESH = torch.tensor(True)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def encoder(dropouts: Dropouts = NONE, sizes: AwdLstmArchitecture = SIZES) -> AwdLstm:
    network = AwdLstm(sizes, N_WORDS, dropouts, generator())
    network.embedding.weight.mul_(20)
    return network


def model(dropouts: Dropouts = NONE, n_samples: int = 0, **values: Any) -> AwdLstmModel:
    return AwdLstmModel(encoder(dropouts), np.arange(N_WORDS), n_samples, strips=2, **values)


@pytest.fixture(autouse=True)
def _seeded() -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


# ── what it computes ─────────────────────────────────────────────────────────────────────────────


def test_without_dropout_it_is_a_stack_of_torch_s_layers() -> None:
    own = encoder()
    x = own.embedding.weight[IDS]
    for layer, (n_in, units) in zip(own.layers, ((4, 6), (6, 6), (6, 4)), strict=True):
        theirs = nn.LSTM(n_in, units, batch_first=True)
        with torch.no_grad():
            theirs.weight_ih_l0.copy_(layer.input)
            theirs.weight_hh_l0.copy_(layer.recurrent)
            theirs.bias_ih_l0.copy_(layer.bias)
            theirs.bias_hh_l0.zero_()
        x, (state, cell) = theirs(x)
    states, ends = own(IDS)
    torch.testing.assert_close(states, x)
    torch.testing.assert_close(ends[-1][0], state)
    torch.testing.assert_close(ends[-1][1], cell)


@pytest.mark.parametrize("window", [1, 2, 3, 7, 50])
def test_a_window_bounds_the_gradient_and_not_the_states(window: int) -> None:
    own = encoder()
    whole, _ = own(IDS)
    parts, _ = own(IDS, None, window)
    torch.testing.assert_close(parts, whole)

    def reach(n_steps: int) -> list[bool]:
        """Whether the last state has a gradient by each word before it."""
        states, _ = own(IDS, None, n_steps)
        states[0, -1].sum().backward()
        assert own.embedding.rows is not None
        assert own.embedding.rows.grad is not None
        moved = own.embedding.rows.grad.abs().sum(dim=1) > 0
        assert own.embedding.touched is not None
        words = set(own.embedding.touched[moved].tolist())
        return [int(word) in words for word in IDS[0]]

    first = max(start for start in range(0, 7, window))
    expected = {int(word) for word in IDS[0, first:]}
    assert reach(window) == [int(word) in expected for word in IDS[0]]


def test_reading_on_is_reading_as_a_whole() -> None:
    own = encoder()
    whole, ends = own(IDS)
    first, between = own(IDS[:, :3])
    second, last = own(IDS[:, 3:], between)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    for one, other in zip(last, ends, strict=True):
        torch.testing.assert_close(one[0], other[0])
        torch.testing.assert_close(one[1], other[1])
    assert not any(tensor.requires_grad for pair in between for tensor in pair)


def test_given_values_are_taken_by_the_names_of_an_encoder_folder() -> None:
    own = encoder()
    again = AwdLstm(SIZES, N_WORDS, NONE, generator(5), own.tensors())
    torch.testing.assert_close(again(IDS)[0], own(IDS)[0], rtol=0, atol=0)
    kept = own.tensors()
    own.embedding.weight.zero_()
    assert np.abs(kept["embedding"]).max() > 0  # copied


# ── dropout ──────────────────────────────────────────────────────────────────────────────────────


def test_locked_dropout_leaves_the_same_numbers_out_at_each_step() -> None:
    x = torch.ones(40, 5, 50)
    found = locked(x, 0.3, training=True)
    assert found.unique().tolist() == pytest.approx([0.0, 1 / 0.7])
    assert (found == found[:, :1]).all()
    assert (found == 0).float().mean().item() == pytest.approx(0.3, abs=0.03)
    assert not torch.equal(found[0], found[1])
    assert locked(x, 0.3, training=False) is x
    assert locked(x, 0.0, training=True) is x


def test_words_are_left_out_whole_and_alike_in_all_rows() -> None:
    sizes = AwdLstmArchitecture(embedding_dim=4, units=6, layers=1)
    own = AwdLstm(sizes, 400, NONE._replace(embedding=0.25), generator())
    seen: list[Tensor] = []
    own.layers[0].read_on = lambda x, *_: seen.append(x) or (x, (x, x))  # type: ignore[method-assign]
    ids = torch.arange(400).repeat(2, 1)
    own(ids)
    share = seen[0] / own.embedding.weight[ids]
    assert torch.equal(share[0], share[1])
    left_out = (seen[0] == 0).all(dim=2)
    assert left_out.float().mean().item() == pytest.approx(0.25, abs=0.07)
    torch.testing.assert_close(share[~left_out], torch.full_like(share[~left_out], 1 / 0.75))


def given_weights(monkeypatch: pytest.MonkeyPatch) -> list[Tensor]:
    """The recurrent weights that torch's LSTM is given, call by call."""
    seen: list[Tensor] = []
    own = torch.lstm

    def noted(x: Tensor, before: Any, weights: Any, *rest: Any) -> Any:
        seen.append(weights[1].detach().clone())
        return own(x, before, weights, *rest)

    monkeypatch.setattr(torch, "lstm", noted)
    return seen


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_the_stated_share_of_recurrent_weights_is_left_out(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = encoder(NONE._replace(weight=share), AwdLstmArchitecture(40, 60, 2))
    raw = [layer.recurrent.detach().clone() for layer in own.layers]
    seen = given_weights(monkeypatch)
    own(IDS)
    for given, weight in zip(seen, raw, strict=True):
        left_out = given == 0
        assert left_out.float().mean().item() == pytest.approx(share, abs=0.02)
        torch.testing.assert_close(given[~left_out], weight[~left_out] / (1 - share))
    for layer, weight in zip(own.layers, raw, strict=True):
        assert torch.equal(layer.recurrent, weight)  # those that are left out keep their value


def test_other_weights_are_left_out_of_each_batch_and_none_while_measuring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = encoder(NONE._replace(weight=0.5))
    seen = given_weights(monkeypatch)
    own(IDS)
    own(IDS)
    assert not torch.equal(seen[0], seen[3])
    own.eval()
    own(IDS)
    for given, layer in zip(seen[6:], own.layers, strict=True):
        assert torch.equal(given, layer.recurrent)


def test_the_weights_that_are_left_out_are_trained_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = model(NONE._replace(weight=0.5))
    before = own.encoder.layers[0].recurrent.detach().clone()
    settings = AwdLstmParams(optimizer="sgd", clip_norm=0.0)
    optimizer = Optimizer(own, settings, wishes_of(own))
    seen = given_weights(monkeypatch)
    own(IDS[:, :-1], IDS[:, 1:], FRESH).backward()
    gradient = own.encoder.layers[0].recurrent.grad
    assert gradient is not None
    assert (gradient[seen[0] == 0] == 0).all()
    optimizer.step(0.1)
    after = own.encoder.layers[0].recurrent
    left_out = seen[0] == 0
    assert torch.equal(after[left_out], before[left_out])
    assert not torch.equal(after[~left_out], before[~left_out])
    for _ in range(20):
        own(IDS[:, :-1], IDS[:, 1:], FRESH).backward()
        optimizer.step(0.1)
    assert (own.encoder.layers[0].recurrent != before).float().mean() > 0.99


@pytest.mark.parametrize("name", Dropouts._fields)
def test_every_dropout_works_in_training_alone(name: str) -> None:
    own = model(NONE._replace(**{name: 0.5}))
    losses = {own(IDS[:, :-1], IDS[:, 1:], FRESH).item() for _ in range(8)}
    assert len(losses) > 1
    own.eval()
    found = own.surprise(IDS[:, :-1], IDS[:, 1:], FRESH)[0]
    plain = model().eval().surprise(IDS[:, :-1], IDS[:, 1:], FRESH)[0]
    torch.testing.assert_close(found, plain)


def test_dropouts_are_taken_out_of_settings_and_scaled() -> None:
    settings = AwdLstmParams(
        embedding_dropout=0.1,
        input_dropout=0.2,
        weight_dropout=0.3,
        hidden_dropout=0.4,
        output_dropout=0.5,
    )
    assert Dropouts.of(settings) == Dropouts(0.1, 0.2, 0.3, 0.4, 0.5)
    assert Dropouts.of(settings, 0.5) == pytest.approx((0.05, 0.1, 0.15, 0.2, 0.25))


# ── the language model ───────────────────────────────────────────────────────────────────────────


def test_words_are_decoded_by_the_vectors_that_they_are_read_with() -> None:
    own = model(bias=np.linspace(-1, 1, N_WORDS, dtype=np.float32))
    states, _ = own.encoder(IDS[:, :-1])
    logits = states @ own.encoder.embedding.weight.T + own.bias
    expected = F.cross_entropy(logits.flatten(0, 1), IDS[:, 1:].flatten())
    torch.testing.assert_close(own(IDS[:, :-1], IDS[:, 1:], FRESH), expected)
    nats, n = own.surprise(IDS[:, :-1], IDS[:, 1:], FRESH)
    assert n == 12
    torch.testing.assert_close(nats / n, expected)


@pytest.mark.parametrize("n_samples", [0, 4])
def test_vectors_learn_from_reading_and_from_decoding_alike(n_samples: int) -> None:
    own = model(n_samples=n_samples)
    own(IDS[:, :-1], IDS[:, 1:], FRESH).backward()
    table = own.encoder.embedding
    assert table.rows is not None
    assert table.rows.grad is not None
    assert table.rows.grad.abs().sum() > 0
    ((ids, vectors),) = table.further
    assert vectors.grad is not None
    assert vectors.grad.abs().sum() > 0
    assert set(IDS[:, 1:].flatten().tolist()) <= set(ids.tolist())


def test_a_window_is_read_on_from_the_one_before() -> None:
    own = model().eval()
    with torch.inference_mode():
        whole, _ = own.surprise(IDS[:, :6], IDS[:, 1:], FRESH)
        first, _ = own.surprise(IDS[:, :2], IDS[:, 1:3], FRESH)
        second, _ = own.surprise(IDS[:, 2:6], IDS[:, 3:7], ~FRESH)
        anew, _ = own.surprise(IDS[:, 2:6], IDS[:, 3:7], FRESH)
    torch.testing.assert_close(first + second, whole)
    assert not torch.allclose(second, anew)


def test_training_reads_on_too_and_begins_anew_where_the_strips_do() -> None:
    own = model()
    (first, second, again) = (
        own(ids, following, fresh).item()
        for ids, following, fresh in (
            (IDS[:, :2], IDS[:, 1:3], FRESH),
            (IDS[:, 2:6], IDS[:, 3:7], ~FRESH),
            (IDS[:, :2], IDS[:, 1:3], FRESH),
        )
    )
    whole, _ = model().surprise(IDS[:, :6], IDS[:, 1:], FRESH)
    assert 4 * first + 8 * second == pytest.approx(whole.item(), rel=1e-5)
    assert again == first


def test_measuring_between_windows_does_not_disturb_the_training() -> None:
    own, other = model(), model()
    for network in (own, other):
        network(IDS[:, :2], IDS[:, 1:3], FRESH)
    other.surprise(IDS[:1, :3], IDS[:1, 1:4], FRESH)
    found = [network(IDS[:, 2:6], IDS[:, 3:7], ~FRESH).item() for network in (own, other)]
    assert found[0] == found[1]


def test_where_a_window_ended_belongs_to_the_state_that_is_kept() -> None:
    own, again = model(), model()
    own(IDS[:, :2], IDS[:, 1:3], FRESH)
    again.load_state_dict(own.state_dict())
    found = [network(IDS[:, 2:6], IDS[:, 3:7], ~FRESH).item() for network in (own, again)]
    assert found[0] == found[1]


def test_the_rates_of_the_encoder_are_asked_for_by_the_names_of_the_model() -> None:
    own = model(rate_factors={"embedding.weight": 0.1, "lstm.0.input": 0.5})
    factors = wishes_of(own).rate_factors
    assert factors == {"encoder.embedding.weight": 0.1, "encoder.lstm.0.input": 0.5}
    known = {name for name, _ in own.named_parameters()} | {"encoder.embedding.weight"}
    assert set(factors) <= known
