"""Rows 1, 2, 5, 6 and 7 for training in epochs: stopped anywhere, it ends as if it never was."""

from __future__ import annotations

import errno
import itertools
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from newsdesk.errors import StorageError
from newsdesk.models.neural import loop
from newsdesk.models.neural.checkpoints import Checkpoint, State
from newsdesk.training import Run, train
from newsdesk.training.unfinished import unfinished

SETTINGS = {
    "embedding_dim": 4,
    "units": 3,
    "max_tokens": 20,
    "batch_size": 16,
    "epochs": 3,
    "dropout": 0.3,
    "learning_rate": 0.01,
}
PAIRS = tuple(f"{name}={value}" for name, value in SETTINGS.items())
ROWS = 150
# Every step writes its state, and takes a moment, as real ones do.
CHILD = """
    import os, sys
    from pathlib import Path
    from newsdesk.models.neural import loop
    loop._SECONDS_BETWEEN_CHECKPOINTS = -1.0
    sync = os.fsync
    def slow(handle):
        __import__("time").sleep(0.02)
        sync(handle)
    os.fsync = slow
    {more}
    from newsdesk.cli.main import main
    main()
"""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_THREADS", "1")
    monkeypatch.setattr("newsdesk.training.result._LEAST_SECONDS", 0.0)


def command(out: Path, more: str = "") -> list[str]:
    pairs = [word for pair in PAIRS for word in ("--set", pair)]
    words = ["train", "sample", "--family", "lstm", "--rows", str(ROWS), "--out", str(out), *pairs]
    script = textwrap.dedent(CHILD).format(more=more)
    return [sys.executable, "-c", script, *words, "--no-near-duplicates"]


def begin(out: Path, more: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(out, more), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def finish(out: Path) -> None:
    with begin(out) as child:
        _, said = child.communicate()
        assert child.returncode == 0, said


def state_of(out: Path) -> Path:
    return out.parent / f".{out.name}.unfinished" / "lstm" / "valid" / "fit.safetensors"


def wait_for(child: subprocess.Popen[str], out: Path, n: int) -> None:
    """Wait until a state has been exchanged n times."""
    seen = set()
    while len(seen) < n:
        assert child.poll() is None, child.stderr and child.stderr.read()
        try:
            seen.add(state_of(out).stat().st_mtime_ns)
        except FileNotFoundError:
            time.sleep(0.01)
        time.sleep(0.001)


def sealed(out: Path) -> bytes:
    return (out / "bundle" / "manifest.json").read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What an undisturbed run seals."""
    out = tmp_path_factory.mktemp("whole") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSDESK_THREADS", "1")
        finish(out)
    return sealed(out)


def only(out: Path) -> None:
    """Nothing stands beside a run folder."""
    assert [path.name for path in out.parent.iterdir()] == [out.name]


# ── real processes ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_row_1_a_training_that_is_killed_again_and_again_has_the_bundle_of_one_that_is_not(
    whole: bytes, tmp_path: Path
) -> None:
    out, moments = tmp_path / "run", random.Random(3)
    for _ in range(4):
        with begin(out) as child:
            wait_for(child, out, moments.randint(1, 5))
            time.sleep(moments.uniform(0, 0.05))
            child.send_signal(signal.SIGKILL)
            assert child.wait() == -signal.SIGKILL
        assert state_of(out).exists()
        assert not out.exists()
    finish(out)
    assert sealed(out) == whole
    only(out)


@pytest.mark.slow
def test_row_2_a_state_that_was_written_but_not_put_in_place_is_thrown_away(
    whole: bytes, tmp_path: Path
) -> None:
    kill = """
    own, seen = Path.replace, []
    def replace(self, target):
        if self.name.endswith(".safetensors.tmp"):
            seen.append(self)
            if len(seen) == 4:
                os.kill(os.getpid(), 9)
        return own(self, target)
    Path.replace = replace
    """
    out = tmp_path / "run"
    with begin(out, textwrap.dedent(kill)) as child:
        assert child.wait() == -signal.SIGKILL
    left = sorted(path.name for path in state_of(out).parent.iterdir())
    assert left == ["fit.safetensors", "fit.safetensors.tmp"]
    finish(out)
    assert sealed(out) == whole
    only(out)


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_row_5_a_signal_keeps_the_state_and_the_same_command_goes_on(
    sent: signal.Signals, code: int, whole: bytes, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with begin(out) as child:
        wait_for(child, out, 3)
        child.send_signal(sent)
        _, said = child.communicate()
        assert child.returncode == code
    assert "Traceback" not in said
    if sent == signal.SIGINT:
        words = " ".join(said.split())
        told = r"interrupted: the state after step \d+ is kept: the same command goes on from it"
        assert re.search(told, words), said
    assert state_of(out).exists()
    finish(out)
    assert sealed(out) == whole
    only(out)


@pytest.mark.slow
def test_row_5_a_second_ctrl_c_stops_at_once(tmp_path: Path) -> None:
    endless = """
    from newsdesk.models.neural.words.examples import WordExamples
    own, seen = WordExamples.batch, []
    def batch(self, rows, device):
        seen.append(rows)
        if len(seen) == 3:
            Path(sys.argv[sys.argv.index("--out") + 1]).with_name("stuck").touch()
            __import__("time").sleep(600)
        return own(self, rows, device)
    WordExamples.batch = batch
    """
    out = tmp_path / "run"
    with begin(out, textwrap.dedent(endless)) as child:
        while not (tmp_path / "stuck").exists():
            assert child.poll() is None
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert child.poll() is None
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=60)
        assert child.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_row_6_a_disk_too_small_for_the_state_is_named_and_a_larger_one_will_do(
    whole: bytes, tmp_path: Path
) -> None:
    script = """
        place=$1; shift; mount -t tmpfs -o size=48k none "$place" || exit 99
        "$@"; echo "code $?" >&2
        test -e "$place/run" && exit 98
        mount -o remount,size=50m "$place"
        "$@" || exit 97
        cat "$place/run/bundle/manifest.json" >&3
    """
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("needs unshare to mount a small disk")
    sealed_there = tmp_path / "manifest"
    place = tmp_path / "small"
    place.mkdir()
    words = [unshare, "-rm", "sh", "-c", f"exec 3>{sealed_there}\n{script}", "sh", str(place)]
    done = subprocess.run(
        [*words, *command(place / "run")], capture_output=True, text=True, check=False
    )
    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip("may not mount a small disk here (unshare -rm)")
    assert done.returncode == 0, done.stderr
    first, _, _ = done.stderr.partition("code 1\n")
    words_said = " ".join(first.split())
    assert re.search(r"A checkpoint of [\d,]+ bytes could not be written to", words_said), first
    assert "No space left on device" in words_said
    assert sealed_there.read_bytes() == whole


# ── the same in this process ─────────────────────────────────────────────────────────────────────


def trained(out: Path, **more: Any) -> Run:
    pairs = PAIRS + tuple(more.pop("settings", ()))
    return train(
        "sample",
        family="lstm",
        rows=ROWS,
        settings=pairs,
        near_duplicates=False,
        out=out,
        **more,
    )


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint after every step, without waiting for the disk."""
    monkeypatch.setattr(os, "fsync", lambda _handle: None)
    monkeypatch.setattr(loop, "_SECONDS_BETWEEN_CHECKPOINTS", -1.0)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of rows that are trained on, once for every step of any training."""
    step = loop._Training._step
    seen: list[int] = []

    def counted(self: loop._Training, rows: Any) -> None:
        seen.append(len(self.objective.lengths))
        step(self, rows)

    monkeypatch.setattr(loop._Training, "_step", counted)
    return seen


@pytest.mark.usefixtures("every_step")
def test_row_6_a_full_disk_stops_training_and_keeps_the_state_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[int]
) -> None:
    undisturbed = trained(tmp_path / "whole")
    total = len(steps)
    out, sync, seen = tmp_path / "run", os.fsync, itertools.count(1)

    def full(handle: int) -> None:
        name = Path(f"/proc/self/fd/{handle}")
        if name.exists() and name.readlink().name.endswith(".safetensors.tmp") and next(seen) == 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(handle)

    steps.clear()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StorageError) as caught:
            trained(out)
    assert str(state_of(out)) in caught.value.problem
    assert "No space left on device" in caught.value.problem
    assert list(state_of(out).parent.iterdir()) == [state_of(out)]
    assert not out.exists()
    again = trained(out)
    assert again.bundle.digest == undisturbed.bundle.digest
    assert len(steps) == total + 1  # the step whose state found no room
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "whole"]


def test_row_7_a_place_that_cannot_be_written_fails_before_the_first_step(
    steps: list[int],
) -> None:
    with pytest.raises(StorageError) as caught:
        trained(Path("/proc/newsdesk/run"))
    assert caught.value.remedy
    assert steps == []


def test_of_two_trainings_for_one_folder_the_second_is_refused_before_its_first_step(
    tmp_path: Path, steps: list[int]
) -> None:
    with (
        unfinished(tmp_path / "run"),
        pytest.raises(StorageError, match="Another process is training for"),
    ):
        trained(tmp_path / "run")
    assert steps == []
    assert list(tmp_path.iterdir()) == []


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.usefixtures("every_step")
def test_row_1_a_training_that_is_cut_while_it_is_refitted_is_not_fitted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[int]
) -> None:
    undisturbed = trained(tmp_path / "whole", refit=True)
    fitted, refitted = min(steps), max(steps)  # rows: train, then train and valid
    total = steps.count(refitted)
    write, seen = Checkpoint.write, itertools.count(1)

    def cut(self: Checkpoint, state: State) -> None:
        write(self, state)
        if self.path.name == "refit.safetensors" and next(seen) == 2:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "write", cut)
        with pytest.raises(Killed):
            trained(tmp_path / "run", refit=True)
    steps.clear()
    again = trained(tmp_path / "run", refit=True)
    assert fitted not in steps
    assert len(steps) == total - 2
    assert again.bundle.digest == undisturbed.bundle.digest
    assert again.results[0].history.chosen == undisturbed.results[0].history.chosen


@pytest.mark.usefixtures("every_step")
@pytest.mark.parametrize(
    "other",
    [{"settings": ("learning_rate=0.02",)}, {"settings": ("units=4",)}, {"seed": 1}],
    ids=str,
)
def test_row_1_what_another_training_left_is_not_gone_on_from(
    other: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[int]
) -> None:
    def cut(self: loop._Training) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(loop._Training, "_end_epoch", cut)
        with pytest.raises(Killed):
            trained(tmp_path / "run", **other)
    assert state_of(tmp_path / "run").exists()
    steps.clear()
    expected = trained(tmp_path / "whole").bundle.digest
    total = len(steps)
    assert trained(tmp_path / "run").bundle.digest == expected
    assert len(steps) == 2 * total
