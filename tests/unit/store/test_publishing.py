from __future__ import annotations

import ctypes
import errno
import os
import shutil
from pathlib import Path

import pytest

from newsdesk import store
from newsdesk.errors import BundleExistsError, StorageError
from newsdesk.store import publishing


def publish(directory: Path, content: str, *, replace: bool = False) -> None:
    with store.staged(directory, replace=replace, marker="a.json") as staging:
        (staging / "a.json").write_text(content)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "bundle"
    with store.staged(target) as staging:
        (staging / "a.json").write_text("one")
        assert not target.exists()
        assert staging.parent == target.parent
        assert staging.name.startswith(".bundle.tmp-")
    assert (target / "a.json").read_text() == "one"
    assert names(target.parent) == ["bundle"]


def fail_amid(directory: Path, error: Exception) -> None:
    with store.staged(directory) as staging:
        (staging / "a.json").write_text("x" * 1234)
        raise error


def test_a_failing_block_publishes_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        fail_amid(tmp_path / "bundle", KeyError())
    assert names(tmp_path) == []


def test_what_stands_there_is_kept_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    target = tmp_path / "bundle"
    publish(target, "old")
    with pytest.raises(BundleExistsError, match="exists already") as caught:
        publish(target, "new")
    assert "--overwrite" in caught.value.remedy
    assert (target / "a.json").read_text() == "old"
    publish(target, "new", replace=True)
    assert (target / "a.json").read_text() == "new"
    assert names(tmp_path) == ["bundle"]


def test_a_folder_that_is_not_ours_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("mine")
    with pytest.raises(BundleExistsError, match=r"letters has no manifest\.json"):
        store.probe(tmp_path / "letters", replace=True)
    assert (tmp_path / "letters" / "dear.txt").read_text() == "mine"


def publish_slowly(directory: Path) -> None:
    with store.staged(directory) as staging:
        (staging / "a.json").write_text("slower")
        publish(directory, "faster")


def test_what_came_to_stand_there_meanwhile_is_kept(tmp_path: Path) -> None:
    with pytest.raises(BundleExistsError):
        publish_slowly(tmp_path / "bundle")
    assert (tmp_path / "bundle" / "a.json").read_text() == "faster"
    assert names(tmp_path) == ["bundle"]


def test_an_empty_folder_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    publish(tmp_path / "bundle", "new")
    assert names(tmp_path / "bundle") == ["a.json"]


@pytest.mark.parametrize("replace", [False, True])
def test_a_file_is_never_replaced_by_a_folder(tmp_path: Path, replace: bool) -> None:
    target = tmp_path / "notes"
    target.write_text("mine")
    with pytest.raises(BundleExistsError):
        publish(target, "new", replace=replace)
    with pytest.raises(BundleExistsError):
        store.probe(target, replace=replace)
    assert target.read_text() == "mine"
    assert names(tmp_path) == ["notes"]


def test_what_a_killed_publisher_left_is_swept_and_other_names_are_not(tmp_path: Path) -> None:
    for name in (".bundle.tmp-dead", ".bundle2.tmp-dead", ".bundle.other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.json").write_text("half")
    publish(tmp_path / "bundle", "new")
    assert names(tmp_path) == [".bundle.other", ".bundle2.tmp-dead", "bundle"]


def test_what_a_living_publisher_writes_is_not_swept(tmp_path: Path) -> None:
    target = tmp_path / "bundle"
    with store.staged(target) as staging:
        (staging / "a.json").write_text("slow")
        with pytest.raises(KeyError):
            fail_amid(target, KeyError())
        assert (staging / "a.json").exists()
    assert (target / "a.json").read_text() == "slow"


def test_a_folder_swept_before_it_could_be_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "bundle"
    make, swept = Path.mkdir, []

    def make_and_lose(self: Path, *args: object, **settings: object) -> None:
        make(self, *args, **settings)  # type: ignore[arg-type]
        if ".tmp-" in self.name and not swept:
            swept.append(self)
            shutil.rmtree(self)

    monkeypatch.setattr(Path, "mkdir", make_and_lose)
    publish(target, "new")
    assert len(swept) == 1
    assert (target / "a.json").read_text() == "new"


def test_folders_are_exchanged_in_two_steps_where_one_is_not_to_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Nothing:
        """A C library without renameat2."""

        def __init__(self, *_args: object, **_settings: object) -> None:
            pass

    monkeypatch.setattr(ctypes, "CDLL", Nothing)
    publish(tmp_path / "bundle", "old")
    publish(tmp_path / "bundle", "new", replace=True)
    assert (tmp_path / "bundle" / "a.json").read_text() == "new"
    assert names(tmp_path) == ["bundle"]

    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name.startswith(".") and (self / "a.json").read_text() == "newest":
            raise OSError(errno.EIO if not target.exists() else errno.ENOTEMPTY, "refused")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(StorageError):
        publish(tmp_path / "bundle", "newest", replace=True)
    assert (tmp_path / "bundle" / "a.json").read_text() == "new"
    assert names(tmp_path) == ["bundle"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "The disk is full"),
        (errno.EDQUOT, "The disk is full"),
        (errno.EROFS, "Cannot write to"),
        (errno.EACCES, "Cannot write to"),
        (errno.EIO, "Writing .* failed"),
    ],
)
def test_a_refusal_of_the_system_says_where_and_what_next(
    tmp_path: Path, number: int, said: str
) -> None:
    with pytest.raises(StorageError, match=said) as caught:
        fail_amid(tmp_path / "bundle", OSError(number, os.strerror(number)))
    assert str(tmp_path) in caught.value.problem
    assert caught.value.remedy
    assert names(tmp_path) == []
    if "full" in said:
        assert "1,234 bytes" in caught.value.problem


def test_a_probe_leaves_no_trace_and_makes_the_folders_above(tmp_path: Path) -> None:
    store.probe(tmp_path / "runs" / "one")
    assert names(tmp_path) == ["runs"]
    assert names(tmp_path / "runs") == []


def test_a_probe_finds_a_place_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StorageError):
        store.probe(tmp_path / "file" / "bundle")


def test_a_probe_finds_what_stands_there(tmp_path: Path) -> None:
    publish(tmp_path / "bundle", "old")
    with pytest.raises(BundleExistsError):
        store.probe(tmp_path / "bundle")
    store.probe(tmp_path / "bundle", replace=True, marker="a.json")


def test_folders_under_way_are_found_by_the_name_of_their_place(tmp_path: Path) -> None:
    with store.staged(tmp_path / "bundle") as staging:
        assert publishing.leftovers(tmp_path / "bundle") == [staging]
    assert publishing.leftovers(tmp_path / "bundle") == []
