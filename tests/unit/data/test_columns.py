from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from newsdesk.data.columns import Columns, guess
from newsdesk.errors import SchemaError

LONG = [f"a rather long text that tells a story of number {n}" for n in range(20)]
CODES = ["A", "B"] * 10
DATES = [f"2018-01-{n + 1:02}" for n in range(20)]


def _guess(
    *names: str, text: Any = None, label: str | None = None, need_label: bool = True, **columns: Any
) -> Columns:
    columns = dict.fromkeys(names, LONG) | columns
    return guess(pa.table(columns), text=text, label=label, need_label=need_label)


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (
            ("category", "headline", "authors", "link", "short_description"),
            ("headline", "short_description"),
        ),
        (("category", "text"), ("text",)),
        (("Class Index", "Title", "Description"), ("Title", "Description")),
        (("body", "title", "topic"), ("title", "body")),
        (("label", "Tweet"), ("Tweet",)),
    ],
)
def test_well_known_names_are_taken_in_reading_order(names: tuple[str, ...], text: Any) -> None:
    columns = _guess(*names)
    assert columns.text == text
    assert columns.label not in columns.text


def test_label_names_are_preferred_to_label_numbers() -> None:
    table = pa.table({"text": LONG, "label": [0, 1] * 10, "label_text": CODES})
    assert guess(table, text=None, label=None).label == "label_text"


def test_note_says_what_was_guessed() -> None:
    assert _guess("headline", "label").note == "text: headline, label: label (guessed)"
    assert _guess("headline", "x", label="x").note == "text: headline (guessed), label: x"
    assert _guess("a", "b", text=["a"], label="b").note == "text: a, label: b"
    assert _guess("a", text=["a"], need_label=False).note == "text: a"
    assert _guess("text", need_label=False).note == "text: text (guessed)"


def test_content_decides_where_no_name_is_known() -> None:
    columns = _guess("column_2", column_1=CODES)
    assert (columns.text, columns.label) == (("column_2",), "column_1")
    columns = _guess("story", kind=[0, 1] * 10, day=DATES)
    assert (columns.text, columns.label) == (("story",), "kind")


def test_one_column_without_need_of_a_label_is_the_text() -> None:
    columns = _guess("whatever", need_label=False)
    assert (columns.text, columns.label) == (("whatever",), None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": "lable"}, "no column 'lable'"),
        ({"text": ["headlin"]}, "no column 'headlin'"),
        ({"text": ["headline"], "label": "headline"}, "both as text and as label"),
        ({"text": ["headline", "headline"]}, "named twice"),
    ],
)
def test_wrong_names_are_refused_with_the_nearest(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError, match=message) as caught:
        _guess("headline", "label", **options)
    assert "no column" not in message or "Did you mean" in caught.value.remedy


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"text": LONG, "topic": CODES, "section": CODES}, "hold the label: topic, section"),
        ({"text": LONG, "p": CODES, "q": CODES}, "hold the label: p, q"),
        ({"text": LONG, "day": DATES}, "No column looks like labels; there are text, day"),
        ({"review": LONG, "comment": LONG, "label": CODES}, "hold the text: review, comment"),
        ({"p": LONG, "q": LONG, "label": CODES}, "hold the text: p, q"),
        ({"n": list(range(20)), "label": CODES}, "No column holds text"),
    ],
)
def test_what_cannot_be_decided_is_refused_with_the_columns(
    columns: dict[str, Any], message: str
) -> None:
    with pytest.raises(SchemaError, match=message):
        guess(pa.table(columns), text=None, label=None)


def test_one_text_column_may_be_named_by_a_bare_string() -> None:
    assert _guess("headline", "label", text="headline").text == ("headline",)
