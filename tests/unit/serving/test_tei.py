from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def test_one_text_is_answered_flat_and_several_nested(ask: Callable[..., Any], news: Any) -> None:
    flat = ask("POST", "/predict", json={"inputs": "Rates rise again"}).json()
    assert {one["label"] for one in flat} == set(news.bundle.labels)
    nested = ask("POST", "/predict", json={"inputs": [["Rates rise again"], ["goal"]]}).json()
    assert (nested[0], len(nested)) == (flat, 2)


@pytest.mark.parametrize("inputs", [["a", "b"], [["a", "b"]], [[]]])
def test_a_pair_of_sentences_is_refused_with_a_way_to_send_several(
    ask: Callable[..., Any], inputs: Any
) -> None:
    found = ask("POST", "/predict", json={"inputs": inputs})
    assert found.status_code == 422
    assert '[["a"], ["b"]]' in found.json()["hint"]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"json": {"inputs": ["a", "b"]}}, 422),
        ({"json": {"inputs": "a", "raw_scores": True}}, 422),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415),
    ],
)
def test_every_refusal_has_the_error_type_that_clients_look_for(
    ask: Callable[..., Any], said: dict[str, Any], status: int
) -> None:
    found = ask("POST", "/predict", **said)
    assert found.status_code == status
    assert found.json()["error_type"] == found.json()["code"]


def test_other_dialects_have_no_error_type(ask: Callable[..., Any]) -> None:
    assert "error_type" not in ask("POST", "/hf/news", json={}).json()


def test_info_describes_the_default_model(ask: Callable[..., Any], news: Any) -> None:
    found = ask("GET", "/info").json()
    assert (found["model_id"], found["model_sha"]) == ("news", news.digest)
    classes = found["model_type"]["classifier"]
    assert classes["id2label"]["0"] == news.bundle.labels[0]
    assert classes["label2id"][news.bundle.labels[1]] == 1


def test_health_is_said_without_a_key(ask: Callable[..., Any]) -> None:
    from newsdesk.serving.settings import Keys

    keys = Keys(api=("0123456789abcdef",))
    assert ask("GET", "/health", settings={"keys": keys}).json() == {}
