from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest

from newsdesk.errors import DataError, SchemaError
from newsdesk.training.rows import Rows, RowSource
from newsdesk.training.unlabelled import read_unlabelled
from newsdesk.types import Silent

News = Callable[..., pa.Table]


def rows_of(table: pa.Table, *, near: bool = False) -> Rows:
    source = RowSource(data=table, split="tail:20", near_duplicates=near, text=["headline"])
    return source.draw(source.read(Silent()), Silent())


def texts(found: Any) -> list[str]:
    (column,) = found.fields.values()
    return [str(text) for text in column.to_pylist()]


def test_texts_that_stand_in_the_rows_are_left_out_and_counted(news: News) -> None:
    rows = rows_of(news(120))
    headlines = rows.corpus.documents.texts.to_pylist()
    split = rows.split
    known = [headlines[part[0]] for part in (split.test, split.valid, split.train)]
    given = pa.table({"headline": ["new one", *known, "new two", "new one", " "]})
    found, said = read_unlabelled(given, rows, Silent())
    assert texts(found) == ["new one", "new two"]
    assert list(found.fields) == list(rows.corpus.documents.fields)
    assert said[-1] == (
        "texts without label: 2 are learnt from; left out: 2 that stand in valid or test, 1 that "
        "stand in train, 1 that stand there twice, 1 without any text"
    )


def test_near_duplicates_of_rows_are_left_out_where_they_are_looked_for(news: News) -> None:
    long = "the bank of england raises its rates for the third time this year as prices climb"
    table = news(120)
    headlines = table["headline"].to_pylist()
    headlines[-1] = long
    table = table.set_column(0, "headline", pa.array(headlines))
    given = pa.table({"headline": [f"{long} again", "new"]})
    found, _ = read_unlabelled(given, rows_of(table, near=True), Silent())
    assert texts(found) == ["new"]
    both, said = read_unlabelled(given, rows_of(table), Silent())
    assert len(both) == 2
    assert said[-1] == "texts without label: 2 are learnt from"


def test_a_file_is_read_by_its_columns_and_its_labels_are_not_looked_at(
    news: News, tmp_path: Path
) -> None:
    more = news(12, seed=9)
    pa_csv.write_csv(more, tmp_path / "more.csv")
    found, said = read_unlabelled(str(tmp_path / "more.csv"), rows_of(news(120)), Silent())
    assert texts(found) == more["headline"].to_pylist()
    assert said[0] == "texts without label: text: headline"


def test_a_headline_of_a_row_is_known_without_the_description_too(news: News) -> None:
    table = news(120)
    table = table.append_column("description", pa.array(["and more"] * 120))
    source = RowSource(
        data=table, split="tail:20", near_duplicates=False, text=["headline", "description"]
    )
    rows = source.draw(source.read(Silent()), Silent())
    test = rows.test.fields["headline"].to_pylist()
    found, said = read_unlabelled(pa.table({"headline": [test[0], "new"]}), rows, Silent())
    assert {name: column.to_pylist() for name, column in found.fields.items()} == {
        "headline": ["new"],
        "description": [""],
    }
    assert said[-1].endswith("left out: 1 that stand in valid or test")


def test_nothing_that_is_left_is_an_error(news: News) -> None:
    rows = rows_of(news(120))
    known = pa.table({"headline": rows.corpus.documents.texts.to_pylist()[:3]})
    with pytest.raises(DataError, match="Of 3 texts without label none is left: 3 that stand in"):
        read_unlabelled(known, rows, Silent())


def test_columns_that_are_not_those_of_the_rows_are_refused(news: News) -> None:
    given = pa.table({"headline": ["a b c"], "body": ["d e f"], "n": [1]})
    found, _ = read_unlabelled(given, rows_of(news(120)), Silent())
    assert texts(found) == ["a b c"]
    with pytest.raises(SchemaError):
        read_unlabelled(pa.table({"n": [1, 2]}), rows_of(news(120)), Silent())
