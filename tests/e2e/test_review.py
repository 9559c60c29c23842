"""The page on which corrections are accepted or rejected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api").expect
OPEN = Callable[..., Any]


@pytest.fixture
def reviewing(open_page: OPEN, desk: Any) -> Any:
    """The page, unlocked, with three corrections that wait."""
    for n in range(3):
        desk.store(
            fields={"headline": f"Text {n}", "description": "More"},
            predicted={"label": "Travel", "score": 0.4321},
            label="Food" if n == 2 else "Crime",
            comment="Because" if n == 0 else None,
        )
    page = open_page("/review")
    page.get_by_label("Key", exact=True).fill("boss")
    page.keyboard.press("Enter")
    page.locator("[data-id]").first.wait_for()
    return page


def statuses(desk: Any) -> list[str]:
    return [entry["status"] for entry in desk.corrections]


def settled(page: Any, status: str, n: int = 1) -> None:
    expect(page.locator(f"[data-status={status}]")).to_have_count(n)


def test_a_correction_is_shown_with_all_that_is_known(reviewing: Any) -> None:
    text = reviewing.locator("[data-id]").first.inner_text()
    for part in ("Text 0", "More", "Travel 43.2%", "Crime", "Because", "headlines", "2026"):
        assert part in text
    assert reviewing.locator("#counts").inner_text() == "3 waiting · 0 accepted · 0 rejected"


def test_the_management_key_is_kept_apart(reviewing: Any, desk: Any) -> None:
    assert desk.heard("/api/v1/feedback", "Authorization")[-1] == "Bearer boss"
    assert reviewing.evaluate("sessionStorage.getItem('newsdesk.management')") == "boss"
    assert reviewing.evaluate("sessionStorage.getItem('newsdesk.key')") is None


def test_corrections_are_decided_by_the_mouse(reviewing: Any, desk: Any) -> None:
    reviewing.get_by_role("button", name="Accept").nth(0).click()
    settled(reviewing, "accepted")
    reviewing.locator("[data-id]").nth(1).get_by_role("button", name="Reject").click()
    settled(reviewing, "rejected")
    assert statuses(desk) == ["accepted", "rejected", "waiting"]
    assert reviewing.locator("#counts").inner_text() == "1 waiting · 1 accepted · 1 rejected"
    reviewing.get_by_role("button", name="Back to waiting").first.click()
    settled(reviewing, "waiting", 2)


def test_corrections_are_decided_by_the_keyboard(reviewing: Any, desk: Any) -> None:
    for key in "jjkj":
        reviewing.keyboard.press(key)
    reviewing.keyboard.press("r")
    settled(reviewing, "rejected")
    # The next one has the focus now.
    reviewing.keyboard.press("a")
    settled(reviewing, "accepted")
    assert statuses(desk) == ["waiting", "rejected", "accepted"]


def test_letters_typed_into_the_filter_decide_nothing(reviewing: Any, desk: Any) -> None:
    reviewing.keyboard.press("j")
    reviewing.get_by_label("Corrected to").press_sequentially("arjk")
    assert statuses(desk) == ["waiting"] * 3


def test_corrections_are_filtered(reviewing: Any) -> None:
    reviewing.get_by_label("Corrected to").fill("Food")
    reviewing.keyboard.press("Enter")
    expect(reviewing.locator("[data-id]")).to_have_count(1)
    reviewing.get_by_label("Status").select_option("rejected")
    reviewing.get_by_text("None here.").wait_for()


def test_more_are_loaded_by_cursor(reviewing: Any, desk: Any) -> None:
    for n in range(3, 25):
        desk.store(fields={"text": f"Text {n}"}, label="Food")
    reviewing.get_by_role("button", name="Show", exact=True).click()
    expect(reviewing.locator("[data-id]")).to_have_count(20)
    reviewing.get_by_role("button", name="Load more").press("Enter")
    expect(reviewing.locator("[data-id]")).to_have_count(25)
    assert not reviewing.get_by_role("button", name="Load more").is_visible()
    names = reviewing.locator(".first").all_inner_texts()
    assert names == [f"Text {n}" for n in range(25)]


def test_a_decision_that_fails_is_told_where_it_was_made(reviewing: Any, desk: Any) -> None:
    desk.fail(f"/api/v1/feedback/{desk.corrections[0]['id']}/decision", 503)
    reviewing.get_by_role("button", name="Accept").first.click()
    reviewing.locator("[data-id] .why").wait_for()
    assert reviewing.locator("[data-id]").first.get_attribute("data-status") == "waiting"
    reviewing.get_by_role("button", name="Accept").first.click()
    settled(reviewing, "accepted")
    assert reviewing.locator(".why").count() == 0
