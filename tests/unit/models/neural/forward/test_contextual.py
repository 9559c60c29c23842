from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from newsdesk.errors import BundleFormatError
from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.elmo.architecture import ElmoArchitecture
from newsdesk.models.neural.forward import RecurrentNetwork
from newsdesk.models.neural.forward.contextual import ContextualNetwork, ContextualWords
from newsdesk.models.neural.forward.pieces import Piece
from newsdesk.types import Floats

SIZES = ElmoArchitecture(
    character_dim=5,
    filters=((1, 4), (2, 5), (3, 6)),
    highways=2,
    projection_dim=6,
    units=9,
    layers=2,
    longest_word=12,
    cell_clip=1.1,
    projection_clip=0.9,
)
WORDS = ["goal", "Goal", "大阪", "", "internationalisation", "a", "n't", "twelvechars"]
Array = NDArray[np.float64]


def logistic(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def word_vector(t: Mapping[str, Any], a: ElmoArchitecture, inner: list[int]) -> Array:
    """Vector of one word of the numbers that stand between its beginning and its end."""
    ids = [259, *inner[: a.longest_word - 2], 260]
    ids += [261] * (a.longest_word - len(ids))
    x = t["characters"][ids]
    answers = []
    for k, (width, _) in enumerate(a.filters):
        weight, bias = t[f"convolution.{k}.weight"], t[f"convolution.{k}.bias"]
        windows = [
            np.einsum("fdw,wd->f", weight, x[at : at + width]) + bias
            for at in range(a.longest_word - width + 1)
        ]
        answers.append(np.max(windows, axis=0))
    y = np.concatenate(answers)
    y = np.maximum(y, 0) if a.activation == "relu" else np.tanh(y)
    for k in range(a.highways):
        both = t[f"highway.{k}.weight"] @ y + t[f"highway.{k}.bias"]
        new, gate = np.maximum(both[: len(y)], 0), logistic(both[len(y) :])
        y = gate * new + (1 - gate) * y
    projected: Array = t["projection.weight"] @ y + t["projection.bias"]
    return projected


def lstm(t: Mapping[str, Any], a: ElmoArchitecture, name: str, rows: list[Array]) -> list[Array]:
    """States of one direction, its rows given in the order in which it reads them."""
    h, c, states = np.zeros(a.projection_dim), np.zeros(a.units), []
    bounds = [bound or np.inf for bound in (a.cell_clip, a.projection_clip)]
    for x in rows:
        sums = t[f"{name}.input"] @ x + t[f"{name}.recurrent"] @ h + t[f"{name}.bias"]
        i, f, g, o = np.split(sums, 4)
        c = np.clip(logistic(f) * c + logistic(i) * np.tanh(g), -bounds[0], bounds[0])
        h = t[f"{name}.projection"] @ (logistic(o) * np.tanh(c))
        h = np.clip(h, -bounds[1], bounds[1])
        states.append(h)
    return states


def layers(t: Mapping[str, Any], a: ElmoArchitecture, words: list[str]) -> list[Array]:
    """All layers of one document, the words alone (twice) first, each ``(n, 2 p)``."""
    inner = [[257], *([byte + 1 for byte in word.encode()] for word in words), [258]]
    ahead = [word_vector(t, a, own) for own in inner]
    back = ahead
    found = [np.concatenate([ahead, back], axis=1)[1:-1]]
    for k in range(a.layers):
        on = lstm(t, a, f"lstm.{k}.forward", ahead)
        off = lstm(t, a, f"lstm.{k}.backward", back[::-1])[::-1]
        if k:
            on = [own + below for own, below in zip(on, ahead, strict=True)]
            off = [own + below for own, below in zip(off, back, strict=True)]
        ahead, back = on, off
        found.append(np.concatenate([ahead, back], axis=1)[1:-1])
    return found


def drawn(a: ElmoArchitecture, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Tensors that are large enough for every bound to hold somewhere."""
    rng = np.random.default_rng(seed)
    found = {}
    for name, shape in a.shapes(0).items():
        sizes = [size or 0 for size in shape]
        scale = 1.6 / np.sqrt(np.prod(sizes[1:])) if len(sizes) > 1 else 0.5
        found[name] = rng.normal(0, scale, sizes).astype(np.float32)
    return found


def sequences_of(lengths: list[int], seed: int = 1) -> Sequences:
    ids = np.random.default_rng(seed).integers(0, len(WORDS), sum(lengths)).astype(np.int32)
    return Sequences(np.cumsum([0, *lengths]), ids)


def piece_of(sequences: Sequences) -> Piece:
    words, place = np.unique(sequences.ids, return_inverse=True)
    return Piece(sequences.indptr, words, place)


# The same layers, computed by the definition.


@pytest.mark.parametrize(
    "sizes",
    [
        SIZES,
        replace(SIZES, cell_clip=0.0, projection_clip=0.0),
        replace(SIZES, activation="tanh", highways=0),
        replace(SIZES, layers=3, highways=1, longest_word=50),
    ],
    ids=["bounded", "unbounded", "tanh", "deep"],
)
def test_all_layers_are_those_of_the_definition(sizes: ElmoArchitecture) -> None:
    tensors = drawn(sizes)
    network = ContextualWords(tensors, sizes)
    vectors = network.vectors(WORDS)
    rows = sequences_of([7, 5, 5, 1])
    piece = piece_of(rows)
    found = [np.tile(vectors[rows.ids], 2), *network.states(vectors, piece)]
    bounded = False
    for begin, end in zip(rows.indptr[:-1], rows.indptr[1:], strict=True):
        expected = layers(tensors, sizes, [WORDS[i] for i in rows.ids[begin:end]])
        for own, truth in zip(found, expected, strict=True):
            assert own.dtype == np.float32
            assert np.abs(own[begin:end] - truth).max() < 1e-5
        bounded |= bool((np.abs(expected[1]) == sizes.projection_clip).any())
    assert bounded == bool(sizes.projection_clip), "the bound is put to the test"


def test_a_word_has_the_same_vector_whatever_words_stand_beside_it() -> None:
    network = ContextualWords(drawn(SIZES), SIZES)
    together = network.vectors([*WORDS, *(f"word{i}" for i in range(1500))])
    for i, word in enumerate(WORDS):
        assert np.array_equal(network.vectors([word])[0], together[i])
    assert np.array_equal(network.vectors([])[-2:], together[-2:])


def head(n_classes: int = 3, units: int = 4) -> dict[str, Floats]:
    """Tensors of a network over the layers."""
    shapes: dict[str, tuple[int, ...]] = {"mix.weights": (3,), "mix.gamma": (1,)}
    for way in ("forward", "backward"):
        shapes[f"lstm.0.{way}.input"] = (4 * units, 12)
        shapes[f"lstm.0.{way}.recurrent"] = (4 * units, units)
        shapes[f"lstm.0.{way}.bias"] = (4 * units,)
    shapes |= {"output.weight": (n_classes, 2 * units), "output.bias": (n_classes,)}
    rng = np.random.default_rng(3)
    return {name: rng.normal(0, 1, shape).astype(np.float32) for name, shape in shapes.items()}


def test_the_mix_is_equation_1_of_the_paper() -> None:
    tensors, own = drawn(SIZES), head()
    words = ["goal", "a", "大阪"]
    rows = Sequences(np.array([0, 3]), np.arange(3, dtype=np.int32))
    found = ContextualNetwork(ContextualWords(tensors, SIZES), own, pooling="max", norm=False)
    s = np.exp(own["mix.weights"].astype(np.float64))
    mixed = sum(
        share * layer
        for share, layer in zip(s / s.sum(), layers(tensors, SIZES, words), strict=True)
    )
    assert found.shares == pytest.approx(s / s.sum(), abs=1e-6)
    rest = {name: tensor for name, tensor in own.items() if not name.startswith("mix")}
    mixed = (own["mix.gamma"] * mixed).astype(np.float32)
    plain_network = RecurrentNetwork({"embedding": mixed, **rest}, pooling="max")
    assert found.logits(words, rows) == pytest.approx(plain_network.logits(rows), abs=1e-4)


def test_a_document_gives_the_same_bits_in_any_company(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_THREADS", "2")
    monkeypatch.setattr(ContextualWords, "n_tokens", 256)
    sizes = replace(SIZES, units=37)
    network = ContextualNetwork(
        ContextualWords(drawn(sizes), sizes), head(), pooling="mean", norm=True
    )
    lengths = np.random.default_rng(0).integers(1, 60, 100).tolist()
    rows = sequences_of(lengths)
    together = network.logits(WORDS, rows)
    for size in (1, 7):
        for at in range(0, 100, size):
            some = rows.take(np.arange(at, min(at + size, 100)))
            used, place = np.unique(some.ids, return_inverse=True)
            own = Sequences(some.indptr, place.astype(np.int32))
            found = network.logits([WORDS[i] for i in used], own)
            assert np.array_equal(found, together[at : at + size])


def test_no_documents_have_no_logits() -> None:
    network = ContextualNetwork(
        ContextualWords(drawn(SIZES), SIZES), head(), pooling="max", norm=False
    )
    empty = Sequences(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32))
    assert network.logits([], empty).shape == (0, 3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"longest_word": 2}, "longest word"),
        ({"filters": ()}, "filters"),
        ({"filters": ((13, 4),)}, "filters"),
        ({"activation": "sine"}, "sine"),
        ({"layers": 0}, "layers"),
    ],
    ids=str,
)
def test_sizes_that_make_no_sense_are_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(BundleFormatError, match=said):
        ContextualWords(drawn(SIZES), replace(SIZES, **change))


@pytest.mark.parametrize(
    "name", ["characters", "highway.1.weight", "lstm.1.backward.projection", "convolution.2.bias"]
)
def test_tensors_that_do_not_fit_are_refused(name: str) -> None:
    tensors = drawn(SIZES)
    tensors[name] = tensors[name][1:]
    with pytest.raises(BundleFormatError, match=name):
        ContextualWords(tensors, SIZES)


def test_warming_up_compiles_what_predicting_takes() -> None:
    ContextualNetwork.warm_up()
    from newsdesk.models.neural.forward import kernels

    compiled = len(kernels.recur_projected.signatures)
    network = ContextualNetwork(
        ContextualWords(drawn(SIZES), SIZES), head(), pooling="max", norm=False
    )
    network.logits(WORDS, sequences_of([3]))
    assert len(kernels.recur_projected.signatures) == compiled
