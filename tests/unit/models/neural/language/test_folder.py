from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from newsdesk.errors import BundleError, BundleFormatError, BundleIntegrityError
from newsdesk.features.vocab import SPECIALS, Vocab
from newsdesk.models.neural.awd_lstm.architecture import AwdLstmArchitecture
from newsdesk.models.neural.language import folder
from newsdesk.models.neural.language.folder import Encoder, Origin
from newsdesk.models.neural.nnlm.architecture import NnlmArchitecture

SIZES = AwdLstmArchitecture(embedding_dim=3, units=4, layers=2, direction="backward")
WORDS = (*SPECIALS, "<bos>", "bank", "大阪")


def encoder(**changes: Any) -> Encoder[AwdLstmArchitecture]:
    rng = np.random.default_rng(0)
    tensors = {
        name: rng.normal(size=[int(size or 0) for size in shape]).astype(np.float32)
        for name, shape in SIZES.shapes(len(WORDS)).items()
    }
    origin = Origin("pretrained", "news.csv", 12, 345, (30.5, 20.25), {"epochs": 2, "window": 5})
    made = Encoder("awd-lstm", SIZES, tensors, Vocab(WORDS), origin)
    return replace(made, **changes)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder.write(encoder(), tmp_path)
    return tmp_path


def read(home: Path) -> Encoder[AwdLstmArchitecture]:
    return folder.read(home, "awd-lstm", AwdLstmArchitecture)


def sign(home: Path) -> None:
    """Make the manifest fit whatever the files are now."""
    names = [path.name for path in home.iterdir() if path.name != "manifest.json"]
    digests = {name: hashlib.sha256((home / name).read_bytes()).hexdigest() for name in names}
    (home / "manifest.json").write_text(json.dumps(digests), encoding="utf-8")


def edit(path: Path, **values: Any) -> None:
    known = json.loads(path.read_bytes())
    path.write_text(json.dumps(known | values), encoding="utf-8")


def test_what_is_written_is_read(home: Path) -> None:
    expected, found = encoder(), read(home)
    assert (found.kind, found.architecture, found.origin) == ("awd-lstm", SIZES, expected.origin)
    assert found.vocab is not None
    assert found.vocab.words == WORDS
    assert found.tensors.keys() == expected.tensors.keys()
    for name, tensor in expected.tensors.items():
        assert np.array_equal(found.tensors[name], tensor)
        assert found.tensors[name].dtype == np.float32
    assert read(Path(str(home))).origin == folder.read(str(home), "awd-lstm", type(SIZES)).origin


def test_the_folder_holds_json_and_arrays_alone_and_knows_each_file(home: Path) -> None:
    names = {path.name for path in home.iterdir()}
    assert names == {"encoder.json", "weights.safetensors", "vocab.json", "manifest.json"}
    assert set(json.loads((home / "manifest.json").read_bytes())) == names - {"manifest.json"}


def test_a_model_without_words_has_no_vocabulary(tmp_path: Path) -> None:
    class Characters(AwdLstmArchitecture):
        def shapes(self, n_words: int) -> Any:
            assert n_words == 0
            return {"weight": (2, 3)}

    tensors = {"weight": np.ones((2, 3), dtype=np.float32)}
    sizes = Characters(3, 4, 2)
    folder.write(Encoder("elmo", sizes, tensors, None, Origin("imported")), tmp_path)
    assert not (tmp_path / "vocab.json").exists()
    found = folder.read(tmp_path, "elmo", Characters)
    assert found.vocab is None
    assert found.origin == Origin("imported")


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BundleFormatError) as caught:
            read(place)
        assert str(place) in caught.value.problem
        assert "no encoder folder" in caught.value.problem
        assert "newsdesk pretrain" in caught.value.remedy


def test_another_kind_is_refused_with_the_way_to_the_right_one(home: Path) -> None:
    with pytest.raises(BundleFormatError) as caught:
        folder.read(home, "nnlm", NnlmArchitecture)
    assert "of kind awd-lstm, needed is nnlm" in caught.value.problem
    assert "newsdesk pretrain nnlm" in caught.value.remedy


def test_another_format_is_refused_before_anything_else(home: Path) -> None:
    edit(home / "encoder.json", format=2, kind="new", architecture={"unknown": 1})
    with pytest.raises(BundleFormatError, match="format 2, not 1"):
        read(home)


@pytest.mark.parametrize("name", ["weights.safetensors", "vocab.json", "manifest.json"])
def test_a_missing_file_is_named(home: Path, name: str) -> None:
    (home / name).unlink()
    with pytest.raises(BundleIntegrityError, match=f"{home}.*{name} is missing"):
        read(home)


@pytest.mark.parametrize("name", ["weights.safetensors", "vocab.json", "encoder.json"])
@pytest.mark.parametrize("fault", ["truncated", "changed", "longer"])
def test_a_file_that_is_not_as_it_was_written_is_named(home: Path, name: str, fault: str) -> None:
    path = home / name
    content = bytearray(path.read_bytes())
    if fault == "truncated" and name != "encoder.json":
        del content[-5:]
    elif fault == "changed" and name == "weights.safetensors":
        content[-3] ^= 1
    else:
        content += b"\n"
    path.write_bytes(content)
    with pytest.raises(BundleIntegrityError, match=f"{name} is not as it was written"):
        read(home)


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"format": "one", "kind": 2}', "{}"])
def test_a_broken_card_is_refused_with_the_folder_s_name(home: Path, content: str) -> None:
    (home / "encoder.json").write_text(content, encoding="utf-8")
    with pytest.raises(BundleFormatError, match=r"encoder\.json is broken") as caught:
        read(home)
    assert str(home) in caught.value.problem
    assert "bundle" not in caught.value.remedy


@pytest.mark.parametrize("content", [b"", b"{", b'["weights.safetensors"]', b"\xff", b"{}"])
def test_a_broken_manifest_is_refused(home: Path, content: bytes) -> None:
    (home / "manifest.json").write_bytes(content)
    with pytest.raises(BundleIntegrityError, match=r"manifest\.json"):
        read(home)


@pytest.mark.parametrize("name", ["encoder.json", "weights.safetensors", "vocab.json"])
def test_a_file_that_the_manifest_does_not_know_is_refused(home: Path, name: str) -> None:
    known = json.loads((home / "manifest.json").read_bytes())
    del known[name]
    (home / "manifest.json").write_text(json.dumps(known), encoding="utf-8")
    with pytest.raises(BundleIntegrityError, match=f"does not know {name}"):
        read(home)


@pytest.mark.parametrize("name", ["../weights.safetensors", "/etc/hostname", "more.txt"])
def test_a_manifest_leads_to_no_file_elsewhere(home: Path, name: str) -> None:
    edit(home / "manifest.json", **{name: "0" * 64})
    with pytest.raises(BundleIntegrityError, match="is missing"):
        read(home)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("nan", "embedding holds values that are not finite"),
        ("infinite", "lstm.0.forward.bias holds values that are not finite"),
        ("missing", "expected are"),
        ("unknown", "more"),
        ("shape", "lstm.1.forward.input is float32"),
        ("dtype", "decoder.bias is float64"),
        ("words", "embedding is float32"),
        ("no words", "embedding is float32"),
        ("sizes", "expected is"),
        ("layers", "expected are"),
        ("unknown size", "encoder.json is broken"),
        ("size of text", "encoder.json is broken"),
        ("direction", "encoder.json is broken"),
    ],
)
def test_arrays_that_do_not_fit_are_refused_though_the_manifest_does(
    home: Path, fault: str, said: str
) -> None:
    tensors = load_file(home / "weights.safetensors")
    card = json.loads((home / "encoder.json").read_bytes())
    if fault == "nan":
        tensors["embedding"][2, 1] = np.nan
    elif fault == "infinite":
        tensors["lstm.0.forward.bias"][0] = np.inf
    elif fault == "missing":
        del tensors["lstm.1.forward.bias"]
    elif fault == "unknown":
        tensors["more"] = np.ones(2, dtype=np.float32)
    elif fault == "shape":
        tensors["lstm.1.forward.input"] = tensors["lstm.1.forward.input"][:, 1:].copy()
    elif fault == "dtype":
        tensors["decoder.bias"] = tensors["decoder.bias"].astype(np.float64)
    elif fault == "words":
        edit(home / "vocab.json", words=WORDS[:-1])
    elif fault == "no words":
        (home / "vocab.json").unlink()
    elif fault == "sizes":
        card["architecture"]["units"] = 5
    elif fault == "layers":
        card["architecture"]["layers"] = 3
    elif fault == "unknown size":
        card["architecture"] = {"width": 3}
    elif fault == "size of text":
        card["architecture"]["units"] = "many"
    else:
        card["architecture"]["direction"] = "sideways"
    save_file(tensors, home / "weights.safetensors")
    (home / "encoder.json").write_text(json.dumps(card), encoding="utf-8")
    sign(home)
    with pytest.raises(BundleError, match=said) as caught:
        read(home)
    assert str(home) in caught.value.problem
    assert "make the folder again" in caught.value.remedy
