from __future__ import annotations

from pathlib import Path

import pytest

from newsdesk import store
from newsdesk.errors import BundleFormatError, BundleIntegrityError

DIGEST = "ab" * 32


def published(home: Path, content: str) -> str:
    """Put a sealed folder among the versions of a home."""
    with store.staged(home / "staging") as staging:
        (staging / "a.json").write_text(content)
        digest = store.seal(staging, store.Manifest(store.FORMAT, "linear", {}, content))
    (home / "bundles").mkdir(exist_ok=True)
    (home / "staging").rename(home / "bundles" / digest)
    return digest


def content(place: Path, _manifest: store.Manifest, _digest: str) -> str:
    return (place / "a.json").read_text()


def test_a_folder_with_a_manifest_is_no_home(tmp_path: Path) -> None:
    assert not store.is_home(tmp_path)
    assert not store.is_home(tmp_path / "nothing")
    (tmp_path / "CURRENT").write_text(DIGEST)
    assert store.is_home(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    assert not store.is_home(tmp_path)


def test_a_bundle_folder_stands_for_itself(tmp_path: Path) -> None:
    assert store.resolve(tmp_path) == (tmp_path, None)


def test_a_home_stands_for_the_version_that_it_serves(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").write_text(DIGEST + "\n")
    assert store.resolve(tmp_path) == (tmp_path / "bundles" / DIGEST, DIGEST)
    assert store.served_digest(tmp_path) == DIGEST


def test_a_home_without_a_version_says_how_to_give_it_one(tmp_path: Path) -> None:
    (tmp_path / "bundles").mkdir()
    assert store.served_digest(tmp_path) is None
    with pytest.raises(BundleFormatError, match="serves no version yet"):
        store.resolve(tmp_path)


@pytest.mark.parametrize(
    "content", ["", "../../etc", DIGEST[:-1], DIGEST + "/..", DIGEST + "\n\n", "é" * 64, "A" * 64]
)
def test_what_is_no_digest_never_becomes_a_path(content: str, tmp_path: Path) -> None:
    (tmp_path / "CURRENT").write_bytes(content.encode())
    with pytest.raises(BundleFormatError, match="holds no digest"):
        store.resolve(tmp_path)


def test_reading_a_home_reads_the_served_version(tmp_path: Path) -> None:
    old, new = (published(tmp_path, content) for content in ("old", "new"))
    for digest, expected in ((old, "old"), (new, "new")):
        (tmp_path / "CURRENT").write_text(digest)
        assert store.read(tmp_path, content) == expected


def test_reading_a_home_may_demand_a_version(tmp_path: Path) -> None:
    old, new = (published(tmp_path, content) for content in ("old", "new"))
    (tmp_path / "CURRENT").write_text(new)
    assert store.read(tmp_path, content, expect_digest=new) == "new"
    with pytest.raises(BundleIntegrityError, match="expected is"):
        store.read(tmp_path, content, expect_digest=old)


def test_a_version_under_the_name_of_another_is_refused(tmp_path: Path) -> None:
    digest = published(tmp_path, "one")
    (tmp_path / "bundles" / digest).rename(tmp_path / "bundles" / DIGEST)
    (tmp_path / "CURRENT").write_text(DIGEST)
    with pytest.raises(BundleIntegrityError, match="its name is another"):
        store.read(tmp_path, content)


def test_a_version_that_is_gone_is_named(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").write_text(DIGEST)
    with pytest.raises(BundleFormatError, match=DIGEST):
        store.read(tmp_path, content)
