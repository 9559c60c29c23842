from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def test_one_text_is_answered_nested_with_all_classes_best_first(
    ask: Callable[..., Any], news: Any
) -> None:
    (found,) = ask("POST", "/hf/news", json={"inputs": "Rates rise again"}).json()
    scores = [one["score"] for one in found]
    assert scores == sorted(scores, reverse=True)
    assert {one["label"] for one in found} == set(news.bundle.labels)
    assert set(found[0]) == {"label", "score"}


def test_several_texts_are_answered_in_order(ask: Callable[..., Any]) -> None:
    said = {"inputs": ["Rates rise again", "Keeper saves penalty"], "parameters": {"top_k": 1}}
    both = ask("POST", "/hf/news", json=said).json()
    alone = [
        ask("POST", "/hf/news", json=said | {"inputs": one}).json()[0] for one in said["inputs"]
    ]
    assert both == alone


def test_the_model_is_that_of_the_path(ask: Callable[..., Any]) -> None:
    (found,) = ask("POST", "/hf/pair", json={"inputs": "goal"}).json()
    assert found[0]["label"] == "a:b"
    assert ask("POST", "/hf/none", json={"inputs": "goal"}).status_code == 404


def test_what_a_client_says_besides_changes_nothing(ask: Callable[..., Any]) -> None:
    said = {
        "inputs": "goal",
        "parameters": {"function_to_apply": "softmax", "new": 1},
        "options": {},
    }
    plain = ask("POST", "/hf/pair", json={"inputs": "goal"}).json()
    assert ask("POST", "/hf/pair", json=said).json() == plain


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"candidate_labels": ["a", "b"]}, "no_candidate_labels"),
        ({"function_to_apply": "none"}, "no_function"),
        ({"top_k": 0}, "invalid_request"),
    ],
)
def test_what_the_model_cannot_do_is_refused(
    ask: Callable[..., Any], parameters: dict[str, Any], code: str
) -> None:
    found = ask("POST", "/hf/news", json={"inputs": "a", "parameters": parameters})
    assert (found.status_code, found.json()["code"]) == (422, code)
