from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import spacy

from newsdesk.errors import ConfigError, MissingExtraError
from newsdesk.features import lemmas
from newsdesk.features.lemmas import Lemmatiser, lemmatiser


def plain(language: str, *, with_lemmas: bool = True) -> Any:
    """The pipeline of the published systems."""
    nlp = spacy.blank(language)
    if with_lemmas:
        nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
        nlp.initialize()
    return nlp


def joined(nlp: Any, text: str) -> list[str]:
    """What TfidfVectorizer reads of the lemmas that plain spaCy gives, joined by blanks."""
    kept = [token for token in nlp(text) if token.is_alpha and not token.like_num]
    kept = [token.lemma_ or token.text for token in kept if not token.is_stop]
    return re.findall(r"(?u)\b\w\w+\b", " ".join(kept).lower())


def ascii_only(text: str) -> str:
    return text.lower().encode("ascii", "ignore").decode()


def test_tokens_become_lemmas_and_what_is_no_content_word_is_left_out() -> None:
    text = "The 3 keepers weren't saving two penalties, U.S. cafés said!"
    assert lemmatiser().apply([text]) == [["keeper", "save", "penalty", "cafs", "say"]]


def test_forms_are_left_as_they_are_written() -> None:
    forms = lemmatiser(lemmas=False, drop_stop_words=False, only_ascii=False)
    assert forms.apply(["The cafés were saving"]) == [["the", "cafés", "were", "saving"]]


def test_english_loses_what_is_not_ascii_and_german_does_not() -> None:
    assert lemmatiser("de").apply(["Die Köche gingen"]) == [["köche", "gehen"]]
    assert lemmatiser("de", only_ascii=True).apply(["Die Köche gingen"]) == [["kche", "gehen"]]


def test_huffpost_texts_have_the_words_of_plain_spacy(newsdesk_data: Callable[[str], Path]) -> None:
    table = pq.read_table(newsdesk_data("huffpost/news_category_v2.parquet"))
    rows = table.take(list(range(0, table.num_rows, 100)))
    columns = (rows[name].to_pylist() for name in ("headline", "short_description"))
    texts = [f"{headline or ''} {more or ''}" for headline, more in zip(*columns, strict=True)]
    nlp = plain("en")
    assert lemmatiser().apply(texts) == [joined(nlp, ascii_only(text)) for text in texts]


# The rule holds a blank, so its text must go through spaCy as a whole.
@pytest.mark.parametrize(
    ("language", "text"),
    [("ru", "Иванов, д-р мед. наук и пр. пишет"), ("es", "Viajan a EE. UU. mañana")],
)
def test_a_rule_with_a_blank_in_it_is_followed(language: str, text: str) -> None:
    nlp = plain(language)
    assert lemmatiser(language).apply([text]) == [joined(nlp, text.lower())]


def test_every_word_knows_its_place_in_the_raw_text() -> None:
    text = "İstanbul’s Cafés — “keepers”\u00a0saved\nPENALTIES (again)"
    places = lemmatiser(only_ascii=False).places(text)
    assert [place.word for place in places] == lemmatiser(only_ascii=False).apply([text])[0]
    raw = {place.word: text[place.start : place.end] for place in places}
    assert raw["keeper"] == "keepers"
    assert raw["penalty"] == "PENALTIES"
    assert raw["café"] == "Cafés"


def test_places_are_right_behind_characters_that_were_left_out() -> None:
    (first, second) = lemmatiser().places("“Süper” ★ goals")
    assert (first.word, first.start, first.end) == ("sper", 1, 6)
    assert (second.word, second.start, second.end) == ("goal", 10, 15)


def test_words_do_not_depend_on_what_was_read_before(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["keepers save", "goals won't", "keepers (goals)"] * 3
    expected = lemmatiser().apply(texts)
    monkeypatch.setattr(lemmas, "_MOST_CHUNKS", 2)
    monkeypatch.setattr(lemmas, "_BATCH", 2)
    forgetful = Lemmatiser(plain("en"), drop_stop_words=True, only_ascii=True)
    assert forgetful.apply(texts) == expected
    assert len(forgetful._known) <= 2 + 4


def test_a_server_that_sees_ever_new_words_does_not_remember_their_strings() -> None:
    fresh = Lemmatiser(plain("en"), drop_stop_words=True, only_ascii=True)
    before = len(fresh._nlp.vocab.strings)
    fresh.apply([f"word{'abcdefghij'[i % 10]}{'klmnopqrst'[i // 10]}y" for i in range(100)])
    assert len(fresh._nlp.vocab.strings) == before


@pytest.mark.parametrize("text", ["(" * 20_000, "a.b" * 20_000, "x" * 100_000, "'s" * 20_000])
def test_a_stretch_without_white_space_is_cut_and_read(text: str) -> None:
    words = lemmatiser().apply([text, f"goal {text} goal"])
    assert words[1] == ["goal", *words[0], "goal"]


@pytest.mark.parametrize("texts", [[], [""], [" \n\t"], ["★ 123 the"]])
def test_texts_without_words_have_none(texts: list[str]) -> None:
    assert lemmatiser().apply(texts) == [[] for _ in texts]
    assert [lemmatiser().places(text) for text in texts] == [[] for _ in texts]


@pytest.mark.parametrize(
    ("language", "problem", "remedy"),
    [
        ("qq", "no rules for language 'qq'", "tokens=words"),
        ("fi", "no look-up lemmas for language 'fi'", "tokens=forms"),
        ("zh", "not cut at white space", "tokens=words"),
    ],
)
def test_a_language_that_does_not_work_is_refused(language: str, problem: str, remedy: str) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        lemmatiser(language)
    assert remedy in caught.value.remedy


def test_forms_need_no_tables() -> None:
    assert lemmatiser("fi", lemmas=False).apply(["Hallitus päätti"]) == [["hallitus", "päätti"]]


def test_one_lemmatiser_serves_everybody() -> None:
    assert lemmatiser("en") is lemmatiser("en")


def test_versions_name_what_decides() -> None:
    assert set(lemmas.versions()) == {"spacy", "spacy-lookups-data"}


def test_without_spacy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "spacy", None)
    with pytest.raises(MissingExtraError, match=r"newsdesk\[lemmas\]"):
        lemmatiser("sv")


def test_the_same_settings_however_given_are_one_lemmatiser() -> None:
    given = lemmatiser("en", lemmas=True, drop_stop_words=True, only_ascii=None)
    assert lemmatiser() is given
    assert lemmatiser(language="en", only_ascii=True) is given
    assert lemmatiser(only_ascii=False) is not given
