from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from newsdesk.errors import BundleFormatError
from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.forward import ConvolutionalNetwork, pieces
from newsdesk.types import Floats

N_WORDS = 60


def drawn(
    widths: tuple[int, ...] = (3, 4, 5),
    *,
    depth: int = 12,
    filters: int = 11,
    hidden: tuple[int, ...] = (),
) -> dict[str, Floats]:
    """Tensors of a network."""
    shapes: dict[str, tuple[int, ...]] = {"embedding": (N_WORDS, depth)}
    for width in widths:
        shapes[f"convolution.{width}.weight"] = (filters + width, depth, width)
        shapes[f"convolution.{width}.bias"] = (filters + width,)
    n_in = sum(filters + width for width in widths)
    for number, size in enumerate(hidden):
        shapes[f"hidden.{number}.weight"], n_in = (size, n_in), size
        shapes[f"hidden.{number}.bias"] = (size,)
    shapes["output.weight"], shapes["output.bias"] = (4, n_in), (4,)
    rng = np.random.default_rng(7)
    return {name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}


def sequences_of(lengths: list[int]) -> Sequences:
    rng = np.random.default_rng(1)
    ids = rng.integers(0, N_WORDS, sum(lengths)).astype(np.int32)
    return Sequences(np.cumsum([0, *lengths]), ids)


def by_torch(tensors: dict[str, Floats], sequences: Sequences) -> Floats:
    """Logits of the same network as torch computes them, row by row."""
    t = {name: torch.from_numpy(tensor) for name, tensor in tensors.items()}
    parts = [name.split(".") for name in t if name.startswith("convolution")]
    widths = sorted({int(number) for _, number, _ in parts})
    logits = []
    for start, end in zip(sequences.indptr[:-1], sequences.indptr[1:], strict=True):
        ids = torch.from_numpy(sequences.ids[start:end].astype(np.int64))
        vectors = t["embedding"][ids].T[None]
        vectors = functional.pad(vectors, (0, max(0, widths[-1] - len(ids))))
        pooled = torch.cat(
            [
                functional.conv1d(vectors, t[f"convolution.{w}.weight"], t[f"convolution.{w}.bias"])
                .relu()
                .amax(dim=2)[0]
                for w in widths
            ]
        )
        if not len(ids):
            pooled = torch.zeros_like(pooled)
        for number in range(sum(name.startswith("hidden") for name in t) // 2):
            name = f"hidden.{number}"
            pooled = functional.relu(
                functional.linear(pooled, t[f"{name}.weight"], t[f"{name}.bias"])
            )
        logits.append(functional.linear(pooled, t["output.weight"], t["output.bias"]))
    return torch.stack(logits).numpy()


def proba(logits: Floats) -> Floats:
    return torch.from_numpy(logits).softmax(dim=1).numpy()


@pytest.mark.parametrize("widths", [(3, 4, 5), (1,), (2, 11)])
@pytest.mark.parametrize("hidden", [(), (9, 6)])
def test_probabilities_are_those_of_torch(widths: tuple[int, ...], hidden: tuple[int, ...]) -> None:
    tensors = drawn(widths, hidden=hidden)
    sequences = sequences_of([3, 0, 40, 1, 17, 2, 4, 5, 6, 12, 10, 11, 2000])
    found = ConvolutionalNetwork(tensors).logits(sequences)
    assert found.dtype == np.float32
    assert np.abs(proba(found) - proba(by_torch(tensors, sequences))).max() < 1e-5


def test_a_row_gives_the_same_bits_in_any_company(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "N_TOKENS", 100)
    monkeypatch.setenv("NEWSDESK_THREADS", "2")
    network = ConvolutionalNetwork(drawn(filters=70))
    sequences = sequences_of(np.random.default_rng(0).integers(0, 30, 60).tolist())
    together = network.logits(sequences)
    for size in (1, 3, 25):
        for at in range(0, 60, size):
            rows = np.arange(at, min(at + size, 60))
            assert np.array_equal(network.logits(sequences.take(rows)), together[rows])


def test_no_rows_have_no_logits() -> None:
    assert ConvolutionalNetwork(drawn()).logits(sequences_of([])).shape == (0, 4)


@pytest.mark.parametrize(
    ("name", "shape", "said"),
    [
        ("embedding", (N_WORDS, 11), "convolution.3.weight"),
        ("convolution.4.weight", (15, 12, 3), "convolution.4.weight"),
        ("convolution.0.weight", (15, 12, 0), "convolution.0.weight"),
        ("convolution.5.bias", (15,), "convolution.5.bias"),
        ("output.weight", (4, 44), "output.weight"),
        ("extra", (1,), "extra"),
    ],
)
def test_tensors_that_do_not_fit_are_refused(name: str, shape: tuple[int, ...], said: str) -> None:
    tensors = drawn() | {name: np.zeros(shape, dtype=np.float32)}
    with pytest.raises(BundleFormatError, match=said):
        ConvolutionalNetwork(tensors)


def test_a_network_without_convolutions_is_refused() -> None:
    tensors = {name: t for name, t in drawn().items() if not name.startswith("convolution")}
    with pytest.raises(BundleFormatError, match="lacks the tensor convolution"):
        ConvolutionalNetwork(tensors)
