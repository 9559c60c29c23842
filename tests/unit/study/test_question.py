from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from newsdesk.data.split import Split
from newsdesk.features.clean import Cleaner
from newsdesk.study.factors import read_plan
from newsdesk.study.journal import Fit, Numbers, Quality
from newsdesk.study.question import Question

SPLIT = Split(np.arange(5), np.arange(5, 14), np.arange(14, 16), "how", "tail:2")
ASKED: dict[str, Any] = {
    "data": "abc",
    "split": SPLIT,
    "seeds": (0, 1),
    "seed": 0,
    "cleaner": Cleaner(),
    "confirm": True,
}
Q = Quality(0.5, 0.5, 1.0)


def question(*entries: str, **changes: Any) -> Question:
    plan = read_plan("toy", entries or ["dropout=0|0.5"])
    return Question.of(plan, **(ASKED | changes))


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"data": "abd"}, ["data"]),
        ({"seeds": (0, 1, 2)}, ["seeds"]),
        ({"confirm": False}, ["confirm"]),
        ({"most_gap": 0.08}, ["most_gap"]),
        ({"cleaner": Cleaner(max_chars=9)}, ["cleaner"]),
        (
            {"split": replace(SPLIT, valid=np.arange(6, 14), train=np.arange(6))},
            ["rows", "n_valid"],
        ),
    ],
)
def test_another_question_differs_in_digest_and_name(
    change: dict[str, Any], names: list[str]
) -> None:
    first, other = question(), question(**change)
    assert first.digest != other.digest
    assert first.differences(other) == names


def test_other_levels_are_another_question() -> None:
    assert question().differences(question("dropout=0|0.4")) == ["factors", "settings"]


WHOLE = Fit(0, 0, {}, Numbers(Q, Q, b"12"), 1.0)


def test_fits_of_the_question_have_a_place() -> None:
    asked = question()
    assert asked.place(WHOLE) == (0, 0)
    assert asked.place(replace(WHOLE, setting=2, seed=1)) == (2, 1), "the levels together"
    assert asked.place(replace(WHOLE, numbers=None, failed="why")) == (0, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"setting": 3},
        {"setting": -1},
        {"seed": 2},
        {"numbers": None},
        {"failed": "why"},
        {"numbers": Numbers(Q, Q, b"123")},
    ],
)
def test_others_have_none(changes: dict[str, Any]) -> None:
    assert question().place(replace(WHOLE, **changes)) is None


def test_without_a_confirmation_there_is_no_further_setting() -> None:
    assert question(confirm=False).place(replace(WHOLE, setting=2)) is None
