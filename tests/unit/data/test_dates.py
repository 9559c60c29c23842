from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.dates import date_column, days_of, extra_column
from newsdesk.errors import SchemaError


def _corpus(**columns: Any) -> Corpus:
    n = len(next(iter(columns.values())))
    return read_corpus(
        pa.table({"text": ["x"] * n, "label": ["A", *["B"] * (n - 1)], **columns}),
        text="text",
        label="label",
    )


@pytest.mark.parametrize(
    "values",
    [
        ["2018-05-26", "2018-05-27T10:00:00Z", None],
        ["2018-05-26 23:59:59.5", "2018-05-27", " "],
        [datetime.date(2018, 5, 26), datetime.date(2018, 5, 27), None],
        [datetime.datetime(2018, 5, 26, 3), datetime.datetime(2018, 5, 27, 4), None],
    ],
    ids=["iso", "blank", "date", "datetime"],
)
def test_days_of_text_dates_and_times(values: Any) -> None:
    days = days_of(_corpus(date=values), "date")
    assert days[:2].tolist() == [datetime.date(2018, 5, 26), datetime.date(2018, 5, 27)]
    assert np.isnat(days[2])


@pytest.mark.parametrize("bad", ["26 May 2018", "2018-13-45"])
def test_value_that_is_no_date_is_shown(bad: str) -> None:
    with pytest.raises(SchemaError, match=bad):
        days_of(_corpus(date=["2018-05-26", bad]), "date")


def test_date_column_is_found_by_name_or_type() -> None:
    assert date_column(_corpus(pub_date=["x", "y"], other=["x", "y"])) == "pub_date"
    day = datetime.date(2018, 1, 1)
    assert date_column(_corpus(when=[day, day])) == "when"


def test_no_or_several_date_columns_are_told() -> None:
    with pytest.raises(SchemaError, match="No column looks like a date; there are other"):
        date_column(_corpus(other=["x", "y"]))
    with pytest.raises(SchemaError, match="Several columns may hold the date: date, created"):
        date_column(_corpus(date=["x", "y"], created=["x", "y"]))


def test_missing_column_is_answered_with_the_nearest() -> None:
    with pytest.raises(SchemaError, match="no column 'dat'") as caught:
        extra_column(_corpus(date=["x", "y"]), "dat")
    assert caught.value.remedy == "Did you mean 'date'?"
