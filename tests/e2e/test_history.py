"""The history of this browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api").expect
OPEN = Callable[..., Any]


def ask(page: Any, headline: str) -> None:
    page.get_by_label("Headline", exact=True).fill(headline)
    page.keyboard.press("Control+Enter")
    page.locator(".past li").filter(has_text=headline).wait_for()


@pytest.mark.parametrize("by", ["click", "Enter"])
def test_a_text_comes_back_after_the_page_was_left(open_page: OPEN, by: str) -> None:
    page = open_page()
    ask(page, "Ferry")
    ask(page, "Mayor")
    page.reload()
    entries = page.locator(".past button")
    entries.first.wait_for()
    assert [text.split("\n")[0] for text in entries.all_inner_texts()] == ["Mayor", "Ferry"]
    entries.nth(1).click() if by == "click" else entries.nth(1).press(by)
    page.locator(".card").wait_for()
    assert page.get_by_label("Headline", exact=True).input_value() == "Ferry"
    assert page.locator(".verdict bdi").inner_text() == "Travel"


def test_who_goes_back_in_history_sees_the_answer_and_keeps_the_place(open_page: OPEN) -> None:
    page = open_page(viewport={"width": 360, "height": 700})
    ask(page, "Ferry")
    ask(page, "Mayor")
    page.locator(".past button").nth(1).press("Enter")
    expect(page.locator(".verdict")).to_contain_text("Travel")
    expect(page.locator(".verdict")).to_be_in_viewport()
    assert page.evaluate("document.activeElement.textContent").startswith("Ferry")


def test_what_is_asked_before_the_models_are_known_is_answered_then(
    open_page: OPEN, desk: Any
) -> None:
    page = open_page()
    ask(page, "Ferry")
    desk.gate.clear()
    page.reload()
    page.locator(".past button").click()
    desk.gate.set()
    expect(page.locator(".verdict")).to_contain_text("Travel")
    assert page.get_by_label("Headline", exact=True).input_value() == "Ferry"


def test_the_history_is_cleared(open_page: OPEN) -> None:
    page = open_page()
    ask(page, "Ferry")
    page.get_by_role("button", name="Clear the history").press("Enter")
    assert page.locator("#past").inner_text() == "Nothing yet."
    assert page.evaluate("localStorage.length") == 0


def test_the_same_text_is_kept_once(open_page: OPEN) -> None:
    page = open_page()
    ask(page, "Ferry")
    ask(page, "Mayor")
    ask(page, "Ferry")
    expect(page.locator(".past li").first).to_contain_text("Ferry")
    assert page.locator(".past li").count() == 2


def test_the_history_is_bounded_in_number_and_size(run_module: Callable[..., Any]) -> None:
    small = [{"fields": {"text": str(n)}} for n in range(80)]
    assert run_module("history.js", "m.bounded(a)", small) == small[:50]
    large = [{"fields": {"text": "x" * 90_000}} for _ in range(5)]
    assert run_module("history.js", "m.bounded(a).length", [*large, *small]) == 50 - 5 + 2


@pytest.mark.parametrize(
    "kept",
    ["not json", "null", "{}", json.dumps([1, None, {"label": 3}, {"fields": {"a": 1}}])],
)
def test_a_spoilt_history_is_an_empty_one(open_page: OPEN, kept: str) -> None:
    page = open_page(before=f"localStorage.setItem('newsdesk.history', {json.dumps(kept)})")
    assert page.locator("#past").inner_text() == "Nothing yet."
    ask(page, "Ferry")


def test_a_browser_that_forbids_storage_is_served_all_the_same(open_page: OPEN, desk: Any) -> None:
    desk.about["needs_key"] = True
    forbid = """for (const name of ["getItem", "setItem", "removeItem"])
      Storage.prototype[name] = () => { throw new DOMException("no", "SecurityError"); };"""
    page = open_page(ready=False, before=forbid)
    page.get_by_label("Key", exact=True).fill("open sesame")
    page.keyboard.press("Enter")
    ask(page, "Ferry")
    assert page.locator(".past li").count() == 1
