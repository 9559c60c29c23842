"""One text: typed, classified, read with the weight of its words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api").expect
OPEN = Callable[..., Any]


def ask(page: Any, headline: str, description: str = "") -> None:
    """Type a text and classify it by the keyboard."""
    page.get_by_label("Headline", exact=True).fill(headline)
    page.get_by_label("Description", exact=True).fill(description)
    page.keyboard.press("Control+Enter")
    page.locator(".card").wait_for()


def shown(page: Any) -> list[list[str]]:
    """Label and percentage of each listed class."""
    rows = page.locator(".classes > li").all()
    return [[row.locator(".name bdi").inner_text(), row.locator(".n").inner_text()] for row in rows]


@pytest.mark.parametrize("chord", ["Control+Enter", "Meta+Enter"])
def test_a_text_is_classified_by_the_keyboard(open_page: OPEN, desk: Any, chord: str) -> None:
    page = open_page()
    page.get_by_label("Headline", exact=True).fill("Ferry in the harbour")
    page.keyboard.press(chord)
    page.locator(".verdict").wait_for()
    assert page.locator(".verdict bdi").inner_text() == "Travel"
    [body] = desk.asked("/api/v1/predict")
    assert body["documents"] == [{"headline": "Ferry in the harbour", "description": ""}]
    assert body["explain"] == "all"


def test_a_text_is_classified_by_the_button(open_page: OPEN) -> None:
    page = open_page()
    page.get_by_label("Description", exact=True).fill("Ferry in the harbour")
    page.get_by_role("button", name="Classify", exact=True).click()
    page.locator(".verdict").wait_for()
    assert page.locator(".verdict bdi").inner_text() == "Travel"
    expect(page.locator("#said")).to_contain_text("Travel")


def test_enter_alone_makes_a_new_line(open_page: OPEN, desk: Any) -> None:
    page = open_page()
    page.get_by_label("Description", exact=True).press_sequentially("a\nb")
    assert page.get_by_label("Description", exact=True).input_value() == "a\nb"
    assert not desk.asked("/api/v1/predict")


def test_three_classes_are_shown_and_then_all(open_page: OPEN) -> None:
    page = open_page()
    ask(page, "Ferry in the harbour")
    assert len(shown(page)) == 3
    page.get_by_role("button", name="Show all 12 classes").press("Enter")
    page.get_by_text("All 12 classes.").wait_for()
    assert len(shown(page)) == 12
    # Who went on by keyboard stands at the first class that is new.
    assert page.evaluate(
        "document.activeElement.closest('li') === document.querySelectorAll('.classes > li')[3]"
    )


@pytest.mark.parametrize(
    ("locale", "written"), [("en-US", "82.4%"), ("de-DE", "82,4\N{NO-BREAK SPACE}%")]
)
def test_percentages_are_written_in_the_language_of_the_reader(
    open_page: OPEN, desk: Any, locale: str, written: str
) -> None:
    desk.change = lambda result: (
        result | {"labels": [{"label": "Travel", "score": 0.8243}, {"label": "Food", "score": 0.1}]}
    )
    page = open_page(locale=locale)
    ask(page, "Ferry")
    assert shown(page)[0] == ["Travel", written]


@pytest.mark.parametrize(
    ("score", "written"), [(0.99996, ">99.9%"), (1.0, "100.0%"), (0.00001, "<0.1%"), (0.0, "0.0%")]
)
def test_what_is_nearly_sure_is_not_said_to_be_sure(
    run_module: Callable[..., Any], score: float, written: str
) -> None:
    assert run_module("words.js", "m.percent(a)", score) == written


def test_bars_are_as_long_as_the_probabilities(open_page: OPEN, desk: Any) -> None:
    desk.change = lambda result: (
        result | {"labels": [{"label": "Travel", "score": 0.75}, {"label": "Food", "score": 0.25}]}
    )
    page = open_page()
    ask(page, "Ferry")
    shares = page.locator(".classes .bar").evaluate_all(
        "all => all.map(bar => bar.firstChild.offsetWidth / bar.offsetWidth)"
    )
    assert shares == pytest.approx([0.75, 0.25], abs=0.02)


def test_words_are_marked_for_the_class_under_the_pointer_or_the_focus(open_page: OPEN) -> None:
    page = open_page()
    ask(page, "Mayor takes the ferry")
    head = page.locator(".reading h4")
    names = [label for label, _ in shown(page)]
    assert head.inner_text() == f"Words for {names[0]}"
    page.locator(".classes > li").nth(1).hover()
    assert head.inner_text() == f"Words for {names[1]}"
    page.locator(".classes .name").nth(2).focus()
    assert head.inner_text() == f"Words for {names[2]}"
    pressed = page.locator(".classes .name").evaluate_all("all => all.map(one => one.ariaPressed)")
    assert pressed == ["false", "false", "true"]


def test_the_same_word_speaks_for_one_class_and_against_another(open_page: OPEN) -> None:
    page = open_page()
    ask(page, "The mayor and the ferry and the mayor")
    kind = {}
    for row in page.locator(".classes > li").all():
        row.locator(".name").focus()
        words = page.locator(".read mark").all()
        kind[row.locator(".name bdi").inner_text()] = {
            word.inner_text(): word.get_attribute("class").split() for word in words
        }
    assert kind["Politics"]["mayor"] == ["for", "w4"]
    assert kind["Travel"]["ferry"] == ["for", "w4"]
    assert kind["Travel"].get("mayor") != ["for", "w4"]


def test_a_word_that_hardly_weighs_for_a_class_does_not_look_heavy_there(open_page: OPEN) -> None:
    page = open_page()
    ask(page, "The mayor arrived yesterday")
    page.locator(".classes .name").nth(1).focus()
    kinds = page.locator(".read mark").evaluate_all("all => all.map(one => one.className)")
    assert kinds
    assert all(kind.endswith("w1") for kind in kinds)


def test_marks_differ_in_more_than_colour(open_page: OPEN) -> None:
    page = open_page()
    ask(page, "x")
    styles = page.evaluate(
        """() => ["for w4", "for w1", "against w4"].map(kind => {
          const mark = document.createElement("mark");
          mark.className = kind;
          document.querySelector(".read").append(mark);
          const style = getComputedStyle(mark);
          return [style.textDecorationLine, style.textDecorationStyle,
                  style.textDecorationThickness, style.fontWeight];
        })"""
    )
    assert styles == [
        ["underline", "solid", "4px", "600"],
        ["underline", "solid", "1px", "400"],
        ["underline", "dotted", "4px", "600"],
    ]


def test_the_heaviest_words_are_also_a_list_with_signs(open_page: OPEN) -> None:
    page = open_page()
    ask(page, "Mayor sworn in, council meets the mayor")
    rows = page.locator(".heaviest").all_inner_texts()
    # Both times that the mayor is named count.
    assert (
        rows[0]
        .replace("\xa0", " ")
        .startswith("Heaviest for it: Mayor +4.40, council +1.60, sworn +1.10")
    )


@pytest.mark.parametrize(
    ("explains", "said"),
    [("exact", "exact"), ("occlusion", "occlusion"), (None, "does not say which words")],
)
def test_the_page_says_how_weights_were_found(
    open_page: OPEN, desk: Any, explains: str | None, said: str
) -> None:
    desk.models[0]["explains"] = explains
    page = open_page()
    ask(page, "Mayor sworn in")
    assert said in page.locator(".method").inner_text()
    assert desk.asked("/api/v1/predict")[0]["explain"] == ("all" if explains else False)
    assert page.locator(".read mark").count() == (2 if explains else 0)


def test_a_sample_is_filled_in_classified_and_judged_right(open_page: OPEN, desk: Any) -> None:
    page = open_page()
    page.get_by_role("button", name="Random headline").click()
    page.locator(".card").wait_for()
    written = page.get_by_label("Headline", exact=True).input_value()
    assert written == desk.sample["fields"]["headline"]
    assert page.locator(".truth").inner_text() == "✓ Right — the sample’s label is Politics."
    assert page.locator(".classes .badge").inner_text() == "true label"


def test_a_sample_is_judged_wrong_in_words(open_page: OPEN, desk: Any) -> None:
    desk.sample = desk.sample | {"label": "Gardening"}
    page = open_page()
    page.get_by_role("button", name="Random headline").press("Enter")
    page.locator(".card").wait_for()
    assert page.locator(".truth").inner_text() == "✗ Wrong — the sample’s label is Gardening."


def test_a_changed_sample_has_no_true_label(open_page: OPEN) -> None:
    page = open_page()
    page.get_by_role("button", name="Random headline").click()
    page.locator(".truth").wait_for()
    page.get_by_label("Headline", exact=True).fill("Ferry")
    assert page.locator("#stale").is_visible()
    page.keyboard.press("Control+Enter")
    page.locator(".truth").wait_for(state="detached")
    assert not page.locator("#stale").is_visible()


def test_a_server_without_samples_offers_none(open_page: OPEN, desk: Any) -> None:
    desk.about["samples"] = False
    page = open_page()
    assert not page.get_by_role("button", name="Random headline").is_visible()


def test_a_model_that_abstains_is_not_sure_and_still_guesses(open_page: OPEN) -> None:
    page = open_page()
    ask(page, "shrug")
    assert page.locator(".verdict").inner_text() == "Not sure"
    assert "every class is below 30.0%" in page.locator(".card .note").inner_text()
    assert len(shown(page)) == 3
    assert page.locator(".card.unsure").count() == 1


def test_nothing_known_is_said(open_page: OPEN) -> None:
    page = open_page()
    ask(page, "qq zz")
    assert "Nothing known in this text" in page.locator(".card .note").inner_text()
    assert "No word weighs" in page.locator(".reading").inner_text()


def test_an_empty_text_is_not_sent(open_page: OPEN, desk: Any) -> None:
    page = open_page()
    page.get_by_role("button", name="Classify", exact=True).click()
    assert "nothing to classify" in page.locator("#fault").inner_text()
    assert page.evaluate("document.activeElement.name") == "headline"
    assert not desk.asked("/api/v1/predict")


def test_clear_empties_the_text_and_the_answer(open_page: OPEN) -> None:
    page = open_page()
    ask(page, "Ferry")
    page.get_by_role("button", name="Clear", exact=True).click()
    assert page.get_by_label("Headline", exact=True).input_value() == ""
    assert page.locator(".card").count() == 0
    assert page.evaluate("document.activeElement.name") == "headline"


def test_a_refusal_is_shown_in_two_lines_and_tried_again(open_page: OPEN, desk: Any) -> None:
    page = open_page()
    desk.fail("/api/v1/predict", 503)
    page.get_by_label("Headline", exact=True).fill("Ferry")
    page.keyboard.press("Control+Enter")
    page.locator("#fault .fault").wait_for()
    assert page.locator("#fault p").all_inner_texts()[:2] == ["It broke.", "Wait a bit."]
    page.locator("#fault").get_by_role("button", name="Try again").press("Enter")
    page.locator(".card").wait_for()
    assert page.locator("#fault .fault").count() == 0


def test_an_answer_that_is_no_answer_is_said(open_page: OPEN) -> None:
    page = open_page()
    page.evaluate("() => { window.fetch = async () => new Response('<h1>Log in</h1>'); }")
    page.get_by_label("Headline", exact=True).fill("Ferry")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#fault .fault")).to_contain_text("cannot be read")


def test_a_server_that_is_gone_is_said(open_page: OPEN) -> None:
    page = open_page()
    page.evaluate("() => { window.fetch = async () => { throw new TypeError('gone'); }; }")
    page.get_by_label("Headline", exact=True).fill("Ferry")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#fault .fault")).to_contain_text("The server cannot be reached.")


def test_on_a_narrow_screen_the_answer_comes_into_sight(open_page: OPEN) -> None:
    page = open_page(viewport={"width": 320, "height": 480})
    ask(page, "Ferry")
    expect(page.locator(".verdict")).to_be_in_viewport()


def test_a_page_that_found_no_server_tries_again(open_page: OPEN, desk: Any) -> None:
    desk.fail("/api/v1/models", 503)
    page = open_page(ready=False)
    page.get_by_role("button", name="Try again").click()
    page.get_by_label("Choose a file").wait_for()


def test_an_overtaken_answer_is_not_shown(open_page: OPEN, desk: Any) -> None:
    page = open_page()
    desk.gate.clear()
    page.get_by_label("Headline", exact=True).fill("Ferry")
    page.keyboard.press("Control+Enter")
    page.get_by_label("Headline", exact=True).fill("Mayor")
    page.keyboard.press("Control+Enter")
    desk.gate.set()
    page.locator(".card").wait_for()
    page.wait_for_timeout(200)
    assert page.locator(".verdict bdi").inner_text() == "Politics"
    assert page.locator(".card").count() == 1
