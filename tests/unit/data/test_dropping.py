from __future__ import annotations

import pyarrow as pa

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.dropping import without_duplicates, without_empty

LONG = "the central bank raised its main interest rate by a quarter point on thursday evening"


def _corpus(*rows: tuple[str, str, str]) -> Corpus:
    texts, labels, parts = zip(*rows, strict=True)
    table = pa.table({"text": texts, "label": labels, "split": parts})
    return read_corpus(table).with_changes(split_column="split")


def _ids(corpus: Corpus) -> str:
    return "".join(corpus.documents.ids.to_pylist())


def test_a_train_row_goes_if_an_earlier_train_row_says_the_same() -> None:
    corpus = _corpus(
        ("one", "A", "train"),
        ("two", "B", "train"),
        ("one", "A", "train"),
        ("three", "A", "valid"),
        ("four", "B", "test"),
        ("one", "A", "train"),
    )
    left = without_duplicates(corpus, "exact")
    assert _ids(left) == "0134"
    assert left.steps[len(corpus.steps) :] == (
        "2 duplicate train rows found, 2 dropped: 4 rows left",
        "  3 rows of train, valid and test stand in 1 cluster of several rows",
        "  0 as copies of a valid or test row, 2 of an earlier train row",
    )


def test_a_train_row_goes_if_any_row_of_valid_or_test_says_the_same() -> None:
    corpus = _corpus(
        ("one", "A", "train"),
        ("two", "B", "train"),
        ("three", "A", "train"),
        ("four", "B", "train"),
        ("one", "A", "valid"),
        ("two", "B", "test"),
    )
    left = without_duplicates(corpus, "exact")
    assert _ids(left) == "2345"
    assert left.steps[-1] == "  2 as copies of a valid or test row, 0 of an earlier train row"


def test_rows_of_valid_and_test_stay_however_often_they_occur() -> None:
    corpus = _corpus(
        ("one", "A", "test"),
        ("one", "A", "test"),
        ("one", "A", "valid"),
        ("two", "B", "train"),
        ("three", "A", "train"),
    )
    left = without_duplicates(corpus, "exact")
    assert _ids(left) == "01234"
    assert "0 duplicate train rows found, 0 dropped: 5 rows left" in left.steps


def test_conflicting_labels_are_counted_and_the_earlier_row_stays() -> None:
    corpus = _corpus(
        ("one", "A", "train"),
        ("one", "B", "train"),
        ("two", "B", "train"),
        ("two", "B", "train"),
        ("three", "A", "valid"),
        ("four", "B", "test"),
    )
    left = without_duplicates(corpus, "exact")
    assert _ids(left) == "0245"
    assert "  conflicting labels: 2 rows stand in 1 cluster of several labels" in left.steps


def test_a_class_keeps_its_last_train_row() -> None:
    corpus = _corpus(
        ("one", "A", "train"),
        ("one", "B", "train"),
        ("one", "B", "train"),
        ("two", "C", "train"),
        ("three", "A", "valid"),
        ("two", "A", "test"),
    )
    left = without_duplicates(corpus, "exact")
    assert _ids(left) == "01345"
    assert left.steps[-1] == "  2 rows kept as the last of a class: B, C"


def test_near_duplicates_are_dropped_only_when_they_are_meant() -> None:
    corpus = _corpus(
        (LONG, "A", "train"),
        (f"{LONG} (VIDEO)", "A", "train"),
        ("keeper saves two penalties in the final", "B", "train"),
        ("voters turn to the greens in the north", "A", "valid"),
        ("club wins the cup after extra time", "B", "test"),
    )
    assert _ids(without_duplicates(corpus, "exact")) == "01234"
    near = without_duplicates(corpus, "near")
    assert _ids(near) == "0234"
    assert "1 near-duplicate train row found, 1 dropped: 4 rows left" in near.steps


def test_texts_must_agree_in_every_field_to_be_duplicates() -> None:
    table = pa.table(
        {
            "headline": ["one", "one", "one", "two", "three"],
            "summary": ["x", "y", "x", "z", "z"],
            "label": ["A", "A", "A", "B", "B"],
            "split": ["train", "train", "train", "valid", "test"],
        }
    )
    corpus = read_corpus(table, text=["headline", "summary"], label="label")
    left = without_duplicates(corpus.with_changes(split_column="split"), "exact")
    assert _ids(left) == "0134"


def test_empty_rows_are_dropped_from_train_alone() -> None:
    corpus = _corpus(
        ("", "A", "train"),
        ("one", "A", "train"),
        (" \u00a0\n", "B", "train"),
        ("two", "B", "train"),
        ("", "A", "valid"),
        ("", "B", "test"),
    )
    left = without_empty(corpus)
    assert _ids(left) == "1345"
    assert left.steps[len(corpus.steps) :] == (
        "2 empty train rows found, 2 dropped: 4 rows left",
        "  2 rows of valid and test without any text kept",
    )


def test_an_empty_row_stays_as_the_last_of_its_class() -> None:
    corpus = _corpus(
        ("", "A", "train"),
        ("", "A", "train"),
        ("one", "B", "train"),
        ("two", "B", "valid"),
        ("three", "B", "test"),
    )
    left = without_empty(corpus)
    assert _ids(left) == "0234"
    assert left.steps[-1] == "  1 row kept as the last of a class: A"
