from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from newsdesk.predictions import Predictions
from newsdesk.types import LabelSet, numbered

pytest.importorskip("starlette", reason="needs the extra serve")
from newsdesk.serving.faults import ServingError
from newsdesk.serving.tensors import Input, Output, inputs_of, metadata, of_strings, probabilities

PREDICTIONS = Predictions(
    np.array([[0.1, 0.9], [0.7, 0.3]], dtype=np.float32),
    LabelSet(["no", "a:b"]),
    numbered(2),
    np.zeros(2, dtype=bool),
)


def test_all_probabilities_are_written_row_by_row() -> None:
    found = probabilities(PREDICTIONS, Output("probs"))
    assert (found.datatype, found.shape) == ("FP32", [2, 2])
    assert (np.array(found.data, dtype=np.float32) == PREDICTIONS.proba.ravel()).all()


def test_the_likeliest_classes_keep_every_bit_of_their_value() -> None:
    found = probabilities(PREDICTIONS, Output("probs", {"classification": 9}))
    assert (found.datatype, found.shape) == ("BYTES", [2, 2])
    value, index, name = str(found.data[0]).split(":", 2)
    assert (np.float32(value), index, name) == (PREDICTIONS.proba[0, 1], "1", "a:b")


@pytest.mark.parametrize("asked", [-1, 1.5, True, "1", None])
def test_what_is_no_number_of_classes_is_refused(asked: object) -> None:
    with pytest.raises(ServingError):
        probabilities(PREDICTIONS, Output("probs", {"classification": asked}))


def test_strings_have_a_shape() -> None:
    assert of_strings("labels", ("a", "b")).shape == [2]


def test_inputs_are_texts_or_documents(pair: Any) -> None:
    text = Input("text", [1], "BYTES", ["a"])
    headline, body = Input("headline", [1], "BYTES", ["a"]), Input("body", [1], "BYTES", ["b"])
    assert inputs_of(pair, [text], b"") == ["a"]
    assert inputs_of(pair, [headline, body], b"") == [{"headline": "a", "body": "b"}]
    assert inputs_of(pair, [headline], b"") == [{"headline": "a"}]


@pytest.mark.parametrize("tail", [b"", b"more"])
def test_inputs_of_different_length_or_too_long_a_body_are_refused(pair: Any, tail: bytes) -> None:
    inputs = [Input("headline", [1], "BYTES", ["a"]), Input("body", [2], "BYTES", ["b", "c"])]
    with pytest.raises(ServingError):
        inputs_of(pair, inputs[: 1 if tail else 2], tail)


def test_metadata_of_one_field_is_one_input(news: Any) -> None:
    found = metadata(news)
    assert [one.name for one in found.inputs] == ["text"]
    assert found.platform == "newsdesk_linear"
