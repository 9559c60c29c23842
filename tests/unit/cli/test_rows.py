from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.cli import rows
from newsdesk.data import tables
from newsdesk.errors import SchemaError
from newsdesk.predictions import Predictions
from newsdesk.types import Documents, LabelSet

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
    assert rows.fields_of(columns, FIELDS) == expected


@pytest.mark.parametrize("columns", [["headline", "other"], ["a", "b", "c"]])
def test_columns_that_cannot_be_told_apart_are_refused(columns: list[str]) -> None:
    with pytest.raises(SchemaError, match="trained on headline, description"):
        rows.fields_of(columns, FIELDS)


def test_columns_called_like_fields_are_found_without_a_word() -> None:
    read = tables.read(pa.table({"n": [1], "description": ["d"], "headline": ["h"]}))
    documents, said = rows.documents(read, None, FIELDS)
    assert {name: column.to_pylist() for name, column in documents.fields.items()} == {
        "headline": ["h"],
        "description": ["d"],
    }
    assert said[0] == "text: headline + description"


def test_a_guessed_column_is_the_first_field_and_the_missing_one_is_said() -> None:
    read = tables.read(pa.table({"title": ["Rates rise"]}))
    documents, said = rows.documents(read, None, FIELDS)
    assert list(documents.fields) == ["headline"]
    assert said[0] == "text: title (as headline); no description, taken as empty"


def test_guessed_fields_that_the_bundle_does_not_know_are_left_out() -> None:
    bare = Documents.from_texts(["a"])
    documents = Documents(bare.ids, {"headline": bare.texts, "body": bare.texts})
    aligned, _ = rows.aligned(documents, FIELDS, guessed=True)
    assert list(aligned.fields) == ["headline"]
    with pytest.raises(SchemaError):
        rows.aligned(documents, FIELDS, guessed=False)


def test_answers_stand_beside_all_columns_of_the_input() -> None:
    table = pa.table({"n": [1, 2], "text": ["a", "b"]})
    proba = np.array([[0.7, 0.3], [0.4, 0.6]], dtype=np.float32)
    ids = pa.array(["0", "1"], type=pa.large_string())
    predictions = Predictions(proba, LabelSet(["A", "B"]), ids, np.array([False, True]))
    found = rows.beside(table, predictions, 3)
    assert found.column_names == [
        *("n", "text", "predicted", "label_1", "label_2", "proba_1", "proba_2", "low_evidence"),
    ]
    assert found["predicted"].to_pylist() == ["A", "B"]
    assert found["low_evidence"].to_pylist() == [False, True]
    assert found["n"].to_pylist() == [1, 2]


@pytest.mark.parametrize("taken", ["predicted", "label_2", "proba_1", "low_evidence"])
def test_answers_never_replace_a_column(taken: str) -> None:
    with pytest.raises(SchemaError, match=taken):
        rows.refuse_taken(["text", taken], 2)


def test_a_label_column_of_a_higher_rank_is_no_answer() -> None:
    rows.refuse_taken(["text", "label_4", "label"], 3)
