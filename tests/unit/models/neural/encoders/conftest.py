"""Encoders of random numbers, and what they answer by the textbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.special import erf, softmax

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.encoders.architecture import Activation, Architecture, Pooling
from newsdesk.models.neural.encoders.configs import read_configs
from newsdesk.models.neural.encoders.weights import read_weights, weight_files
from newsdesk.types import Floats

KINDS = ["electra", "albert", "mpnet", "modernbert", "deberta-v2"]
"""Types of encoders that are more than BERT with other names."""
TINY = Architecture(
    n_layers=2, n_heads=3, width=12, inner_width=20, n_pieces=30, n_positions=16, epsilon=1e-6
)


def random_tensors(architecture: Architecture = TINY, seed: int = 0) -> dict[str, Floats]:
    """Draw tensors of which each one matters."""
    rng = np.random.default_rng(seed)
    found = {}
    for name, shape in architecture.shapes.items():
        around = 1.0 if "norm.weight" in name else 0.0
        found[name] = rng.normal(around, 0.3, shape).astype(np.float32)
    return found


def random_sequences(lengths: list[int], seed: int = 0, n_pieces: int = 30) -> Sequences:
    """Draw texts of given lengths."""
    ids = np.random.default_rng(seed).integers(0, n_pieces, sum(lengths)).astype(np.int32)
    return Sequences(np.concatenate([[0], np.cumsum(lengths)]), ids)


def _activated(x: Floats, activation: Activation) -> Floats:
    if activation == "relu":
        return np.maximum(x, 0)
    if activation == "gelu":
        return x * (1 + erf(x / np.sqrt(2))) / 2
    return x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) / 2


def by_the_book(
    tensors: dict[str, Floats],
    sequences: Sequences,
    architecture: Architecture = TINY,
    pooling: Pooling = "mean",
    *,
    normalise: bool = False,
) -> Floats:
    """Encode one text after the other in double precision (Vaswani et al. 2017; Devlin et al.)."""
    double = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}

    def map_(x: Floats, name: str) -> Floats:
        return x @ double[f"{name}.weight"].T + double[f"{name}.bias"]

    def norm(x: Floats, name: str) -> Floats:
        x = x - x.mean(axis=1, keepdims=True)
        x = x / np.sqrt((x**2).mean(axis=1, keepdims=True) + architecture.epsilon)
        return x * double[f"{name}.weight"] + double[f"{name}.bias"]

    size = architecture.width // architecture.n_heads
    found = []
    for row in range(sequences.n):
        ids = sequences.ids[sequences.indptr[row] : sequences.indptr[row + 1]]
        x = norm(double["pieces"][ids] + double["positions"][: len(ids)], "norm")
        for number in range(architecture.n_layers):
            name = f"layer.{number}"
            q, k, v = np.split(map_(x, f"{name}.qkv"), 3, axis=1)
            heads = []
            for head in range(architecture.n_heads):
                own = slice(head * size, (head + 1) * size)
                share = softmax(q[:, own] @ k[:, own].T / np.sqrt(size), axis=1)
                heads.append(share @ v[:, own])
            attended = map_(np.concatenate(heads, axis=1), f"{name}.attended")
            x = norm(x + attended, f"{name}.attended_norm")
            inner = _activated(map_(x, f"{name}.inner"), architecture.activation)
            x = norm(x + map_(inner, f"{name}.outer"), f"{name}.outer_norm")
        vector = x.mean(axis=0) if pooling == "mean" else x[0]
        found.append(vector / np.linalg.norm(vector) if normalise else vector)
    return np.array(found, dtype=np.float32)


class Book(NamedTuple):
    """A tiny encoder, and how to ask the textbook about it."""

    architecture: Architecture
    tensors: Callable[..., dict[str, Floats]]
    sequences: Callable[..., Sequences]
    answers: Callable[..., Floats]


@pytest.fixture(scope="session")
def book() -> Any:
    return Book(TINY, random_tensors, random_sequences, by_the_book)


class Reference(NamedTuple):
    """An encoder that transformers wrote, and what it answers."""

    folder: Path
    architecture: Architecture
    tensors: dict[str, Floats]
    sequences: Sequences
    """Texts of one token, of as many as it reads, and in between."""
    states: list[Floats]
    """Of each text, shape ``(t, width)``."""


@pytest.fixture(scope="session", params=KINDS)
def reference(
    request: pytest.FixtureRequest, make_reference: Callable[..., tuple[Path, Any]]
) -> Reference:
    import torch

    folder, network = make_reference(request.param)
    configs = read_configs(folder)
    tensors = read_weights(weight_files(folder), configs.layout, configs.architecture)
    sequences = random_sequences([9, 1, 96, 2, 9, 17, 40], n_pieces=configs.architecture.n_pieces)
    states = []
    with torch.no_grad():
        for ids in np.split(sequences.ids, sequences.indptr[1:-1]):
            # A piece that fills others up would change the positions of some types.
            ids[ids == 1] = 3
            states.append(network(torch.from_numpy(ids[None]).long()).last_hidden_state[0].numpy())
    return Reference(folder, configs.architecture, tensors, sequences, states)
