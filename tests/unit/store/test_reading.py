from __future__ import annotations

from pathlib import Path

import pytest

from newsdesk import store
from newsdesk.errors import BundleFormatError, StorageError


def publish(directory: Path, content: str) -> str:
    with store.staged(directory, replace=True) as staging:
        (staging / "a.json").write_text(content)
        return store.seal(staging, store.Manifest(store.FORMAT, "linear", {}, content))


def test_a_folder_is_verified_then_loaded(tmp_path: Path) -> None:
    digest = publish(tmp_path / "bundle", "one")
    found = store.read(
        tmp_path / "bundle", lambda place, manifest, said: (place.name, manifest.fingerprint, said)
    )
    assert found == ("bundle", "one", digest)


def test_a_folder_replaced_while_it_is_loaded_is_loaded_again(tmp_path: Path) -> None:
    publish(tmp_path / "bundle", "old")
    seen = []

    def load(place: Path, manifest: store.Manifest, _digest: str) -> tuple[str, str]:
        if not seen:
            publish(place, "new")
        seen.append(manifest.fingerprint)
        return manifest.fingerprint, (place / "a.json").read_text()

    assert store.read(tmp_path / "bundle", load) == ("new", "new")
    assert seen == ["old", "new"]


def test_an_error_that_a_replacement_caused_is_no_error(tmp_path: Path) -> None:
    publish(tmp_path / "bundle", "old")
    seen = []

    def load(place: Path, _manifest: store.Manifest, _digest: str) -> str:
        if not seen:
            seen.append(True)
            publish(place, "new")
            raise BundleFormatError("Half of each.", remedy="None.")
        return (place / "a.json").read_text()

    assert store.read(tmp_path / "bundle", load) == "new"


def test_an_error_of_a_folder_that_nobody_replaces_is_raised_at_once(tmp_path: Path) -> None:
    publish(tmp_path / "bundle", "old")
    seen = []

    def load(_place: Path, _manifest: store.Manifest, _digest: str) -> None:
        seen.append(True)
        raise BundleFormatError("Broken.", remedy="None.")

    with pytest.raises(BundleFormatError, match="Broken"):
        store.read(tmp_path / "bundle", load)
    assert len(seen) == 1


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    publish(tmp_path / "bundle", "old")
    with pytest.raises(StorageError, match=r"Cannot read .*nowhere\.json: No such file"):
        store.read(tmp_path / "bundle", lambda place, *_: (place / "nowhere.json").read_bytes())


def test_a_folder_that_never_rests_is_given_up(tmp_path: Path) -> None:
    publish(tmp_path / "bundle", "0")
    with pytest.raises(StorageError, match="replaced faster than it can be read"):
        store.read(tmp_path / "bundle", lambda place, *_: publish(place, "again"))
