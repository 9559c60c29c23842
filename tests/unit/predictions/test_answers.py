from __future__ import annotations

import numpy as np
import pytest

from newsdesk.predictions import Predictions
from newsdesk.types import LabelSet, numbered


def predictions(proba: list[list[float]], low: list[bool] | None = None) -> Predictions:
    values = np.array(proba, dtype=np.float32)
    labels = LabelSet("ABCDEF"[: values.shape[1]])
    return Predictions(
        values, labels, numbered(len(values)), np.array(low or [False] * len(values))
    )


def test_the_likeliest_classes_come_first_and_ties_in_the_order_of_the_labels() -> None:
    found = predictions([[0.2, 0.5, 0.3], [0.4, 0.2, 0.4], [1 / 3, 1 / 3, 1 / 3]])
    order, proba = found.top_k(2)
    assert order.tolist() == [[1, 2], [0, 2], [0, 1]]
    assert proba.tolist() == [pytest.approx(row) for row in ([0.5, 0.3], [0.4, 0.4], [1 / 3] * 2)]
    assert found.y.tolist() == [1, 0, 0]
    assert found.labels == ["B", "A", "A"]
    assert len(found) == 3


def test_more_classes_than_there_are_gives_all() -> None:
    order, proba = predictions([[0.1, 0.9]]).top_k(10)
    assert order.tolist() == [[1, 0]]
    assert proba.shape == (1, 2)


def test_a_document_is_unsure_below_the_bar_or_without_evidence() -> None:
    found = predictions([[0.6, 0.4], [0.9, 0.1], [0.95, 0.05]], [False, False, True])
    assert found.abstain(0.7).tolist() == [True, False, True]
    assert found.abstain(0.0).tolist() == [False, False, True]


def test_no_documents_have_no_predictions() -> None:
    nothing = Predictions(
        np.zeros((0, 3), dtype=np.float32), LabelSet("ABC"), numbered(0), np.zeros(0, dtype=bool)
    )
    assert nothing.top_k(2)[0].shape == (0, 2)
    assert nothing.labels == []
    assert nothing.abstain(0.5).shape == (0,)


def test_a_table_has_the_likeliest_classes_side_by_side() -> None:
    found = predictions([[0.2, 0.5, 0.3], [0.7, 0.2, 0.1]])
    table = found.to_table(k=2, truth=["B", None])
    assert table.to_pylist() == [
        {"id": "0", "label": "B", "predicted": "B", "label_1": "B", "label_2": "C"}
        | {"proba_1": pytest.approx(0.5), "proba_2": pytest.approx(0.3)},
        {"id": "1", "label": None, "predicted": "A", "label_1": "A", "label_2": "B"}
        | {"proba_1": pytest.approx(0.7), "proba_2": pytest.approx(0.2)},
    ]
    assert found.to_table(k=9).column_names == [
        "id",
        "predicted",
        *("label_1", "label_2", "label_3"),
        *("proba_1", "proba_2", "proba_3"),
    ]


def test_parts_of_what_is_ranked_say_what_the_whole_says() -> None:
    found = predictions([[0.2, 0.5, 0.3], [0.4, 0.2, 0.4], [0.9, 0.1, 0.0]], [False, True, False])
    for whole in (found, found.ranked()):
        part = whole.part(slice(1, 3), numbered(2))
        for mine, one in zip(part.top_k(2), found.top_k(2), strict=True):
            assert mine.tolist() == one[1:].tolist()
        for below in (0.0, 0.5, 1.0):
            assert part.abstain(below).tolist() == found.abstain(below)[1:].tolist()
        assert part.proba.tolist() == found.proba[1:].tolist()
        assert part.ids.to_pylist() == ["0", "1"]
