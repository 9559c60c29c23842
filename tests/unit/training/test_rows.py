from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.errors import ConfigError, DataError
from newsdesk.training.rows import Rows, RowSource
from newsdesk.types import Silent

News = Callable[..., pa.Table]


def drawn(data: Any, **options: Any) -> Rows:
    source = RowSource(data=data, **options)
    return source.draw(source.read(Silent()), Silent())


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"split": "tail:9", "test": "t.csv"}, r"Both a split \(tail:9\) and a file .* \(t.csv\)"),
        ({"classes": "top2", "rows": 9}, "classes and rows cannot be applied to a Corpus"),
        ({"labels": "huffpost-34"}, "labels cannot be applied to a Corpus"),
    ],
)
def test_options_that_contradict_each_other_make_no_source(
    options: dict[str, Any], problem: str, news: News
) -> None:
    with pytest.raises(ConfigError, match=problem):
        RowSource(data=read_corpus(news(90)), **options)


def test_nothing_is_read_before_it_is_asked_for() -> None:
    source = RowSource(data="nowhere.csv", test="neither.csv")
    with pytest.raises(DataError, match=r"nowhere\.csv"):
        source.read(Silent())


def test_a_corpus_is_taken_as_it_is(news: News) -> None:
    corpus = read_corpus(news(90))
    assert RowSource(data=corpus).read(Silent()) is corpus


def test_what_was_asked_of_the_rows_is_done(news: News) -> None:
    rows = drawn(news(200), classes="sport,tech", rows=60, seed=2, split="random:0.1")
    expected = read_corpus(news(200), classes="sport,tech", rows=60, seed=2)
    assert rows.corpus.fingerprint == expected.fingerprint
    assert (len(rows.split.test), rows.split.spec) == (6, "random:0.1")


def test_where_no_split_is_named_the_default_one_is_drawn(news: News) -> None:
    assert drawn(news(90)).split.spec == "stratified:0.2"


def test_a_subset_of_what_was_read_can_be_drawn_from(news: News) -> None:
    source = RowSource(data=news(90), split="tail:10")
    corpus = source.read(Silent()).take(np.arange(0, 90, 2))
    assert source.draw(corpus, Silent()).split.test.tolist() == list(range(35, 45))


def test_a_test_file_is_read_like_the_data_and_put_behind_it(news: News, tmp_path: Path) -> None:
    given = news(30, seed=1).rename_columns(["title", "kind", "outlet"])
    for name, table in (("data", news(90).rename_columns(given.column_names)), ("test", given)):
        tables.write(table, tmp_path / f"{name}.csv")
    rows = drawn(tmp_path / "data.csv", test=tmp_path / "test.csv", text=["title"], label="kind")
    assert rows.split.test.tolist() == list(range(90, 120))
    assert rows.test.texts.to_pylist() == given["title"].to_pylist()


def test_the_parts_hold_the_rows_of_the_split(news: News) -> None:
    rows = drawn(news(90), split="tail:10")
    assert isinstance(rows.corpus, Corpus)
    for part, chosen in ((rows.train, rows.split.train), (rows.valid, rows.split.valid)):
        assert part[0].ids.to_pylist() == rows.corpus.documents.take(chosen).ids.to_pylist()
        assert np.array_equal(part[1], rows.corpus.y[chosen])
    assert len(rows.test) == 10


def test_notes_tell_the_steps_then_the_split_then_its_cautions(news: News) -> None:
    table = news(60)
    labels = [*table["section"].to_pylist()[:-2], "opera", "opera"]
    table = table.set_column(1, "section", pa.array(labels))
    rows = drawn(table, rows=60, split="tail:10")
    assert rows.corpus.steps
    caution = "1 class has no row in train: opera"
    assert rows.notes == (*rows.corpus.steps, rows.split.how, caution)


def test_without_the_search_near_duplicates_are_not_looked_for(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsdesk.data.corpus.find_clusters", pytest.fail)
    rows = drawn(news(90), near_duplicates=False)
    assert rows.split.spec == "stratified:0.2"
