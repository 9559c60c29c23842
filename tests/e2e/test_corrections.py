"""Corrections: one click, kept through failures, taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

OPEN = Callable[..., Any]
PATH = "/api/v1/feedback"


@pytest.fixture
def answered(open_page: OPEN) -> Any:
    """A page with an answer."""
    page = open_page()
    page.get_by_label("Headline", exact=True).fill("Ferry in the harbour")
    page.keyboard.press("Control+Enter")
    page.locator(".card").wait_for()
    return page


def receipt(page: Any, state: str = "stored") -> Any:
    """The card's word on the correction, once it stands as it should."""
    box = page.locator(f".card .receipt[data-state={state}]")
    box.wait_for()
    return box


@pytest.mark.parametrize("by", ["click", "Enter", "Space"])
def test_a_listed_class_is_confirmed_in_one_act(answered: Any, desk: Any, by: str) -> None:
    button = answered.get_by_role("button", name="This is right: Travel")
    button.click() if by == "click" else button.press(by)
    assert "Thank you — it waits for a person to accept it." in receipt(answered).inner_text()
    [body] = desk.asked(PATH)
    assert body["label"] == "Travel"
    assert body["model"] == "headlines"
    assert body["digest"] == "sha256:3f2a91c07be4"
    assert body["fields"] == {"headline": "Ferry in the harbour", "description": ""}
    assert body["predicted"]["label"] == "Travel"
    assert 0 < body["predicted"]["score"] < 1
    assert set(body) == {"label", "model", "digest", "fields", "predicted"}
    [key] = desk.heard(PATH, "Idempotency-Key")
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", key)


def test_any_other_class_is_searched_for(answered: Any, desk: Any) -> None:
    field = answered.get_by_label("Another class")
    options = answered.locator("datalist option").evaluate_all("all => all.map(one => one.value)")
    assert options == desk.models[0]["labels"]
    field.fill("opinion")
    assert "kept as a new one" in answered.locator(".other").inner_text()
    # A known class is found whatever its case.
    field.fill("crime")
    assert "new one" not in answered.locator(".other").inner_text()
    field.press("Enter")
    receipt(answered)
    assert desk.asked(PATH)[0]["label"] == "Crime"


def test_a_new_class_can_be_named(answered: Any, desk: Any) -> None:
    answered.get_by_label("Another class").fill("  Shipping ")
    answered.get_by_role("button", name="This is right", exact=True).click()
    receipt(answered)
    assert desk.asked(PATH)[0]["label"] == "Shipping"


def test_a_nameless_class_is_not_sent(answered: Any, desk: Any) -> None:
    answered.get_by_role("button", name="This is right", exact=True).click()
    assert "Name the class first." in answered.locator(".other").inner_text()
    assert not desk.asked(PATH)


@pytest.mark.parametrize("by", ["click", "Enter"])
def test_a_correction_is_taken_back(answered: Any, desk: Any, by: str) -> None:
    answered.locator(".yes").nth(1).click()
    undo = receipt(answered).get_by_role("button", name="Undo")
    undo.click() if by == "click" else undo.press(by)
    assert "Taken back." in receipt(answered, "undone").inner_text()
    assert not desk.corrections
    # And another may be sent, under a key of its own.
    answered.locator(".yes").nth(0).click()
    receipt(answered)
    assert len(set(desk.heard(PATH, "Idempotency-Key"))) == 2


def test_a_correction_can_be_taken_back_after_other_texts(answered: Any, desk: Any) -> None:
    answered.locator(".yes").nth(1).click()
    receipt(answered)
    answered.get_by_label("Headline", exact=True).fill("Mayor")
    answered.keyboard.press("Control+Enter")
    answered.locator(".card .receipt").wait_for(state="detached")
    answered.locator("#sent").get_by_role("button", name="Undo").click()
    answered.locator("#sent .receipt[data-state=undone]").wait_for()
    assert not desk.corrections


def test_a_correction_that_fails_is_kept_and_tried_again_under_the_same_key(
    answered: Any, desk: Any
) -> None:
    desk.fail(PATH, 503, times=2, retry_after="1")
    answered.locator(".yes").nth(1).click()
    for _ in range(2):
        failed = receipt(answered, "failed")
        assert "Not stored yet" in failed.inner_text()
        assert "It broke. Wait a bit." in failed.inner_text()
        failed.get_by_role("button", name="Try again").click()
    receipt(answered)
    assert len(desk.corrections) == 1
    keys = desk.heard(PATH, "Idempotency-Key")
    assert len(keys) == 3
    assert len(set(keys)) == 1


def test_an_undo_that_fails_can_be_tried_again(answered: Any, desk: Any) -> None:
    answered.locator(".yes").nth(1).click()
    receipt(answered)
    desk.fail(f"{PATH}/{desk.corrections[0]['id']}", 503)
    receipt(answered).get_by_role("button", name="Undo").click()
    answered.locator(".card .why").wait_for()
    receipt(answered).get_by_role("button", name="Undo").click()
    receipt(answered, "undone")


def test_two_corrections_of_one_answer_are_not_sent(answered: Any, desk: Any) -> None:
    answered.locator(".yes").nth(1).dblclick()
    receipt(answered)
    assert answered.locator(".yes").nth(0).is_disabled()
    assert len(desk.corrections) == 1


def test_focus_stays_with_the_correction(answered: Any) -> None:
    answered.locator(".yes").nth(1).press("Enter")
    receipt(answered)
    assert answered.evaluate("document.activeElement.textContent") == "Undo"


def test_a_server_that_takes_no_corrections_is_asked_for_none(open_page: OPEN, desk: Any) -> None:
    desk.about["feedback"] = False
    page = open_page()
    page.get_by_label("Headline", exact=True).fill("Ferry")
    page.keyboard.press("Control+Enter")
    page.locator(".card").wait_for()
    assert page.get_by_text("This is right").count() == 0
    assert not page.get_by_role("link", name="Review").is_visible()


def test_keys_are_made_where_the_browser_offers_no_uuids(run_module: Callable[..., Any]) -> None:
    key = run_module(
        "feedback.js",
        "(crypto.randomUUID = undefined, [m.freshKey(), delete crypto.randomUUID][0])",
    )
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", key)
