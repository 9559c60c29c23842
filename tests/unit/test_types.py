from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.errors import InputError, LabelError
from newsdesk.types import Documents, LabelSet, Renaming, Silent, numbered, string_array


def fielded() -> Documents:
    return Documents(
        ids=string_array(["a", "b", "c"]),
        fields={
            "headline": string_array(["one", "two", "three"]),
            "description": string_array(["1", "", "3"]),
        },
        side={"age": np.array([1, 2, 3], dtype=np.float32)},
        images=pa.array(["x.png", None, "z.png"]),
        parts=pa.array([["p"], [], ["q", "r"]]),
    )


@pytest.mark.parametrize(
    "values",
    [
        ["a", None, "ü"],
        ("a", None, "ü"),
        (value for value in ["a", None, "ü"]),
        np.array(["a", None, "ü"], dtype=object),
        pa.array(["a", None, "ü"]),
        pa.array(["a", None, "ü"], pa.large_string()),
        pa.array(["a", None, "ü"], pa.string_view()),
        pa.array(["a", None, "ü"]).dictionary_encode(),
        pa.chunked_array([["a", None], ["ü"]]),
        pa.array(["zz", "a", None, "ü"]).slice(1),
    ],
    ids=lambda values: type(values).__name__,
)
def test_strings_of_any_container_become_one_array_and_missing_becomes_empty(
    values: object,
) -> None:
    column = string_array(values)
    assert column.type == pa.large_string()
    assert column.to_pylist() == ["a", "", "ü"]
    assert column.null_count == 0


def test_no_strings_give_an_empty_array() -> None:
    assert len(string_array([])) == 0
    assert len(string_array(pa.chunked_array([], pa.string()))) == 0


@pytest.mark.parametrize("value", [3, 2.5, ["nested"], {"a": 1}, object()])
def test_what_is_no_string_is_refused_with_its_place_and_type(value: object) -> None:
    with pytest.raises(InputError, match=f"Text 1 is of type {type(value).__name__}, not str"):
        string_array(["fine", value])


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_a_lone_surrogate_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(InputError, match="Text 2 holds a lone surrogate"):
        string_array(["fine", None, text])


def test_bare_texts_are_documents_with_one_field_and_their_positions_as_ids() -> None:
    documents = Documents.from_texts(["x", "y"])
    assert list(documents.fields) == ["text"]
    assert documents.ids.to_pylist() == ["0", "1"]
    assert documents.texts.to_pylist() == ["x", "y"]
    assert Documents.from_texts(["x"], ids=["own"]).ids.to_pylist() == ["own"]


def test_texts_of_several_fields_are_joined_by_one_space() -> None:
    assert fielded().texts.to_pylist() == ["one 1", "two ", "three 3"]


def test_documents_need_fields_of_one_length() -> None:
    with pytest.raises(AssertionError, match="differ in length"):
        Documents(numbered(2), {"text": string_array(["only one"])})
    with pytest.raises(AssertionError, match="at least one field"):
        Documents(numbered(0), {})


def test_take_selects_every_part_in_the_given_order() -> None:
    taken = fielded().take(np.array([2, 0, 2]))
    assert taken.ids.to_pylist() == ["c", "a", "c"]
    assert taken.fields["headline"].to_pylist() == ["three", "one", "three"]
    assert taken.side["age"].tolist() == [3, 1, 3]
    assert taken.images is not None
    assert taken.parts is not None
    assert taken.images.to_pylist() == ["z.png", "x.png", "z.png"]
    assert taken.parts.to_pylist() == [["q", "r"], ["p"], ["q", "r"]]


def test_slice_is_a_view_of_every_part() -> None:
    documents = fielded()
    part = documents.slice(1, 3)
    assert len(part) == 2
    assert part.ids.to_pylist() == ["b", "c"]
    assert part.fields["description"].to_pylist() == ["", "3"]
    assert part.side["age"].tolist() == [2, 3]
    assert part.images is not None
    assert part.parts is not None
    assert part.images.to_pylist() == [None, "z.png"]
    assert part.parts.to_pylist() == [[], ["q", "r"]]
    assert np.shares_memory(part.side["age"], documents.side["age"])
    own = part.fields["headline"].buffers()[2]
    assert own.address == documents.fields["headline"].buffers()[2].address


def test_documents_are_put_together_with_all_they_carry() -> None:
    documents = fielded()
    both = documents.slice(1, 3).extended(documents.take(np.array([0])))
    expected = documents.take(np.array([1, 2, 0]))
    assert len(both) == 3
    assert both.ids.equals(expected.ids)
    assert list(both.fields) == ["headline", "description"]
    assert all(both.fields[name].equals(expected.fields[name]) for name in expected.fields)
    assert both.side["age"].tolist() == [2, 3, 1]
    assert both.side["age"].dtype == np.float32
    assert both.images is not None
    assert both.parts is not None
    assert both.images.to_pylist() == [None, "z.png", "x.png"]
    assert both.parts.to_pylist() == [[], ["q", "r"], ["p"]]


def test_fields_are_put_together_by_name_and_missing_parts_stay_missing() -> None:
    one = Documents(numbered(1), {"a": string_array(["1"]), "b": string_array(["2"])})
    other = Documents(numbered(1), {"b": string_array(["4"]), "a": string_array(["3"])})
    both = one.extended(other)
    assert both.texts.to_pylist() == ["1 2", "3 4"]
    assert both.images is None
    assert both.parts is None


def test_a_label_set_is_an_ordered_sequence_of_names() -> None:
    labels = LabelSet(["WORLD", "ARTS", "SPORT"])
    assert list(labels) == ["WORLD", "ARTS", "SPORT"]
    assert labels[1] == "ARTS"
    assert len(labels) == 3
    assert "SPORT" in labels
    assert labels == LabelSet(("WORLD", "ARTS", "SPORT"))
    assert hash(labels) == hash(LabelSet(("WORLD", "ARTS", "SPORT")))
    assert labels != LabelSet(["ARTS", "WORLD", "SPORT"])
    assert repr(LabelSet(["A"])) == "LabelSet(['A'])"


@pytest.mark.parametrize("names", [["A", "B", "A"], ["A", ""]])
def test_class_names_are_distinct_and_not_empty(names: list[str]) -> None:
    with pytest.raises(LabelError, match="distinct and not empty"):
        LabelSet(names)


def test_encode_and_decode_are_inverse_and_an_unknown_name_is_minus_one() -> None:
    labels = LabelSet(["é", "e\u0301", "B"])
    assert labels.encode(["B", "nope", "é", "e\u0301"]).tolist() == [2, -1, 0, 1]
    assert labels.encode(pa.array(["B", None])).tolist() == [2, -1]
    assert labels.encode([]).dtype == np.int64
    assert labels.decode(np.array([1, 2], dtype=np.int32)) == ["e\u0301", "B"]
    assert labels.find("B") == 2
    assert labels.find("nope") == -1


def test_labels_of_a_column_are_sorted_by_code_point() -> None:
    column = string_array(["b", "a", "Z", "b", "ä"])
    assert LabelSet.from_labels(column).names == ("Z", "a", "b", "ä")


def test_silent_progress_takes_every_call() -> None:
    with Silent().task("epochs", 3, "epochs") as done:
        assert done(1) is None  # type: ignore[func-returns-value]


def test_progress_that_takes_words_is_told_apart() -> None:
    class Wordy(Silent):
        """Takes words."""

        def rename(self, name: str, text: str) -> None:
            """Forget them."""

    assert isinstance(Wordy(), Renaming)
    assert not isinstance(Silent(), Renaming)
