from __future__ import annotations

from rich.console import Console

from newsdesk.explain.pieces import Share
from newsdesk.explain.terminal import contributions, highlight
from newsdesk.types import Span


def test_words_are_green_or_red_by_their_sign_and_plain_when_faint() -> None:
    text = "club bid the"
    spans = [Span("t", 0, 4, 1.0), Span("t", 5, 8, -0.3), Span("t", 9, 12, 0.001)]
    found = highlight(text, spans)
    assert found.plain == text
    styles = {text[span.start : span.end]: str(span.style) for span in found.spans}
    assert "green" in styles["club"]
    assert "red" in styles["bid"]
    assert "the" not in styles


def test_markup_in_a_text_is_text() -> None:
    assert highlight("[red]club[/red]", []).plain == "[red]club[/red]"


def test_bars_are_as_long_as_the_weights_are_large() -> None:
    console = Console(width=80, force_terminal=False)
    words = [Share("[club]", 2, 1.0), Share("bid", 1, -0.5), Share("the", 1, 0.0001)]
    with console.capture() as captured:
        console.print(contributions(words, width=10))
    lines = captured.get().splitlines()
    assert [line.count("█") for line in lines] == [10, 5, 1]
    assert lines[0].split()[0] == "+1.000"
    assert "[club] ×2" in lines[0]


def test_no_word_is_an_empty_list() -> None:
    assert contributions([]).row_count == 0
