from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.curate import Curation, curate, stages
from newsdesk.data.recorded_split import part, with_column
from newsdesk.errors import ConfigError, DataError, SchemaError


def _table() -> pa.Table:
    rng = np.random.default_rng(0)
    texts = [f"story {n} of {n * n}" for n in range(120)]
    texts[100:110] = texts[:10]
    texts[110:113] = ["", " ", ""]
    return pa.table({"text": texts, "label": rng.choice(["A", "B", "C"], 120, p=[0.6, 0.3, 0.1])})


@pytest.fixture
def corpus() -> Corpus:
    return read_corpus(_table())


def test_nothing_is_changed_unless_asked_for(corpus: Corpus) -> None:
    assert curate(corpus, Curation()) is corpus


def test_stages_come_in_one_order_with_their_lines(corpus: Corpus) -> None:
    everything = Curation(
        min_count=20,
        other="OTHER",
        balance=30,
        split="random:0.2",
        drop_empty=True,
        drop_duplicates="near",
        clusters=True,
    )
    passed = list(stages(corpus, everything))
    assert [stage.name for stage in passed] == [
        "read",
        "rare classes merged",
        "classes balanced",
        "clusters numbered",
        "split recorded",
        "empty rows dropped",
        "near duplicates dropped",
    ]
    said = [line for stage in passed for line in stage.lines]
    assert tuple(said) == passed[-1].corpus.steps
    assert all(stage.lines for stage in passed)


def test_a_split_is_recorded_when_asked_for(corpus: Corpus) -> None:
    result = curate(corpus, Curation(split="stratified:0.2", seed=5))
    assert result.split_column == "split"
    assert result.fingerprint == corpus.fingerprint
    assert 20 <= int(part(result, "test").sum()) <= 28
    assert any(
        line.startswith("split stratified:0.2 recorded in column split") for line in result.steps
    )


def test_dropping_draws_a_split_and_says_so(corpus: Corpus) -> None:
    result = curate(corpus, Curation(drop_empty=True))
    assert "rows are dropped from train alone, so a split is drawn now" in result.steps
    assert result.split_column == "split"


def test_dropping_takes_the_published_split_where_there_is_one() -> None:
    flags = pa.array([n % 4 == 0 for n in range(120)])
    corpus = read_corpus(_table().append_column("published_test", flags))
    result = curate(corpus, Curation(drop_duplicates="exact"))
    assert part(result, "test").tolist() == result.extra["published_test"].to_pylist()
    assert int(part(result, "test").sum()) == 30


def test_a_recorded_split_is_kept_unless_another_is_named(corpus: Corpus) -> None:
    first = curate(corpus, Curation(split="random:0.2"))
    kept = curate(first, Curation(drop_duplicates="exact"))
    assert set(
        kept.documents.ids.take(pa.array(np.flatnonzero(part(kept, "test")))).to_pylist()
    ) == (set(first.documents.ids.take(pa.array(np.flatnonzero(part(first, "test")))).to_pylist()))
    assert not any("drawn now" in line for line in kept.steps)
    other = curate(first, Curation(split="random:0.5"))
    assert int(part(other, "test").sum()) == 60
    assert other.extra.column_names == ["split"]


def test_a_split_column_with_odd_values_is_refused(corpus: Corpus) -> None:
    odd = with_column(corpus, "split", pa.array(["train", "rest", "test"] * 40))
    with pytest.raises(SchemaError, match=r"Column 'split' holds 'rest' \(document 1\)"):
        curate(odd.with_changes(split_column="split"), Curation(drop_empty=True))


def test_clusters_are_numbered_on_request_and_by_dropping_near_duplicates(corpus: Corpus) -> None:
    exact = curate(corpus, Curation(drop_duplicates="exact"))
    assert exact.cluster_column is None
    for curation in (Curation(clusters=True), Curation(drop_duplicates="near")):
        result = curate(corpus, curation)
        assert result.cluster_column == "cluster"
        assert result.extra["cluster"].to_pylist() == result.near_duplicate_clusters.tolist()


def test_clusters_are_those_of_the_rows_before_any_were_dropped(corpus: Corpus) -> None:
    before = curate(corpus, Curation(clusters=True))
    after = curate(corpus, Curation(drop_duplicates="near"))
    assert len(after) < len(before)
    numbers = dict(zip(before.documents.ids.to_pylist(), before.extra["cluster"], strict=True))
    kept = zip(after.documents.ids.to_pylist(), after.extra["cluster"], strict=True)
    assert all(numbers[name] == number for name, number in kept)


def test_recorded_clusters_hold_although_rows_went(corpus: Corpus) -> None:
    first = curate(corpus, Curation(clusters=True))
    later = first.take(np.arange(50, 120))
    again = curate(later, Curation(clusters=True))
    assert again.extra.equals(later.extra)
    assert again.steps[-1].startswith("near-duplicate clusters as recorded in column cluster: ")


@pytest.mark.parametrize(
    ("name", "curation"),
    [
        ("split", Curation(split="random:0.2")),
        ("split", Curation(drop_empty=True)),
        ("cluster", Curation(clusters=True)),
        ("cluster", Curation(drop_duplicates="near")),
    ],
)
def test_a_column_of_another_meaning_is_not_overwritten(name: str, curation: Curation) -> None:
    other = read_corpus(_table().append_column(name, pa.array(["x"] * 120)), label="label")
    with pytest.raises(SchemaError, match=f"The column '{name}' is to be added"):
        curate(other, curation)
    as_text = read_corpus(_table().rename_columns([name, "label"]))
    with pytest.raises(SchemaError, match=f"The column '{name}' is to be added"):
        curate(as_text, curation)


def test_a_split_drawn_from_the_column_split_is_written_back_into_it() -> None:
    column = pa.array(["Training", "dev", "test"] * 40)
    corpus = read_corpus(_table().append_column("split", column), text="text", label="label")
    result = curate(corpus, Curation(split="column:split"))
    assert result.extra["split"].to_pylist() == ["train", "valid", "test"] * 40


BAD: dict[str, dict[str, Any]] = {
    "no row of a class": {"balance": 0},
    "fewer than none": {"balance": -5},
    "another word": {"balance": "largest"},
    "min_count of 0": {"min_count": 0},
    "other without min_count": {"other": "OTHER"},
    "other without a name": {"other": " ", "min_count": 5},
    "other duplicates": {"drop_duplicates": "similar"},
}


@pytest.mark.parametrize("values", BAD.values(), ids=BAD)
def test_values_out_of_range_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        Curation(**values)
    assert caught.value.remedy


def test_splits_that_cannot_be_drawn_are_refused(corpus: Corpus) -> None:
    with pytest.raises(ConfigError, match="There is no split 'halves'"):
        curate(corpus, Curation(split="halves"))
    with pytest.raises(DataError, match="has no published split"):
        curate(corpus, Curation(split="published"))


def test_balanced_huffpost_has_the_published_size(newsdesk_data: Any) -> None:
    newsdesk_data("huffpost/news_category_v2.parquet")
    corpus = curate(read_corpus("huffpost", labels="huffpost-34"), Curation(balance=1004))
    assert corpus.class_counts.tolist() == [1004] * 34
    assert len(corpus) == 34_136
