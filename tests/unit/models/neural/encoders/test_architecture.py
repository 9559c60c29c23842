from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from newsdesk.errors import ConfigError
from newsdesk.models.neural.encoders.architecture import Architecture
from newsdesk.models.neural.encoders.kinds import DebertaV2, ModernBert, MPNet

TINY = Architecture(3, 2, 8, 16, 50, 20)


def test_the_tensors_of_minilm_have_as_many_numbers_as_are_published() -> None:
    minilm = Architecture(6, 12, 384, 1536, 30522, 512)
    # 22,713,216 with the pooler (384 * 384 + 384) and both token types (2 * 384), which are not
    # tensors of ours.
    n_numbers = sum(math.prod(shape) for shape in minilm.shapes.values())
    assert n_numbers == 22_713_216 - (384 * 384 + 384) - 2 * 384


def test_every_layer_has_its_own_tensors() -> None:
    shapes = Architecture(3, 2, 8, 16, 50, 20).shapes
    assert sum(name.startswith("layer.2.") for name in shapes) == 12
    assert shapes["layer.2.qkv.weight"] == (24, 8)
    assert not any(name.startswith("layer.3.") for name in shapes)


def n_numbers(architecture: Architecture) -> int:
    return sum(math.prod(shape) for shape in architecture.shapes.values())


def test_encoders_of_every_kind_have_as_many_numbers_as_are_published() -> None:
    mpnet = Architecture(12, 12, 768, 3072, 30527, 512, kind=MPNet())
    # all-mpnet-base-v2: 109,486,464 with the pooler and the two positions that are not used.
    assert n_numbers(mpnet) == 109_486_464 - (768 * 768 + 768) - 2 * 768
    kind = ModernBert(160_000.0, 10_000.0, 64, tuple(range(0, 22, 3)))
    modern = Architecture(22, 12, 768, 1152, 50368, 8192, kind=kind)
    # ModernBERT-base: 149,655,232 with the head that fills gaps: a map, a norm, and a bias for
    # each piece.
    assert n_numbers(modern) == 149_655_232 - (768 * 768 + 768) - 50_368
    albert = Architecture(12, 12, 768, 3072, 30000, 512, piece_width=128, n_groups=1)
    # albert-base-v2: 11,683,584 with the pooler and both token types.
    assert n_numbers(albert) == 11_683_584 - (768 * 768 + 768) - 2 * 128
    deberta = Architecture(12, 12, 768, 3072, 128_100, 512, kind=DebertaV2(256, 512))
    # deberta-v3-base: 183,831,552; it has nothing that is left out.
    assert n_numbers(deberta) == 183_831_552


def test_layers_that_share_tensors_stand_one_after_the_other() -> None:
    shared = replace(TINY, n_layers=4, n_groups=2)
    assert [shared.own(number) for number in range(4)] == [0, 0, 1, 1]
    assert [TINY.own(number) for number in range(3)] == [0, 1, 2]
    assert not any(name.startswith("layer.2.") for name in shared.shapes)


def test_only_layers_with_tensors_of_their_own_can_be_frozen() -> None:
    shared = replace(TINY, n_layers=4, n_groups=1)
    shared.check_frozen(1, family="fewshot", name="tiny")
    with pytest.raises(ConfigError, match="tiny has 1 layers with tensors of their own"):
        shared.check_frozen(2, family="fewshot", name="tiny")
    with pytest.raises(ConfigError, match=r"frozen_layers is 4, but tiny has 3 layers\."):
        TINY.check_frozen(4, family="fewshot", name="tiny")


def test_files_of_before_there_were_kinds_are_read() -> None:
    content = (
        b'{"n_layers":3,"n_heads":2,"width":8,"inner_width":16,"n_pieces":50,"n_positions":20,'
        b'"activation":"relu","epsilon":1e-05}'
    )
    found = msgspec.json.decode(content, type=Architecture)
    assert found == replace(TINY, activation="relu", epsilon=1e-5)


@pytest.mark.parametrize("kind", [MPNet(), DebertaV2(4, 16), ModernBert(9.0, 3.0, 8, (0, 2))])
def test_what_is_written_is_read_again(kind: Any) -> None:
    written = replace(TINY, kind=kind, n_groups=3)
    assert msgspec.json.decode(msgspec.json.encode(written), type=Architecture) == written


@pytest.mark.parametrize(
    "claimed",
    [
        {"n_layers": 1 << 20},
        {"n_layers": 0},
        {"n_groups": 4},
        {"n_groups": 0},
        {"n_heads": 0},
        {"n_heads": 3},
        {"n_positions": 1 << 30, "kind": {"type": "deberta-v2", "n_distances": 4, "farthest": 9}},
    ],
)
def test_what_no_tensor_bounds_is_bounded(claimed: dict[str, Any]) -> None:
    content = msgspec.json.encode(msgspec.to_builtins(TINY) | claimed)
    with pytest.raises(msgspec.ValidationError, match="cannot be"):
        msgspec.json.decode(content, type=Architecture)
