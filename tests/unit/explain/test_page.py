from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from newsdesk.bundle import Explanation
from newsdesk.explain.page import fragment, page
from newsdesk.types import Span

ATTACKS = st.sampled_from(["<script>x()</script>", '"><img onerror=x>', "</mark>", "&lt;", "'"])
TEXTS = st.lists(st.one_of(ATTACKS, st.text(st.characters(exclude_categories=["Cs"])))).map("".join)


class Outline(HTMLParser):
    """Elements, attribute names and text of a fragment."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def outline(html: str) -> Outline:
    parser = Outline()
    parser.feed(html)
    parser.close()
    return parser


@given(TEXTS, TEXTS, st.data())
def test_row_37_whatever_a_text_or_label_holds_is_text(
    text: str, label: str, data: st.DataObject
) -> None:
    end = data.draw(st.integers(0, len(text)))
    spans = (Span("text", 0, end, 1.0), Span("text", end, len(text), -0.5))
    html = fragment({"text": text}, Explanation(label, 0.5, spans, low_evidence=False))
    found = outline(html)
    assert found.tags <= {"section", "h2", "p", "mark"}
    assert found.attributes <= {"class", "style", "title", "dir"}
    assert text in found.text.replace("\r", "\n") or "\r" in text


def test_words_for_and_against_are_told_apart_without_colour() -> None:
    spans = (Span("text", 0, 4, 1.0), Span("text", 5, 8, -0.5))
    html = fragment({"text": "club bid"}, Explanation("SPORT", 0.5, spans, low_evidence=False))
    assert '<mark class="for" style="--share: 1.000" title="+1.000">club</mark>' in html
    assert '<mark class="against" style="--share: 0.500" title="-0.500">bid</mark>' in html


def test_page_loads_nothing_and_runs_nothing() -> None:
    explanation = Explanation("A & B", 0.5, (), low_evidence=True)
    html = page([({"headline": "one"}, explanation), ({"headline": "two"}, explanation)])
    found = outline(html)
    assert not found.tags & {"script", "link", "img", "iframe"}
    assert "default-src 'none'" in html
    assert html.count("<section") == 2
    assert "A & B: 50.0 % (nothing in the text is known)" in found.text
