from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from newsdesk.errors import BundleExistsError, DataError, StorageError
from newsdesk.features.clean import Cleaner
from newsdesk.search.grid import Grid
from newsdesk.search.journal import JOURNAL, Finished, FoldScore, Journal, is_taken, opened
from newsdesk.search.question import Question


def question(grid: Grid, seed: int = 0) -> Question:
    fold = np.array([0, 1, -1])
    return Question.of(
        grid, data="d", split="tail:1", fold=fold, n_folds=2, seed=seed, cleaner=Cleaner()
    )


def fits(grid: Grid) -> list[FoldScore]:
    """All eight, one of them failed."""
    return [
        FoldScore(s.number, fold, s.values, None, None, 0.25, "It diverged.")
        if (s.number, fold) == (2, 1)
        else FoldScore(s.number, fold, s.values, 0.5 + s.number / 10, 0.25, 0.125)
        for s in grid.settings
        for fold in range(2)
    ]


@pytest.fixture
def whole(grid: Grid, place: Path) -> Path:
    """A journal of all fits, without its end."""
    with opened(place, question(grid)) as journal:
        for fit in fits(grid):
            journal.add(fit)
    return place / JOURNAL


def test_what_was_added_is_found_when_opened_again(grid: Grid, whole: Path) -> None:
    with opened(whole.parent, question(grid)) as journal:
        assert journal.fits == fits(grid)
        assert journal.n_torn == 0


def test_each_line_is_on_the_disk_before_the_next(grid: Grid, place: Path) -> None:
    with opened(place, question(grid)) as journal:
        for number, fit in enumerate(fits(grid)):
            journal.add(fit)
            lines = (place / JOURNAL).read_bytes().splitlines()
            assert len(lines) == number + 2
            assert msgspec.json.decode(lines[-1])["fit"]["setting"] == fit.setting


def test_a_journal_cut_at_any_byte_goes_on_to_the_same_end(grid: Grid, whole: Path) -> None:
    content = whole.read_bytes()
    asked, everything = question(grid), fits(grid)
    n_header = content.index(b"\n") + 1
    cuts = [*range(0, n_header, 97), *range(n_header - 3, len(content) + 1)]
    for cut in cuts:
        whole.write_bytes(content[:cut])
        with opened(whole.parent, asked) as journal:
            n_lines = content[:cut].count(b"\n")
            assert journal.fits == everything[: max(n_lines - 1, 0)], cut
            assert journal.n_torn == cut - (content[:cut].rfind(b"\n") + 1)
            for fit in everything[len(journal.fits) :]:
                journal.add(fit)
        assert whole.read_bytes() == content, cut


def test_a_finished_search_is_not_touched(grid: Grid, whole: Path) -> None:
    with opened(whole.parent, question(grid)) as journal:
        journal.finish(Finished(3, "digest"))
    content = whole.read_bytes()
    with pytest.raises(BundleExistsError, match="finished"), opened(whole.parent, question(grid)):
        pass
    assert whole.read_bytes() == content
    assert is_taken(whole.parent)


def test_another_question_is_refused_and_named(grid: Grid, whole: Path) -> None:
    content = whole.read_bytes()
    with (
        pytest.raises(BundleExistsError, match=r"another question \(other seed\)"),
        opened(whole.parent, question(grid, seed=1)),
    ):
        pass
    assert whole.read_bytes() == content


def test_a_fresh_journal_throws_the_old_one_away(grid: Grid, whole: Path) -> None:
    with opened(whole.parent, question(grid, seed=1), fresh=True) as journal:
        assert journal.fits == []
    with opened(whole.parent, question(grid, seed=1)) as journal:
        assert journal.fits == []


def damaged(line: bytes) -> dict[str, bytes]:
    fit = msgspec.json.decode(line)
    assert fit["fit"]["setting"] == 1

    def with_(**changes: object) -> bytes:
        return msgspec.json.encode({"fit": fit["fit"] | changes})

    return {
        "no JSON": b"{" + line[5:],
        "bytes that are no text": b"\xff" * len(line),
        "zeros": b"\0" * len(line),
        "empty": b"",
        "another record": b'{"fits": 3}',
        "a list": b"[1]",
        "unknown setting": with_(setting=4),
        "unknown fold": with_(fold=2),
        "negative fold": with_(fold=-1),
        "done twice": with_(setting=0),
        "score above one": with_(macro_f1=1.5),
        "no score and no reason": with_(macro_f1=None),
        "score and reason": with_(failed="why"),
        "the end, then more": b'{"finished":{"best":0,"bundle_digest":null}}',
    }


@pytest.mark.parametrize("kind", list(damaged(b'{"fit":{"setting":1}}')))
def test_a_damaged_inner_line_is_named(kind: str, grid: Grid, whole: Path) -> None:
    lines = whole.read_bytes().split(b"\n")
    lines[3] = damaged(lines[3])[kind]
    whole.write_bytes(b"\n".join(lines))
    number = 5 if kind == "the end, then more" else 4
    with (
        pytest.raises(DataError, match=f"line {number} is damaged"),
        opened(whole.parent, question(grid)),
    ):
        pass
    assert whole.read_bytes() == b"\n".join(lines)


def test_a_header_that_was_changed_is_refused(grid: Grid, whole: Path) -> None:
    whole.write_bytes(whole.read_bytes().replace(b'"seed":0', b'"seed":1'))
    with (
        pytest.raises(DataError, match="line 1 is damaged"),
        opened(whole.parent, question(grid, seed=1)),
    ):
        pass


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("name", ["notes.txt", JOURNAL])
def test_files_of_others_are_left_alone(name: str, fresh: bool, grid: Grid, place: Path) -> None:
    place.mkdir()
    (place / name).write_text('{"mine": 1}')
    with (
        pytest.raises(BundleExistsError),
        opened(place, question(grid), fresh=fresh),
    ):
        pass
    assert (place / name).read_text() == '{"mine": 1}'
    assert [path.name for path in place.iterdir()] == [name]


def test_two_processes_cannot_search_in_one_folder(grid: Grid, place: Path) -> None:
    holder = f"""
import fcntl, sys
file = open({str(place / JOURNAL)!r}, "ab+")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
    place.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with (
            pytest.raises(StorageError, match="Another process is searching"),
            opened(place, question(grid)),
        ):
            pass
        other.kill()
        other.wait()
    with opened(place, question(grid)) as journal:
        assert journal.fits == []


def test_a_full_disk_is_said(grid: Grid, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with opened(place, question(grid)) as journal:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="No space left"):
            journal.add(fits(grid)[0])


def test_a_journal_without_a_file_keeps_its_fits(grid: Grid) -> None:
    journal = Journal()
    journal.add(fits(grid)[0])
    journal.finish(Finished(0, None))
    assert journal.fits == fits(grid)[:1]
    assert journal.finished == Finished(0, None)


def test_a_folder_is_taken_by_anything_but_an_unfinished_search(
    grid: Grid, whole: Path, tmp_path: Path
) -> None:
    assert not is_taken(tmp_path / "nothing")
    assert not is_taken(whole.parent)
    (tmp_path / "empty").mkdir()
    assert not is_taken(tmp_path / "empty")
    assert is_taken(tmp_path)
    (tmp_path / "file").write_text("")
    assert is_taken(tmp_path / "file")
