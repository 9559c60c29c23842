from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.features.alignment import align
from newsdesk.features.tokens import normal_form


def covered(text: str, word: str) -> str:
    """Raw text under the first occurrence of a word of the normal form."""
    starts, ends = align(text)
    at = normal_form(text).index(word)
    return text[starts[at] : ends[at + len(word) - 1]]


@pytest.mark.parametrize(
    ("text", "word", "raw"),
    [
        ("Plain ASCII text", "ascii", "ASCII"),
        ("Die Straße dort", "strasse", "Straße"),
        ("in İstanbul now", "i\u0307stanbul", "İstanbul"),
        ("the Cafe\u0301 opens", "café", "Cafe\u0301"),
        ("after café — then", "then", "then"),
        ("ﬁve ﬀ five", "five", "ﬁve"),
        (
            "say \u1112\u1161\u11ab\u1100\u1173\u11af now",
            "한글",
            "\u1112\u1161\u11ab\u1100\u1173\u11af",
        ),
        ("한글 now", "now", "now"),
        ("ᾳ first", "αι", "ᾳ"),
        ("\u0301\u0301 odd start", "odd", "odd"),
    ],
)
def test_a_word_of_the_normal_form_lies_on_its_raw_word(text: str, word: str, raw: str) -> None:
    assert covered(text, word) == raw


@given(
    st.text(st.characters(codec="utf-8")) | st.text("aΣßİǰ \u0301\u0323\u0345ᾳ\u1100\u1161\u11a8각")
)
def test_every_character_of_the_normal_form_has_a_place_in_the_text(text: str) -> None:
    starts, ends = align(text)
    assert len(starts) == len(ends) == len(normal_form(text))
    assert all(0 <= start < end <= len(text) for start, end in zip(starts, ends, strict=True))
    assert starts == sorted(starts)
    assert ends == sorted(ends)
