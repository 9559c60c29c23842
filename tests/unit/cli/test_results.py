from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.cli.results import leaderboard, quoted

LINE = {
    "family": "linear",
    "chosen": True,
    "valid_macro_f1": 0.85831,
    "test_macro_f1": 0.9114,
    "test_accuracy": 0.9115,
    "test_top_3_accuracy": None,
    "test_ece": 0.0599,
    "fit_seconds": 0.384,
    "predict_docs_per_second": 165110.2,
    "bundle_mb": None,
}


def test_a_climb_has_its_estimates_beside_it() -> None:
    (cells,) = leaderboard([LINE | {"total_seconds": 1.234, "estimated_seconds": 2.0}])
    assert cells[-2:] == ["1.2", "2.0"]


def test_leaderboard_leaves_cells_empty_where_nothing_is_known() -> None:
    (cells,) = leaderboard([LINE])
    assert cells == ["linear", "0.858", "0.911", "0.911", "", "0.060", "0.38", "165,110", ""]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_a_quoted_text_is_one_word_of_a_shell(text: str) -> None:
    assert shlex.split(quoted(text)) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Capital's mayor", '"Capital\'s mayor"'), ("$(rm)", "'$(rm)'"), ("`rm`", "'`rm`'")],
)
def test_nothing_in_a_quoted_text_is_run(text: str, expected: str) -> None:
    assert quoted(text) == expected
