from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsdesk.errors import ConfigError, DataError
from newsdesk.models.neural.encoders.architecture import Architecture
from newsdesk.models.neural.encoders.configs import read_configs
from newsdesk.models.neural.encoders.layouts import Layout

MODULES = "sentence_transformers.models."


def change(path: Path, **values: Any) -> None:
    """Set keys of a JSON file; None takes one away."""
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    found = {key: value for key, value in (found | values).items() if value is not None}
    path.write_text(json.dumps(found), encoding="utf-8")


def write_modules(folder: Path, *modules: tuple[str, str]) -> None:
    entries = [{"idx": n, "type": kind, "path": path} for n, (kind, path) in enumerate(modules)]
    (folder / "modules.json").write_text(json.dumps(entries), encoding="utf-8")


@pytest.mark.parametrize(
    ("model_type", "layout"),
    [
        ("bert", Layout("bert", 0)),
        ("electra", Layout("bert", 0)),
        ("roberta", Layout("bert", 2)),
        ("xlm-roberta", Layout("bert", 2)),
        ("camembert", Layout("bert", 2)),
        ("distilbert", Layout("distilbert", 0)),
    ],
)
def test_each_type_is_read(
    make_encoder: Callable[..., Path], model_type: str, layout: Layout
) -> None:
    configs = read_configs(make_encoder(model_type))
    n_pieces = configs.architecture.n_pieces
    assert configs.architecture == Architecture(2, 2, 8, 24, n_pieces, 32)
    assert configs.layout == layout
    assert (configs.pooling, configs.normalise, configs.max_tokens) == ("mean", True, 16)


def test_types_that_are_more_than_bert_are_read_with_all_their_files(reference: Any) -> None:
    configs = read_configs(reference.folder)
    assert configs.architecture.n_positions == configs.max_tokens == 96
    assert configs.architecture.kind == reference.architecture.kind
    assert (configs.pooling, configs.normalise) == ("mean", True)


def test_what_config_says_of_activation_and_epsilon_is_taken_over(
    make_encoder: Callable[..., Path],
) -> None:
    architecture = read_configs(make_encoder(hidden_act="relu", layer_norm_eps=1e-5)).architecture
    assert (architecture.activation, architecture.epsilon) == ("relu", 1e-5)
    assert read_configs(make_encoder(hidden_act="gelu_new")).architecture.activation == "gelu-tanh"


def test_a_padding_piece_that_is_not_named_is_number_1(make_encoder: Callable[..., Path]) -> None:
    folder = make_encoder("roberta")
    change(folder / "config.json", pad_token_id=None)
    assert read_configs(folder).layout.first_position == 2


def test_other_types_are_refused_by_name(make_encoder: Callable[..., Path]) -> None:
    with pytest.raises(ConfigError, match="'xlnet' are not supported") as caught:
        read_configs(make_encoder("xlnet"))
    types = "bert, electra, roberta, xlm-roberta, camembert, distilbert, albert, mpnet, modernbert"
    assert f"{types}, deberta-v2" in caught.value.remedy


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("hidden_act", "silu", "the activation 'silu'"),
        ("position_embedding_type", "relative_key", "positions of the type 'relative_key'"),
        ("embedding_size", 4, "pieces of 4 numbers under layers of 8"),
        ("is_decoder", True, "a decoder"),
        ("auto_map", {"AutoModel": "modeling.Own"}, "foreign code is not run"),
    ],
)
def test_what_is_not_supported_is_refused(
    make_encoder: Callable[..., Path], key: str, value: Any, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        read_configs(make_encoder(**{key: value}))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("hidden_size", 9, "2 heads do not divide a width of 9"),
        ("num_attention_heads", 0, ">= 1.*num_attention_heads"),
        ("num_hidden_layers", 10**9, "<= 1024.*num_hidden_layers"),
        ("vocab_size", -1, ">= 1.*vocab_size"),
        ("vocab_size", "many", "Expected `int`"),
        ("layer_norm_eps", -1.0, ">= 0.*layer_norm_eps"),
        ("max_position_embeddings", 2, "leaves none"),
        ("pad_token_id", -1, ">= 0.*pad_token_id"),
        ("intermediate_size", None, "missing required field `intermediate_size`"),
    ],
)
def test_sizes_that_cannot_be_are_refused(
    make_encoder: Callable[..., Path], key: str, value: Any, said: str
) -> None:
    folder = make_encoder("roberta")
    change(folder / "config.json", **{key: value})
    with pytest.raises(DataError, match=said):
        read_configs(folder)


def test_a_folder_without_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"There is no file .*config\.json"):
        read_configs(tmp_path)


def test_without_modules_the_mean_is_taken_as_it_is(make_encoder: Callable[..., Path]) -> None:
    folder = make_encoder(pooling="cls")
    (folder / "modules.json").unlink()
    (folder / "sentence_bert_config.json").unlink()
    configs = read_configs(folder)
    assert (configs.pooling, configs.normalise, configs.max_tokens) == ("mean", False, 32)


def test_without_a_length_the_tokenizer_says_it_and_positions_bound_it(
    make_encoder: Callable[..., Path],
) -> None:
    folder = make_encoder(max_tokens=500)
    assert read_configs(folder).max_tokens == 32
    change(folder / "sentence_bert_config.json", max_seq_length=None)
    change(folder / "tokenizer_config.json", model_max_length=20)
    assert read_configs(folder).max_tokens == 20
    change(folder / "tokenizer_config.json", model_max_length=10**30)
    assert read_configs(folder).max_tokens == 32


@pytest.mark.parametrize(
    ("config", "pooling"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
        ({"pooling_mode_mean_tokens": True}, "mean"),
        ({"pooling_mode": "mean", "embedding_dimension": 8}, "mean"),
        ({"pooling_mode": ["cls"]}, "cls"),
        ({}, "mean"),
    ],
)
def test_pooling_is_read_from_old_and_new_files(
    make_encoder: Callable[..., Path], config: dict[str, Any], pooling: str
) -> None:
    folder = make_encoder(normalise=False)
    (folder / "1_Pooling/config.json").write_text(json.dumps(config), encoding="utf-8")
    configs = read_configs(folder)
    assert (configs.pooling, configs.normalise) == (pooling, False)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"pooling_mode_max_tokens": True}, "pooling by max is"),
        ({"pooling_mode_mean_sqrt_len_tokens": True}, "pooling by mean_sqrt_len is"),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}, "by cls and mean is"),
        ({"pooling_mode": "lasttoken"}, "pooling by lasttoken is"),
        ({"pooling_mode": []}, "pooling by nothing is"),
    ],
)
def test_other_poolings_are_refused(
    make_encoder: Callable[..., Path], config: dict[str, Any], said: str
) -> None:
    folder = make_encoder()
    (folder / "1_Pooling/config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        read_configs(folder)


def test_new_names_of_modules_and_a_folder_of_the_transformer_are_known(
    make_encoder: Callable[..., Path],
) -> None:
    folder = make_encoder()
    (folder / "0_Transformer").mkdir()
    for name in ("config.json", "sentence_bert_config.json"):
        (folder / name).rename(folder / "0_Transformer" / name)
    write_modules(
        folder,
        ("sentence_transformers.base.modules.transformer.Transformer", "0_Transformer"),
        ("sentence_transformers.sentence_transformer.modules.pooling.Pooling", "1_Pooling"),
    )
    configs = read_configs(folder)
    assert configs.folder == folder / "0_Transformer"
    assert (configs.max_tokens, configs.normalise) == (16, False)


@pytest.mark.parametrize("kind", [f"{MODULES}Dense", "own_code.Pooling", "Pooling"])
def test_other_modules_are_refused(make_encoder: Callable[..., Path], kind: str) -> None:
    folder = make_encoder()
    write_modules(folder, (f"{MODULES}Transformer", ""), (kind, "1_Pooling"))
    with pytest.raises(ConfigError, match=f"modules of the type '{kind}' are not supported"):
        read_configs(folder)


@pytest.mark.parametrize("kinds", [[], ["Transformer"], ["Pooling", "Transformer"]])
def test_modules_in_another_order_are_refused(
    make_encoder: Callable[..., Path], kinds: list[str]
) -> None:
    folder = make_encoder()
    write_modules(folder, *((f"{MODULES}{kind}", "") for kind in kinds))
    with pytest.raises(ConfigError, match="which is no encoder of sentences"):
        read_configs(folder)


def test_a_module_cannot_lead_elsewhere(make_encoder: Callable[..., Path]) -> None:
    folder = make_encoder()
    write_modules(folder, (f"{MODULES}Transformer", ""), (f"{MODULES}Pooling", "../1_Pooling"))
    with pytest.raises(DataError, match=r"'\.\./1_Pooling', no plain name"):
        read_configs(folder)


def test_code_of_the_tokenizer_a_prompt_and_another_case_are_refused(
    make_encoder: Callable[..., Path],
) -> None:
    prompts = {"prompts": {"query": "query: "}, "default_prompt_name": "query"}
    for name, values, said in (
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["a", None]}}, "auto_map"),
        ("config_sentence_transformers.json", prompts, "the prompt 'query'"),
        ("sentence_bert_config.json", {"do_lower_case": True}, "do_lower_case"),
    ):
        folder = make_encoder()
        change(folder / name, **values)
        with pytest.raises(ConfigError, match=said):
            read_configs(folder)


def test_prompts_that_are_on_offer_are_no_matter(make_encoder: Callable[..., Path]) -> None:
    folder = make_encoder()
    prompts = {"prompts": {"query": "query: ", "document": ""}}
    change(folder / "config_sentence_transformers.json", **prompts)
    assert read_configs(folder).pooling == "mean"
    change(folder / "config_sentence_transformers.json", default_prompt_name="document")
    assert read_configs(folder).pooling == "mean"
