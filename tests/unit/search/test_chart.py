from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from newsdesk.search.chart import (
    HEIGHT,
    MOST_DOTS,
    MOST_LINES,
    WIDTH,
    Chart,
    lay_out,
)
from newsdesk.search.grid import Grid, read_grid
from newsdesk.search.journal import FoldScore
from newsdesk.search.result import settled

Scored = Callable[..., list[FoldScore]]


def chart_of(grid: Grid, scored: Scored, rows: Sequence[Sequence[float | None]]) -> Chart:
    scores = settled(grid, scored(grid, rows))
    ranked = sorted(scores, key=lambda score: -(score.mean if score.mean is not None else -1))
    return lay_out(grid, ranked)


def spread(n: int) -> list[list[float]]:
    return [[0.4 + 0.001 * i, 0.41 + 0.001 * i] for i in range(n)]


def test_the_numeric_setting_with_most_values_is_the_axis(scored: Scored) -> None:
    grid = read_grid("linear", ["min_df=1|2", "C=0.1|1|10", "loss=logistic|squared_hinge"])
    chart = chart_of(grid, scored, spread(12))
    assert (chart.axis, chart.logarithmic) == ("C", True)
    assert [line.name for line in chart.lines] == [
        f"min_df={n} loss={loss}" for n in (1, 2) for loss in ("logistic", "squared_hinge")
    ]
    assert all(len(line.marks) == 3 for line in chart.lines)
    assert [tick.text for tick in chart.across] == ["0.1", "1", "10"]
    steps = [tick.at for tick in chart.across]
    assert steps[1] - steps[0] == pytest.approx(steps[2] - steps[1])


def test_values_of_one_size_lie_on_a_plain_axis(scored: Scored) -> None:
    chart = chart_of(read_grid("linear", ["min_df=1|2|5"]), scored, spread(3))
    assert not chart.logarithmic
    first, second, third = (tick.at for tick in chart.across)
    assert (third - second) / (second - first) == pytest.approx(3)


def test_marks_lie_inside_and_higher_means_higher_up(grid: Grid, scored: Scored) -> None:
    chart = chart_of(grid, scored, [[0.2, 0.3], [0.5, 0.6], [0.1, 0.9], [0.6, 0.6]])
    marks = [mark for line in chart.lines for mark in line.marks]
    for mark in marks:
        assert 0 <= mark.x <= WIDTH
        assert 0 <= mark.high <= mark.y <= mark.low <= HEIGHT
    by_text = {mark.text.split(":")[0]: mark for mark in marks}
    assert by_text["word_ngrams=[1,2] C=1"].y < by_text["word_ngrams=[1,1] C=0.1"].y
    assert [mark.text.split(":")[0] for mark in marks if mark.best] == ["word_ngrams=[1,2] C=1"]
    assert by_text["word_ngrams=[1,1] C=1"].text.endswith("0.5500 ± 0.1414")


def test_marks_over_one_value_stand_apart(scored: Scored) -> None:
    chart = chart_of(read_grid("linear", ["bits=10|11", "C=0.1|0.2|1"]), scored, spread(6))
    places = [mark.x for line in chart.lines for mark in line.marks]
    assert len(set(places)) == 6


def test_only_the_lines_with_the_best_settings_are_drawn(scored: Scored) -> None:
    chart = chart_of(
        read_grid(
            "linear",
            [
                "min_df=" + "|".join(map(str, range(1, 11))),
                "C=" + "|".join(str(n) for n in range(1, 12)),
            ],
        ),
        scored,
        spread(110),
    )
    assert chart.axis == "C"
    assert len(chart.lines) == MOST_LINES
    assert chart.n_hidden == 22
    assert [line.name for line in chart.lines] == [f"min_df={n}" for n in range(3, 11)]


def test_without_a_numeric_setting_every_setting_has_a_row(scored: Scored) -> None:
    grid = read_grid("linear", ["loss=logistic|squared_hinge", "fields=first|apart|together"])
    chart = chart_of(grid, scored, spread(6))
    assert chart.axis == ""
    assert next(tick.text for tick in chart.down) == "squared_hinge · together"
    (line,) = chart.lines
    assert [mark.y for mark in line.marks] == [tick.at for tick in chart.down]
    assert all(0 <= mark.low <= mark.x <= mark.high <= WIDTH for mark in line.marks)
    assert [mark.best for mark in line.marks] == [True] + [False] * 5


def test_at_most_so_many_rows_are_drawn(scored: Scored) -> None:
    ngrams = "|".join(f"{a},{b}" for a in range(1, 6) for b in range(a, 6))
    fields = "fields=first|apart|together"
    chart = chart_of(read_grid("linear", [f"word_ngrams={ngrams}", fields]), scored, spread(45))
    assert len(chart.lines[0].marks) == MOST_DOTS
    assert chart.n_hidden == 45 - MOST_DOTS


def test_failed_settings_are_not_drawn(grid: Grid, scored: Scored) -> None:
    chart = chart_of(grid, scored, [[0.2, 0.3], [0.5, 0.6], [None, 0.9], [0.6, 0.6]])
    assert [len(line.marks) for line in chart.lines] == [2, 1]
    assert chart.n_hidden == 0


def test_equal_settings_have_an_axis_with_distinct_ticks(scored: Scored) -> None:
    chart = chart_of(read_grid("linear", ["C=1|2"]), scored, [[0.5, 0.5], [0.5, 0.5]])
    texts = [tick.text for tick in chart.down]
    assert len(texts) == len(set(texts)) >= 2
    assert "0.50" in texts


def test_ticks_that_would_touch_have_no_text(scored: Scored) -> None:
    grid = read_grid("linear", ["C=0.1|0.100001|1000"])
    chart = chart_of(grid, scored, spread(3))
    assert [tick.text for tick in chart.across] == ["0.1", "", "1000"]
