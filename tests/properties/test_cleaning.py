"""What holds for the text steps on any text: bidi, combining, astral, markup that is none."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsdesk.features.clean import Cleaner
from newsdesk.features.steps import STEPS
from newsdesk.features.tokens import normal_form
from newsdesk.types import Documents, numbered, string_array

MARKUP = st.text("<>/!-&;=#\"' abpx15[]?", max_size=40)
NUMBERS = st.text("0159٣３%$€.,:'’ \u202f\u0301apmstrd人é/@+-_", max_size=30)
BROKEN = st.text("ÃÂâ€œ™©¤\x80\x99\x9d\ufffdĂÑ¶ é\u0301aЃЎ\n", max_size=30)
ODD = st.text(
    "aΣßİǅK\u0301\u0316\u1112\u1161\u11ab\ud55c\u202e\u2066\u200d👩🏽𝕓𐐀\u00a0\x00", max_size=30
)
WORDS = st.lists(
    st.sampled_from(
        [
            *("Bank", "rates", "<b>", "</p>", "&amp;", "&lt;", "http://example.org/a_(b)"),
            *("a@b.org", "5%", "$5", "2018", "12:30", "3rd", "CafÃ©", "naïve", "大阪"),
            *("<!--", "-->", "<script>"),
        ]
    ),
    max_size=9,
).map(" ".join)
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=30), MARKUP, NUMBERS, BROKEN, ODD, WORDS
)
NAMES = [step.name for step in STEPS]
CLEANERS = st.builds(
    lambda names, max_chars: Cleaner(**dict.fromkeys(names, True), max_chars=max_chars),
    st.sets(st.sampled_from(NAMES)),
    st.sampled_from([3, 1_000_000]),
)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5), CLEANERS)
def test_cleaning_many_texts_is_cleaning_each(
    rows: list[tuple[str, str]], cleaner: Cleaner
) -> None:
    fields = {name: string_array([row[at] for row in rows]) for at, name in enumerate("ab")}
    cleaned = cleaner.apply_all(Documents(numbered(len(rows)), fields))
    for at, name in enumerate("ab"):
        assert cleaned.fields[name].to_pylist() == [cleaner.apply(row[at]) for row in rows]


@given(TEXTS, CLEANERS)
@example("x\u0301 sÃ³", Cleaner(repair=True))
@example("ΟΔΟΣ İ", Cleaner(lower=True, ascii=True))
def test_every_clean_character_came_from_somewhere_and_in_order(
    text: str, cleaner: Cleaner
) -> None:
    clean, (starts, ends) = cleaner.align(text)
    assert clean == cleaner.apply(text)
    assert len(starts) == len(ends) == len(clean)
    assert all(0 <= start < end <= len(text) for start, end in zip(starts, ends, strict=True))
    assert starts == sorted(starts)
    assert ends == sorted(ends)


@given(TEXTS, CLEANERS)
def test_a_text_that_stays_has_every_character_in_its_place(text: str, cleaner: Cleaner) -> None:
    clean, (starts, ends) = cleaner.align(text)
    if clean == text:
        assert starts == list(range(len(text)))
        assert ends == list(range(1, len(text) + 1))


@given(st.lists(TEXTS, min_size=1, max_size=3), CLEANERS)
def test_a_word_that_no_step_touches_lies_on_itself(texts: list[str], cleaner: Cleaner) -> None:
    # White space keeps the words from becoming parts of others.
    raw = "\n".join([f" keeper \n{text}" for text in texts] + [" keeper "])
    clean, (starts, ends) = cleaner.align(raw)
    places = [found.span() for found in re.finditer("keeper", clean)]
    assert len(places) >= 1 or len(clean) <= cleaner.max_chars == 3
    for first, last in places:
        assert raw[starts[first] : ends[last - 1]] == "keeper"


@pytest.mark.parametrize("name", ["urls", "numbers", "lower", "ascii"])
@given(text=TEXTS)
def test_masking_lowering_and_dropping_twice_is_doing_it_once(name: str, text: str) -> None:
    cleaner = Cleaner.of([name])
    once = cleaner.apply(text)
    assert cleaner.apply(once) == once


@given(TEXTS)
def test_lowering_is_part_of_the_folding_that_follows_it(text: str) -> None:
    assert normal_form(Cleaner(lower=True).apply(text)) == normal_form(text)


@given(TEXTS, CLEANERS)
def test_a_clean_text_can_be_written_as_utf8(text: str, cleaner: Cleaner) -> None:
    assert cleaner.apply(text).encode().decode() == cleaner.apply(text)
    if cleaner.ascii:
        assert cleaner.apply(text).isascii()
