"""Words found stretch by stretch against plain spaCy on whole texts."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.features.lemmas import lemmatiser

LANGUAGES = ["en", "de", "fr", "ru"]
SPACE = st.sampled_from([" ", " ", " ", "  ", "\n", "\t", "\u00a0", "\x1c", ""])
ENGLISH = "the keepers can't U.S. e-mail 10km it's (Video) 'Cause o'clock http://a.b/c a@b.de $5m"
OTHERS = "z.B. l'eau aujourd'hui и т.д. Häuser 新聞 İstanbul ΟΔΥΣΣΕΎΣ cafe\u0301 👩\u200d👧 … — ' ."
WORDS = st.sampled_from([*ENGLISH.split(), *OTHERS.split()])
TEXTS = st.one_of(
    st.lists(st.tuples(WORDS, SPACE).map("".join), max_size=12).map("".join),
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.text("abcXY19 .,'-()\n\t/:@", max_size=60),
)


@cache
def plain(language: str) -> Any:
    nlp = spacy.blank(language)
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    return nlp


@pytest.mark.parametrize("only_ascii", [True, False])
@pytest.mark.parametrize("language", LANGUAGES)
@given(TEXTS)
def test_words_are_those_of_plain_spacy(language: str, only_ascii: bool, text: str) -> None:
    normal = text.lower()
    if only_ascii:
        normal = normal.encode("ascii", "ignore").decode()
    kept = [token for token in plain(language)(normal) if token.is_alpha]
    kept = [token.lemma_ for token in kept if not (token.is_stop or token.like_num)]
    expected = re.findall(r"(?u)\b\w\w+\b", " ".join(kept).lower())
    found = lemmatiser(language, only_ascii=only_ascii)
    assert found.apply([text]) == [expected]
    assert [place.word for place in found.places(text)] == expected


@pytest.mark.parametrize("language", LANGUAGES)
@given(TEXTS)
def test_places_lie_inside_the_text_in_reading_order(language: str, text: str) -> None:
    places = lemmatiser(language).places(text)
    for place in places:
        assert 0 <= place.start < place.end <= len(text)
    assert places == sorted(places, key=lambda place: place.start)
