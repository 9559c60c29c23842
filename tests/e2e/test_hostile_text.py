"""Texts that try to be markup, and texts that are hard to count (RELIABILITY rows 37 and 19)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

OPEN = Callable[..., Any]

ATTACKS = [
    "<script>window.hit = 1</script>",
    "<img src=x onerror=window.hit=1>",
    '"><svg onload=window.hit=1>',
    "' onfocus='window.hit=1' autofocus='",
    "</script></mark><b>bold</b>",
    "javascript:window.hit=1",
    "\u2028window.hit = 1\u2029",
    "{{7*7}}${window.hit=1}",
    "<!-- <title>",
    "\u202egnissaP\u202c",
]
INVENTORY = """() => {
  const tags = {};
  for (const node of document.querySelectorAll("*")) {
    for (const { name } of node.attributes) tags[`[${name}]`] = 0;
    tags[node.localName] = 0;
  }
  return Object.keys(tags).sort();
}"""


def inventory(open_page: OPEN, desk: Any, hostile: str) -> tuple[Any, list[str]]:
    """Show a text everywhere where one can stand; list the kinds of elements and attributes."""
    labels = [hostile, "Travel", "Food", "Other"]
    desk.models = [
        desk.models[0] | {"name": hostile, "family": hostile, "labels": labels, "digest": hostile},
        desk.models[0] | {"name": "rival", "labels": labels},
    ]
    span = {"field": "headline", "start": 0, "end": len(hostile), "weight": 1.0}
    span |= {"start_utf16": 0, "end_utf16": len(hostile)}
    desk.change = lambda result: (
        result
        | {
            "abstain": False,
            "labels": [
                {"label": label, "score": 0.3 - n / 10, "highlights": [span]}
                for n, label in enumerate(labels[:3])
            ],
        }
    )
    desk.sample = {
        "id": "1",
        "fields": {"headline": hostile, "description": hostile},
        "label": hostile,
    }
    desk.about["version"] = hostile
    page = open_page()
    page.get_by_role("button", name="Random headline").click()
    page.locator(".card").wait_for()
    page.get_by_label("Compare side by side").check()
    page.locator(".columns").wait_for()
    page.locator(".yes").first.click()
    page.locator(".card .receipt[data-state=stored]").wait_for()
    page.get_by_label("Another class").last.fill(hostile + "!")
    table = json.dumps({"headline": hostile, hostile: hostile})
    file = {"name": f"{hostile.replace('/', '')}.jsonl", "mimeType": "", "buffer": table.encode()}
    page.get_by_label("Choose a file").set_input_files(file)
    page.get_by_role("button", name="Classify 1 row").click()
    page.locator(".done").wait_for()
    page.wait_for_timeout(50)
    return page, page.evaluate(INVENTORY)


@pytest.mark.parametrize("hostile", ATTACKS)
def test_row_37_hostile_text_is_shown_as_text(open_page: OPEN, desk: Any, hostile: str) -> None:
    _, calm = inventory(open_page, desk, "harmless")
    desk.reset()
    page, found = inventory(open_page, desk, hostile)
    assert found == calm
    assert page.evaluate("window.hit") is None
    for place in (".verdict bdi", ".read mark", ".kicker bdi", ".truth .label", ".classes bdi"):
        assert page.locator(place).first.text_content() == hostile
    assert page.locator("datalist option").first.get_attribute("value") == hostile


@pytest.mark.parametrize("hostile", ATTACKS)
def test_row_37_hostile_corrections_are_shown_as_text(
    open_page: OPEN, desk: Any, hostile: str
) -> None:
    desk.store(
        id=hostile, fields={hostile: hostile}, label=hostile, comment=hostile, model=hostile,
        at=hostile, predicted={"label": hostile, "score": 0.5},
    )  # fmt: skip
    page = open_page("/review")
    before = page.evaluate(INVENTORY)
    page.get_by_label("Key", exact=True).fill("boss")
    page.keyboard.press("Enter")
    page.locator("[data-id]").first.wait_for()
    ours = {"li", "bdi", "strong", "span", "[dir]", "[data-id]", "[data-status]", "[data-decision]"}
    assert set(page.evaluate(INVENTORY)) <= {*before, *ours, "[hidden]"}
    assert page.evaluate("window.hit") is None
    for place in (".first", ".change bdi", ".comment", ".change strong"):
        assert page.locator(place).first.text_content() == hostile


def test_row_37_a_fault_of_the_server_is_shown_as_text(open_page: OPEN, desk: Any) -> None:
    page = open_page()
    page.evaluate(
        """() => {
          const body = { error: "<img src=x onerror=window.hit=1>", hint: "<b>do</b>", code: "x" };
          window.fetch = async () => new Response(JSON.stringify(body), { status: 400 });
        }"""
    )
    page.get_by_label("Headline", exact=True).fill("x")
    page.keyboard.press("Control+Enter")
    page.locator("#fault .fault").wait_for()
    lines = page.locator("#fault p").all_text_contents()[:2]
    assert lines == ["<img src=x onerror=window.hit=1>", "<b>do</b>"]
    assert page.locator("#fault img, #fault b").count() == 0


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("👩‍👩‍👧 ferry", "ferry"),
        ("𝔣𝔢𝔯𝔯𝔶 𝒶nd mayor", "mayor"),
        ("cafe\u0301 mayor cafe\u0301", "mayor"),
        ("🏳️‍🌈🇩🇪 ferry 🇩🇪", "ferry"),
        ("שלום ferry", "ferry"),
        ("\u200bmayor\u200b", "mayor"),
        ("a\nb ferry", "ferry"),
    ],
)
def test_row_19_highlights_stand_on_their_words(open_page: OPEN, text: str, word: str) -> None:
    page = open_page()
    page.get_by_label("Headline", exact=True).fill(text)
    page.keyboard.press("Control+Enter")
    page.locator(".card").wait_for()
    assert page.locator(".read mark.w4").text_content() == word
    assert page.locator(".read").first.text_content() == text


def test_row_19_half_a_surrogate_pair_is_sent_as_text(open_page: OPEN, desk: Any) -> None:
    page = open_page()
    page.evaluate("document.querySelector('textarea').value = '\\ud83d ferry'")
    page.get_by_label("Headline", exact=True).press("Control+Enter")
    page.locator(".card").wait_for()
    assert desk.asked("/api/v1/predict")[0]["documents"][0]["headline"] == "\ufffd ferry"
    assert page.locator(".read mark.w4").text_content() == "ferry"
