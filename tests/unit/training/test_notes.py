from __future__ import annotations

from newsdesk.training.notes import Notes


def test_notes_are_kept_in_order_and_passed_on() -> None:
    heard: list[str] = []
    notes = Notes(heard.append)
    notes("first")
    notes.all(["second", "third"])
    assert notes.lines == heard == ["first", "second", "third"]


def test_nobody_need_listen() -> None:
    notes = Notes(None)
    notes("first")
    assert notes.lines == ["first"]
