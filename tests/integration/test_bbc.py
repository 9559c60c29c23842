"""BBC News, the published split: the last 445 rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import newsdesk


@pytest.fixture(scope="module")
def run(newsdesk_data: Callable[[str], Path]) -> newsdesk.Run:
    newsdesk_data("bbc/bbc-text.csv")
    return newsdesk.train("bbc")


def test_the_published_rows_are_test_and_known_by_number(run: newsdesk.Run) -> None:
    assert run.settings["split"] == "published"
    assert run.split.test.tolist() == list(range(1780, 2225))
    assert run.corpus.licence is not None
    assert "BBC" in run.corpus.licence


def test_the_number_reached_is_the_known_one(run: newsdesk.Run) -> None:
    assert run.metrics.accuracy >= 0.97
    assert run.metrics.macro_f1 >= 0.97
    assert run.metrics.top_3_accuracy is not None
    assert run.metrics.top_3_accuracy >= 0.99
    assert run.metrics.ece <= 0.03


def test_test_rows_that_stand_in_train_are_counted_and_left_out_once(run: newsdesk.Run) -> None:
    (result,) = run.results
    assert result.n_copies == 31
    assert result.without_copies is not None
    assert result.without_copies.n == 445 - 31
    assert 0.96 <= result.without_copies.accuracy <= run.metrics.accuracy
    assert any(note.startswith("31 of 445 test rows (7.0 %)") for note in run.notes)


def test_articles_that_were_edited_and_posted_again_are_left_out_too(run: newsdesk.Run) -> None:
    (result,) = run.results
    assert 45 <= result.n_leaked <= 65
    assert result.without_leaked is not None
    assert result.without_leaked.n == 445 - result.n_leaked
    assert result.without_copies is not None
    assert 0.96 <= result.without_leaked.accuracy <= result.without_copies.accuracy
