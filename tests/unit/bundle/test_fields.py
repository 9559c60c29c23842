from __future__ import annotations

import pytest

from newsdesk.bundle.fields import in_order
from newsdesk.errors import InputError
from newsdesk.types import Documents, numbered, string_array


def documents(**fields: list[str]) -> Documents:
    columns = {name: string_array(texts) for name, texts in fields.items()}
    return Documents(numbered(len(next(iter(columns.values())))), columns)


def contents(found: Documents) -> dict[str, list[str]]:
    return {name: column.to_pylist() for name, column in found.fields.items()}


def test_documents_in_order_stay_the_same_object() -> None:
    given = documents(headline=["a"], body=["b"])
    assert in_order(given, ("headline", "body")) is given


def test_fields_come_into_the_order_of_training() -> None:
    found = in_order(documents(body=["b"], headline=["a"]), ("headline", "body"))
    assert list(found.fields) == ["headline", "body"]
    assert contents(found) == {"headline": ["a"], "body": ["b"]}


def test_bare_texts_are_the_first_field_and_the_others_empty() -> None:
    found = in_order(Documents.from_texts(["a", "b"]), ("headline", "body"))
    assert contents(found) == {"headline": ["a", "b"], "body": ["", ""]}


def test_a_field_that_is_called_text_stays_where_it_belongs() -> None:
    found = in_order(Documents.from_texts(["a"]), ("title", "text"))
    assert contents(found) == {"title": [""], "text": ["a"]}


def test_fields_that_training_did_not_have_are_left_out() -> None:
    found = in_order(documents(headline=["a"], author=["c"]), ("headline", "body"))
    assert contents(found) == {"headline": ["a"], "body": [""]}


def test_documents_without_any_field_of_training_are_refused() -> None:
    with pytest.raises(InputError, match="have the fields author") as caught:
        in_order(documents(author=["c"]), ("headline", "body"))
    assert "headline, body" in caught.value.remedy
