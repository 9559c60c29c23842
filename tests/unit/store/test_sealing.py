from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest

from newsdesk import store
from newsdesk.errors import BundleFormatError, BundleIntegrityError

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


@pytest.fixture
def nested(folder: Path) -> Path:
    """A folder with a file two folders further in, sealed."""
    home = folder / "members" / "0"
    home.mkdir(parents=True)
    (home / "c.json").write_text("{}")
    store.seal(folder, MANIFEST)
    return folder


def relist(folder: Path, old: str, new: str) -> None:
    """Give a file another name in the manifest alone."""
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes().replace(f'"{old}"'.encode(), f'"{new}"'.encode()))


def test_only_folders_within_take_the_newer_format(folder: Path) -> None:
    store.seal(folder, MANIFEST)
    assert store.verify(folder)[0].format == 1
    (folder / "manifest.json").unlink()
    (folder / "more").mkdir()
    (folder / "more" / "c.json").write_text("{}")
    store.seal(folder, MANIFEST)
    manifest, _ = store.verify(folder)
    assert manifest.format == 2
    assert list(manifest.files) == ["a.json", "b.safetensors", "more/c.json"]


def test_a_file_in_a_folder_within_is_checked_to_the_byte(nested: Path) -> None:
    store.verify(nested)
    (nested / "members" / "0" / "c.json").write_text("[]")
    with pytest.raises(BundleIntegrityError, match=r"sha256 mismatch for members/0/c\.json"):
        store.verify(nested)
    (nested / "members" / "0" / "c.json").unlink()
    with pytest.raises(BundleIntegrityError, match=r"members/0/c\.json is missing"):
        store.verify(nested)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("members/0/d.json", r"members/0/d\.json"),
        ("members/0/manifest.json", r"members/0/manifest\.json"),
        ("members/1/c.json", "members/1"),
        ("members/0/deep/c.json", "members/0/deep"),
    ],
)
def test_what_is_not_listed_is_refused_in_folders_within(
    nested: Path, place: str, said: str
) -> None:
    (nested / place).parent.mkdir(exist_ok=True)
    (nested / place).write_text("{}")
    with pytest.raises(BundleIntegrityError, match=f"{said} is not in the manifest"):
        store.verify(nested)


@pytest.mark.parametrize("link", ["members", "members/0"])
def test_a_link_is_no_folder_within(
    nested: Path, tmp_path_factory: pytest.TempPathFactory, link: str
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "folder"
    (nested / link).rename(elsewhere)
    (nested / link).symlink_to(elsewhere)
    with pytest.raises(BundleIntegrityError, match=f"{link} is not in the manifest"):
        store.verify(nested)


@pytest.mark.parametrize(
    "name",
    [
        "../c.json",
        "members/../c.json",
        "members/./c.json",
        "members//c.json",
        "/members/0/c.json",
        "Members/0/c.json",
        "members/0/0/c.json",
        "members/0/c.pkl",
        "members/0/manifest.json",
        "members\\\\0\\\\c.json",
    ],
)
def test_a_path_that_no_bundle_holds_is_refused_unopened(nested: Path, name: str) -> None:
    relist(nested, "members/0/c.json", name)
    with pytest.raises(BundleIntegrityError, match="which no bundle holds"):
        store.verify(nested)


def test_a_manifest_of_the_older_format_lists_no_folder_within(nested: Path) -> None:
    path = nested / "manifest.json"
    older = msgspec.json.decode(path.read_bytes()) | {"format": 1}
    path.write_bytes(msgspec.json.encode(older))
    with pytest.raises(BundleIntegrityError, match=r"'members/0/c\.json', which no bundle holds"):
        store.verify(nested)
