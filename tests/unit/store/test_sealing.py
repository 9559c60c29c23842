from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from newsdesk import store
from newsdesk.errors import BundleFormatError

MANIFEST = store.Manifest(store.FORMAT, "linear", {"newsdesk": "1"}, "data")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files."""
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "b.safetensors").write_bytes(b"\0" * 100)
    return tmp_path


def test_a_sealed_folder_says_what_it_holds(folder: Path) -> None:
    digest = store.seal(folder, MANIFEST)
    manifest, found = store.verify(folder)
    assert found == digest == hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    assert (manifest.family, manifest.fingerprint) == ("linear", "data")
    facts = {name: (fact.size_bytes, fact.sha256) for name, fact in manifest.files.items()}
    zeros = hashlib.sha256(b"\0" * 100).hexdigest()
    assert facts["b.safetensors"] == (100, zeros)
    assert list(facts) == ["a.json", "b.safetensors"]


def test_equal_folders_have_equal_digests(folder: Path) -> None:
    first = store.seal(folder, MANIFEST)
    (folder / "manifest.json").unlink()
    assert store.seal(folder, MANIFEST) == first
    (folder / "manifest.json").unlink()
    (folder / "a.json").write_text("[]")
    assert store.seal(folder, MANIFEST) != first


def test_a_folder_that_is_no_bundle_says_where_one_may_be(tmp_path: Path) -> None:
    with pytest.raises(BundleFormatError, match="There is no bundle folder"):
        store.verify(tmp_path / "missing")
    with pytest.raises(BundleFormatError, match=r"it has no manifest\.json"):
        store.verify(tmp_path)
    (tmp_path / "bundle").mkdir()
    store.seal(tmp_path / "bundle", MANIFEST)
    with pytest.raises(BundleFormatError) as caught:
        store.verify(tmp_path)
    assert caught.value.remedy == f"Give {tmp_path / 'bundle'}."


def test_a_file_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BundleFormatError, match="There is no bundle folder"):
        store.verify(tmp_path / "file")


def test_a_manifest_larger_than_any_is_not_read(folder: Path) -> None:
    with (folder / "manifest.json").open("wb") as file:
        file.truncate(2_000_000)
    with pytest.raises(BundleFormatError, match="no plain file of at most 1,048,576 bytes"):
        store.verify(folder)
