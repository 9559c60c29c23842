"""Rows 20 and 22 of the fault catalogue: faults of labels, and duplicates across splits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data.corpus import read_corpus
from newsdesk.data.given_test import concat
from newsdesk.data.split import draw, leak_note, leaked
from newsdesk.errors import ConfigError, DataError, LabelError, LeakageError, RowError


def _table(labels: Any, texts: list[str] | None = None) -> pa.Table:
    texts = texts or [f"headline {n}" for n in range(len(labels))]
    return pa.table({"headline": texts, "label": labels})


def test_row_20_one_class_only_is_refused_with_the_remedy() -> None:
    with pytest.raises(LabelError, match="the one label 'A'") as caught:
        read_corpus(_table(["A", "A"]))
    assert "two classes" in caught.value.remedy


def test_row_20_class_of_one_row_stays_in_train_and_is_told() -> None:
    corpus = read_corpus(_table(["A"] * 40 + ["B"] * 40 + ["RARE"]))
    assert "1 class of a single row: RARE" in corpus.steps
    for seed in range(20):
        split = draw(corpus, "stratified:0.2", seed=seed)
        assert 80 in split.train
        assert split.notes == ()


def test_row_20_class_without_train_rows_is_warned_of() -> None:
    corpus = read_corpus(_table(["A", "B"] * 20 + ["LATE"] * 2))
    assert draw(corpus, "tail:2").notes == ("1 class has no row in train: LATE",)


@pytest.mark.parametrize("empty", [None, "", "  "], ids=["null", "empty", "blank"])
def test_row_20_empty_label_is_a_bad_row_with_its_number(empty: str | None, tmp_path: Path) -> None:
    table = _table(["A", empty, "B", empty])
    with pytest.raises(RowError, match=r"row 2, column 'label'.*in 1 other row: 4"):
        read_corpus(table)
    corpus = read_corpus(table, on_bad_row="quarantine", quarantine=tmp_path)
    assert corpus.documents.ids.to_pylist() == ["0", "2"]
    assert "2 rows rejected: 0 could not be read, 2 had no label" in corpus.steps
    (file,) = tmp_path.iterdir()
    assert [json.loads(line)["row"] for line in file.read_text().splitlines()] == [2, 4]


def test_row_20_nan_label_of_a_data_frame_is_a_bad_row() -> None:
    labels = pa.array([1.0, float("nan"), 2.0])
    with pytest.raises(RowError, match="row 2"):
        read_corpus(_table(labels))
    assert read_corpus(_table(labels), on_bad_row="skip").labels.names == ("1", "2")


def test_row_20_unreadable_and_unlabelled_rows_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_text("headline,label\na,A\nragged\nb,\nc,B\n")
    corpus = read_corpus(path, on_bad_row="quarantine", quarantine=tmp_path / "bad")
    assert corpus.documents.ids.to_pylist() == ["0", "3"]
    lines = (tmp_path / "bad" / "news.rejected.jsonl").read_text().splitlines()
    assert [json.loads(line)["row"] for line in lines] == [2, 3]


def test_row_20_no_labelled_row_at_all_is_refused() -> None:
    with pytest.raises(DataError, match="no row that can be used"):
        read_corpus(_table(["", ""]), label="label", on_bad_row="skip")


def test_row_20_label_only_in_test_is_counted_and_not_measured() -> None:
    train = read_corpus(_table(["A", "B"] * 20))
    test = read_corpus(_table(["B", "NEW", "A"]))
    corpus, split = concat(train, test)
    assert corpus.y[split.test].tolist() == [1, -1, 0]
    assert split.notes == ("1 test row of 1 class unknown to train (NEW): not measured",)


def test_row_20_ten_thousand_classes_are_read_and_split() -> None:
    names = [f"class {n:05}" for n in range(10_000)]
    corpus = read_corpus(_table(names * 3))
    split = draw(corpus, "stratified:0.1")
    assert len(corpus.labels) == 10_000
    assert set(corpus.y[split.train]) == set(range(10_000))
    assert len(split.test) == 3_000


def test_row_20_labels_differing_by_case_or_space_stay_apart_and_are_told() -> None:
    corpus = read_corpus(_table(["Sport", "SPORT", "Sport ", "Tech"] * 2))
    assert len(corpus.labels) == 4
    assert any(
        "differ only by case or spaces: 'SPORT', 'Sport', 'Sport '" in step for step in corpus.steps
    )


def test_row_20_label_with_a_comma_is_one_label() -> None:
    corpus = read_corpus(_table(["Arts, Culture", "Tech"] * 3))
    assert corpus.labels.names == ("Arts, Culture", "Tech")


@pytest.mark.parametrize(
    "labels",
    [
        [["A", "B"], ["A"], ["B"]],
        ["A", "B"] * 5 + ["A|B"],
        ['["A", "B"]', '["B"]', '["A"]'],
    ],
    ids=["lists", "joined", "json"],
)
def test_row_20_several_labels_in_one_row_are_refused_with_the_reason(labels: Any) -> None:
    with pytest.raises(LabelError, match="Only one label per row is supported"):
        read_corpus(_table(labels))


def _map(tmp_path: Path, **merge: str) -> Path:
    path = tmp_path / "map.toml"
    lines = [f'"{old}" = "{new}"' for old, new in merge.items()]
    path.write_text("\n".join(['name = "m"', "version = 1", "[merge]", *lines]))
    return path


@pytest.mark.parametrize(
    ("merge", "message"),
    [
        ({"SPORT": "GAMES", "TECH": "GAMES"}, "names no label of the data: SPORT, TECH"),
        ({"a": "GAMES"}, r"names no label of the data: a \(did you mean 'A'\?\)"),
        ({"A": "ALL", "B": "ALL", "C": "ALL"}, "merges all 3 classes into 'ALL'"),
        ({"A": "C", "B": "C"}, "merges all 3 classes into 'C'"),
    ],
    ids=["unknown", "case", "one", "one-of-them"],
)
def test_row_20_merge_maps_that_do_not_fit_are_refused(
    tmp_path: Path, merge: dict[str, str], message: str
) -> None:
    path = _map(tmp_path, **merge)
    with pytest.raises(LabelError, match=message):
        read_corpus(_table(["A", "B", "C"] * 3), labels=path)


@pytest.mark.parametrize(
    ("merge", "message"),
    [
        ({"A": "B", "B": "C"}, "'A' is merged into 'B', which is itself merged away"),
        ({"A": "B", "B": "A"}, "which is itself merged away"),
        ({"A": "A"}, "'A' is merged into itself"),
    ],
    ids=["chain", "cycle", "self"],
)
def test_row_20_merge_maps_that_chain_are_refused(
    tmp_path: Path, merge: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        read_corpus(_table(["A", "B", "C"] * 3), labels=_map(tmp_path, **merge))


def test_row_20_a_few_rows_to_measure_need_not_fit_the_map(tmp_path: Path) -> None:
    path = _map(tmp_path, A="B")
    for labels, left in ((["C", "C"], ("C",)), (["A", "B"], ("B",))):
        assert read_corpus(_table(labels), labels=path, min_classes=1).labels.names == left


def test_row_22_duplicates_across_splits_are_counted_and_can_be_forbidden() -> None:
    texts = [f"headline {n}" for n in range(40)]
    texts[38] = texts[0]  # stands in train
    texts[39] = texts[35]  # stands in valid
    corpus = read_corpus(_table(["A", "B"] * 20, texts))
    split = draw(corpus, "tail:4")
    assert 35 in split.valid
    found = leaked(corpus, split)
    assert found.tolist() == [False, False, True, True]
    assert leak_note(found) == "2 of 4 test rows (50.0 %) stand word for word in train or valid"
    with pytest.raises(LeakageError, match="2 of 4 test rows"):
        leaked(corpus, split, forbid=True)


def test_row_22_equal_headlines_with_other_descriptions_are_no_duplicates() -> None:
    table = pa.table(
        {
            "headline": ["x", "x", "x", "a b"],
            "description": ["1", "2", "1", "c"],
            "label": ["A", "B", "A", "B"],
        }
    )
    assert np.array_equal(read_corpus(table).duplicate_clusters, [0, 1, 0, 2])
