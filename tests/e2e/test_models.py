"""Several models: one chosen, or their answers side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

OPEN = Callable[..., Any]


@pytest.fixture
def three(desk: Any) -> Any:
    """A server with three models that read different fields."""
    first = desk.models[0]
    plain = {"fields": [], "explains": None, "family": "static"}
    desk.models = [first, first | {"name": "rival"}, first | {"name": "plain"} | plain]
    return desk


def test_one_model_needs_no_choice(open_page: OPEN) -> None:
    page = open_page()
    assert page.get_by_role("radio").count() == 0


def test_another_model_answers_when_it_is_chosen(open_page: OPEN, three: Any) -> None:
    page = open_page()
    page.get_by_label("Headline", exact=True).fill("Ferry")
    page.get_by_role("radio", name="rival").check()
    page.keyboard.press("Control+Enter")
    page.locator(".card").wait_for()
    assert three.asked("/api/v1/predict")[-1]["model"] == "rival"


def test_the_choice_is_made_by_arrow_keys(open_page: OPEN, three: Any) -> None:
    page = open_page()
    page.get_by_role("radio", name="headlines").focus()
    page.keyboard.press("ArrowDown")
    assert page.get_by_role("radio", name="rival").is_checked()


def test_the_fields_are_those_of_the_chosen_model_and_keep_what_was_typed(
    open_page: OPEN, three: Any
) -> None:
    page = open_page()
    page.get_by_label("Headline", exact=True).fill("Ferry")
    page.get_by_role("radio", name="plain").check()
    page.get_by_label("Text", exact=True).fill("Mayor")
    page.keyboard.press("Control+Enter")
    page.locator(".card").wait_for()
    assert three.asked("/api/v1/predict")[-1]["texts"] == ["Mayor"]
    page.get_by_role("radio", name="headlines").check()
    assert page.get_by_label("Headline", exact=True).input_value() == "Ferry"


@pytest.mark.parametrize("key", [None, "Space"])
def test_models_answer_side_by_side(open_page: OPEN, three: Any, key: str | None) -> None:
    page = open_page()
    page.get_by_label("Headline", exact=True).fill("Ferry in the harbour")
    page.get_by_label("Description", exact=True).fill("Cabins")
    toggle = page.get_by_label("Compare side by side")
    toggle.press(key) if key else toggle.check()
    page.get_by_role("button", name="Classify", exact=True).click()
    page.locator(".columns").wait_for()
    names = page.locator(".card .kicker bdi").all_inner_texts()
    assert names == ["headlines", "rival", "plain"]
    tops = page.locator(".card").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().top)"
    )
    assert len(set(tops)) == 1
    assert page.locator(".agreement").inner_text() == "All 3 models say Travel."
    # A model without named fields reads all of them as one text.
    assert three.asked("/api/v1/predict")[-1].get("texts", ["Ferry in the harbour\nCabins"]) == [
        "Ferry in the harbour\nCabins"
    ]


def test_models_that_differ_are_named(run_module: Callable[..., Any]) -> None:
    def said(name: str, label: str, abstain: bool = False) -> dict[str, Any]:
        answer = {"result": {"abstain": abstain, "labels": [{"label": label, "score": 0.5}]}}
        return {"model": {"name": name}, "answer": answer}

    answers = [said("a", "Travel"), said("b", "Travel"), said("c", "Food"), said("d", "Food", True)]
    assert run_module("compare.js", "m.agreement(a)", answers) == (
        "The models differ: a and b say Travel; c says Food; d is not sure."
    )
    assert run_module("compare.js", "m.agreement(a)", answers[:2]) == "Both models say Travel."
    assert run_module("compare.js", "m.agreement(a)", answers[:1]) == ""


def test_one_model_can_be_left_out_but_not_the_last(open_page: OPEN, three: Any) -> None:
    page = open_page()
    page.get_by_label("Compare side by side").check()
    page.get_by_role("checkbox", name="rival").uncheck()
    page.get_by_role("checkbox", name="plain").uncheck()
    page.get_by_role("checkbox", name="headlines").click()
    assert page.get_by_role("checkbox", name="headlines").is_checked()


def test_a_model_that_fails_does_not_hide_the_others(open_page: OPEN, three: Any) -> None:
    page = open_page()
    page.get_by_label("Compare side by side").check()
    page.get_by_label("Headline", exact=True).fill("Ferry")
    three.fail("/api/v1/predict", 503)
    page.keyboard.press("Control+Enter")
    page.locator(".columns").wait_for()
    assert page.locator(".card").count() == 3
    assert page.locator(".card .verdict").count() == 2
    assert page.locator(".card .fault p").first.inner_text() == "It broke."
