from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.data.column_names import IDS
from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.curate import Curation, curate
from newsdesk.data.history import history_of
from newsdesk.data.prepared import check_place, table_of, write
from newsdesk.errors import SchemaError, StorageError

ROWS = {
    "date": ["2018-01-01"] * 6,
    "headline": ["Rates rise", "Keeper saves", "=1+1", "NA", "", "Cup"],
    "section": ["MONEY", "SPORT", "MONEY", "POLITICS", "MONEY", "SPORT"],
}
FORMATS = [".feather", ".arrow", ".parquet", ".csv", ".tsv", ".jsonl"]


@pytest.fixture
def corpus() -> Corpus:
    return read_corpus(pa.table(ROWS))


def _same(one: Corpus, other: Corpus) -> bool:
    return (
        one.fingerprint == other.fingerprint
        and one.documents.ids.equals(other.documents.ids)
        and one.labels == other.labels
    )


@pytest.mark.parametrize("suffix", FORMATS)
def test_any_format_gives_the_same_texts_labels_and_ids(
    suffix: str, corpus: Corpus, tmp_path: Path
) -> None:
    part = corpus.take(np.array([1, 2, 3, 4]))
    part = part.with_changes(labels=corpus.labels)
    path = tmp_path / f"out{suffix}"
    write(part, path)
    assert _same(read_corpus(path, text="headline", label="section"), part)


@pytest.mark.parametrize("suffix", [".feather", ".arrow", ".parquet"])
def test_columns_name_licence_split_and_steps_are_read_back(
    suffix: str, corpus: Corpus, tmp_path: Path
) -> None:
    odd = {"subject": "headline", "kind": "section"}
    table = pa.table({**ROWS, "body": ["x"] * 6}).rename_columns(["date", *odd, "body"])
    before = read_corpus(table, text=["subject", "body"], label="kind")
    before = before.with_changes(name="desk", licence="CC0")
    before = curate(before, Curation(split="tail:2", clusters=True))
    path = tmp_path / f"out{suffix}"
    write(before, path)
    after = read_corpus(path)
    assert _same(before, after)
    assert list(after.documents.fields) == ["subject", "body"]
    assert (after.name, after.licence, after.label_column) == ("desk", "CC0", "kind")
    assert (after.split_column, after.cluster_column) == ("split", "cluster")
    assert after.steps[: len(before.steps)] == before.steps
    assert after.steps[len(before.steps)] == f"read {path}: 6 rows"


def test_writing_what_was_read_changes_nothing_but_the_steps(
    corpus: Corpus, tmp_path: Path
) -> None:
    write(curate(corpus, Curation(split="tail:2")), tmp_path / "one.feather")
    write(read_corpus(tmp_path / "one.feather"), tmp_path / "two.feather")
    one, two = (tables.read(tmp_path / f"{name}.feather").table for name in ("one", "two"))
    assert one.equals(two)


def test_positions_become_an_id_column_that_stands_first(corpus: Corpus) -> None:
    table = table_of(corpus.take(np.array([5, 1])))
    assert table.column_names == ["id", "headline", "section", "date"]
    assert table["id"].to_pylist() == ["5", "1"]


def test_the_column_that_gave_the_ids_is_not_doubled() -> None:
    table = pa.table({**ROWS, "ID": pa.array([7, 8, 9, 10, 11, 12])})
    written = table_of(read_corpus(table))
    assert written.column_names == ["ID", "headline", "section", "date"]
    assert written["ID"].type == pa.int64()


def test_ids_stay_although_another_column_becomes_unique(tmp_path: Path) -> None:
    table = pa.table({**ROWS, "id": ["a", "a", "b", "c", "d", "e"]})
    part = read_corpus(table).take(np.array([1, 2, 3, 5]))
    write(part, tmp_path / "out.feather")
    assert read_corpus(tmp_path / "out.feather").documents.ids.to_pylist() == ["1", "2", "3", "5"]


def test_a_name_is_needed_for_the_ids() -> None:
    taken = {name: ["same"] * 6 for name in IDS}
    with pytest.raises(SchemaError, match="every name for one is taken"):
        table_of(read_corpus(pa.table({**ROWS, **taken})))


def test_published_test_rows_known_from_elsewhere_become_a_column(
    corpus: Corpus, tmp_path: Path
) -> None:
    write(corpus.with_changes(published=np.array([4, 5])), tmp_path / "out.feather")
    read = read_corpus(tmp_path / "out.feather")
    assert read.published is not None
    assert read.published.tolist() == [4, 5]


def test_two_columns_of_one_name_are_refused(corpus: Corpus) -> None:
    with pytest.raises(SchemaError, match="have the same name"):
        table_of(corpus.with_changes(label_column="date"))


def test_what_the_caller_names_goes_before_what_the_file_says(
    corpus: Corpus, tmp_path: Path
) -> None:
    table = pa.table({**ROWS, "body": ["x", "y", "z"] * 2, "desk": ["1", "2"] * 3})
    write(read_corpus(table, text="headline", label="section"), tmp_path / "out.feather")
    named = read_corpus(tmp_path / "out.feather", text="body", label="desk")
    assert list(named.documents.fields) == ["body"]
    assert named.labels.names == ("1", "2")
    assert named.label_column == "desk"


def test_fields_of_a_bundle_go_before_what_the_file_says(tmp_path: Path) -> None:
    table = pa.table({**ROWS, "body": ["x", "y", "z"] * 2})
    write(read_corpus(table, text=["headline", "body"], label="section"), tmp_path / "out.feather")
    preferred = read_corpus(tmp_path / "out.feather", prefer=["body", "elsewhere"])
    assert list(preferred.documents.fields) == ["body"]


def test_clusters_of_other_texts_are_not_those_of_the_file(tmp_path: Path) -> None:
    table = pa.table({**ROWS, "body": ["x", "y", "z"] * 2})
    corpus = read_corpus(table, text=["headline", "body"], label="section")
    write(curate(corpus, Curation(clusters=True)), tmp_path / "out.feather")
    path = tmp_path / "out.feather"
    assert read_corpus(path).cluster_column == "cluster"
    assert read_corpus(path, text=["headline", "body"]).cluster_column == "cluster"
    assert read_corpus(path, text="body").cluster_column is None
    assert read_corpus(path, prefer=["body"]).cluster_column is None


def test_a_split_column_used_as_label_is_no_split(corpus: Corpus, tmp_path: Path) -> None:
    write(curate(corpus, Curation(split="tail:2")), tmp_path / "out.feather")
    assert read_corpus(tmp_path / "out.feather", label="split").split_column is None


def test_labels_that_look_like_several_are_believed_in_a_prepared_file(tmp_path: Path) -> None:
    labels = ["FOOD", "DRINK"] * 200 + ["FOOD, DRINK"] * 3
    table = pa.table({"text": [f"story {n}" for n in range(403)], "label": labels})
    balanced = curate(read_corpus(table), Curation(balance=3))
    write(balanced, tmp_path / "out.feather")
    assert _same(read_corpus(tmp_path / "out.feather"), balanced)


def test_prepared_files_are_read_together(corpus: Corpus, tmp_path: Path) -> None:
    split = curate(corpus, Curation(split="tail:2", clusters=True))
    write(split, tmp_path / "a.feather")
    write(split.with_changes(licence="CC0"), tmp_path / "b.feather")
    both = read_corpus(str(tmp_path / "*.feather"))
    assert len(both) == 12
    assert (both.split_column, both.label_column, both.name) == ("split", "section", "a")
    assert both.licence is None
    assert both.cluster_column is None
    assert both.steps[0].endswith(": 12 rows")


def test_metadata_goes_with_a_table_in_memory(corpus: Corpus) -> None:
    assert read_corpus(table_of(corpus)).steps[: len(corpus.steps)] == corpus.steps
    assert history_of(table_of(corpus), "memory") is not None


def test_a_place_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    check_place(tmp_path / "missing" / "folder" / "out.feather")
    (tmp_path / "old.feather").write_text("old")
    check_place(tmp_path / "old.feather", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["old.feather"]
    assert (tmp_path / "old.feather").read_text() == "old"


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "old.feather").write_text("old")
    (tmp_path / "folder.feather").mkdir()
    for name, reason in (
        ("old.feather", "exists already"),
        ("folder.feather", "is a folder"),
        ("old.feather/out.feather", "cannot be written"),
    ):
        with pytest.raises(StorageError, match=reason):
            check_place(tmp_path / name)
    with pytest.raises(StorageError, match="is a folder"):
        check_place(tmp_path / "folder.feather", overwrite=True)
    with pytest.raises(SchemaError, match=r"suffix '\.xlsx'"):
        check_place(tmp_path / "out.xlsx")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder that nobody can write to")
def test_a_folder_that_nobody_can_write_to_is_refused() -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        check_place(Path("/proc/out.feather"))
    assert not os.path.exists("/proc/out.feather")  # noqa: PTH110
