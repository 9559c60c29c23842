from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from newsdesk._version import __version__
from newsdesk.store.question import Asked, versions


@dataclass(frozen=True)
class Question(Asked[int]):
    name: str
    levels: dict[str, Any]

    def place(self, fit: int) -> int | None:
        return fit


ASKED = Question("a", {"x": (1, 2), "y": None})


def test_what_differs_changes_the_digest_and_is_named() -> None:
    other = replace(ASKED, levels={"x": (1, 3), "y": None})
    assert other.digest != ASKED.digest
    assert ASKED.differences(other) == ["levels"]
    assert ASKED.differences(replace(other, name="b")) == ["name", "levels"]


def test_a_question_that_was_written_and_read_is_the_same() -> None:
    read = msgspec.json.decode(msgspec.json.encode(ASKED), type=Question)
    assert read.levels != ASKED.levels, "a list is no tuple"
    assert read.digest == ASKED.digest
    assert read.differences(ASKED) == []


def test_versions_are_of_what_is_installed() -> None:
    found = versions(["numpy", "no-such-library"])
    assert list(found) == ["newsdesk", "python", "numpy"]
    assert found["newsdesk"] == __version__
