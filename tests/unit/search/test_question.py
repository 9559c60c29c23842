from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from newsdesk.features.clean import Cleaner
from newsdesk.search.grid import Grid, read_grid
from newsdesk.search.question import Question

ASKED: dict[str, Any] = {
    "data": "abc",
    "split": "tail:1",
    "fold": np.array([0, 1, -1]),
    "n_folds": 2,
    "seed": 0,
    "cleaner": Cleaner(),
}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"data": "abd"}, "data"),
        ({"split": "tail:2"}, "split"),
        ({"fold": np.array([1, 0, -1])}, "folds"),
        ({"n_folds": 3}, "n_folds"),
        ({"seed": 1}, "seed"),
        ({"cleaner": Cleaner(max_chars=9)}, "cleaner"),
    ],
)
def test_another_question_differs_in_digest_and_name(
    grid: Grid, change: dict[str, Any], name: str
) -> None:
    first, other = Question.of(grid, **ASKED), Question.of(grid, **(ASKED | change))
    assert first.digest != other.digest
    assert first.differences(other) == [name]


def test_another_grid_and_another_fixed_setting_are_other_questions(grid: Grid) -> None:
    first = Question.of(grid, **ASKED)
    other = read_grid("linear", ["word_ngrams=1,1|1,2", "C=0.1|2"], ["bits=12"])
    fixed = read_grid("linear", ["word_ngrams=1,1|1,2", "C=0.1|1"], ["bits=13"])
    assert first.differences(Question.of(other, **ASKED)) == ["grid", "settings"]
    assert first.differences(Question.of(fixed, **ASKED)) == ["settings"]


def test_a_question_that_was_written_and_read_is_the_same(grid: Grid) -> None:
    question = Question.of(grid, **ASKED)
    read = msgspec.json.decode(msgspec.json.encode(question), type=Question)
    assert read.digest == question.digest
    assert read.differences(question) == []
