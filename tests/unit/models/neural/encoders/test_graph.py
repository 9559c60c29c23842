from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from newsdesk.models.neural.encoders.architecture import Activation, Pooling
from newsdesk.models.neural.encoders.graph import build
from newsdesk.models.neural.encoders.graph_arrays import arrays_of
from newsdesk.models.neural.encoders.packing import pack, quantise
from newsdesk.models.neural.encoders.runner import Runner

LENGTHS = [3, 1, 16, 7, 3]
ACTIVATIONS: list[Activation] = ["gelu", "gelu-tanh", "relu"]
POOLINGS: list[Pooling] = ["mean", "cls"]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("normalise", [True, False])
def test_floats_give_what_the_textbook_gives(
    activation: Activation, pooling: Pooling, normalise: bool, book: Any
) -> None:
    architecture = replace(book.architecture, activation=activation)
    tensors = book.tensors(architecture)
    runner = Runner(architecture, pooling, pack(tensors, "float32"), normalise=normalise)
    sequences = book.sequences(LENGTHS)
    expected = book.answers(tensors, sequences, architecture, pooling, normalise=normalise)
    assert runner.vectors(sequences) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_integers_give_nearly_the_same(activation: Activation, book: Any) -> None:
    # Wide enough that single roundings do not decide.
    architecture = replace(book.architecture, activation=activation, width=48, inner_width=96)
    tensors = book.tensors(architecture)
    runner = Runner(architecture, "mean", pack(tensors, "int8"), normalise=True)
    sequences = book.sequences(LENGTHS)
    exact = book.answers(tensors, sequences, architecture, normalise=True)
    cosines = (runner.vectors(sequences) * exact).sum(axis=1)
    assert cosines.min() > 0.995


def test_integers_are_off_by_the_rounding_of_tokens_alone(book: Any) -> None:
    """With weights that integers hold exactly, one rounded map is all that is left."""
    architecture = replace(book.architecture, n_layers=1, activation="relu")
    tensors = book.tensors(architecture)
    for name, tensor in tensors.items():
        if tensor.ndim == 2 and name != "positions":
            integers, step = quantise(tensor)
            tensors[name] = integers * step[:, None]
    sequences = book.sequences(LENGTHS)
    exact = book.answers(tensors, sequences, architecture)
    runner = Runner(architecture, "mean", pack(tensors, "int8"), normalise=False)
    assert np.abs(runner.vectors(sequences) - exact).max() < 0.05


def test_the_graph_holds_no_tensor_of_the_encoder(book: Any) -> None:
    arrays = arrays_of(pack(book.tensors(), "float32"), book.architecture)
    graph = build(book.architecture, "mean", arrays, normalise=True)
    n_bytes = sum(array.nbytes for array in arrays.values())
    assert arrays["pieces"].tobytes() not in graph
    assert len(graph) < n_bytes + 10_000
