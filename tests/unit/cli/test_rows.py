from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.cli import rows
from newsdesk.errors import SchemaError
from newsdesk.predictions import Predictions
from newsdesk.types import LabelSet


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
