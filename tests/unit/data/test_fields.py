from __future__ import annotations

import pyarrow as pa
import pytest

from newsdesk.data import fields, tables
from newsdesk.errors import SchemaError
from newsdesk.types import Documents

FIELDS = ("headline", "description")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["description", "headline"], {"headline": "headline", "description": "description"}),
        (["description"], {"description": "description"}),
        (["a", "b"], {"headline": "a", "description": "b"}),
        (["a"], {"headline": "a"}),
    ],
)
def test_columns_become_fields_by_name_or_by_place(
    columns: list[str], expected: dict[str, str]
) -> None:
    assert fields.fields_of(columns, FIELDS) == expected


@pytest.mark.parametrize("columns", [["headline", "other"], ["a", "b", "c"]])
def test_columns_that_cannot_be_told_apart_are_refused(columns: list[str]) -> None:
    with pytest.raises(SchemaError, match="trained on headline, description"):
        fields.fields_of(columns, FIELDS)


def test_columns_called_like_fields_are_found_without_a_word() -> None:
    read = tables.read(pa.table({"n": [1], "description": ["d"], "headline": ["h"]}))
    found, said = fields.documents(read, None, FIELDS)
    assert {name: column.to_pylist() for name, column in found.fields.items()} == {
        "headline": ["h"],
        "description": ["d"],
    }
    assert said[0] == "text: headline + description"


def test_a_guessed_column_is_the_first_field_and_the_missing_one_is_said() -> None:
    read = tables.read(pa.table({"title": ["Rates rise"]}))
    found, said = fields.documents(read, None, FIELDS)
    assert list(found.fields) == ["headline"]
    assert said[0] == "text: title (as headline); no description, taken as empty"


def test_guessed_fields_that_the_bundle_does_not_know_are_left_out() -> None:
    bare = Documents.from_texts(["a"])
    documents = Documents(bare.ids, {"headline": bare.texts, "body": bare.texts})
    aligned, _ = fields.aligned(documents, FIELDS, guessed=True)
    assert list(aligned.fields) == ["headline"]
    with pytest.raises(SchemaError):
        fields.aligned(documents, FIELDS, guessed=False)
