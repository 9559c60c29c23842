from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from newsdesk.study import StudyResult
from newsdesk.study.charts import draw_epochs, draw_factor, inline, save

Studied = Callable[..., StudyResult]


def texts(figure: Any, axes: int) -> list[str]:
    return [label.get_text() for label in figure.axes[axes].get_xticklabels()]


def marks(figure: Any, axes: int) -> list[float]:
    return [round(float(x), 6) for x in figure.axes[axes].get_xticks()]


def test_levels_that_span_decades_stand_on_a_logarithmic_axis(studied: Studied) -> None:
    figure = draw_factor(studied(vary=["rate=0.001|0.01|0.1"]).findings.factors[0])
    assert marks(figure, 0) == [-3, -2, -1]
    assert texts(figure, 0) == ["0.001", "0.01", "0.1\nbase"]
    assert figure.axes[0].get_xlabel() == "rate (logarithmic)"


def test_levels_of_one_size_stand_where_they_are(studied: Studied) -> None:
    figure = draw_factor(studied(vary=["dropout=0|0.1|0.5"]).findings.factors[0])
    assert marks(figure, 1) == [0, 0.1, 0.5]


def test_a_zero_among_decades_makes_the_axis_even(studied: Studied) -> None:
    figure = draw_factor(studied(vary=["dropout=0|0.001|0.5"]).findings.factors[0])
    assert marks(figure, 0) == [0, 1, 2]
    assert figure.axes[0].get_xlabel() == "dropout (evenly spaced)"


def test_words_are_not_joined_by_a_line(studied: Studied) -> None:
    words = draw_factor(studied(vary=["kind=a|b"]).findings.factors[0])
    numbers = draw_factor(studied(vary=["dropout=0|0.5"]).findings.factors[0])
    styles = [
        {box.lines[0].get_linestyle() for box in figure.axes[0].containers}
        for figure in (words, numbers)
    ]
    assert styles == [{"None"}, {"-"}]


def test_gaps_are_written_between_train_and_valid_and_failures_at_the_foot(
    studied: Studied,
) -> None:
    found = studied(vary=["rate=0.1|0.2|9"]).findings.factors[0]
    figure = draw_factor(found)
    said = [text.get_text() for text in figure.axes[0].texts]
    gaps = [f"{100 * level.outcome.gap.mean:.1f}" for level in found.levels if level.outcome]
    assert said == [*gaps, "× diverged"]


def test_epochs_are_drawn_where_there_are_any(studied: Studied) -> None:
    assert draw_epochs(studied(vary=["dropout=0|0.5"]).findings.factors[0]) is None
    found = studied(family="epochs", vary=["dropout=0|0.5"]).findings.factors[0]
    figure = draw_epochs(found)
    assert figure is not None
    accuracy = figure.axes[0].lines
    assert [line.get_label() for line in accuracy if not line.get_label().startswith("_")] == [
        "0",
        "0.5",
    ]
    assert list(accuracy[1].get_xdata()) == [1, 2, 3]
    assert accuracy[1].get_ydata()[-1] == pytest.approx(100 * (0.9 - 0.5 / 3))


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_numbers_give_the_same_bytes(kind: str, studied: Studied, tmp_path: Path) -> None:
    found = studied(vary=["dropout=0|0.5"]).findings.factors[0]
    for name in ("first", "second"):
        save(draw_factor(found), tmp_path / name, kind)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_the_svg_is_text_that_can_be_searched(studied: Studied) -> None:
    file = StringIO()
    save(draw_factor(studied(vary=["dropout=0|0.5"]).findings.factors[0]), file, "svg")
    words = [node.text for node in ElementTree.fromstring(file.getvalue()).iter() if node.text]
    assert {"dropout", "train", "valid", "accuracy, %"} <= set(words)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open += 1

    def handle_endtag(self, tag: str) -> None:
        self.open -= 1


def test_a_part_of_the_page_has_the_colours_of_its_style_and_no_names(studied: Studied) -> None:
    text = inline(draw_factor(studied(vary=["dropout=0|0.5"]).findings.factors[0]), 'a "label"')
    assert 'aria-label="a &quot;label&quot;"' in text
    assert "var(--good)" in text
    assert "var(--sans)" in text
    assert not re.search(r"<style|<metadata|<\?xml|<!DOCTYPE|#[0-9a-f]{6}\b", text)
    assert not re.search(r'<g id="', text)
    tags = Tags()
    tags.feed(text)
    assert tags.open == 0


def test_a_loss_that_ran_away_does_not_press_the_others_together(
    studied: Studied, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = studied(vary=["dropout=0|0.5"]).findings.factors[0]
    assert draw_factor(found).axes[1].get_yscale() == "linear"
    outcome = found.levels[1].outcome
    assert outcome is not None
    far = replace(outcome, valid_loss=replace(outcome.valid_loss, mean=500.0, high=600.0))
    monkeypatch.setitem(vars(found.levels[1]), "outcome", far)
    assert draw_factor(found).axes[1].get_yscale() == "log"
