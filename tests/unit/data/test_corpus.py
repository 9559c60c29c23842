from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.data.corpus import read_corpus
from newsdesk.errors import ConfigError, DataError

ROWS = {
    "headline": ["Rates rise", "Keeper saves", "Rates rise", "Vote count", "Rates fall", "Cup"],
    "date": ["2018-01-01"] * 6,
    "section": ["MONEY", "SPORT", "MONEY", "POLITICS", "MONEY", "SPORT"],
}


def _huffpost() -> Path:
    folder = os.environ.get("NEWSDESK_DATA", "")
    path = Path(folder, "huffpost/news_category_v2.parquet")
    if not folder or not path.exists():
        pytest.skip("huffpost/news_category_v2.parquet is not in $NEWSDESK_DATA")
    return path


def test_corpus_holds_texts_class_indices_and_the_other_columns() -> None:
    corpus = read_corpus(pa.table(ROWS))
    assert len(corpus) == 6
    assert corpus.labels.names == ("MONEY", "POLITICS", "SPORT")
    assert corpus.y.tolist() == [0, 2, 0, 1, 0, 2]
    assert corpus.class_counts.tolist() == [3, 1, 2]
    assert corpus.extra.column_names == ["date"]
    assert "text: headline, label: section (guessed)" in corpus.steps


def test_same_rows_of_any_format_have_the_same_fingerprint(tmp_path: Path) -> None:
    prints = set()
    for suffix in (".csv", ".tsv", ".jsonl", ".parquet", ".feather"):
        path = tmp_path / f"news{suffix}"
        tables.write(pa.table(ROWS), path)
        prints.add(read_corpus(path).fingerprint)
    chunked = pa.concat_tables([pa.table(ROWS).slice(0, 2), pa.table(ROWS).slice(2)])
    prints.add(read_corpus(chunked).fingerprint)
    assert len(prints) == 1


def test_fingerprint_tells_apart_what_differs() -> None:
    corpus = read_corpus(pa.table(ROWS))
    shifted = {**ROWS, "headline": ["Rates ris", "eKeeper saves", *ROWS["headline"][2:]]}
    relabelled = {**ROWS, "section": ["SPORT", *ROWS["section"][1:]]}
    others = [
        read_corpus(pa.table(shifted)),
        read_corpus(pa.table(relabelled)),
        read_corpus(pa.table(ROWS).rename_columns(["title", "date", "section"])),
        corpus.take(np.array([1, 0, 2, 3, 4, 5])),
    ]
    assert len({corpus.fingerprint, *(other.fingerprint for other in others)}) == 5


def test_fingerprint_is_that_of_earlier_releases() -> None:
    wanted = "6736415252c6d7e568094160b565a2be6bd29ea0154f358089d7627f6c90c4b9"
    assert read_corpus(pa.table(ROWS)).fingerprint == wanted


def test_take_keeps_order_label_set_and_published_rows() -> None:
    table = pa.table(ROWS).append_column("published_test", pa.array([True, False] * 3))
    corpus = read_corpus(table)
    assert corpus.published is not None
    assert corpus.published.tolist() == [0, 2, 4]
    taken = corpus.take(np.array([5, 4, 0]))
    assert taken.documents.ids.to_pylist() == ["5", "4", "0"]
    assert taken.y.tolist() == [2, 0, 0]
    assert taken.labels == corpus.labels
    assert taken.published is not None
    assert taken.published.tolist() == [1, 2]


def test_take_works_without_other_columns() -> None:
    corpus = read_corpus(pa.table(ROWS).drop_columns("date"))
    assert len(corpus.take(np.array([1, 2]))) == 2


def test_sample_of_rows_is_seeded_and_keeps_the_order() -> None:
    table = pa.table({"text": [str(n) for n in range(100)], "label": ["A", "B"] * 50})
    first, again, other = (read_corpus(table, rows=20, seed=seed) for seed in (1, 1, 2))
    ids = [int(value) for value in first.documents.ids.to_pylist()]
    assert ids == sorted(ids)
    assert len(ids) == 20
    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert "20 rows of 100 drawn with seed 1" in first.steps


def test_classes_and_merge_map_are_applied_in_that_order_and_logged(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('name = "m"\nversion = 2\n[merge]\n"SPORT" = "PLAY"\n')
    corpus = read_corpus(pa.table(ROWS), labels=path, classes="MONEY,PLAY")
    assert corpus.labels.names == ("MONEY", "PLAY")
    assert len(corpus) == 5
    assert "labels merged by m version 2: 3 classes became 3" in corpus.steps
    assert "2 classes chosen (MONEY, PLAY): 5 rows" in corpus.steps


def test_options_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError, match="0 rows cannot be drawn"):
        read_corpus(pa.table(ROWS), rows=0)


def test_misspelt_name_of_a_known_set_is_answered_with_the_right_one() -> None:
    with pytest.raises(DataError, match="no known data set 'huffpots'") as caught:
        read_corpus("huffpots")
    assert caught.value.remedy == "Did you mean 'huffpost'?"


def test_huffpost_with_34_labels() -> None:
    _huffpost()
    corpus = read_corpus("huffpost", labels="huffpost-34")
    assert (len(corpus), len(corpus.labels)) == (200_853, 34)
    assert list(corpus.documents.fields) == ["headline", "short_description"]
    assert corpus.published is not None
    assert len(corpus.published) == 20_086
    assert corpus.licence is not None
    assert "CC BY 4.0" in corpus.licence
    assert any("THE WORLDPOST → WORLDPOST: 3,664 rows" in step for step in corpus.steps)


def test_huffpost_read_by_its_path_has_its_published_rows() -> None:
    corpus = read_corpus(_huffpost(), classes="top5", rows=5000)
    assert corpus.published is not None
    assert 300 < len(corpus.published) < 700


def test_changes_keep_the_clusters_that_are_known() -> None:
    corpus = read_corpus(pa.table(ROWS))
    clusters, near = corpus.duplicate_clusters, corpus.near_duplicate_clusters
    changed = corpus.with_changes(licence="CC0")
    assert (changed.licence, corpus.licence) == ("CC0", None)
    assert changed.duplicate_clusters is clusters
    assert changed.near_duplicate_clusters is near


def test_other_documents_are_no_change_of_the_same() -> None:
    corpus = read_corpus(pa.table(ROWS))
    with pytest.raises(AssertionError, match="other clusters"):
        corpus.with_changes(documents=corpus.documents)


def test_recorded_clusters_are_taken_before_any_are_looked_for() -> None:
    numbers = pa.table({"cluster": pa.array([7, 7, 3, 7, 3, 5], type=pa.int32())})
    corpus = read_corpus(pa.table(ROWS)).with_changes(extra=numbers, cluster_column="cluster")
    assert corpus.near_duplicate_clusters.tolist() == [0, 0, 1, 0, 1, 2]
    assert corpus.take(np.array([2, 5, 4])).near_duplicate_clusters.tolist() == [0, 1, 0]
