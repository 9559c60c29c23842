from __future__ import annotations

from typing import Any

import pytest

from newsdesk.errors import DocumentTooLargeError, EmptyDocumentError, InputError
from newsdesk.feedback.correction import MOST_BYTES, MOST_COMMENT, MOST_NAME, Correction

GIVEN: dict[str, Any] = {"fields": {"text": "Rates rise"}, "label": "BUSINESS"}


def test_everything_that_is_said_is_content_and_the_order_of_fields_is_not() -> None:
    fields = {"headline": "a", "description": "b"}
    one = Correction(fields=fields, label="X")
    assert one.content == Correction(fields=dict(reversed(fields.items())), label="X").content
    more = {"model": "m", "digest": "d", "predicted": "p", "score": 0.5}
    more |= {"comment": "c", "source": "s", "label": "Y", "fields": {"headline": "ab"}}
    others = [Correction(**{"fields": fields, "label": "X", key: more[key]}) for key in more]
    assert len({one.content, *(other.content for other in others)}) == len(more) + 1


def test_limits_are_reached_but_not_passed() -> None:
    name, most = "text", MOST_BYTES - len("text")
    Correction(fields={name: "é" * (most // 2)}, label="x" * MOST_NAME, comment="c" * MOST_COMMENT)
    with pytest.raises(DocumentTooLargeError, match="1,000,002 bytes"):
        Correction(fields={name: "é" * (most // 2 + 1)}, label="x")
    with pytest.raises(DocumentTooLargeError):
        Correction(fields={f"f{n}": "x" * 100_000 for n in range(10)}, label="x")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"label": "x" * (MOST_NAME + 1)}, "the label has 201 characters; 200 are allowed"),
        ({"label": " \n"}, "label is empty"),
        ({"label": 3}, "type int where the label is needed"),
        ({"comment": "x" * (MOST_COMMENT + 1)}, "2,000 are allowed"),
        ({"source": "x" * (MOST_NAME + 1)}, "the source"),
        ({"model": "x" * (MOST_NAME + 1)}, "the model"),
        ({"digest": "x" * (MOST_NAME + 1)}, "the digest"),
        ({"predicted": "x" * (MOST_NAME + 1)}, "the predicted"),
        ({"fields": {"x" * (MOST_NAME + 1): "a"}}, "the name of a field"),
        ({"score": 1.1}, "no probability"),
        ({"score": -0.1}, "no probability"),
        ({"score": float("nan")}, "no probability"),
    ],
)
def test_what_is_out_of_range_is_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Correction(**{**GIVEN, **changed})


@pytest.mark.parametrize("fields", [{}, {"text": ""}, {"text": " \n", "description": "\t"}])
def test_a_correction_needs_a_text(fields: dict[str, str]) -> None:
    with pytest.raises(EmptyDocumentError):
        Correction(fields=fields, label="X")


@pytest.mark.parametrize(("bad", "words"), [("a\0b", "NUL"), ("a\ud800", "lone surrogate")])
@pytest.mark.parametrize(
    "place", ["fields", "name", "label", "model", "digest", "predicted", "comment", "source"]
)
def test_what_no_database_keeps_is_refused_everywhere(place: str, bad: str, words: str) -> None:
    changed: dict[str, Any] = {place: bad}
    if place == "fields":
        changed = {"fields": {"text": bad}}
    elif place == "name":
        changed = {"fields": {bad: "x"}}
    with pytest.raises(InputError, match=words):
        Correction(**{**GIVEN, **changed})
