"""What the page looks like, and whether everybody can use it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api").expect
OPEN = Callable[..., Any]

SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
WIDTHS = pytest.mark.parametrize("width", [1280, 360])


def busy(open_page: OPEN, desk: Any, **settings: Any) -> Any:
    """A page on which everything is shown that can be."""
    desk.models += [desk.models[0] | {"name": "rival", "explains": "occlusion"}]
    page = open_page(**settings)
    page.get_by_role("button", name="Random headline").click()
    page.locator(".card").wait_for()
    page.locator(".yes").nth(1).click()
    page.locator(".card .receipt[data-state=stored]").wait_for()
    rows = "headline,description\n" + "Ferry in the harbour,cabins\nMayor,council\n" * 5
    file = {"name": "news.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.get_by_label("Choose a file").set_input_files(file)
    page.get_by_role("button", name="Classify 10 rows").click()
    page.locator(".done").wait_for()
    return page


def unlock(page: Any) -> Any:
    page.get_by_label("Key", exact=True).fill("boss")
    page.keyboard.press("Enter")
    page.locator("[data-id]").first.wait_for()
    return page


@pytest.mark.slow
@SCHEMES
@WIDTHS
def test_pictures_are_taken(
    open_page: OPEN, desk: Any, tmp_path: Path, width: int, scheme: str
) -> None:
    settings = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    page = busy(open_page, desk, **settings)
    page.screenshot(path=tmp_path / "one.png", full_page=True)
    page.get_by_label("Compare side by side").check()
    page.locator(".columns").wait_for()
    page.screenshot(path=tmp_path / "compare.png", full_page=True)
    review = unlock(open_page("/review", **settings))
    review.screenshot(path=tmp_path / "review.png", full_page=True)
    assert all(path.stat().st_size > 10_000 for path in tmp_path.glob("*.png"))
    # The paper is light or dark as the reader's system is.
    red = page.evaluate("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")
    assert (red > 200) == (scheme == "light")


@pytest.mark.slow
@SCHEMES
@WIDTHS
def test_axe_finds_nothing_serious(
    open_page: OPEN, desk: Any, find_faults: Callable[[Any], list[str]], width: int, scheme: str
) -> None:
    settings = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    page = open_page(**settings)
    assert not find_faults(page)
    page = busy(open_page, desk, **settings)
    assert not find_faults(page)
    page.get_by_label("Compare side by side").check()
    page.locator(".columns").wait_for()
    assert not find_faults(page)
    page.get_by_label("Compare side by side").uncheck()
    page.get_by_label("Headline", exact=True).fill("shrug")
    page.get_by_label("Description", exact=True).fill("")
    page.keyboard.press("Control+Enter")
    page.locator(".unsure").wait_for()
    desk.fail("/api/v1/predict", 503)
    page.keyboard.press("Control+Enter")
    page.locator("#fault .fault").wait_for()
    assert not find_faults(page)


@SCHEMES
def test_axe_finds_nothing_serious_in_the_review(
    open_page: OPEN, desk: Any, find_faults: Callable[[Any], list[str]], scheme: str
) -> None:
    predicted = {"label": "Food", "score": 0.4}
    desk.store(fields={"text": "x"}, label="Food", comment="Why not", predicted=predicted)
    page = open_page("/review", color_scheme=scheme)
    page.get_by_label("Key", exact=True).wait_for()
    assert not find_faults(page)
    unlock(page)
    assert not find_faults(page)


@pytest.mark.parametrize("width", [320, 360, 768, 1024, 1920])
def test_no_width_needs_sideways_scrolling(open_page: OPEN, desk: Any, width: int) -> None:
    desk.models[0]["labels"] = [
        "Donaudampfschifffahrtsgesellschaftskapitaensmuetze",
        *desk.models[0]["labels"],
    ]
    desk.sample["fields"]["headline"] += " " + "x" * 200
    page = busy(open_page, desk, viewport={"width": width, "height": 800})
    page.get_by_role("button", name="Show all").click()
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(fits)
    page.get_by_label("Compare side by side").check()
    page.locator(".columns").wait_for()
    assert page.evaluate(fits)
    desk.store(fields={"text": "x" * 300}, label="y" * 100)
    review = unlock(open_page("/review", viewport={"width": width, "height": 800}))
    assert review.evaluate(fits)


def test_everything_is_reached_by_tab_with_focus_to_be_seen(open_page: OPEN, desk: Any) -> None:
    page = busy(open_page, desk)
    page.evaluate("document.body.tabIndex = -1; document.body.focus(); window.scrollTo(0, 0)")
    page.keyboard.press("Tab")
    seen = []
    for _ in range(80):
        here = page.evaluate(
            """() => { const one = document.activeElement;
              if (one === document.body) return null;
              const style = getComputedStyle(one);
              return [one.ariaLabel ?? one.innerText ?? "", one.name ?? "", style.outlineStyle];
            }"""
        )
        if here is None:
            break
        seen.append(here)
        page.keyboard.press("Tab")
    names = [name.split("\n")[0] for name, _, _ in seen] + [name for _, name, _ in seen]
    assert seen[0][0] == "Skip to the text"
    for wanted in (
        *("One text", "headline", "Classify", "Random headline", "Clear", "model", "Politics"),
        *("Undo", "Classify 10 rows", "Download CSV", "Clear the history", "The first answers"),
    ):
        assert wanted in names, wanted
    assert all(outline != "none" for _, _, outline in seen)


def test_the_skip_link_leads_to_the_text(open_page: OPEN) -> None:
    page = open_page()
    page.locator("body").press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "headline"


def test_news_is_told_to_those_who_listen(open_page: OPEN, desk: Any) -> None:
    page = busy(open_page, desk)
    live = page.locator("#said")
    assert live.get_attribute("role") == "status"
    expect(live).to_have_text("Done. 10 of 10 rows classified.")
    page.keyboard.press("Control+Home")
    page.get_by_label("Headline", exact=True).press("Control+Enter")
    expect(live).to_contain_text("Politics")
    assert page.locator("#fault").get_attribute("role") == "status"
