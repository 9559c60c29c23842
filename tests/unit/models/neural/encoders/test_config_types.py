from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsdesk.errors import ConfigError, DataError
from newsdesk.models.neural.encoders.architecture import Architecture
from newsdesk.models.neural.encoders.config_types import read_type
from newsdesk.models.neural.encoders.kinds import DebertaV2, ModernBert, MPNet
from newsdesk.models.neural.encoders.layouts import Layout

SIZES = {"hidden_size": 16, "num_hidden_layers": 4, "num_attention_heads": 4}
SIZES |= {"intermediate_size": 24, "vocab_size": 50, "max_position_embeddings": 96}
DEBERTA = {"relative_attention": True, "position_buckets": 16, "max_relative_positions": -1}
DEBERTA |= {"pos_att_type": "p2c|c2p", "norm_rel_ebd": "layer_norm", "share_att_key": True}
DEBERTA |= {"position_biased_input": False, "type_vocab_size": 0, "layer_norm_eps": 1e-7}
MODERN = {"global_rope_theta": 5000.0, "local_rope_theta": 70.0, "local_attention": 16}
MODERN |= {"global_attn_every_n_layers": 3}


@pytest.fixture(name="write")
def _write(tmp_path: Path) -> Callable[..., Path]:
    def write(model_type: str, **keys: Any) -> Path:
        path = tmp_path / "config.json"
        given = {"deberta-v2": DEBERTA, "modernbert": MODERN}.get(model_type, {})
        path.write_text(json.dumps({"model_type": model_type, **SIZES, **given, **keys}))
        return path

    return write


def test_pieces_may_be_narrower_than_layers(write: Callable[..., Path]) -> None:
    small = read_type(write("electra", embedding_size=12))
    assert (small.architecture.piece_width, small.layout) == (12, Layout("bert", 0))
    assert read_type(write("electra", embedding_size=16)).architecture.piece_width is None
    assert read_type(write("electra")).architecture.piece_width == 128


def test_layers_may_share_tensors(write: Callable[..., Path]) -> None:
    found = read_type(write("albert", embedding_size=16, num_hidden_groups=2))
    architecture = found.architecture
    assert (architecture.piece_width, architecture.n_own, architecture.n_layers) == (16, 2, 4)
    assert architecture.activation == "gelu-tanh"
    assert found.layout == Layout("albert", 0)


def test_positions_of_mpnet_begin_behind_the_second_row(write: Callable[..., Path]) -> None:
    found = read_type(write("mpnet", pad_token_id=5))
    sizes = (4, 4, 16, 24, 50, 94)
    assert found == (Architecture(*sizes, kind=MPNet()), Layout("mpnet", 2))


def test_old_and_new_words_for_rotations_say_the_same(write: Callable[..., Path]) -> None:
    old = read_type(write("modernbert")).architecture
    ropes = {
        "full_attention": {"rope_theta": 5000.0, "rope_type": "default"},
        "sliding_attention": {"rope_theta": 70.0, "rope_type": "default"},
    }
    types = ["full_attention", *["sliding_attention"] * 2, "full_attention"]
    without = dict.fromkeys(("global_rope_theta", "global_attn_every_n_layers"))
    path = write("modernbert", rope_parameters=ropes, layer_types=types)
    keys = json.loads(path.read_text())
    path.write_text(json.dumps({key: keys[key] for key in keys if key not in without}))
    assert read_type(path).architecture == old
    assert old.kind == ModernBert(5000.0, 70.0, 8, (0, 3))
    assert (old.epsilon, old.has_positions) == (1e-5, False)


def test_near_layers_without_a_period_rotate_as_the_others(write: Callable[..., Path]) -> None:
    kind = read_type(write("modernbert", local_rope_theta=None)).architecture.kind
    assert isinstance(kind, ModernBert)
    assert kind.local_theta == kind.global_theta == 5000.0


def test_deberta_says_which_distances_are_alike(write: Callable[..., Path]) -> None:
    found = read_type(write("deberta-v2"))
    assert found.architecture.kind == DebertaV2(16, 96)
    assert found.architecture.epsilon == 1e-7
    assert found.layout == Layout("deberta-v2", 0)
    kind = read_type(write("deberta-v2", max_relative_positions=80)).architecture.kind
    assert kind == DebertaV2(16, 80)
    listed = read_type(write("deberta-v2", pos_att_type=["c2p", "p2c"]))
    assert listed == found


@pytest.mark.parametrize(
    ("model_type", "key", "value", "said"),
    [
        ("albert", "inner_group_num", 2, "groups of 2 layers (inner_group_num)"),
        ("albert", "num_hidden_groups", 5, "5 groups of 4 layers (num_hidden_groups)"),
        ("albert", "hidden_act", "silu", "'silu' (hidden_act)"),
        ("mpnet", "relative_attention_num_buckets", 64, "64 buckets of distances"),
        ("mpnet", "hidden_act", "silu", "'silu' (hidden_act)"),
        ("modernbert", "hidden_activation", "silu", "'silu' (hidden_activation)"),
        ("modernbert", "norm_bias", True, "norm_bias True"),
        ("modernbert", "attention_bias", True, "attention_bias True"),
        ("modernbert", "mlp_bias", True, "mlp_bias True"),
        ("modernbert", "rope_scaling", {"factor": 2.0}, "rope_scaling {'factor': 2.0}"),
        ("modernbert", "layer_types", ["full_attention"], "layer_types"),
        ("modernbert", "layer_types", ["linear_attention"] * 4, "layer_types"),
        ("modernbert", "hidden_size", 12, "rotations of 3 numbers, an odd number"),
        ("deberta-v2", "relative_attention", False, "relative_attention False"),
        ("deberta-v2", "pos_att_type", "c2p", "pos_att_type 'c2p'"),
        ("deberta-v2", "pos_att_type", None, "pos_att_type None"),
        ("deberta-v2", "share_att_key", False, "share_att_key False"),
        ("deberta-v2", "norm_rel_ebd", "none", "norm_rel_ebd 'none'"),
        ("deberta-v2", "position_buckets", -1, "position_buckets -1"),
        ("deberta-v2", "max_relative_positions", 9, "max_relative_positions 9"),
        ("deberta-v2", "position_biased_input", True, "position_biased_input True"),
        ("deberta-v2", "type_vocab_size", 2, "type_vocab_size 2"),
        ("deberta-v2", "conv_kernel_size", 3, "conv_kernel_size 3"),
        ("deberta-v2", "embedding_size", 12, "embedding_size 12"),
        ("deberta-v2", "attention_head_size", 8, "attention_head_size 8"),
    ],
)
def test_what_is_not_supported_is_refused_by_the_name_of_the_setting(
    write: Callable[..., Path], model_type: str, key: str, value: Any, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_type(write(model_type, **{key: value}))
    assert said in caught.value.problem
    assert "deberta-v2" in caught.value.remedy


def test_rotations_of_another_type_are_refused(write: Callable[..., Path]) -> None:
    ropes = {"full_attention": {"rope_type": "yarn", "rope_theta": 1e5}}
    with pytest.raises(ConfigError, match="rotations of the type 'yarn'"):
        read_type(write("modernbert", rope_parameters=ropes))


@pytest.mark.parametrize(
    ("model_type", "key", "value", "said"),
    [
        ("mpnet", "max_position_embeddings", 2, "leaves none"),
        ("modernbert", "max_position_embeddings", 1 << 20, "<= 65536"),
        ("modernbert", "global_rope_theta", 0.5, "> 1.0"),
        ("deberta-v2", "max_position_embeddings", 1 << 20, "<= 65536"),
        ("deberta-v2", "position_buckets", 1 << 20, "<= 8192"),
        ("albert", "num_hidden_groups", 0, ">= 1"),
    ],
)
def test_sizes_that_cannot_be_are_refused(
    write: Callable[..., Path], model_type: str, key: str, value: Any, said: str
) -> None:
    with pytest.raises(DataError, match=said):
        read_type(write(model_type, **{key: value}))
