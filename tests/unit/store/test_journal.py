from __future__ import annotations

import errno
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from newsdesk.errors import BundleExistsError, DataError, StorageError
from newsdesk.store import Asked, Journal, JournalKind


@dataclass(frozen=True)
class Fit:
    number: int
    score: float | None


@dataclass(frozen=True)
class End:
    best: int


@dataclass(frozen=True)
class Question(Asked[Fit]):
    n: int = 8
    seed: int = 0

    def place(self, fit: Fit) -> int | None:
        return fit.number if 0 <= fit.number < self.n else None


KIND = JournalKind("trial", "trying", Fit, End)
FITS = [Fit(number, None if number == 5 else number / 7) for number in range(8)]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "found"


@pytest.fixture
def whole(place: Path) -> Path:
    """A journal of all fits, without its end."""
    with KIND.opened(place, Question()) as journal:
        for fit in FITS:
            journal.add(fit)
    return place / KIND.file


def test_what_was_added_is_found_when_opened_again(whole: Path) -> None:
    with KIND.opened(whole.parent, Question()) as journal:
        assert journal.fits == FITS
        assert journal.n_torn == 0


def test_the_first_line_states_the_question(whole: Path) -> None:
    header = msgspec.json.decode(whole.read_bytes().splitlines()[0])
    assert list(header) == ["newsdesk_trial", "digest", "question"]
    assert header["digest"] == Question().digest
    assert header["question"] == {"n": 8, "seed": 0}


def test_each_line_is_on_the_disk_before_the_next(place: Path) -> None:
    with KIND.opened(place, Question()) as journal:
        for number, fit in enumerate(FITS):
            journal.add(fit)
            lines = (place / KIND.file).read_bytes().splitlines()
            assert len(lines) == number + 2
            assert msgspec.json.decode(lines[-1])["fit"]["number"] == number


def test_a_journal_cut_at_any_byte_goes_on_to_the_same_end(whole: Path) -> None:
    content = whole.read_bytes()
    for cut in range(len(content) + 1):
        whole.write_bytes(content[:cut])
        with KIND.opened(whole.parent, Question()) as journal:
            n_lines = content[:cut].count(b"\n")
            assert journal.fits == FITS[: max(n_lines - 1, 0)], cut
            assert journal.n_torn == cut - (content[:cut].rfind(b"\n") + 1)
            for fit in FITS[len(journal.fits) :]:
                journal.add(fit)
        assert whole.read_bytes() == content, cut


def test_finished_work_is_not_touched(whole: Path) -> None:
    with KIND.opened(whole.parent, Question()) as journal:
        journal.finish(End(3))
    content = whole.read_bytes()
    with (
        pytest.raises(BundleExistsError, match="holds a finished trial"),
        KIND.opened(whole.parent, Question()),
    ):
        pass
    assert whole.read_bytes() == content
    assert KIND.is_taken(whole.parent)


def test_another_question_is_refused_and_named(whole: Path) -> None:
    content = whole.read_bytes()
    with (
        pytest.raises(BundleExistsError, match=r"another question \(other seed\)"),
        KIND.opened(whole.parent, Question(seed=1)),
    ):
        pass
    assert whole.read_bytes() == content


def test_a_fresh_journal_throws_the_old_one_away(whole: Path) -> None:
    with KIND.opened(whole.parent, Question(seed=1), fresh=True) as journal:
        assert journal.fits == []
    with KIND.opened(whole.parent, Question(seed=1)) as journal:
        assert journal.fits == []


DAMAGED = {
    "no JSON": b'{"fit":{"number":2,',
    "bytes that are no text": b"\xff" * 30,
    "zeros": b"\0" * 30,
    "empty": b"",
    "another record": b'{"fits": 3}',
    "a list": b"[1]",
    "both": b'{"fit":{"number":2,"score":1},"finished":{"best":1}}',
    "another type": b'{"fit":{"number":"two","score":1}}',
    "a number that was not asked for": b'{"fit":{"number":8,"score":1}}',
    "done twice": b'{"fit":{"number":0,"score":1}}',
    "the end, then more": b'{"finished":{"best":0}}',
    "an end of another kind": b'{"finished":{"worst":0}}',
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_inner_line_is_named(kind: str, whole: Path) -> None:
    lines = whole.read_bytes().split(b"\n")
    lines[3] = DAMAGED[kind]
    whole.write_bytes(b"\n".join(lines))
    number = 5 if kind == "the end, then more" else 4
    with (
        pytest.raises(DataError, match=f"line {number} is damaged"),
        KIND.opened(whole.parent, Question()),
    ):
        pass
    assert whole.read_bytes() == b"\n".join(lines)


def test_a_header_that_was_changed_is_refused(whole: Path) -> None:
    whole.write_bytes(whole.read_bytes().replace(b'"seed":0', b'"seed":1'))
    with (
        pytest.raises(DataError, match="line 1 is damaged"),
        KIND.opened(whole.parent, Question(seed=1)),
    ):
        pass


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("name", ["notes.txt", "trial.jsonl"])
def test_files_of_others_are_left_alone(name: str, fresh: bool, place: Path) -> None:
    place.mkdir()
    (place / name).write_text('{"newsdesk_search": 1}')
    with (
        pytest.raises(BundleExistsError),
        KIND.opened(place, Question(), fresh=fresh),
    ):
        pass
    assert (place / name).read_text() == '{"newsdesk_search": 1}'
    assert [path.name for path in place.iterdir()] == [name]


def test_two_processes_cannot_work_in_one_folder(place: Path) -> None:
    holder = f"""
import fcntl, sys
file = open({str(place / KIND.file)!r}, "ab+")
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
            pytest.raises(StorageError, match="Another process is trying in"),
            KIND.opened(place, Question()),
        ):
            pass
        other.kill()
        other.wait()
    with KIND.opened(place, Question()) as journal:
        assert journal.fits == []


def test_a_full_disk_is_said(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with KIND.opened(place, Question()) as journal:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="No space left"):
            journal.add(FITS[0])


def test_a_journal_without_a_file_keeps_its_fits() -> None:
    journal: Journal[Fit, End] = Journal()
    journal.add(FITS[0])
    journal.finish(End(0))
    assert journal.fits == FITS[:1]
    assert journal.finished == End(0)


def test_a_folder_is_taken_by_anything_but_unfinished_work(whole: Path, tmp_path: Path) -> None:
    assert not KIND.is_taken(tmp_path / "nothing")
    assert not KIND.is_taken(whole.parent)
    (tmp_path / "empty").mkdir()
    assert not KIND.is_taken(tmp_path / "empty")
    assert KIND.is_taken(tmp_path)
    (tmp_path / "file").write_text("")
    assert KIND.is_taken(tmp_path / "file")
