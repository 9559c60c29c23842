"""Rows 3, 4, 6 and 7: publishing a bundle on a disk, among others, that may fail at any point."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import msgspec
import numpy as np
import pytest

from newsdesk.bundle import Bundle
from newsdesk.errors import StorageError
from newsdesk.predictions import Predictions
from newsdesk.types import Documents

GOLDEN = Path(__file__).parent / "golden" / "bundle"
DIGEST: str = msgspec.json.decode((GOLDEN.parent / "answers.json").read_bytes())["digest"]

NEIGHBOURS = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
PRELUDE = """
    import dataclasses, os, signal, sys, time
    from pathlib import Path

    from crashing import crash_at, cut_at, end_of, in_child, wait_for_no_disk

    import msgspec

    from newsdesk import store
    from newsdesk.bundle import Bundle
    from newsdesk.errors import BundleExistsError, NewsdeskError, StorageError
    from newsdesk.types import Documents

    golden = Bundle.load(sys.argv[1])
    place = Path(sys.argv[2])
    target = place / "bundle"
    asked = Documents.from_texts(["Central bank holds interest rates"])
    answer = golden.predict(asked).proba.tobytes()

    def named(name):
        return dataclasses.replace(golden, fingerprint=name)

    def leftovers():
        return sorted(path.name for path in place.iterdir() if path != target)
"""

CRASHES = """
    wait_for_no_disk()

    def check(expected, where):
        if not target.exists():
            assert "absent" in expected, where
            return "absent"
        bundle = Bundle.load(target)
        assert bundle.fingerprint in expected, (where, bundle.fingerprint)
        assert bundle.predict(asked).proba.tobytes() == answer, where
        return bundle.fingerprint

    found = set()
    for replace in (False, True):
        for kind, crash in (("call", crash_at), ("byte", cut_at)):
            n, ended = 0, None
            while ended != 0:
                n += 1 if kind == "call" else 1024
                for path in place.iterdir():
                    __import__("shutil").rmtree(path)
                if replace:
                    named("old").save(target)
                ended = crash(n, lambda: named("new").save(target, replace=replace))
                assert ended in (0, 9, -signal.SIGXFSZ), (kind, n, ended)
                left = len(leftovers())
                state = check({"new", "old" if replace else "absent"}, (kind, n))
                found.add((replace, kind, state, left > 0))
                named("new").save(target, replace=replace or state != "absent")
                assert check({"new"}, (kind, n)) == "new"
                assert leftovers() == [], (kind, n, leftovers())
            assert state == "new" and left == 0
            print(kind, n)
    assert (False, "call", "absent", True) in found
    assert (True, "call", "old", True) in found
    assert (True, "call", "new", True) in found
    print("done")
"""

RACE = """
    for number in range(20):
        begin = time.monotonic() + 0.02

        def act(name):
            while time.monotonic() < begin:
                pass
            try:
                named(name).save(target)
            except BundleExistsError:
                return 3
            return 0

        children = {name: in_child(lambda name=name: act(name)) for name in ("one", "two")}
        ends = {name: end_of(child) for name, child in children.items()}
        assert sorted(ends.values()) == [0, 3], ends
        winner = min(ends, key=ends.get)
        assert Bundle.load(target).fingerprint == winner
        assert leftovers() == [], leftovers()
        __import__("shutil").rmtree(target)
    print("done")
"""

REPLACE = """
    named("0").save(target)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(1, 31):
        named(str(number % 2)).save(target, replace=True)
    print("done")
"""

FULL = """
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    os.truncate(ballast, ballast.stat().st_size - 8192)
    for replace in (False, True):
        try:
            named("new").save(target, replace=replace)
        except StorageError as error:
            print(error)
        assert leftovers() == ["ballast"], leftovers()
        assert not target.exists()
    try:
        store.probe(target)
    except StorageError as error:
        raise AssertionError("a page is free") from error
    ballast.unlink()
    named("new").save(target)
    assert Bundle.load(target).predict(asked).proba.tobytes() == answer
    print("done")
"""

READ_ONLY = """
    for act in (lambda: store.probe(target), lambda: golden.save(target)):
        try:
            act()
        except StorageError as error:
            print(error)
    assert leftovers() == []
    print("done")
"""


def script(body: str, place: Path) -> list[str | Path]:
    code = NEIGHBOURS + textwrap.dedent(PRELUDE) + textwrap.dedent(body)
    return [sys.executable, "-c", code, GOLDEN, place]


def run(command: list[str | Path]) -> list[str]:
    """Lines that a script printed; it must come to its end."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "done"
    return lines[:-1]


def on_small_disk(body: str, place: Path, options: str) -> list[str]:
    """Run a script where `place` is a file system of its own, or skip."""
    mount = 'mount -t tmpfs -o "$1" none "$2" && shift 2 && exec "$@"'
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("needs unshare to mount a small disk")
    apart: list[str | Path] = [unshare, "-rm", "sh", "-c", mount, "sh", options, place]
    if subprocess.run([*apart, "true"], capture_output=True, check=False).returncode:
        pytest.skip("may not mount a small disk here (unshare -rm)")
    return run(apart + script(body, place))


def answers(bundle: Bundle) -> Predictions:
    return bundle.predict(Documents.from_texts(["Central bank holds interest rates"]))


@pytest.mark.slow
def test_row_03_a_crash_at_any_call_or_byte_leaves_the_old_bundle_or_the_new(
    tmp_path: Path,
) -> None:
    counted = dict(line.split() for line in run(script(CRASHES, tmp_path)))
    assert int(counted["call"]) > 20
    assert int(counted["byte"]) > 1000


def test_row_03_a_reader_never_fails_while_the_bundle_is_replaced(tmp_path: Path) -> None:
    expected = answers(Bundle.load(GOLDEN)).proba
    with subprocess.Popen(
        script(REPLACE, tmp_path), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as publisher:
        assert publisher.stdin is not None
        assert publisher.stdout is not None
        assert publisher.stdout.readline() == "ready\n"
        publisher.stdin.write("go\n")
        publisher.stdin.flush()
        seen = set()
        while True:
            finished = publisher.poll() is not None
            bundle = Bundle.load(tmp_path / "bundle")
            assert np.array_equal(answers(bundle).proba, expected)
            seen.add((bundle.fingerprint, bundle.digest))
            if finished:
                break
        assert publisher.stdout.read() == "done\n"
    assert len(seen) == 2
    assert len({digest for _, digest in seen}) == 2


def test_row_04_of_two_publishers_of_one_name_one_wins(tmp_path: Path) -> None:
    run(script(RACE, tmp_path))


def test_row_06_a_full_disk_is_named_with_its_bytes_and_nothing_is_left(tmp_path: Path) -> None:
    said = on_small_disk(FULL, tmp_path, "size=64k")
    assert len(said) == 2
    for line in said:
        found = re.match(f"The disk is full: {tmp_path} needs more than the ([0-9,]+) bytes", line)
        assert found
        assert found[1] != "0"
        assert line.endswith("bytes are free. Free some space, then run again.")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_row_06_a_write_that_finds_no_space_is_a_storage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, content: bytes) -> int:
        with Path("/dev/full").open("wb", buffering=0) as file:
            return file.write(content)

    bundle = Bundle.load(GOLDEN)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="The disk is full"):
        bundle.save(tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_row_07_a_read_only_place_fails_before_any_work(tmp_path: Path) -> None:
    said = on_small_disk(READ_ONLY, tmp_path, "size=64k,ro")
    assert len(said) == 2
    for line in said:
        assert line.startswith(f"Cannot write to {tmp_path}")
        assert line.endswith(": Read-only file system. Choose another --out folder.")


@pytest.mark.skipif(os.geteuid() == 0, reason="rights do not bind root")
def test_row_07_a_place_without_the_right_to_write_fails_before_any_work(tmp_path: Path) -> None:
    from newsdesk import store

    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StorageError, match="Cannot write to"):
            store.probe(tmp_path / "bundle")
    finally:
        tmp_path.chmod(0o700)
