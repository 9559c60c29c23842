from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.types import Documents

PREDICT = "/api/v1/predict"
TEXTS = ["Bank lifts rates again", "😀 Keeper saves two penalties in the cup final", "zzz"]


def test_answers_in_order_with_the_probabilities_of_the_bundle(
    ask: Callable[..., Any], news: Any
) -> None:
    found = ask("POST", PREDICT, json={"texts": TEXTS, "top_k": 100}).json()
    assert found["model"] == {"name": "news", "family": "linear", "digest": news.digest}
    predictions = news.bundle.predict(Documents.from_texts(TEXTS))
    order, proba = predictions.top_k(100)
    for row, result in enumerate(found["results"]):
        assert result["id"] == str(row)
        assert [one["label"] for one in result["labels"]] == news.bundle.labels.decode(order[row])
        scores = np.array([one["score"] for one in result["labels"]], dtype=np.float32)
        assert (scores == proba[row]).all()
    assert [result["low_evidence"] for result in found["results"]] == [False, False, True]
    assert [result["abstain"] for result in found["results"]] == [False, False, True]


def test_three_classes_are_listed_unless_more_are_asked_for(ask: Callable[..., Any]) -> None:
    found = ask("POST", PREDICT, json={"texts": TEXTS}).json()
    assert [len(result["labels"]) for result in found["results"]] == [3, 3, 3]


def test_ids_come_back(ask: Callable[..., Any]) -> None:
    found = ask("POST", PREDICT, json={"texts": TEXTS[:2], "ids": ["b", "ä"]}).json()
    assert [result["id"] for result in found["results"]] == ["b", "ä"]


def test_documents_are_read_by_field_and_a_missing_one_is_empty(
    ask: Callable[..., Any], pair: Any
) -> None:
    documents = [{"headline": "goal", "body": "bank"}, {"body": "bank"}]
    said = {"model": "pair", "documents": documents, "explain": True, "top_k": 1}
    found = ask("POST", PREDICT, json=said).json()["results"]
    fields = [{span["field"] for span in result["highlights"]} for result in found]
    assert fields == [{"headline", "body"}, {"body"}]


def test_bare_texts_are_the_first_field(ask: Callable[..., Any]) -> None:
    said = {"model": "pair", "texts": ["goal cup"], "explain": True}
    (result,) = ask("POST", PREDICT, json=said).json()["results"]
    assert {span["field"] for span in result["highlights"]} == {"headline"}


def test_highlights_count_code_points_and_utf16_units(ask: Callable[..., Any]) -> None:
    (result,) = ask("POST", PREDICT, json={"texts": TEXTS[1:2], "explain": True}).json()["results"]
    assert result["highlight_method"] == "exact"
    span = next(one for one in result["highlights"] if TEXTS[1][one["start"] :].startswith("cup"))
    assert (span["end"] - span["start"], span["start_utf16"] - span["start"]) == (3, 1)
    assert span["end_utf16"] == span["end"] + 1


def test_highlights_are_those_of_the_bundle(ask: Callable[..., Any], news: Any) -> None:
    results = ask("POST", PREDICT, json={"texts": TEXTS, "explain": True}).json()["results"]
    explanations = news.bundle.explain(Documents.from_texts(TEXTS))
    for result, explanation in zip(results, explanations, strict=True):
        weights = [(one["start"], one["end"], one["weight"]) for one in result["highlights"]]
        assert weights == [(span.start, span.end, span.weight) for span in explanation.spans]


def test_each_listed_class_has_highlights_of_its_own_when_all_are_asked_for(
    ask: Callable[..., Any], news: Any
) -> None:
    said = {"texts": TEXTS[:1], "explain": "all", "top_k": 2}
    (result,) = ask("POST", PREDICT, json=said).json()["results"]
    own = [one["highlights"] for one in result["labels"]]
    assert own[0] == result["highlights"]
    label = result["labels"][1]["label"]
    (second,) = news.bundle.explain(Documents.from_texts(TEXTS[:1]), label)
    assert [one["weight"] for one in own[1]] == [span.weight for span in second.spans]


def test_an_answer_below_the_bound_is_not_sure(ask: Callable[..., Any]) -> None:
    for below, unsure in ((0.0, False), (1.0, True)):
        said = {"texts": TEXTS[:1], "abstain_below": below}
        (result,) = ask("POST", PREDICT, json=said).json()["results"]
        assert result["abstain"] is unsure
    asked = ask("POST", PREDICT, json={"texts": TEXTS[:1]}, settings={"abstain_below": 1.0})
    assert asked.json()["results"][0]["abstain"] is True


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"texts": []},
        {"texts": ["a"], "documents": [{"text": "a"}]},
        {"texts": ["a"], "ids": ["1", "2"]},
        {"texts": ["a"], "top_k": 0},
        {"texts": ["a"], "top_k": 101},
        {"texts": ["a"], "abstain_below": 1.5},
        {"texts": ["a"], "explain": "some"},
        {"texts": ["a"], "surprise": 1},
        {"texts": [1]},
        {"texts": "a"},
        {"documents": [{"nothing": "a"}]},
        [],
    ],
)
def test_a_request_that_is_not_what_is_expected_is_refused(
    ask: Callable[..., Any], said: Any
) -> None:
    found = ask("POST", PREDICT, json=said)
    assert (found.status_code, found.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"texts": ["\\ud800"]}'])
def test_what_is_no_json_is_refused(ask: Callable[..., Any], body: bytes) -> None:
    found = ask("POST", PREDICT, content=body, headers={"Content-Type": "application/json"})
    assert found.status_code == 400
    assert set(found.json()) == {"error", "code", "hint"}


def test_more_texts_than_the_limit_are_refused(ask: Callable[..., Any]) -> None:
    from newsdesk.serving.settings import Limits

    limits = Limits(texts=2)
    assert ask("POST", PREDICT, json={"texts": ["a"] * 2}, settings={"limits": limits}).is_success
    found = ask("POST", PREDICT, json={"texts": ["a"] * 3}, settings={"limits": limits})
    assert found.status_code == 422


def test_an_unknown_model_is_refused_with_the_known_ones(ask: Callable[..., Any]) -> None:
    found = ask("POST", PREDICT, json={"model": "other", "texts": ["a"]})
    assert (found.status_code, found.json()["code"]) == (404, "unknown_model")
    assert "news, pair" in found.json()["hint"]


def test_models_are_listed_with_what_a_client_needs_to_know(
    ask: Callable[..., Any], news: Any
) -> None:
    found = ask("GET", "/api/v1/models").json()
    assert (found["default"], [one["name"] for one in found["models"]]) == (
        "news",
        ["news", "pair"],
    )
    assert found["models"][0]["labels"] == list(news.bundle.labels)
    assert found["models"][1]["fields"] == ["headline", "body"]
    assert {one["explains"] for one in found["models"]} == {"exact"}


def test_about_tells_without_a_key_whether_one_is_needed(ask: Callable[..., Any]) -> None:
    from newsdesk.serving.settings import Keys

    assert ask("GET", "/api/v1/about").json()["needs_key"] is False
    keys = Keys(api=("0123456789abcdef",))
    found = ask("GET", "/api/v1/about", settings={"keys": keys}).json()
    assert (found["needs_key"], found["feedback"], found["samples"]) == (True, False, False)
    assert ask("GET", "/api/v1/models", settings={"keys": keys}).status_code == 401


def test_a_sample_is_drawn_where_the_server_has_some(
    ask: Callable[..., Any], tmp_path: Path
) -> None:
    assert ask("GET", "/api/v1/samples/random").json()["code"] == "no_samples"
    path = tmp_path / "samples.csv"
    path.write_text("id,text,label\n7,Rates rise,business\n", encoding="utf-8")
    found = ask("GET", "/api/v1/samples/random", settings={"samples": path}).json()
    assert found == {"id": "7", "fields": {"text": "Rates rise"}, "label": "business"}
