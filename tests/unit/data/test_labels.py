from __future__ import annotations

import pyarrow as pa
import pytest

from newsdesk.data.labels import choose_classes, look_alikes, refuse_several, to_text
from newsdesk.errors import LabelError


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (pa.array([1, 2, None]), ["1", "2", None]),
        (pa.array([1.0, None, 3.0]), ["1", None, "3"]),
        (pa.array([1.5, 2.0]), ["1.5", "2"]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.array(["a", " ", "", "NA"]), ["a", None, None, "NA"]),
        (pa.array(["a", "b", None]).dictionary_encode(), ["a", "b", None]),
        (pa.array([None, None]), [None, None]),
    ],
)
def test_label_columns_become_text(values: pa.Array, text: list[str | None]) -> None:
    assert to_text(pa.chunked_array([values])).to_pylist() == text


def test_label_column_of_several_chunks_is_made_one() -> None:
    column = pa.chunked_array([["a"], [None, "b"]])
    assert isinstance(to_text(column), pa.LargeStringArray)


def test_labels_that_merely_hold_separators_are_fine() -> None:
    labels = ["ARTS / CULTURE", "ARTS", "Food, Drink", "Sci|Tech", "[other]"] * 4
    refuse_several(pa.array(labels, pa.large_string()))


@pytest.mark.parametrize("separator", ["|", ";", ", ", " / "])
def test_joined_labels_are_refused_when_the_parts_are_labels(separator: str) -> None:
    labels = ["A", "B"] * 4 + [f"A{separator}B"]
    with pytest.raises(LabelError, match=r"1 rows? ha[sv]e? labels such as"):
        refuse_several(pa.array(labels, pa.large_string()))


LABELS = pa.array(["A", "A", "B", "C", "C", "Arts, Culture"], pa.large_string())


@pytest.mark.parametrize(
    ("classes", "chosen"),
    [
        ("A,B", ["A", "B"]),
        (" B , A", ["A", "B"]),
        ("top2", ["A", "C"]),
        ("TOP3", ["A", "Arts, Culture", "C"]),
        ("Arts, Culture", ["Arts, Culture"]),
        ("C,Arts, Culture,A", ["A", "Arts, Culture", "C"]),
        (["C", "C"], ["C"]),
    ],
)
def test_classes_are_chosen_by_name_or_frequency(
    classes: str | list[str], chosen: list[str]
) -> None:
    assert choose_classes(LABELS, classes) == chosen


def test_unknown_class_is_answered_with_the_nearest() -> None:
    with pytest.raises(LabelError, match="no class 'Art, Culture'") as caught:
        choose_classes(LABELS, ["Art, Culture"])
    assert caught.value.remedy == "Did you mean 'Arts, Culture'?"


def test_look_alikes_are_grouped() -> None:
    assert look_alikes(["a b", "A  B", "c"]) == [
        "kept apart though they differ only by case or spaces: 'a b', 'A  B'"
    ]
