from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.models.neural.embedding.params import EmbeddingParams
from newsdesk.models.neural.perceptron.perceptron import Perceptron
from newsdesk.types import Floats, Indices, Silent


def vectors(n: int, seed: int = 0) -> tuple[Floats, Indices]:
    """Vectors of norm 1 near one of three directions."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    found = rng.normal(0, 0.15, (n, 12)).astype(np.float32)
    found[np.arange(n), y] += 1
    return found / np.linalg.norm(found, axis=1, keepdims=True), y


def fitted(**settings: Any) -> Perceptron:
    params = EmbeddingParams(**{"hidden": (16,), "batch_size": 16, "epochs": 6, **settings})
    x, y = vectors(120)
    return Perceptron(params).fit(x, y, n_classes=3, seed=0, progress=Silent())


@pytest.mark.parametrize("hidden", [(), (16,), (16, 8)])
def test_layers_learn_what_vectors_tell(hidden: tuple[int, ...]) -> None:
    x, y = vectors(90, seed=1)
    found = fitted(hidden=hidden, learning_rate=0.03, epochs=20).logits(x)
    assert (found.argmax(axis=1) == y).mean() > 0.9


def test_arrays_give_what_torch_gives() -> None:
    import torch

    from newsdesk.models.neural.perceptron.network import PerceptronNetwork

    model = fitted()
    generator = torch.Generator().manual_seed(1)
    network = PerceptronNetwork(model.params, 12, 3, generator).eval()
    state = {name: torch.from_numpy(array) for name, array in model.tensors.items()}
    network.head.load_state_dict(state)
    x, _ = vectors(40, seed=2)
    with torch.no_grad():
        by_torch = network(torch.from_numpy(x * np.float32(np.sqrt(12)))).numpy()
    assert model.logits(x) == pytest.approx(by_torch, abs=1e-5)


def test_shapes_are_those_of_the_fitted_tensors() -> None:
    model = fitted(hidden=(16, 8))
    shapes = Perceptron.shapes(model.params, 12, 3)
    assert {name: array.shape for name, array in model.tensors.items()} == shapes
    again = Perceptron(model.params, model.tensors)
    x, _ = vectors(10)
    assert np.array_equal(again.logits(x), model.logits(x))


def test_valid_chooses_the_epoch_and_steps_repeat_it() -> None:
    params = EmbeddingParams(hidden=(16,), batch_size=16, epochs=5)
    x, y = vectors(120)
    watched = Perceptron(params)
    watched.fit(x, y, n_classes=3, seed=0, progress=Silent(), valid=vectors(30, seed=3))
    chosen = watched.history.chosen
    assert 1 <= chosen <= 5
    again = Perceptron(params)
    again.fit(x, y, n_classes=3, seed=0, progress=Silent(), n_steps=chosen * 8)
    assert np.array_equal(again.logits(x), watched.logits(x))


def test_a_checkpoint_of_other_vectors_is_not_taken_up(tmp_path: Path) -> None:
    params = EmbeddingParams(hidden=(4,), batch_size=16, epochs=2)
    path = tmp_path / "fit.safetensors"
    found = []
    for seed in (0, 1, 0):
        x, y = vectors(60, seed)
        model = Perceptron(params)
        model.fit(x, y, n_classes=3, seed=0, progress=Silent(), checkpoint=path)
        found.append(model.logits(vectors(9)[0]))
    assert np.array_equal(found[0], found[2])
    assert not np.array_equal(found[0], found[1])
