from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from newsdesk.errors import FitError
from newsdesk.search.grid import Grid
from newsdesk.search.journal import FoldScore
from newsdesk.search.result import SearchResult, SettingScore, choose, leading, settled
from newsdesk.training import Run

Scored = Callable[..., list[FoldScore]]

# Settings 0 to 3: [1,1] C=0.1, [1,1] C=1, [1,2] C=0.1, [1,2] C=1; the first is the simplest.
CLEAR: list[list[float | None]] = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.7], [0.5, 0.6]]


def number(score: SettingScore) -> int:
    return score.setting.number


def test_fits_in_any_order_are_gathered_by_setting_and_fold(grid: Grid, scored: Scored) -> None:
    fits = scored(grid, CLEAR)
    rng = np.random.default_rng(0)
    shuffled = [fits[place] for place in rng.permutation(len(fits))]
    scores = settled(grid, shuffled)
    assert [number(score) for score in scores] == [0, 1, 2, 3]
    assert [score.macro_f1 for score in scores] == [tuple(row) for row in CLEAR]
    assert settled(grid, fits[2:3])[0].folds == (fits[2],)
    assert settled(grid, []) == ()


def test_mean_and_spread_over_the_folds(grid: Grid, scored: Scored) -> None:
    score = settled(grid, scored(grid, [[0.5, 0.6, 0.8]]))[0]
    assert score.mean == pytest.approx(0.6333, abs=1e-4)
    assert score.sd == pytest.approx(np.std([0.5, 0.6, 0.8], ddof=1))
    assert score.standard_error == pytest.approx((score.sd or 0) / math.sqrt(3))
    assert score.accuracy == score.mean
    assert score.seconds == 1.5
    assert score.sentence == "word_ngrams=[1,1] C=0.1: macro-F1 0.6333 ± 0.3055, 1.5 s"


def test_a_failed_fit_leaves_its_setting_without_a_mean(grid: Grid, scored: Scored) -> None:
    score = settled(grid, scored(grid, [[0.5, None]]))[0]
    assert (score.mean, score.sd, score.accuracy, score.failed) == (
        None,
        None,
        None,
        "It diverged.",
    )
    assert score.sentence == "word_ngrams=[1,1] C=0.1: failed: It diverged."


def chosen(grid: Grid, scored: Scored, rows: Sequence[Sequence[float | None]]) -> tuple[int, int]:
    best, simplest = choose(settled(grid, scored(grid, rows)))
    return number(best), number(simplest)


def test_the_highest_mean_is_best(grid: Grid, scored: Scored) -> None:
    rows = [[0.1, 0.1], [0.2, 0.2], [0.5, 0.5], [0.4, 0.4]]
    assert chosen(grid, scored, rows) == (2, 2)


def test_of_equal_means_the_simplest_is_best(grid: Grid, scored: Scored) -> None:
    assert chosen(grid, scored, [[0.1, 0.1], [0.4, 0.6], [0.5, 0.5], [0.6, 0.4]]) == (1, 1)


def test_the_simplest_within_one_standard_error_is_named(grid: Grid, scored: Scored) -> None:
    # Setting 2 has mean .6 and a standard error of .1: .5 is just within, .49 is not.
    assert chosen(grid, scored, [[0.3, 0.4], [0.5, 0.5], [0.5, 0.7], [0.5, 0.6]]) == (2, 1)
    assert chosen(grid, scored, [[0.3, 0.4], [0.49, 0.49], [0.5, 0.7], [0.5, 0.6]]) == (2, 2)


def test_failed_settings_are_never_chosen(grid: Grid, scored: Scored) -> None:
    assert chosen(grid, scored, [[None, 0.9], [0.1, 0.1], [0.2, 0.2], [0.9, None]]) == (2, 2)


def test_a_search_in_which_all_settings_failed_has_no_answer(grid: Grid, scored: Scored) -> None:
    with pytest.raises(FitError, match=r"All 4 settings failed; .*: It diverged\."):
        choose(settled(grid, scored(grid, [[None]] * 4)))


def test_the_leading_setting_has_the_highest_mean_among_those_with_most_folds(
    grid: Grid, scored: Scored
) -> None:
    scores = settled(grid, scored(grid, [[0.2, 0.3], [0.3, 0.3], [0.9]]))
    assert number(leading(scores)) == 1


def test_the_table_has_a_line_per_setting_best_first_and_failed_ones_last(
    grid: Grid, scored: Scored
) -> None:
    rows: list[list[float | None]] = [[0.3, 0.4], [0.5, 0.5], [0.5, 0.7], [0.5, None]]
    scores = settled(grid, scored(grid, rows))
    best, simplest = choose(scores)
    run = cast("Run", SimpleNamespace())
    found = SearchResult("news", grid, scores, best, simplest, 2, 10, (), run)
    table: list[dict[str, Any]] = found.table
    assert [line["C"] for line in table] == [0.1, 1.0, 0.1, 1.0]
    assert [line["mean_macro_f1"] for line in table] == pytest.approx([0.6, 0.5, 0.35, None])
    assert [line["best"] for line in table] == [True, False, False, False]
    assert [line["simplest_within_one_standard_error"] for line in table] == [0, 1, 0, 0]
    assert (table[0]["fold_1"], table[0]["fold_2"]) == (0.5, 0.7)
    assert table[3]["failed"] == "It diverged."
