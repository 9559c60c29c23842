from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.model_selection import train_test_split

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.split import default_spec, draw, leak_note, leaked
from newsdesk.errors import ConfigError, DataError, SchemaError

N = 100


def _corpus(n: int = N, **columns: Any) -> Corpus:
    texts = [f"text {row}" for row in range(n)]
    table = {"text": texts, "label": ["A", "B"] * (n // 2)} | columns
    return read_corpus(pa.table(table), text="text", label="label")


@pytest.mark.parametrize("seed", [0, 7])
def test_random_split_has_the_rows_of_scikit_learn(seed: int) -> None:
    split = draw(_corpus(), "random:0.15", seed=seed)
    _, test = train_test_split(np.arange(N), test_size=0.15, random_state=seed)
    assert split.test.tolist() == sorted(test)
    assert len(split.valid) == 13


def test_grouped_split_keeps_groups_together() -> None:
    authors = [f"author {row % 17}" for row in range(N - 2)] + [None, None]
    split = draw(_corpus(author=authors), "grouped:author:0.2")
    parts = [
        {authors[row] for row in part if authors[row]}
        for part in (split.train, split.valid, split.test)
    ]
    assert sum(map(len, parts)) == 17
    assert 10 <= len(split.test) <= 20
    assert split.notes == ("2 rows without author: each a group of its own",)


def test_split_by_date_puts_the_latest_days_last_and_whole() -> None:
    days = [f"2018-01-{1 + row // 10:02}" for row in range(N)]
    split = draw(_corpus(date=days), "after:2018-01-09")
    assert split.test.tolist() == list(range(80, 100))
    assert split.valid.tolist() == list(range(60, 80))
    assert draw(_corpus(day=days), "after:day:2018-01-09").test.tolist() == split.test.tolist()


STORIES = [
    "Sea lion rescued from oil spill dies at marine park in the south",
    "Storm closes two airports in the north for most of the weekend",
]


def _with_copies(n: int = N, **columns: Any) -> Corpus:
    """Make a corpus whose rows 5, 55 and 95 are one text, and 10 and 90 another, with changes."""
    texts = [f"text {row}" for row in range(n)]
    texts[5] = texts[55] = STORIES[0]
    texts[95] = STORIES[0].upper() + " (VIDEO)"
    texts[10], texts[90] = STORIES[1], STORIES[1].replace("most", "all")
    return _corpus(n, text=texts, **columns)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("spec", ["stratified:0.3", "grouped:author:0.3", "after:2018-01-09"])
def test_drawn_splits_keep_near_duplicates_together(spec: str, seed: int) -> None:
    days = [f"2018-01-{1 + row // 10:02}" for row in range(N)]
    corpus = _with_copies(date=days, author=[f"author {row}" for row in range(N)])
    split = draw(corpus, spec, seed=seed)
    for part in (split.train, split.valid, split.test):
        assert len({5, 55, 95} & set(part.tolist())) in (0, 3)
        assert len({10, 90} & set(part.tolist())) in (0, 2)
    assert not leaked(corpus, split, near=True).any()


def test_given_splits_take_rows_as_they_are_and_say_what_leaks() -> None:
    corpus = _with_copies()
    split = draw(corpus, "tail:20")
    assert split.test.tolist() == list(range(80, 100))
    near = leaked(corpus, split, near=True)
    assert split.test[near].tolist() == [90, 95]
    assert not leaked(corpus, split).any()
    note = leak_note(leaked(corpus, split), near)
    assert note == "2 of 20 test rows (10.0 %) have near-duplicates in train or valid"


def test_without_the_search_only_exact_copies_are_kept_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("newsdesk.data.corpus.find_clusters", pytest.fail)
    corpus = _with_copies()
    for seed in range(8):
        split = draw(corpus, "stratified:0.3", seed=seed, near=False)
        assert any({5, 55} <= set(part) for part in (split.train, split.valid, split.test))


def test_taking_rows_as_they_are_searches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsdesk.data.corpus.find_clusters", pytest.fail)
    assert len(draw(_with_copies(), "random:0.2").test) == 20


def test_a_cluster_stands_where_its_earliest_row_does_and_a_note_counts() -> None:
    days = [f"2018-01-{1 + row // 10:02}" for row in range(N)]
    split = draw(_with_copies(date=days), "after:2018-01-09")
    assert {5, 55, 95, 10, 90} <= set(split.train.tolist())
    assert split.notes == ("2 rows are near-duplicates of earlier rows and stay with them",)


def test_groups_that_share_a_text_are_drawn_as_one_and_a_note_counts() -> None:
    authors = [f"author {row // 2}" for row in range(N)]
    split = draw(_with_copies(author=authors), "grouped:author:0.3")
    parts = [set((part // 2).tolist()) for part in (split.train, split.valid, split.test)]
    assert sum(map(len, parts)) == 50
    assert split.notes == ("50 groups of author are drawn as 47: near-duplicates join some",)
    with pytest.raises(DataError, match="3 groups, which near-duplicates join to 1"):
        draw(_with_copies(author=["x"] * 50 + ["y"] * 40 + ["z"] * 10), "grouped:author:0.3")


def test_rows_without_a_date_stay_in_train() -> None:
    days = [None, *[f"2018-01-{1 + row // 10:02}" for row in range(1, N)]]
    split = draw(_corpus(date=days), "after:2018-01-09")
    assert 0 in split.train
    assert split.notes == ("1 row without a date stay in train",)


def test_tail_split_takes_the_last_rows_and_valid_before_them() -> None:
    split = draw(_corpus(), "tail:20")
    assert split.test.tolist() == list(range(80, 100))
    assert split.valid.tolist() == list(range(64, 80))


def test_split_by_column_understands_the_usual_words() -> None:
    words = ["train"] * 60 + ["dev"] * 10 + ["Validation"] * 5 + ["val"] * 5 + ["TEST"] * 20
    split = draw(_corpus(part=words), "column:part")
    assert split.valid.tolist() == list(range(60, 80))
    assert split.test.tolist() == list(range(80, 100))


def test_split_by_column_without_valid_draws_a_tenth_of_train() -> None:
    split = draw(_corpus(part=["train"] * 80 + ["test"] * 20), "column:part")
    assert len(split.valid) == 8
    assert "a random tenth of train is valid" in split.notes[0]


def test_published_split_keeps_its_rows_through_a_selection() -> None:
    corpus = _corpus(published_test=[row % 10 == 3 for row in range(N)])
    split = draw(corpus, "published")
    assert split.test.tolist() == list(range(3, 100, 10))
    assert len(split.valid) == 9
    part = corpus.take(np.arange(50))
    assert draw(part, "published").test.tolist() == [3, 13, 23, 33, 43]


def test_default_is_the_published_split_or_a_stratified_one() -> None:
    assert default_spec(_corpus(published_test=[row > 80 for row in range(N)])) == "published"
    assert default_spec(_corpus()) == "stratified:0.2"
    assert default_spec(_corpus(n=10_000)) == "stratified:0.1"


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ("", ConfigError, "no split ''"),
        ("radom:0.1", ConfigError, "no split 'radom:0.1'"),
        ("random", ConfigError, "no split 'random'"),
        ("published:x", ConfigError, "no split 'published:x'"),
        ("random:1", ConfigError, "share '1'"),
        ("random:nan", ConfigError, "share 'nan'"),
        ("stratified:lots", ConfigError, "share 'lots'"),
        ("tail:0", ConfigError, "last 0"),
        ("tail:100", ConfigError, "last 100"),
        ("tail:-3", ConfigError, "last -3"),
        ("after:soon", ConfigError, "'soon' is no date"),
        ("after:2030-01-01", DataError, "does not divide the rows.*2018-01-01 to 2018-01-02"),
        ("after:2018-01-02", DataError, "too few days"),
        ("grouped:wire:0.1", DataError, "2 groups"),
        ("grouped:nobody:0.1", SchemaError, "no column 'nobody'"),
        ("column:wire", SchemaError, "holds 'AP'"),
        ("published", DataError, "has no published split"),
    ],
)
def test_split_that_cannot_be_drawn_is_refused(
    spec: str, error: type[Exception], message: str
) -> None:
    corpus = _corpus(date=["2018-01-01", "2018-01-02"] * 50, wire=["AP", "Reuters"] * 50)
    with pytest.raises(error, match=message):
        draw(corpus, spec)


@pytest.mark.parametrize("spec", ["random:0.1", "stratified:0.1"])
def test_too_few_rows_are_refused(spec: str) -> None:
    with pytest.raises(DataError):
        draw(_corpus(n=2), spec)


def test_published_rows_of_huffpost_are_those_of_scikit_learn() -> None:
    folder = os.environ.get("NEWSDESK_DATA", "")
    if not folder or not Path(folder, "huffpost/news_category_v2.parquet").exists():
        pytest.skip("huffpost/news_category_v2.parquet is not in $NEWSDESK_DATA")
    corpus = read_corpus("huffpost")
    split = draw(corpus, "published")
    _, test = train_test_split(np.arange(200_853), test_size=0.1, random_state=42)
    assert np.array_equal(split.test, np.sort(test))
    assert len(split.train) + len(split.valid) == 180_767


def test_published_rows_of_bbc_leak_seven_per_cent() -> None:
    folder = os.environ.get("NEWSDESK_DATA", "")
    if not folder or not Path(folder, "bbc/bbc-text.csv").exists():
        pytest.skip("bbc/bbc-text.csv is not in $NEWSDESK_DATA")
    corpus = read_corpus("bbc")
    split = draw(corpus, default_spec(corpus))
    assert split.test.tolist() == list(range(1780, 2225))
    assert split.valid.tolist() == list(range(1424, 1780))
    exact, near = leaked(corpus, split), leaked(corpus, split, near=True)
    assert leak_note(exact).startswith("31 of 445 test rows (7.0 %)")
    assert exact.sum() == 31
    assert near[exact].all()
    assert near.sum() > 31
