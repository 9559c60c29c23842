from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from newsdesk.models.neural import layers
from newsdesk.models.neural.cnn_text.network import ConvolutionalNetwork
from newsdesk.models.neural.cnn_text.params import CnnParams
from newsdesk.models.neural.layers import (
    Attention,
    Convolution,
    Dense,
    Lstm,
    RowEmbedding,
    backwards,
    glorot,
)
from newsdesk.models.neural.lstm.params import LstmParams
from newsdesk.models.neural.recurrent.network import RecurrentNetwork
from newsdesk.models.neural.vectors_mean.network import MeanNetwork
from newsdesk.models.neural.vectors_mean.params import VectorsMeanParams

N_WORDS, WIDTH, UNITS = 20, 4, 3


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=generator(9))


# ── first values ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("weight", "fan_in", "fan_out"),
    [
        (Dense(300, 100, generator()).weight, 300, 100),
        (Lstm(50, 40, generator()).input, 50, 160),
        (Convolution(50, 30, 4, generator()).weight, 200, 120),
        (Attention(90, generator()).projection, 90, 90),
        (glorot(torch.empty(70, 110), 110, 70, generator()), 110, 70),
    ],
    ids=["dense", "lstm", "convolution", "attention", "bare"],
)
def test_first_values_fill_glorots_interval(weight: Tensor, fan_in: int, fan_out: int) -> None:
    limit = math.sqrt(6 / (fan_in + fan_out))
    assert 0.98 * limit < weight.max() <= limit
    assert -0.98 * limit > weight.min() >= -limit
    assert weight.var().item() == pytest.approx(2 / (fan_in + fan_out), rel=0.05)


def test_recurrent_weights_begin_orthogonal_and_the_forget_gate_open() -> None:
    layer = Lstm(5, 8, generator())
    recurrent = layer.recurrent.detach()
    torch.testing.assert_close(recurrent.T @ recurrent, torch.eye(8))
    assert layer.bias.tolist() == [0.0] * 8 + [1.0] * 8 + [0.0] * 16


def test_first_orthogonal_weights_favour_no_sign() -> None:
    # Without the sign of the triangle's diagonal QR gives no even draw (Mezzadri 2007).
    corners = [Lstm(2, 2, generator(seed)).recurrent[0, 0].item() for seed in range(400)]
    assert abs(np.mean(np.sign(corners))) < 0.2


def test_word_vectors_begin_small_and_even() -> None:
    weight = RowEmbedding(200, 50, generator()).weight
    assert weight.shape == (200, 50)
    assert 0.0499 < weight.max() <= 0.05
    assert -0.0499 > weight.min() >= -0.05


def test_first_values_come_from_the_generator_alone() -> None:
    def values(seed: int) -> Tensor:
        drawn_from = generator(seed)
        layers = nn.ModuleList(
            [
                RowEmbedding(4, 3, drawn_from),
                Lstm(3, 2, drawn_from),
                Dense(2, 2, drawn_from),
                Attention(2, drawn_from),
                Convolution(2, 2, 2, drawn_from),
            ]
        )
        return torch.cat([tensor.flatten() for tensor in layers.state_dict().values()])

    before = torch.get_rng_state()
    assert torch.equal(values(1), values(1))
    assert not torch.equal(values(1), values(2))
    assert torch.equal(torch.get_rng_state(), before)


# ── word vectors ─────────────────────────────────────────────────────────────────────────────────


def test_word_vectors_are_looked_up_and_only_touched_rows_have_a_gradient() -> None:
    table = RowEmbedding(N_WORDS, WIDTH, generator())
    ids = torch.tensor([[7, 3, 7], [3, 3, 0]])
    found = table(ids)
    assert torch.equal(found, table.weight[ids])
    assert table.touched is not None
    assert table.touched.tolist() == [0, 3, 7]
    found.sum().backward()
    assert table.rows is not None
    assert table.rows.grad is not None
    assert table.rows.grad[:, 0].tolist() == [1, 3, 2]


@pytest.mark.parametrize("frozen", [False, True])
def test_nothing_is_noted_of_words_that_are_not_trained_on(frozen: bool) -> None:
    table = RowEmbedding(N_WORDS, WIDTH, generator(), frozen=frozen)
    with torch.set_grad_enabled(frozen):
        found = table(torch.tensor([1, 2]))
    assert torch.equal(found, table.weight[[1, 2]])
    assert not found.requires_grad
    assert table.rows is None


def test_further_look_ups_are_noted_beside_the_words_that_are_read() -> None:
    table = RowEmbedding(N_WORDS, WIDTH, generator())
    read = table(torch.tensor([[7, 3, 7]]))
    first, second = table.more(torch.tensor([3, 5])), table.more(torch.tensor([0]))
    assert torch.equal(first, table.weight[[3, 5]])
    (2 * read.sum() + 3 * first.sum() + 5 * second.sum()).backward()
    assert table.touched is not None
    assert table.touched.tolist() == [3, 7]
    assert table.rows is not None
    assert table.rows.grad is not None
    assert table.rows.grad[:, 0].tolist() == [2, 4]
    found = [
        (ids.tolist(), vectors.grad[:, 0].tolist())
        for ids, vectors in table.further
        if vectors.grad is not None
    ]
    assert found == [([3, 5], [3, 3]), ([0], [5])]
    table(torch.tensor([1]))
    assert not table.further  # another batch


@pytest.mark.parametrize("frozen", [False, True])
def test_nothing_is_noted_of_further_words_that_are_not_trained_on(frozen: bool) -> None:
    table = RowEmbedding(N_WORDS, WIDTH, generator(), frozen=frozen)
    with torch.set_grad_enabled(frozen):
        found = table.more(torch.tensor([1, 2]))
    assert torch.equal(found, table.weight[[1, 2]])
    assert not found.requires_grad
    assert not table.further


def test_given_vectors_are_copied() -> None:
    start = np.ones((3, 2), dtype=np.float32)
    table = RowEmbedding(3, 2, generator(), start)
    table.weight += 1
    assert start.tolist() == [[1, 1]] * 3


# ── layers ───────────────────────────────────────────────────────────────────────────────────────


def test_a_dense_layer_is_torchs() -> None:
    ours, theirs = Dense(5, 3, generator()), nn.Linear(5, 3)
    theirs.load_state_dict(ours.state_dict())
    x = drawn(2, 4, 5)
    torch.testing.assert_close(ours(x), theirs(x))


@pytest.mark.parametrize("length", [1, 7])
def test_an_lstm_is_torchs_with_one_of_its_two_biases(length: int) -> None:
    ours, theirs = Lstm(5, UNITS, generator()), nn.LSTM(5, UNITS, batch_first=True)
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(ours.input)
        theirs.weight_hh_l0.copy_(ours.recurrent)
        theirs.bias_ih_l0.copy_(ours.bias)
        theirs.bias_hh_l0.zero_()
    x = drawn(4, length, 5)
    torch.testing.assert_close(ours(x), theirs(x)[0])


@pytest.mark.parametrize("able", [None, False])
def test_an_lstm_in_bfloat16_reads_on_every_processor(
    able: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if able is not None:
        monkeypatch.setattr(layers, "_lstm_in_bfloat16", lambda: able)
    layer, x = Lstm(5, UNITS, generator()), drawn(2, 6, 5)
    exact, ends = layer.read_on(x, None)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        first, before = layer.read_on(x[:, :3].bfloat16(), None)
        rest, found = layer.read_on(x[:, 3:].bfloat16(), before)
        rest.float().sum().backward()
    states = torch.cat([first, rest], dim=1).float()
    assert torch.allclose(states, exact, atol=0.03)
    assert torch.allclose(found[1].float(), ends[1], atol=0.03)
    assert layer.recurrent.grad is not None
    assert layer.recurrent.grad.dtype == torch.float32


@pytest.mark.parametrize("at", [1, 3, 6])
def test_reading_on_in_two_halves_is_reading_at_once(at: int) -> None:
    layer = Lstm(5, UNITS, generator())
    x = drawn(4, 7, 5)
    whole, end = layer.read_on(x, None)
    first, between = layer.read_on(x[:, :at], None)
    second, last = layer.read_on(x[:, at:], between)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    torch.testing.assert_close(layer(x), whole)
    for one, other in zip(last, end, strict=True):
        assert one.shape == (1, 4, UNITS)
        torch.testing.assert_close(one, other)
    torch.testing.assert_close(end[0][0], whole[:, -1])


def test_gradients_go_through_where_the_reading_went_on() -> None:
    layer = Lstm(5, UNITS, generator())
    x = drawn(2, 6, 5).requires_grad_()
    _, between = layer.read_on(x[:, :3], None)
    states, _ = layer.read_on(x[:, 3:], between)
    states[:, -1].sum().backward()
    assert x.grad is not None
    assert (x.grad.abs().sum(dim=2) > 0).all()


def test_the_second_bias_is_neither_trained_nor_kept() -> None:
    layer = Lstm(5, UNITS, generator())
    assert sorted(layer.state_dict()) == ["bias", "input", "recurrent"]
    assert {name for name, _ in layer.named_parameters()} == {"bias", "input", "recurrent"}


def test_recurrent_weights_are_left_out_while_training_alone() -> None:
    layer = Lstm(5, UNITS, generator())
    x = drawn(2, 6, 5)
    plain = layer(x)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        dropped = layer(x, 0.5)
        layer.eval()
        assert torch.equal(layer(x, 0.5), plain)
    # The first step has no state before it.
    assert torch.equal(dropped[:, 0], plain[:, 0])
    assert not torch.equal(dropped[:, 1:], plain[:, 1:])


def test_a_convolution_gives_the_largest_answer_of_a_row_s_own_windows() -> None:
    layer = Convolution(WIDTH, 6, 3, generator())
    with torch.no_grad():
        layer.bias += 0.5
    x = drawn(2, 5, WIDTH)
    found = layer(x, torch.tensor([5, 4]))
    answers = [
        torch.einsum("bti,fit->bf", x[:, start : start + 3], layer.weight) + layer.bias
        for start in range(3)
    ]
    torch.testing.assert_close(found[0], torch.stack(answers)[:, 0].amax(dim=0).relu())
    torch.testing.assert_close(found[1], torch.stack(answers)[:2, 1].amax(dim=0).relu())


def test_attention_shares_sum_to_one_over_the_steps_of_a_row() -> None:
    layer = Attention(WIDTH, generator())
    states = torch.ones(2, 5, WIDTH)
    states[0, 2:], states[1, 4:] = 100.0, -100.0
    beyond = torch.arange(5) >= torch.tensor([[2], [4]])
    torch.testing.assert_close(layer(states, beyond), torch.ones(2, WIDTH))
    said = torch.tanh(states @ layer.projection.T + layer.bias) @ layer.query
    share = said.softmax(dim=1)
    expected = (share[:, :, None] * states).sum(dim=1)
    torch.testing.assert_close(layer(states, torch.zeros(2, 5, dtype=torch.bool)), expected)


def test_rows_are_turned_round_up_to_their_own_end() -> None:
    x = torch.arange(8).view(2, 4)
    found = backwards(x, torch.tensor([3, 1]))
    assert found.tolist() == [[2, 1, 0, 3], [4, 5, 6, 7]]


def test_turning_rows_round_twice_changes_nothing() -> None:
    x, lengths = drawn(5, 6, 2), torch.tensor([1, 2, 4, 5, 6])
    assert torch.equal(backwards(backwards(x, lengths), lengths), x)


# ── networks ─────────────────────────────────────────────────────────────────────────────────────


def recurrent(n_words: int = N_WORDS, n_classes: int = 3, **values: Any) -> RecurrentNetwork:
    params = LstmParams(**values)
    embedding = RowEmbedding(n_words, params.embedding_dim, generator())
    return RecurrentNetwork(params, embedding, n_classes, generator())


def convolutional() -> ConvolutionalNetwork:
    params = CnnParams(embedding_dim=WIDTH, widths=(2, 3, 4), filters=5)
    return ConvolutionalNetwork(params, RowEmbedding(N_WORDS, WIDTH, generator()), 3, generator())


def averaging() -> MeanNetwork:
    weight = np.linspace(0.1, 2, N_WORDS, dtype=np.float32)
    embedding = RowEmbedding(N_WORDS, WIDTH, generator())
    return MeanNetwork(VectorsMeanParams(hidden=(4,)), embedding, weight, 3, generator())


NETWORKS = {
    f"{pooling}-{layers}-{'both' if both else 'ahead'}": lambda p=pooling, n=layers, b=both: (
        recurrent(
            embedding_dim=WIDTH, units=UNITS, pooling=p, layers=n, bidirectional=b, hidden=(4,)
        )
    )
    for pooling in ("last", "max", "mean", "attention")
    for layers in (1, 2)
    for both in (False, True)
} | {"convolutional": convolutional, "mean": averaging}


@pytest.mark.parametrize("name", NETWORKS)
def test_an_answer_depends_neither_on_padding_nor_on_the_rest_of_the_batch(name: str) -> None:
    network = NETWORKS[name]().eval()
    with torch.no_grad():
        network.embedding.weight *= 20  # so that no answer is too small to differ
    lengths = torch.tensor([1, 2, 3, 5, 9, 12])
    ids = torch.randint(0, N_WORDS, (6, 12), generator=generator(3))
    with torch.inference_mode():
        together = network(ids, lengths)
        other = ids.clone()
        other[torch.arange(12) >= lengths[:, None]] = 7
        torch.testing.assert_close(network(other, lengths), together)
        for row, length in enumerate(lengths.tolist()):
            alone = network(ids[row : row + 1, :length], lengths[row : row + 1])
            torch.testing.assert_close(alone[0], together[row], rtol=1e-5, atol=1e-6)
    assert together.std(dim=0).min() > 1e-4


def test_the_published_bbc_network_has_its_published_number_of_weights() -> None:
    network = recurrent(5000, 6, **LstmParams.PRESETS["bbc-bilstm"])
    assert sum(tensor.numel() for tensor in network.state_dict().values()) == 394_694
