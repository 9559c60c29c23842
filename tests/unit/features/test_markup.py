from __future__ import annotations

import pytest

from newsdesk.features.alignment import replace
from newsdesk.features.markup import markup


def shown(text: str) -> str:
    return replace(text, markup(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>one</p><p>two</p>three<br/>four", " one  two three four"),
        ("<b>bold</b>ly <A HREF='x'>linked</A>", "boldly linked"),
        ('<img alt="5 > 3 <b>" src=x>after', " after"),
        ("<a title='it''s'>x</a>", "x"),
        ('<a href="never closed>x</a> y', "x y"),
        ("a <!-- <b> & --> b<!---->c", "a  bc"),
        ("<!DOCTYPE html><?xml version='1'?>x", "x"),
        ("<script>if (a<b && c) {}</script >x<STYLE>p{}</style>y", " x y"),
        ("<script>one <script>two", " one  two"),
        ("<![CDATA[<p>one</p>]]> two ]]>", " one  two ]]>"),
        ("<o:p>word</o:p> <my-tag x=y>z", " word   z"),
    ],
)
def test_markup_is_left_out(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a < b and c > d",
        "I <3 this </3",
        "AT&T, Q&A, R & D, &copy 2018, &bogus; &#; &#x; &",
        "<Enter> <your name> <user@example.org> <http://example.org>",
        "x <b",
        "x <a lot of words",
        "<!-- never closed",
        "<",
        "]]>",
        "<a b <i c",
    ],
)
def test_what_is_no_markup_stays(text: str) -> None:
    assert shown(text) == text


def test_a_tag_that_the_end_of_the_text_cuts_is_left_out() -> None:
    assert shown('Read <a href="http://example.org/a') == "Read "
    assert shown("Read <img src=x") == "Read  "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AT&amp;T &lt;b&gt; &copy; &eacute;", "AT&T <b> © é"),
        ("&#39;&#8217;&#x2019;&#X41;", "'’’A"),
        ("&NotEqualTilde;", "≂̸"),
        ("&nbsp;", "\u00a0"),
        ("&#0;&#xD800;&#x110000;", "\ufffd\ufffd\ufffd"),
        ("&#150;", "–"),
    ],
)
def test_entities_become_their_characters(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_what_an_entity_spells_is_text() -> None:
    assert shown("&amp;amp; &lt;p&gt;") == "&amp; <p>"


@pytest.mark.parametrize(
    "unit", ["<", "<a ", '<a b="', "<a b='\" ", "<!--", "<script>", "<style>", "&amp", "<![CDATA["]
)
@pytest.mark.parametrize("end", ["", ">", '"', "'>", "=x"])
def test_no_text_takes_more_than_linear_time(unit: str, end: str) -> None:
    # A quadratic reading would take minutes here.
    text = unit * 50_000 + end
    assert len(shown(text)) <= len(text)
