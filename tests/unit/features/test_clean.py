from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.errors import ConfigError
from newsdesk.features.clean import Cleaner
from newsdesk.types import Documents, numbered, string_array


def test_a_long_text_is_cut_at_code_points() -> None:
    assert Cleaner(max_chars=3).apply("ab👩‍👩") == "ab👩"


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=8)), st.integers(1, 6))
def test_cleaning_many_texts_is_cleaning_each(texts: list[str], max_chars: int) -> None:
    cleaner = Cleaner(max_chars=max_chars)
    documents = Documents(numbered(len(texts)), {"text": string_array(texts)})
    cleaned = cleaner.apply_all(documents)
    assert cleaned.texts.to_pylist() == [cleaner.apply(text) for text in texts]


def test_documents_that_need_no_cleaning_are_given_back_as_they_are() -> None:
    documents = Documents.from_texts(["short", "ünïcode"])
    assert Cleaner().apply_all(documents) is documents


def test_every_field_is_cleaned_and_ids_are_kept() -> None:
    documents = Documents(
        ids=string_array(["x"]),
        fields={"headline": string_array(["abcdef"]), "description": string_array(["ab"])},
    )
    cleaned = Cleaner(max_chars=4).apply_all(documents)
    assert cleaned.ids.to_pylist() == ["x"]
    assert cleaned.fields["headline"].to_pylist() == ["abcd"]
    assert cleaned.fields["description"].to_pylist() == ["ab"]


def test_cleaning_twice_changes_nothing_more() -> None:
    documents = Documents.from_texts(["abcdef"])
    once = Cleaner(max_chars=4).apply_all(documents)
    assert Cleaner(max_chars=4).apply_all(once).texts.to_pylist() == once.texts.to_pylist()


def test_the_steps_of_a_bundle_cannot_be_changed_later() -> None:
    with pytest.raises(FrozenInstanceError):
        Cleaner().max_chars = 3  # type: ignore[misc]


EVERYTHING = Cleaner(repair=True, html=True, urls=True, numbers=True, lower=True, ascii=True)


def test_nothing_is_done_that_was_not_asked_for() -> None:
    text = "<b>CafÃ©</b> &amp; http://example.org 5% 大阪"
    assert Cleaner().apply(text) == text
    assert Cleaner().steps == ()


def test_steps_are_taken_in_their_own_order_however_they_are_named() -> None:
    cleaner = Cleaner.of(["ascii", "lower", "numbers", "urls", "html", "repair"])
    assert cleaner == EVERYTHING
    assert cleaner.steps == ("repair", "html", "urls", "numbers", "lower", "ascii")
    assert Cleaner.of("lower") == Cleaner(lower=True)
    text = "<b>CafÃ©</b> &#53;% of HTTP://EXAMPLE.ORG/5 大阪"
    assert cleaner.apply(text) == "caf xxpercent of xxurl "


@pytest.mark.parametrize(
    ("name", "remedy"), [("url", "Did you mean 'urls'?"), ("stem", "Known: repair, html, urls")]
)
def test_an_unknown_step_is_answered_with_the_known_ones(name: str, remedy: str) -> None:
    with pytest.raises(ConfigError, match=f"no text step '{name}'") as caught:
        Cleaner.of(["lower", name])
    assert caught.value.remedy.startswith(remedy)


@pytest.mark.parametrize("max_chars", [0, -1])
def test_a_limit_that_keeps_nothing_is_refused(max_chars: int) -> None:
    with pytest.raises(ConfigError, match=f"max_chars is {max_chars}"):
        Cleaner(max_chars=max_chars)


def test_the_limit_comes_before_all_steps() -> None:
    assert Cleaner(max_chars=5, html=True).apply("a<b>cd</b>") == "ac"


def test_what_stands_for_a_stretch_came_from_all_of_it() -> None:
    raw = "<b>Profit</b> up &#53;% &amp; see http://example.org/a"
    clean, (starts, ends) = EVERYTHING.align(raw)
    assert clean == EVERYTHING.apply(raw)
    covered = {
        word: raw[starts[clean.index(word)] : ends[clean.index(word) + len(word) - 1]]
        for word in ("profit", "xxpercent", "&", "see", "xxurl")
    }
    assert covered == {
        "profit": "Profit",
        "xxpercent": "&#53;%",
        "&": "&amp;",
        "see": "see",
        "xxurl": "http://example.org/a",
    }


def test_one_text_and_many_are_cleaned_alike() -> None:
    texts = ["<b>Up</b> 5%", "plain"]
    many = EVERYTHING.apply_all(Documents.from_texts(texts)).texts.to_pylist()
    alone = [EVERYTHING.apply_all(Documents.from_texts([text])).texts[0].as_py() for text in texts]
    assert alone == many == ["up xxpercent", "plain"]
    unchanged = Documents.from_texts(["plain"])
    assert EVERYTHING.apply_all(unchanged) is unchanged


def test_long_columns_are_cleaned_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsdesk.features.steps._CHUNK", 3)
    texts = ["A", "b", "c", "d", "e", "f", "5%", "h"]
    cleaned = Cleaner(numbers=True, lower=True).apply_all(Documents.from_texts(texts))
    assert cleaned.texts.to_pylist() == ["a", "b", "c", "d", "e", "f", "xxpercent", "h"]


def test_only_libraries_of_the_steps_that_are_on_decide_what_they_do() -> None:
    assert EVERYTHING.libraries == ("ftfy",)
    assert Cleaner(html=True, lower=True).libraries == ()
