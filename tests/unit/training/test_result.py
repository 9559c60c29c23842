from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, cast

import pyarrow as pa
import pytest

from newsdesk.bundle import Bundle
from newsdesk.training import result as results
from newsdesk.training import train
from newsdesk.training.result import Account, peak_rss_mb, resident_mb, timed_predict
from newsdesk.types import Documents

News = Callable[..., pa.Table]


class Counting:
    """A bundle that answers with what it was asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def predict(self, documents: Documents) -> list[str]:
        self.asked.append(len(documents))
        return documents.texts.to_pylist()


@pytest.mark.parametrize(("least", "repeated"), [(0.0, False), (0.01, True)])
def test_few_documents_are_predicted_until_the_speed_is_of_more_than_a_moment(
    monkeypatch: pytest.MonkeyPatch, least: float, repeated: bool
) -> None:
    monkeypatch.setattr(results, "_LEAST_SECONDS", least)
    bundle = Counting()
    predictions, speed = timed_predict(
        cast(Bundle, bundle), Documents.from_texts(["goal", "shares", "phone"])
    )
    assert predictions == ["goal", "shares", "phone"]
    warm_up, *timed = bundle.asked
    assert warm_up == 1
    assert set(timed) == {3}
    assert (len(timed) > 1) is repeated
    assert 0 < speed < float("inf")


def test_the_largest_memory_never_shrinks() -> None:
    before = peak_rss_mb()
    assert 10 < before <= peak_rss_mb()


def test_a_line_of_the_leaderboard_holds_the_numbers_of_both_parts_and_the_costs(
    news: News,
) -> None:
    (found,) = train(news(90)).results
    line = found.row(chosen=True)
    names = ("accuracy", "macro_f1", "top_3_accuracy", "log_loss", "ece")
    assert list(line) == [
        "family",
        "chosen",
        *(f"valid_{name}" for name in names),
        *(f"test_{name}" for name in names),
        "fit_seconds",
        "predict_docs_per_second",
        "peak_rss_mb",
        "bundle_mb",
    ]
    expected: dict[str, Any] = {"family": "linear", "chosen": True, "bundle_mb": None}
    expected |= {f"valid_{name}": getattr(found.valid, name) for name in names}
    expected |= {f"test_{name}": getattr(found.test, name) for name in names}
    assert expected.items() <= line.items()
    assert found.row(chosen=False)["chosen"] is False
    assert found.costs.fit_seconds > 0
    assert found.costs.compile_seconds >= 0


def test_resident_memory_is_no_more_than_its_peak() -> None:
    assert 10 < resident_mb() <= peak_rss_mb() + 1


def test_what_was_estimated_stands_in_the_line_only_where_it_was(news: News) -> None:
    result = train(news(60), family="prior").results[0]
    line = result.row(chosen=True)
    account = Account(12.0, 10.0, None, 3.0)
    more = replace(result, account=account).row(chosen=True)
    assert list(more)[: len(line)] == list(line)
    assert {name: more[name] for name in list(more)[len(line) :]} == asdict(account)
