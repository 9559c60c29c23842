from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from newsdesk.errors import StorageError
from newsdesk.training.unfinished import unfinished

HOLDER = """
import sys
from pathlib import Path
from newsdesk.training.unfinished import unfinished
with unfinished(Path(sys.argv[1])) as home:
    (home / "state").write_text("half", encoding="utf-8")
    print("ready", flush=True)
    sys.stdin.readline()
"""


def test_what_is_kept_stands_beside_the_run_folder_and_goes_at_the_end(tmp_path: Path) -> None:
    with unfinished(tmp_path / "runs" / "mine") as home:
        assert home == tmp_path / "runs" / ".mine.unfinished"
        (home / "lstm").mkdir()
        (home / "lstm" / "state").write_text("half", encoding="utf-8")
    assert list((tmp_path / "runs").iterdir()) == []


def test_an_interrupted_run_leaves_what_it_kept_and_the_next_one_finds_it(tmp_path: Path) -> None:
    def run() -> None:
        with unfinished(tmp_path / "mine") as home:
            (home / "state").write_text("half", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    with unfinished(tmp_path / "mine") as home:
        assert (home / "state").read_text(encoding="utf-8") == "half"


def test_a_run_that_fails_before_it_kept_anything_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), unfinished(tmp_path / "mine"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_run_folders_of_other_names_do_not_meet(tmp_path: Path) -> None:
    with unfinished(tmp_path / "one") as one, unfinished(tmp_path / "two") as two:
        assert one != two


def test_a_second_run_is_refused_again_and_again_while_the_first_lasts(tmp_path: Path) -> None:
    with unfinished(tmp_path / "mine") as home:
        for _ in range(3):
            with (
                pytest.raises(StorageError, match="Another process is training for") as caught,
                unfinished(tmp_path / "mine"),
            ):
                pytest.fail("two at once")
            assert "choose another --out" in caught.value.remedy
            assert home.is_dir()
    with unfinished(tmp_path / "mine"):
        pass


def test_a_killed_process_holds_nobody_up(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "mine")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        with pytest.raises(StorageError), unfinished(tmp_path / "mine"):
            pytest.fail("two at once")
        child.send_signal(signal.SIGKILL)
        child.wait()
    with unfinished(tmp_path / "mine") as home:
        assert (home / "state").exists()


def test_a_place_where_nothing_can_be_kept_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with (
        pytest.raises(StorageError, match="cannot be made") as caught,
        unfinished(tmp_path / "file" / "mine"),
    ):
        pytest.fail("there is no such place")
    assert "--out" in caught.value.remedy
