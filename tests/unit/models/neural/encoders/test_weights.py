from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from scipy.special import erf

from newsdesk.errors import ConfigError, DataError
from newsdesk.models.neural.encoders.architecture import Architecture
from newsdesk.models.neural.encoders.configs import read_configs
from newsdesk.models.neural.encoders.weights import read_weights, weight_files

TYPES = ["bert", "roberta", "xlm-roberta", "camembert", "distilbert", "electra"]
IDS = np.array([0, 5, 6, 9, 2])
QUERY = "encoder.layer.0.attention.self.query.weight"


def read(folder: Path) -> dict[str, Any]:
    configs = read_configs(folder)
    return read_weights(weight_files(folder), configs.layout, configs.architecture)


def change(folder: Path, change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """Write the weights of an encoder anew; give what is in the file."""
    path = folder / "model.safetensors"
    tensors = load_file(path)
    tensors = change(tensors) or tensors
    save_file(tensors, path)
    return tensors


def norm(states: Any, tensors: Any, name: str, epsilon: float) -> Any:
    centred = states - states.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + epsilon)
    return scaled * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]


def forward(tensors: dict[str, Any], architecture: Architecture, ids: Any) -> Any:
    """States of one text's tokens, from the formulas of Devlin et al. and Vaswani et al."""
    activations = {
        "gelu": lambda x: x * (1 + erf(x / np.sqrt(2))) / 2,
        "gelu-tanh": lambda x: x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) / 2,
        "relu": lambda x: np.maximum(x, 0),
    }

    def apply(states: Any, name: str) -> Any:
        return states @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]

    epsilon = architecture.epsilon
    states = tensors["pieces"][ids] + tensors["positions"][: len(ids)]
    states = norm(states, tensors, "norm", epsilon)
    for number in range(architecture.n_layers):
        at = f"layer.{number}"
        joined = apply(states, f"{at}.qkv").reshape(len(ids), 3, architecture.n_heads, -1)
        q, k, v = joined.transpose(1, 2, 0, 3)
        logits = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
        shares = np.exp(logits - logits.max(-1, keepdims=True))
        mixed = shares / shares.sum(-1, keepdims=True) @ v
        attended = apply(mixed.transpose(1, 0, 2).reshape(states.shape), f"{at}.attended")
        states = norm(states + attended, tensors, f"{at}.attended_norm", epsilon)
        inner = activations[architecture.activation](apply(states, f"{at}.inner"))
        outer = apply(inner, f"{at}.outer")
        states = norm(states + outer, tensors, f"{at}.outer_norm", epsilon)
    return states


def by_transformers(folder: Path) -> Any:
    """States as transformers computes them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        transformers = pytest.importorskip("transformers", reason="compares with transformers")
        torch = pytest.importorskip("torch", reason="compares with transformers")
        transformers.logging.set_verbosity_error()
        model = transformers.AutoModel.from_pretrained(folder).eval()
        with torch.no_grad():
            return model(torch.from_numpy(IDS[None])).last_hidden_state[0].numpy()


@pytest.mark.parametrize("model_type", TYPES)
def test_the_tensors_have_the_names_and_shapes_of_the_architecture(
    make_encoder: Callable[..., Path], model_type: str
) -> None:
    folder = make_encoder(model_type)
    tensors = read(folder)
    shapes = read_configs(folder).architecture.shapes
    assert {name: tensor.shape for name, tensor in tensors.items()} == shapes
    assert list(tensors) == list(shapes)
    assert {tensor.dtype for tensor in tensors.values()} == {np.dtype("float32")}


def test_the_tensors_of_every_kind_are_read(reference: Any) -> None:
    tensors = read(reference.folder)
    assert {name: tensor.shape for name, tensor in tensors.items()} == reference.architecture.shapes
    assert {tensor.dtype for tensor in tensors.values()} == {np.dtype("float32")}


@pytest.mark.parametrize("model_type", TYPES)
def test_the_tensors_say_what_transformers_computes(
    make_encoder: Callable[..., Path], model_type: str
) -> None:
    folder = make_encoder(model_type)
    states = forward(read(folder), read_configs(folder).architecture, IDS)
    np.testing.assert_allclose(states, by_transformers(folder), atol=1e-5)


@pytest.mark.parametrize("activation", ["gelu_new", "gelu_pytorch_tanh", "relu"])
def test_activations_are_those_of_transformers(
    make_encoder: Callable[..., Path], activation: str
) -> None:
    folder = make_encoder(hidden_act=activation, layer_norm_eps=1e-3)
    states = forward(read(folder), read_configs(folder).architecture, IDS)
    np.testing.assert_allclose(states, by_transformers(folder), atol=1e-5)


def test_positions_hold_the_first_token_type_and_leave_unused_rows_out(
    make_encoder: Callable[..., Path],
) -> None:
    for model_type, first in (("bert", 0), ("roberta", 2)):
        folder = make_encoder(model_type)
        stored = load_file(folder / "model.safetensors")
        types = stored["embeddings.token_type_embeddings.weight"]
        expected = stored["embeddings.position_embeddings.weight"][first:] + types[0]
        assert (read(folder)["positions"] == expected).all()


@pytest.mark.parametrize("prefix", ["bert.", "roberta.", "distilbert.", "0.auto_model."])
def test_a_prefix_and_the_tensors_of_a_head_are_left_out(
    make_encoder: Callable[..., Path], prefix: str
) -> None:
    folder = make_encoder()
    before = read(folder)
    head = {"cls.predictions.bias": np.zeros(3, np.float32)}
    change(folder, lambda ts: {prefix + name: tensor for name, tensor in ts.items()} | head)
    after = read(folder)
    assert all((after[name] == before[name]).all() for name in before)


def test_the_oldest_names_of_scale_and_shift_are_known(make_encoder: Callable[..., Path]) -> None:
    folder = make_encoder()
    before = read(folder)
    old = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}

    def rename(name: str) -> str:
        for new, was in old.items():
            name = name.replace(new, was)
        return name

    changed = change(folder, lambda ts: {rename(name): tensor for name, tensor in ts.items()})
    assert "embeddings.LayerNorm.gamma" in changed
    after = read(folder)
    assert all((after[name] == before[name]).all() for name in before)


def test_half_and_double_precision_become_float32(make_encoder: Callable[..., Path]) -> None:
    for kind in (np.float16, np.float64):
        folder = make_encoder()
        stored = change(folder, lambda ts, to=kind: {n: t.astype(to) for n, t in ts.items()})
        pieces = read(folder)["pieces"]
        assert pieces.dtype == np.float32
        assert (pieces == stored["embeddings.word_embeddings.weight"].astype(np.float32)).all()


def test_bfloat16_becomes_the_float32_that_it_abbreviates(
    make_encoder: Callable[..., Path],
) -> None:
    folder = make_encoder()
    before = read(folder)
    path = folder / "model.safetensors"
    header, content = {}, b""
    for name, tensor in load_file(path).items():
        half = (tensor.view(np.uint32) >> 16).astype("<u2").tobytes()
        ends = [len(content), len(content) + len(half)]
        header[name] = {"dtype": "BF16", "shape": tensor.shape, "data_offsets": ends}
        content += half
    described = json.dumps(header).encode()
    path.write_bytes(len(described).to_bytes(8, "little") + described + content)
    for name, tensor in read(folder).items():
        if name != "positions":  # a sum
            cut = before[name].view(np.uint32) & np.uint32(0xFFFF0000)
            assert (tensor.view(np.uint32) == cut).all()


def test_weights_may_be_spread_over_several_files(make_encoder: Callable[..., Path]) -> None:
    folder = make_encoder()
    before = read(folder)
    stored = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(stored)
    places = {name: f"model-0000{1 + (i % 2)}-of-00002.safetensors" for i, name in enumerate(names)}
    for file in sorted(set(places.values())):
        save_file({n: stored[n] for n in names if places[n] == file}, folder / file)
    index = {"metadata": {"total_size": 1}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    assert [path.name for path in weight_files(folder)] == sorted(set(places.values()))
    after = read(folder)
    assert all((after[name] == before[name]).all() for name in before)
    weight_files(folder)[1].unlink()
    with pytest.raises(DataError, match=r"There is no file .*model-00002-of-00002"):
        weight_files(folder)


@pytest.mark.parametrize(
    "name", ["../model.safetensors", "/etc/model.safetensors", "a\\b.safetensors", "weights.bin"]
)
def test_a_list_of_files_cannot_lead_elsewhere(tmp_path: Path, name: str) -> None:
    index = {"weight_map": {"a": name}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(DataError, match="no plain name"):
        weight_files(tmp_path)


def test_a_list_of_no_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors.index.json").write_text('{"weight_map": {}}', encoding="utf-8")
    with pytest.raises(DataError, match="names no file"):
        weight_files(tmp_path)


def test_no_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no weights"):
        weight_files(tmp_path)


def test_a_missing_tensor_is_named(make_encoder: Callable[..., Path]) -> None:
    folder = make_encoder()
    change(folder, lambda ts: {name: ts[name] for name in ts if name != QUERY})
    with pytest.raises(DataError, match=rf"model.safetensors holds no tensor {QUERY}"):
        read(folder)


def test_two_encoders_in_one_file_are_refused(make_encoder: Callable[..., Path]) -> None:
    folder = make_encoder()
    change(
        folder, lambda ts: ts | {f"teacher.{name}": tensor.copy() for name, tensor in ts.items()}
    )
    with pytest.raises(DataError, match="holds 2 tensors"):
        read(folder)


def test_a_wrong_shape_is_named_with_the_right_one(make_encoder: Callable[..., Path]) -> None:
    folder = make_encoder()
    change(folder, lambda tensors: tensors | {QUERY: np.zeros((8, 7), np.float32)})
    with pytest.raises(DataError, match=r"query.weight has the shape \(8, 7\).* it is \(8, 8\)"):
        read(folder)


@pytest.mark.parametrize("shape", [(0, 8), (2, 7), (8,)])
def test_wrong_token_types_are_refused(
    make_encoder: Callable[..., Path], shape: tuple[int, ...]
) -> None:
    folder = make_encoder()
    name = "embeddings.token_type_embeddings.weight"
    change(folder, lambda tensors: tensors | {name: np.zeros(shape, np.float32)})
    with pytest.raises(
        DataError, match=r"no token types|token_type_embeddings\.weight has the shape"
    ):
        read(folder)


def test_whole_numbers_and_values_that_are_not_finite_are_refused(
    make_encoder: Callable[..., Path],
) -> None:
    for value, said in ((np.zeros((8, 8), np.int8), "type I8"), (np.nan, "not finite")):
        folder = make_encoder()
        tensor = np.broadcast_to(value, (8, 8)).copy()
        tensor = tensor if tensor.dtype == np.int8 else tensor.astype(np.float32)
        change(folder, lambda tensors, new=tensor: tensors | {QUERY: new})
        with pytest.raises(DataError, match=said):
            read(folder)
