from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
