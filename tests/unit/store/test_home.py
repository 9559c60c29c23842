from __future__ import annotations

import os
from pathlib import Path

import pytest

from newsdesk import store
from newsdesk.errors import (
    BundleExistsError,
    BundleFormatError,
    BundleIntegrityError,
    StorageError,
)
from newsdesk.store.home import Home


def bundle(place: Path, content: str) -> str:
    with store.staged(place) as staging:
        (staging / "a.json").write_text(content)
        (staging / "within").mkdir()
        (staging / "within" / "b.json").write_text(content)
        return store.seal(staging, store.Manifest(store.FORMAT, "linear", {}, content))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "homes" / "news")


def promote(home: Home, place: Path, digest: str) -> None:
    with home.changing():
        home.add(place, digest)
        home.serve(digest, home.step("promoted", digest, by="me"))


def served(home: Home) -> str:
    return store.read(home.path, lambda place, _manifest, _digest: (place / "a.json").read_text())


def test_a_promoted_bundle_is_served_from_a_copy(home: Home, tmp_path: Path) -> None:
    digest = bundle(tmp_path / "one", "one")
    promote(home, tmp_path / "one", digest)
    (tmp_path / "one" / "a.json").write_text("changed later")
    assert served(home) == "one"
    assert home.served == digest
    (step,) = home.steps
    assert (step.step, step.before, step.after, step.by) == ("promoted", None, digest, "me")
    assert step.time.endswith("Z")


def test_the_versions_before_stay(home: Home, tmp_path: Path) -> None:
    first, second = bundle(tmp_path / "1", "one"), bundle(tmp_path / "2", "two")
    promote(home, tmp_path / "1", first)
    promote(home, tmp_path / "2", second)
    assert served(home) == "two"
    assert home.before_last() == first
    with home.changing():
        home.serve(first, home.step("rolled_back", first, by="me"))
    assert served(home) == "one"
    assert [step.before for step in home.steps] == [None, first, second]


def test_nothing_is_left_beside_the_versions(home: Home, tmp_path: Path) -> None:
    digest = bundle(tmp_path / "one", "one")
    promote(home, tmp_path / "one", digest)
    assert {path.name for path in home.path.iterdir()} == {"CURRENT", "bundles", "history.jsonl"}
    assert [path.name for path in (home.path / "bundles").iterdir()] == [digest]


def test_a_candidate_of_other_bytes_than_were_judged_is_not_kept(
    home: Home, tmp_path: Path
) -> None:
    bundle(tmp_path / "one", "one")
    with home.changing(), pytest.raises(BundleIntegrityError, match="expected is"):
        home.add(tmp_path / "one", "ab" * 32)
    assert list((home.path / "bundles").iterdir()) == []


def test_a_link_in_a_candidate_is_not_followed(home: Home, tmp_path: Path) -> None:
    digest = bundle(tmp_path / "one", "one")
    (tmp_path / "elsewhere").write_text("one")
    (tmp_path / "one" / "a.json").unlink()
    (tmp_path / "one" / "a.json").symlink_to(tmp_path / "elsewhere")
    with home.changing(), pytest.raises(BundleIntegrityError, match="no plain file"):
        home.add(tmp_path / "one", digest)


def test_a_damaged_copy_is_exchanged_when_it_is_promoted_again(home: Home, tmp_path: Path) -> None:
    digest = bundle(tmp_path / "one", "one")
    promote(home, tmp_path / "one", digest)
    (home.bundle(digest) / "a.json").write_text("two")
    with home.changing():
        home.add(tmp_path / "one", digest)
    assert served(home) == "one"


def test_a_damaged_version_is_not_served(home: Home, tmp_path: Path) -> None:
    first, second = bundle(tmp_path / "1", "one"), bundle(tmp_path / "2", "two")
    promote(home, tmp_path / "1", first)
    promote(home, tmp_path / "2", second)
    (home.bundle(first) / "a.json").write_text("eno")
    with home.changing(), pytest.raises(BundleIntegrityError, match="sha256 mismatch"):
        home.serve(first, home.step("rolled_back", first, by="me"))
    assert served(home) == "two"
    assert len(home.steps) == 2


def test_a_home_may_be_promoted_from(home: Home, tmp_path: Path) -> None:
    digest = bundle(tmp_path / "one", "one")
    promote(home, tmp_path / "one", digest)
    other = Home(tmp_path / "other")
    promote(other, home.path, digest)
    assert served(other) == "one"


def test_only_one_process_changes_a_home(home: Home) -> None:
    with home.changing(), pytest.raises(StorageError, match="Another process is changing what"):
        home.changing().__enter__()
    with home.changing():
        pass


@pytest.mark.parametrize("name", ["manifest.json", "anything"])
def test_something_else_is_not_made_a_home(name: str, home: Home) -> None:
    home.path.mkdir(parents=True)
    (home.path / name).write_text("{}")
    with pytest.raises(BundleExistsError, match="no home of versions"):
        home.changing().__enter__()
    assert [path.name for path in home.path.iterdir()] == [name]


def test_a_version_is_named_by_the_beginning_of_its_digest(home: Home, tmp_path: Path) -> None:
    digest = bundle(tmp_path / "one", "one")
    with pytest.raises(BundleFormatError, match="0 of 0 versions"):
        home.find(digest)
    promote(home, tmp_path / "one", digest)
    assert home.find(digest[:6].upper()) == digest
    for wrong in (digest[:5], "", "ffffff" if digest[0] != "f" else "000000"):
        with pytest.raises(BundleFormatError, match=f"6 characters or more: {digest[:12]}"):
            home.find(wrong)


def test_without_an_earlier_version_there_is_no_way_back(home: Home, tmp_path: Path) -> None:
    promote(home, tmp_path / "one", bundle(tmp_path / "one", "one"))
    with pytest.raises(BundleFormatError, match="served no other version"):
        home.before_last()


def test_a_step_back_mends_what_current_says(home: Home, tmp_path: Path) -> None:
    digest = bundle(tmp_path / "one", "one")
    promote(home, tmp_path / "one", digest)
    (home.path / "CURRENT").write_text("?")
    with home.changing():
        home.serve(digest, home.step("rolled_back", digest, by="me"))
    assert served(home) == "one"


@pytest.mark.skipif(os.geteuid() == 0, reason="rights do not bind root")
def test_a_home_that_cannot_be_written_is_named(home: Home) -> None:
    home.path.parent.mkdir()
    home.path.parent.chmod(0o500)
    try:
        with pytest.raises(StorageError, match="cannot be written"):
            home.changing().__enter__()
    finally:
        home.path.parent.chmod(0o700)
