from __future__ import annotations

import numpy as np
import pytest

from newsdesk.errors import BundleFormatError
from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.forward import MeanNetwork, pieces
from newsdesk.types import Floats

N_WORDS = 60


def drawn(hidden: tuple[int, ...] = ()) -> dict[str, Floats]:
    """Tensors of a network in which the words 0 and 1 weigh nothing."""
    shapes: dict[str, tuple[int, ...]] = {"embedding": (N_WORDS, 13), "weight": (N_WORDS,)}
    n_in = 13
    for number, size in enumerate(hidden):
        shapes[f"hidden.{number}.weight"], n_in = (size, n_in), size
        shapes[f"hidden.{number}.bias"] = (size,)
    shapes["output.weight"], shapes["output.bias"] = (4, n_in), (4,)
    rng = np.random.default_rng(7)
    tensors = {
        name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()
    }
    tensors["weight"] = np.abs(tensors["weight"])
    tensors["weight"][:2] = 0
    return tensors


def sequences_of(lengths: list[int]) -> Sequences:
    rng = np.random.default_rng(1)
    ids = rng.integers(0, N_WORDS, sum(lengths)).astype(np.int32)
    return Sequences(np.cumsum([0, *lengths]), ids)


@pytest.mark.parametrize("hidden", [(), (9,)])
def test_logits_are_those_of_the_weighted_mean(hidden: tuple[int, ...]) -> None:
    tensors = drawn(hidden)
    sequences = sequences_of([3, 0, 40, 1, 2000])
    sequences.ids[3:6] = [0, 1, 0]  # weighs nothing, at the beginning of the third row
    found = MeanNetwork(tensors).logits(sequences)
    for row, (start, end) in enumerate(
        zip(sequences.indptr[:-1], sequences.indptr[1:], strict=True)
    ):
        ids = sequences.ids[start:end]
        state = np.zeros(13)
        if len(ids):
            state = np.average(tensors["embedding"][ids], axis=0, weights=tensors["weight"][ids])
        for number in range(len(hidden)):
            weight, bias = (tensors[f"hidden.{number}.{kind}"] for kind in ("weight", "bias"))
            state = np.maximum(weight @ state + bias, 0)
        expected = tensors["output.weight"] @ state + tensors["output.bias"]
        assert found[row] == pytest.approx(expected, abs=1e-5)


def test_a_row_of_words_that_weigh_nothing_has_the_mean_zero() -> None:
    tensors = drawn()
    sequences = Sequences(np.array([0, 3]), np.array([0, 1, 0], dtype=np.int32))
    network = MeanNetwork(tensors)
    assert network.logits(sequences)[0] == pytest.approx(tensors["output.bias"], abs=0)
    assert not network.contributions(sequences.ids, 1).any()


@pytest.mark.parametrize("n_tokens", [0, 1, 30])
def test_contributions_and_the_bias_add_up_to_the_logit(n_tokens: int) -> None:
    tensors = drawn()
    network = MeanNetwork(tensors)
    sequences = sequences_of([n_tokens])
    logits = network.logits(sequences)[0]
    for index in range(4):
        found = network.contributions(sequences.ids, index)
        assert found.shape == (n_tokens,)
        assert found.dtype == np.float32
        total = found.sum(dtype=np.float64) + tensors["output.bias"][index]
        assert total == pytest.approx(logits[index], abs=1e-5)


def test_a_contribution_is_the_share_of_its_word() -> None:
    tensors = drawn()
    ids = np.array([5, 9, 5], dtype=np.int32)
    weights = tensors["weight"][ids]
    said = tensors["embedding"][ids] @ tensors["output.weight"][2]
    found = MeanNetwork(tensors).contributions(ids, 2)
    assert found == pytest.approx(weights * said / weights.sum(), abs=1e-6)


def test_contributions_through_hidden_layers_are_the_gradient_times_the_mean() -> None:
    tensors = drawn((9,))
    network = MeanNetwork(tensors)
    sequences = sequences_of([20])
    weights = tensors["weight"][sequences.ids]
    mean = np.average(tensors["embedding"][sequences.ids], axis=0, weights=weights)
    lit = tensors["hidden.0.weight"] @ mean + tensors["hidden.0.bias"] > 0
    gradient = (tensors["output.weight"][1] * lit) @ tensors["hidden.0.weight"]
    found = network.contributions(sequences.ids, 1)
    assert found.sum() == pytest.approx(gradient @ mean, abs=1e-5)


def test_a_row_gives_the_same_bits_in_any_company(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "N_TOKENS", 100)
    monkeypatch.setenv("NEWSDESK_THREADS", "2")
    network = MeanNetwork(drawn((70,)))
    sequences = sequences_of(np.random.default_rng(0).integers(0, 30, 60).tolist())
    together = network.logits(sequences)
    for size in (1, 3, 25):
        for at in range(0, 60, size):
            rows = np.arange(at, min(at + size, 60))
            assert np.array_equal(network.logits(sequences.take(rows)), together[rows])


def test_no_rows_have_no_logits() -> None:
    assert MeanNetwork(drawn()).logits(sequences_of([])).shape == (0, 4)


@pytest.mark.parametrize(
    ("name", "shape", "said"),
    [
        ("weight", (N_WORDS + 1,), "weight"),
        ("output.weight", (4, 12), "output.weight"),
        ("extra", (1,), "extra"),
    ],
)
def test_tensors_that_do_not_fit_are_refused(name: str, shape: tuple[int, ...], said: str) -> None:
    tensors = drawn() | {name: np.zeros(shape, dtype=np.float32)}
    with pytest.raises(BundleFormatError, match=said):
        MeanNetwork(tensors)
