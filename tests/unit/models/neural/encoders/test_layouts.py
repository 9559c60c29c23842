from __future__ import annotations

from typing import Any

from safetensors.numpy import load_file

from newsdesk.models.neural.encoders.configs import read_configs
from newsdesk.models.neural.encoders.layouts import Layout, names_of, sources_of


def test_nothing_of_a_file_is_left_out_but_what_stands_on_top(reference: Any) -> None:
    layout = read_configs(reference.folder).layout
    read = {source for name in reference.tensors for source in sources_of(name, layout)}
    left = set(load_file(reference.folder / "model.safetensors")) - read
    types = {"embeddings.token_type_embeddings.weight"} if names_of(layout).types else set()
    assert {name for name in left if not name.startswith("pooler.")} == types


def test_one_of_ours_may_be_made_of_several() -> None:
    found = sources_of("layer.2.qkv.weight", Layout("deberta-v2", 0))
    parts = ("query_proj", "key_proj", "value_proj")
    assert found == [f"encoder.layer.2.attention.self.{part}.weight" for part in parts]


def test_what_ends_the_last_layer_stands_beside_the_layers() -> None:
    layout = Layout("modernbert", 0)
    assert sources_of("layer.21.final_norm.weight", layout) == ["final_norm.weight"]
    assert sources_of("layer.21.qkv_norm.weight", layout) == ["layers.21.attn_norm.weight"]
