"""Keys: asked for once, kept for this tab, asked again when refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

OPEN = Callable[..., Any]


@pytest.fixture
def locked(open_page: OPEN, desk: Any) -> Any:
    """A page whose server wants a key."""
    desk.about["needs_key"] = True
    return open_page(ready=False)


def enter(page: Any, key: str) -> None:
    page.get_by_label("Key", exact=True).fill(key)
    page.keyboard.press("Enter")


def test_a_key_is_asked_for_once_and_sent(locked: Any, desk: Any) -> None:
    enter(locked, "open sesame")
    locked.get_by_label("Headline", exact=True).fill("Ferry")
    locked.keyboard.press("Control+Enter")
    locked.locator(".card").wait_for()
    assert desk.heard("/api/v1/predict", "Authorization") == ["Bearer open sesame"]
    locked.reload()
    locked.get_by_label("Choose a file").wait_for()
    assert locked.locator("dialog").count() == 0


def test_the_key_is_neither_shown_nor_remembered_by_the_browser(locked: Any) -> None:
    field = locked.get_by_label("Key", exact=True)
    field.wait_for()
    assert field.get_attribute("type") == "password"
    assert field.get_attribute("autocomplete") == "off"
    enter(locked, "open sesame")
    locked.get_by_label("Choose a file").wait_for()
    assert locked.evaluate("sessionStorage.getItem('newsdesk.key')") == "open sesame"
    assert locked.evaluate("JSON.stringify(localStorage) + document.cookie") == "{}"
    assert "sesame" not in locked.content()


def test_a_refused_key_is_asked_for_again(locked: Any) -> None:
    enter(locked, "wrong")
    locked.get_by_text("The server refused that key.").wait_for()
    locked.get_by_label("Key", exact=True).fill("open sesame")
    locked.get_by_role("button", name="Use this key").click()
    locked.get_by_label("Choose a file").wait_for()


def test_a_key_that_was_withdrawn_is_asked_for_in_the_middle_of_the_work(
    locked: Any, desk: Any
) -> None:
    enter(locked, "open sesame")
    locked.get_by_label("Choose a file").wait_for()
    desk.keys["key"] = "new"
    locked.get_by_label("Headline", exact=True).fill("Ferry")
    locked.keyboard.press("Control+Enter")
    enter(locked, "new")
    locked.locator(".card").wait_for()


def test_several_requests_ask_for_one_key(locked: Any, desk: Any) -> None:
    desk.models += [desk.models[0] | {"name": "rival"}]
    enter(locked, "open sesame")
    locked.get_by_label("Compare side by side").check()
    desk.keys["key"] = "new"
    locked.get_by_label("Headline", exact=True).fill("Ferry")
    locked.keyboard.press("Control+Enter")
    locked.get_by_label("Key", exact=True).wait_for()
    locked.wait_for_timeout(300)
    assert locked.locator("dialog").count() == 1
    enter(locked, "new")
    locked.locator(".columns").wait_for()
    assert locked.locator(".verdict").count() == 2


@pytest.mark.parametrize("by", ["Escape", "button"])
def test_who_gives_no_key_is_told_why_nothing_works(locked: Any, by: str) -> None:
    locked.get_by_label("Key", exact=True).wait_for()
    if by == "Escape":
        locked.keyboard.press("Escape")
    else:
        locked.get_by_role("button", name="Not now").click()
    locked.locator("#fault .fault").wait_for()
    assert locked.locator("#fault p").all_inner_texts()[:2] == ["A key is needed.", "Send one."]
    locked.get_by_role("button", name="Try again").click()
    enter(locked, "open sesame")
    locked.get_by_label("Choose a file").wait_for()
