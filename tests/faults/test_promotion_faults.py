"""Rows 3 and 4 for homes: promoting and going back, on a machine that may stop at any point."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from newsdesk.bundle import Bundle
from newsdesk.types import Documents

GOLDEN = Path(__file__).parent / "golden" / "bundle"

NEIGHBOURS = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
PRELUDE = """
    import dataclasses, shutil, signal, sys, time
    from pathlib import Path

    from crashing import crash_at, cut_at, end_of, in_child, wait_for_no_disk

    from newsdesk import promotion, store
    from newsdesk.bundle import Bundle
    from newsdesk.errors import NewsdeskError, StorageError
    from newsdesk.types import Documents

    golden = Bundle.load(sys.argv[1])
    place = Path(sys.argv[2])
    home = place / "home"
    asked = Documents.from_texts(["Central bank holds interest rates"])
    answer = golden.predict(asked).proba.tobytes()
    digests = {}
    for name in ("old", "new"):
        version = dataclasses.replace(golden, fingerprint=name)
        digests[name] = version.save(place / name)

    def promote(name):
        return promotion.promote(place / name, home, force="a test", by="me")

    def serves():
        try:
            bundle = Bundle.load(home)
        except NewsdeskError as error:
            # Nothing was served yet, and that is what is said.
            assert not home.exists() or "serves no version yet" in str(error) \\
                or not any(home.iterdir()), error
            return "absent"
        assert bundle.predict(asked).proba.tobytes() == answer
        assert bundle.digest == digests[bundle.fingerprint]
        return bundle.fingerprint
"""

CRASHES = """
    wait_for_no_disk()

    def nothing():
        shutil.rmtree(home, ignore_errors=True)

    def one():
        nothing()
        promote("old")

    def two():
        one()
        promote("new")

    acts = {
        "first": (nothing, lambda: promote("old"), "absent", "old"),
        "next": (one, lambda: promote("new"), "old", "new"),
        "back": (two, lambda: promotion.rollback(home, by="me"), "new", "old"),
    }
    found = set()
    for act, (prepare, run, before, after) in acts.items():
        for kind, crash in (("call", crash_at), ("byte", cut_at)):
            n, ended = 0, None
            while ended != 0:
                # Small files come first: each byte of them is cut, the weights in steps.
                n += 1 if kind == "call" else 16 if n < 2048 else 1024
                prepare()
                n_steps = len(store.Home(home).steps)
                ended = crash(n, run)
                assert ended in (0, 9, -signal.SIGXFSZ), (act, kind, n, ended)
                state = serves()
                assert state in (before, after), (act, kind, n, state)
                steps = store.Home(home).steps
                taken = store.taken(steps, store.served_digest(home))
                assert len(steps) - n_steps in (0, 1), (act, kind, n)
                # The history knows every version that was served, and no other as served.
                assert taken[:n_steps] == [True] * n_steps, (act, kind, n)
                assert (state == after) == any(taken[n_steps:]), (act, kind, n, taken)
                found.add((act, kind, state, len(steps) - n_steps))
                if state == before:
                    run()
                    assert serves() == after, (act, kind, n)
                names = {path.name for path in home.iterdir()}
                assert names == {"CURRENT", "bundles", "history.jsonl"}, names
                kept = {path.name for path in (home / "bundles").iterdir()}
                assert kept <= set(digests.values()), (act, kind, n, kept)
            assert state == after
            print(f"{act}-{kind}", n)
        # Killed between the history and the version, the old one is served.
        assert (act, "call", before, 1) in found, act
        assert (act, "call", before, 0) in found, act
        assert (act, "call", after, 1) in found, act
    print("done")
"""

RACE = """
    for number in range(15):
        shutil.rmtree(home, ignore_errors=True)
        promote("old")
        begin = time.monotonic() + 0.05

        def act(name):
            def run():
                while time.monotonic() < begin:
                    pass
                try:
                    promote(name)
                except StorageError as error:
                    assert "Another process is changing what" in str(error), error
                    return 3
            return run

        for name in ("one", "two"):
            if number == 0:
                digests[name] = dataclasses.replace(golden, fingerprint=name).save(place / name)
        children = {name: in_child(act(name)) for name in ("one", "two")}
        ends = {name: end_of(child) for name, child in children.items()}
        # Both come through where the first had ended before the second began.
        assert sorted(ends.values()) in ([0, 0], [0, 3]), ends
        winners = [name for name, end in ends.items() if end == 0]
        assert serves() in winners, (serves(), ends)
        steps = store.Home(home).steps
        assert all(store.taken(steps, store.served_digest(home)))
        assert len(steps) == 1 + len(winners)
        print(len(winners))
    print("done")
"""

SWING = """
    promote("old")
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(12):
        if number % 2:
            promotion.rollback(home, by="me")
        else:
            promote("new")
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


@pytest.mark.slow
def test_row_03_a_crash_at_any_call_or_byte_leaves_the_version_before_or_the_one_after(
    tmp_path: Path,
) -> None:
    counted = dict(line.split() for line in run(script(CRASHES, tmp_path)))
    assert {name.partition("-")[0] for name in counted} == {"first", "next", "back"}
    assert all(int(n) > 10 for name, n in counted.items() if name.endswith("call"))


def test_row_03_a_reader_never_fails_while_versions_are_exchanged(tmp_path: Path) -> None:
    asked = Documents.from_texts(["Central bank holds interest rates"])
    expected = Bundle.load(GOLDEN).predict(asked).proba
    with subprocess.Popen(
        script(SWING, tmp_path), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as changer:
        assert changer.stdin is not None
        assert changer.stdout is not None
        assert changer.stdout.readline() == "ready\n"
        changer.stdin.write("go\n")
        changer.stdin.flush()
        seen = set()
        while True:
            finished = changer.poll() is not None
            bundle = Bundle.load(tmp_path / "home")
            assert np.array_equal(bundle.predict(asked).proba, expected)
            seen.add(bundle.fingerprint)
            if finished:
                break
        assert changer.stdout.read() == "done\n"
    assert seen == {"old", "new"}


@pytest.mark.slow
def test_row_04_of_two_promotions_at_once_one_is_told_of_the_other(tmp_path: Path) -> None:
    assert "1" in run(script(RACE, tmp_path))
