from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from newsdesk.errors import BundleFormatError
from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.forward import RecurrentNetwork, pieces
from newsdesk.models.neural.forward.pooling import Pooling
from newsdesk.types import Floats

POOLINGS: list[Pooling] = ["last", "max", "mean", "attention", "concat"]
N_WORDS = 60


def drawn(
    pooling: Pooling,
    *,
    depth: int = 12,
    units: int = 10,
    layers: int = 1,
    both: bool = True,
    hidden: tuple[int, ...] = (9,),
) -> dict[str, Floats]:
    """Tensors of a network, large enough that its states leave the straight part of tanh."""
    shapes: dict[str, tuple[int, ...]] = {"embedding": (N_WORDS, depth)}
    width = depth
    for layer in range(layers):
        for direction in ("forward", "backward")[: 1 + both]:
            name = f"lstm.{layer}.{direction}"
            shapes[f"{name}.input"] = (4 * units, width)
            shapes[f"{name}.recurrent"] = (4 * units, units)
            shapes[f"{name}.bias"] = (4 * units,)
        width = units * (1 + both)
    if pooling == "attention":
        shapes["attention.projection"] = (7, width)
        shapes["attention.bias"] = (7,)
        shapes["attention.query"] = (7,)
    width *= 3 if pooling == "concat" else 1
    for number, size in enumerate(hidden):
        shapes[f"hidden.{number}.weight"], width = (size, width), size
        shapes[f"hidden.{number}.bias"] = (size,)
    shapes["output.weight"], shapes["output.bias"] = (4, width), (4,)
    rng = np.random.default_rng(7)
    return {
        name: rng.normal(0, 1.5 / np.sqrt(shape[-1]), shape).astype(np.float32)
        for name, shape in shapes.items()
    }


def sequences_of(lengths: list[int]) -> Sequences:
    rng = np.random.default_rng(1)
    ids = rng.integers(0, N_WORDS, sum(lengths)).astype(np.int32)
    return Sequences(np.cumsum([0, *lengths]), ids)


def by_torch(tensors: dict[str, Floats], pooling: Pooling, sequences: Sequences) -> Floats:
    """Logits of the same network as torch computes them, row by row."""
    t = {name: torch.from_numpy(tensor) for name, tensor in tensors.items()}
    units = tensors["lstm.0.forward.recurrent"].shape[1]
    layers = sum(name.endswith("forward.bias") for name in t)
    both = "lstm.0.backward.bias" in t
    lstm = nn.LSTM(t["embedding"].shape[1], units, layers, bidirectional=both, batch_first=True)
    for layer in range(layers):
        for direction, suffix in (("forward", ""), ("backward", "_reverse"))[: 1 + both]:
            for ours, theirs in (("input", "ih"), ("recurrent", "hh")):
                own = getattr(lstm, f"weight_{theirs}_l{layer}{suffix}")
                own.data = t[f"lstm.{layer}.{direction}.{ours}"]
            getattr(lstm, f"bias_ih_l{layer}{suffix}").data = t[f"lstm.{layer}.{direction}.bias"]
            getattr(lstm, f"bias_hh_l{layer}{suffix}").data.zero_()
    logits = []
    with torch.inference_mode():
        for start, end in zip(sequences.indptr[:-1], sequences.indptr[1:], strict=True):
            ids = torch.from_numpy(sequences.ids[start:end].astype(np.int64))
            pooled = torch.zeros(units * (1 + both) * (3 if pooling == "concat" else 1))
            if len(ids):
                states, (last, _) = lstm(t["embedding"][ids][None])
                pooled = _pooled(t, pooling, states[0], last[-1 - both :].flatten())
            for number in range(sum(name.startswith("hidden") for name in t) // 2):
                name = f"hidden.{number}"
                pooled = functional.relu(
                    functional.linear(pooled, t[f"{name}.weight"], t[f"{name}.bias"])
                )
            logits.append(functional.linear(pooled, t["output.weight"], t["output.bias"]))
    return torch.stack(logits).numpy()


def _pooled(
    t: dict[str, torch.Tensor], pooling: Pooling, states: torch.Tensor, last: torch.Tensor
) -> torch.Tensor:
    if pooling == "concat":
        return torch.cat([last, states.amax(dim=0), states.mean(dim=0)])
    if pooling == "last":
        return last
    if pooling == "max":
        return states.amax(dim=0)
    if pooling == "mean":
        return states.mean(dim=0)
    projected = functional.linear(states, t["attention.projection"], t["attention.bias"])
    return (projected.tanh() @ t["attention.query"]).softmax(dim=0) @ states


def proba(logits: Floats) -> Floats:
    return torch.from_numpy(logits).softmax(dim=1).numpy()


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
def test_probabilities_are_those_of_torch(pooling: Pooling, both: bool, layers: int) -> None:
    tensors = drawn(pooling, both=both, layers=layers)
    sequences = sequences_of([3, 0, 40, 1, 17, 17, 2, 9, 17, 5, 8])
    found = RecurrentNetwork(tensors, pooling=pooling).logits(sequences)
    expected = by_torch(tensors, pooling, sequences)
    assert found.dtype == np.float32
    assert np.abs(proba(found) - proba(expected)).max() < 1e-5


@pytest.mark.parametrize("pooling", POOLINGS)
def test_probabilities_of_long_rows_are_those_of_torch(pooling: Pooling) -> None:
    tensors = drawn(pooling, depth=32, units=33, layers=2, hidden=())
    sequences = sequences_of([2000, 1999, 700])
    found = RecurrentNetwork(tensors, pooling=pooling).logits(sequences)
    assert np.abs(proba(found) - proba(by_torch(tensors, pooling, sequences))).max() < 1e-5


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_row_gives_the_same_bits_in_any_company(
    pooling: Pooling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "N_TOKENS", 100)
    monkeypatch.setenv("NEWSDESK_THREADS", "2")
    network = RecurrentNetwork(drawn(pooling, units=67, layers=2), pooling=pooling)
    lengths = np.random.default_rng(0).integers(0, 30, 60)
    sequences = sequences_of(lengths.tolist())
    together = network.logits(sequences)
    for size in (1, 3, 25):
        for at in range(0, 60, size):
            rows = np.arange(at, min(at + size, 60))
            assert np.array_equal(network.logits(sequences.take(rows)), together[rows])


def test_no_rows_have_no_logits() -> None:
    network = RecurrentNetwork(drawn("attention"), pooling="attention")
    assert network.logits(sequences_of([])).shape == (0, 4)


@pytest.mark.parametrize(
    ("name", "shape", "said"),
    [
        ("embedding", (N_WORDS, 11), "lstm.0.forward.input"),
        ("lstm.0.forward.bias", (39,), "lstm.0.forward.bias"),
        ("lstm.0.backward.recurrent", (40, 9), "lstm.0.backward.recurrent"),
        ("lstm.0.backward.recurrent", None, "lstm.0.backward.recurrent"),
        ("lstm.1.forward.bias", (40,), "lstm.1.forward.recurrent"),
        ("lstm.2.backward.bias", (40,), "lstm.2.backward.bias"),
        ("hidden.0.weight", (9, 19), "hidden.0.weight"),
        ("output.bias", (5,), "output.bias"),
        ("attention.query", (7,), "attention.query"),
    ],
)
def test_tensors_that_do_not_fit_are_refused(
    name: str, shape: tuple[int, ...] | None, said: str
) -> None:
    tensors = drawn("max")
    if shape is None:
        del tensors[name]
    else:
        tensors[name] = np.zeros(shape, dtype=np.float32)
    with pytest.raises(BundleFormatError, match=said):
        RecurrentNetwork(tensors, pooling="max")
