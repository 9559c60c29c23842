from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from newsdesk.errors import DataError
from newsdesk.store.steps import Kind, Step, append, before_last, read_steps, taken


def step(kind: Kind, before: str | None, after: str | None, **more: Any) -> Step:
    values = {"candidate": after or "", "time": "2026-11-30T00:00:00Z", "by": "me"} | more
    return Step(step=kind, before=before, after=after, **values)


PROMOTED = step("promoted", None, "a", numbers={"n": 3}, run={"data": "x"})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    refused = step("refused", "a", "a", candidate="b", why="it is worse")
    for each in (PROMOTED, refused):
        append(path, each)
    assert read_steps(path) == [PROMOTED, refused]
    assert path.read_bytes().count(b"\n") == 2


def test_no_file_is_no_step(tmp_path: Path) -> None:
    assert read_steps(tmp_path / "history.jsonl") == []


@pytest.mark.parametrize("n_bytes", [1, 40, 70_000])
def test_a_torn_last_line_is_left_out_and_written_over(n_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    append(path, PROMOTED)
    with path.open("ab") as file:
        file.write(b"x" * n_bytes)
    assert read_steps(path) == [PROMOTED]
    append(path, PROMOTED)
    assert read_steps(path) == [PROMOTED, PROMOTED]


def test_a_file_of_one_torn_line_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(b'{"step": "promo')
    assert read_steps(path) == []
    append(path, PROMOTED)
    assert read_steps(path) == [PROMOTED]


@pytest.mark.parametrize("damage", [b"[]", b"{}", b'{"step": 1', b"\xff"])
def test_another_damaged_line_is_named(damage: bytes, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    append(path, PROMOTED)
    path.write_bytes(damage + b"\n" + path.read_bytes())
    with pytest.raises(DataError, match="line 1 is damaged"):
        read_steps(path)


def test_a_step_that_its_process_did_not_live_to_take_is_known() -> None:
    steps = [
        step("promoted", None, "a"),
        step("promoted", "a", "b"),  # killed before it took effect
        step("promoted", "a", "c"),
        step("rolled_back", "c", "a"),  # killed too
    ]
    assert taken(steps, "c") == [True, False, True, False]
    assert taken(steps, "a") == [True, False, True, True]


def back(*steps: Step) -> str | None:
    return before_last(steps, steps[-1].after if steps else None)


def test_one_step_back_is_what_was_served_before() -> None:
    one, two, three = (
        step("promoted", None, "a"), step("promoted", "a", "b"), step("promoted", "b", "c"),
    )  # fmt: skip
    assert back() is None
    assert back(one) is None
    assert back(one, two) == "a"
    assert back(one, two, three) == "b"
    assert back(one, two, three, step("rolled_back", "c", "b")) == "a"
    assert back(one, two, three, step("rolled_back", "c", "a")) is None
    assert back(one, two, step("rolled_back", "b", "a"), step("promoted", "a", "c")) == "a"


def test_steps_that_change_nothing_are_not_gone_back_over() -> None:
    one, two = step("promoted", None, "a"), step("promoted", "a", "b")
    refused = step("refused", "b", "b", candidate="c")
    assert back(one, two, refused) == "a"
    cut_off = step("promoted", "b", "c")
    assert before_last([one, two, cut_off], "b") == "a"


def test_a_version_that_was_never_promoted_here_can_be_gone_back_from() -> None:
    assert back(step("promoted", None, "a"), step("rolled_back", "a", "z")) == "a"
