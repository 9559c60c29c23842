from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from newsdesk.errors import DataError
from newsdesk.models.neural.elmo.architecture import ElmoArchitecture
from newsdesk.models.neural.importing.allennlp import read
from newsdesk.models.neural.importing.formats import Request

Arrays = dict[str, np.ndarray]
Write = Callable[..., tuple[str, str]]


def imported(files: tuple[str, str]) -> Any:
    return read(Request("allennlp-elmo", files)).encoder


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


@pytest.fixture
def options() -> dict[str, Any]:
    return {
        "lstm": {
            "use_skip_connections": True,
            "projection_dim": 3,
            "cell_clip": 3,
            "proj_clip": 3,
            "dim": 2,
            "n_layers": 2,
        },
        "char_cnn": {
            "activation": "relu",
            "filters": [[1, 3], [2, 5]],
            "n_highway": 1,
            "embedding": {"dim": 4},
            "n_characters": 262,
            "max_characters_per_token": 50,
        },
    }


def test_sizes_are_those_of_the_options(elmo_arrays: Arrays, write_elmo: Write) -> None:
    encoder = imported(write_elmo(elmo_arrays))
    assert encoder.architecture == ElmoArchitecture(4, ((1, 3), (2, 5)), 1, 3, 2, 2, 50, 3.0, 3.0)
    shapes = {name: array.shape for name, array in encoder.tensors.items()}
    assert shapes == encoder.architecture.shapes(0)
    assert encoder.vocab is None
    assert encoder.origin.how == "imported"
    assert encoder.origin.source == "options.json, weights.hdf5"


def test_characters_are_shifted_by_the_one_that_fills_up(
    elmo_arrays: Arrays, write_elmo: Write
) -> None:
    table = imported(write_elmo(elmo_arrays)).tensors["characters"]
    assert not table[0].any()
    np.testing.assert_array_equal(table[1:], elmo_arrays["char_embed"])


def test_convolutions_give_what_theirs_give(elmo_arrays: Arrays, write_elmo: Write) -> None:
    tensors = imported(write_elmo(elmo_arrays)).tensors
    letters = np.random.default_rng(1).normal(size=(6, 4))
    kernel = elmo_arrays["CNN/W_cnn_1"][0]  # (width, dim, filters)
    theirs = [
        sum(letters[at + step] @ kernel[step] for step in range(2)) + elmo_arrays["CNN/b_cnn_1"]
        for at in range(5)
    ]
    weight, bias = tensors["convolution.1.weight"], tensors["convolution.1.bias"]
    ours = [np.einsum("fdw,wd->f", weight, letters[at : at + 2]) + bias for at in range(5)]
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def test_highways_let_through_what_theirs_let_through(
    elmo_arrays: Arrays, write_elmo: Write
) -> None:
    tensors = imported(write_elmo(elmo_arrays)).tensors
    x = np.random.default_rng(1).normal(size=8)
    their = {part: elmo_arrays[f"CNN_high_0/{part}"] for part in ("W_transform", "W_carry")}
    bias = {part: elmo_arrays[f"CNN_high_0/{part}"] for part in ("b_transform", "b_carry")}
    carry = sigmoid(x @ their["W_carry"] + bias["b_carry"])
    mapped = np.maximum(x @ their["W_transform"] + bias["b_transform"], 0)
    theirs = carry * mapped + (1 - carry) * x  # bilm/model.py: high()
    both = tensors["highway.0.weight"] @ x + tensors["highway.0.bias"]
    gate = sigmoid(both[8:])
    ours = gate * np.maximum(both[:8], 0) + (1 - gate) * x
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    np.testing.assert_allclose(
        tensors["projection.weight"] @ x, x @ elmo_arrays["CNN_proj/W_proj"], rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize(
    ("number", "direction", "layer"),
    [
        (*which, layer)
        for which, layer in itertools.product(enumerate(("forward", "backward")), range(2))
    ],
)
def test_a_step_of_a_layer_gives_what_theirs_gives(
    number: int, direction: str, layer: int, elmo_arrays: Arrays, write_elmo: Write
) -> None:
    tensors = imported(write_elmo(elmo_arrays)).tensors
    rng = np.random.default_rng(2)
    x, state, cell = rng.normal(size=3), rng.normal(size=3), rng.normal(size=2)
    theirs = f"RNN_{number}/RNN/MultiRNNCell/Cell{layer}/LSTMCell"
    # tf.nn.rnn_cell.LSTMCell: one map of both, gates i, j, f, o, and forget_bias = 1.
    both = np.concatenate([x, state]) @ elmo_arrays[f"{theirs}/W_0"] + elmo_arrays[f"{theirs}/B"]
    i, j, f, o = np.split(both, 4)
    after = sigmoid(f + 1) * cell + sigmoid(i) * np.tanh(j)
    expected = (sigmoid(o) * np.tanh(after)) @ elmo_arrays[f"{theirs}/W_P_0"]
    name = f"lstm.{layer}.{direction}"
    i, f, g, o = np.split(
        tensors[f"{name}.input"] @ x
        + tensors[f"{name}.recurrent"] @ state
        + tensors[f"{name}.bias"],
        4,
    )
    ours = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
    np.testing.assert_allclose(ours, after, rtol=1e-5)
    projected = tensors[f"{name}.projection"] @ (sigmoid(o) * np.tanh(ours))
    np.testing.assert_allclose(projected, expected, rtol=1e-5, atol=1e-6)


def test_options_of_training_are_read_too(
    elmo_arrays: Arrays, write_elmo: Write, options: dict[str, Any]
) -> None:
    options["char_cnn"]["n_characters"] = 261
    options["lstm"] |= {"cell_clip": None, "proj_clip": None}
    options |= {"dropout": 0.1, "all_clip_norm_val": 10.0}
    sizes = imported(write_elmo(elmo_arrays, options)).architecture
    assert (sizes.cell_clip, sizes.projection_clip) == (0.0, 0.0)


@pytest.mark.parametrize(
    "name", ["char_embed", "CNN/W_cnn_1", "RNN_1/RNN/MultiRNNCell/Cell1/LSTMCell/B"]
)
def test_a_missing_array_is_named(name: str, elmo_arrays: Arrays, write_elmo: Write) -> None:
    elmo_arrays[f"{name}_x"] = elmo_arrays.pop(name)
    with pytest.raises(DataError, match=f"has no array {name};"):
        imported(write_elmo(elmo_arrays))


def test_an_array_of_another_shape_is_named(elmo_arrays: Arrays, write_elmo: Write) -> None:
    elmo_arrays["CNN_proj/W_proj"] = elmo_arrays["CNN_proj/W_proj"].T.copy()
    with pytest.raises(
        DataError, match=r"CNN_proj/W_proj has the shape \(3, 8\), needed is \(8, 3\)"
    ):
        imported(write_elmo(elmo_arrays))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_named(
    value: float, elmo_arrays: Arrays, write_elmo: Write
) -> None:
    elmo_arrays["char_embed"][7, 1] = value
    with pytest.raises(DataError, match="char_embed holds a number that is not finite"):
        imported(write_elmo(elmo_arrays))


@pytest.mark.parametrize(
    ("group", "change"),
    [
        ("lstm", {"use_skip_connections": False}),
        ("lstm", {"dim": "many"}),
        ("lstm", {"dim": 0}),
        ("lstm", {"projection_dim": 1 << 40}),
        ("char_cnn", {"n_characters": 500}),
        ("char_cnn", {"activation": "sine"}),
        ("char_cnn", {"filters": []}),
        ("char_cnn", {"filters": [[1, -3]]}),
    ],
)
def test_options_of_no_elmo_are_refused(
    group: str,
    change: dict[str, Any],
    elmo_arrays: Arrays,
    write_elmo: Write,
    options: dict[str, Any],
) -> None:
    changed = copy.deepcopy(options)
    changed[group] |= change
    with pytest.raises(DataError, match=rf"options\.json holds no options .*{next(iter(change))}"):
        imported(write_elmo(elmo_arrays, changed))


@pytest.mark.parametrize("content", ["{", "{}", '{"lstm": {}}', '{"lstm": NaN}'])
def test_options_that_are_broken_are_refused(
    content: str, elmo_arrays: Arrays, write_elmo: Write
) -> None:
    with pytest.raises(DataError, match=r"options\.json holds no options"):
        imported(write_elmo(elmo_arrays, content))
