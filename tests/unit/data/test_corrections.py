from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.corrections import Corrected, correct
from newsdesk.data.split import Split, draw
from newsdesk.types import Documents, Silent, string_array

LONG = "the bank of england raises its rates for the third time this year as prices climb"


def corpus_of(n: int = 30, **columns: Any) -> tuple[Corpus, Split]:
    """Rows 0 … n - 1 of classes A and B in turn; the last five are test."""
    given = {
        "headline": [f"row {row} of many" for row in range(n)],
        "description": [f"more of {row}" for row in range(n)],
        "label": ["AB"[row % 2] for row in range(n)],
        **columns,
    }
    corpus = read_corpus(pa.table(given), text=["headline", "description"], label="label")
    return corpus, draw(corpus, "tail:5", near=False)


def texts(corpus: Corpus, rows: Any) -> list[tuple[str, str]]:
    documents = corpus.documents.take(rows)
    columns = (documents.fields[name].to_pylist() for name in ("headline", "description"))
    return list(zip(*columns, strict=True))


def corrected(
    corpus: Corpus, split: Split, given: Sequence[tuple[str, str, str]], *, near: bool = False
) -> Corrected:
    documents = Documents(
        string_array([f"c{n}" for n in range(len(given))]),
        {
            "headline": string_array([headline for headline, _, _ in given]),
            "description": string_array([description for _, description, _ in given]),
        },
    )
    labels = string_array([label for _, _, label in given])
    return correct(corpus, split, documents, labels, near=near, seed=0, progress=Silent())


def unchanged(found: Corrected, corpus: Corpus, split: Split) -> None:
    """Valid and test hold what they held."""
    for part in ("valid", "test"):
        before, after = getattr(split, part), getattr(found.split, part)
        assert texts(found.corpus, after) == texts(corpus, before)
        labels = found.corpus.labels.decode(found.corpus.y[after])
        assert labels == corpus.labels.decode(corpus.y[before])
    together = np.concatenate([found.split.train, found.split.valid, found.split.test])
    assert sorted(together.tolist()) == list(range(len(found.corpus)))


def test_new_texts_are_added_to_train_alone() -> None:
    corpus, split = corpus_of()
    found = corrected(corpus, split, [("new one", "", "A"), ("new two", "x", "B")])
    unchanged(found, corpus, split)
    added = found.split.train[-2:]
    assert texts(found.corpus, added) == [("new one", ""), ("new two", "x")]
    assert found.corpus.labels.decode(found.corpus.y[added]) == ["A", "B"]
    assert found.corpus.documents.ids.to_pylist()[-2:] == ["c0", "c1"]
    assert found.counts["n_added"] == 2
    assert found.corpus.steps[-1] == "feedback: 2 accepted corrections: 2 added to train"
    assert found.corpus.fingerprint != corpus.fingerprint


def test_what_stands_in_valid_or_test_never_reaches_train() -> None:
    corpus, split = corpus_of()
    (test, _), (valid, more) = texts(corpus, [split.test[0], split.valid[0]])
    given = [
        (test, texts(corpus, split.test[:1])[0][1], "B"),
        (valid, more, "A"),
        (test, "", "A"),  # its headline alone
        ("", texts(corpus, split.test[1:2])[0][1], "A"),  # its description alone
        ("fresh", "", "A"),
    ]
    found = corrected(corpus, split, given)
    unchanged(found, corpus, split)
    assert (found.counts["n_held_out"], found.counts["n_added"]) == (4, 1)
    assert "left out: 4 that stand in valid or test" in found.corpus.steps[-1]
    assert texts(found.corpus, found.split.train[-1:]) == [("fresh", "")]


def test_near_duplicates_of_test_are_left_out_where_they_are_looked_for() -> None:
    headlines = [f"row {row} of many" for row in range(29)] + [LONG]
    corpus, split = corpus_of(headline=headlines)
    given = [(f"{LONG} again", "", "A")]
    assert corrected(corpus, split, given, near=True).counts["n_held_out"] == 1
    assert corrected(corpus, split, given).counts["n_added"] == 1


def test_a_correction_wins_over_the_train_row_that_it_contradicts() -> None:
    corpus, split = corpus_of()
    row = split.train[4]
    ((headline, description),) = texts(corpus, [row])
    wrong = corpus.labels[corpus.y[row]]
    right = "B" if wrong == "A" else "A"
    found = corrected(corpus, split, [(headline, description, right)])
    unchanged(found, corpus, split)
    assert len(found.corpus) == len(corpus)
    assert (found.counts["n_added"], found.counts["n_dropped"]) == (1, 1)
    same = [
        place
        for place, text in enumerate(texts(found.corpus, np.arange(len(found.corpus))))
        if text == (headline, description)
    ]
    assert found.corpus.labels.decode(found.corpus.y[same]) == [right]
    assert found.corpus.steps[-1] == "feedback: 1 train row dropped that they contradict"


def test_all_copies_of_the_contradicted_row_go_and_an_agreeing_one_is_enough() -> None:
    headlines = ["same"] * 4 + [f"row {row}" for row in range(26)]
    more = [""] * 4 + [f"more {row}" for row in range(26)]
    corpus, _ = corpus_of(headline=headlines, description=more)
    split = Split(np.arange(20), np.arange(20, 25), np.arange(25, 30), "", "")
    found = corrected(corpus, split, [("same", "", "C")])
    assert (found.counts["n_dropped"], found.counts["n_added"]) == (4, 1)
    found = corrected(corpus, split, [("same", "", "A")])
    assert found.counts["n_dropped"] == 2
    assert (found.counts["n_added"], found.counts["n_known"]) == (0, 1)
    unchanged(found, corpus, split)


def test_a_headline_alone_does_not_drop_a_row_that_has_a_description_too() -> None:
    corpus, split = corpus_of()
    ((headline, _),) = texts(corpus, split.train[:1])
    found = corrected(corpus, split, [(headline, "", "Z")])
    assert (found.counts["n_dropped"], found.counts["n_added"]) == (0, 1)


def test_the_last_of_several_corrections_of_a_text_holds() -> None:
    corpus, split = corpus_of()
    given = [("new", "", "A"), ("new", "", "B"), ("other", "", "A"), ("new", "", "C")]
    found = corrected(corpus, split, given)
    assert (found.counts["n_replaced"], found.counts["n_added"]) == (2, 2)
    added = found.split.train[-2:]
    assert found.corpus.labels.decode(found.corpus.y[added]) == ["A", "C"]
    assert found.new_classes == ("C",)


def test_new_classes_are_sorted_in_and_said() -> None:
    corpus, split = corpus_of()
    found = corrected(corpus, split, [("one", "", "AA"), ("two", "", "0")])
    unchanged(found, corpus, split)
    assert found.corpus.labels.names == ("0", "A", "AA", "B")
    assert "2 classes are new (0, AA); too few corrections" in found.corpus.steps[-1]


def test_rows_of_no_class_stay_of_none() -> None:
    corpus, split = corpus_of()
    y = corpus.y.copy()
    y[split.test[0]] = -1
    found = corrected(corpus.with_changes(y=y), split, [("one", "", "0")])
    assert found.corpus.y[found.split.test[0]] == -1
    assert (found.corpus.y[found.split.test[1:]] >= 0).all()


def test_classes_without_train_rows_are_said_anew() -> None:
    labels = ["C" if row == 29 else "AB"[row % 2] for row in range(30)]
    corpus, split = corpus_of(label=labels)
    assert split.notes == ("1 class has no row in train: C",)
    assert corrected(corpus, split, [("new", "", "C")]).split.notes == ()
    labels = ["C" if row == 3 else "AB"[row % 2] for row in range(30)]
    corpus, _ = corpus_of(label=labels)
    split = Split(np.arange(20), np.arange(20, 25), np.arange(25, 30), "", "")
    found = corrected(corpus, split, [(*texts(corpus, [3])[0], "A")])
    assert found.split.notes == ("1 class has no row in train: C",)


def test_no_correction_changes_nothing() -> None:
    corpus, split = corpus_of()
    found = corrected(corpus, split, [])
    assert found.corpus.fingerprint == corpus.fingerprint
    assert found.split.train.tolist() == split.train.tolist()
    assert found.corpus.steps[-1] == "feedback: 0 accepted corrections: 0 added to train"


@pytest.mark.parametrize(
    "column", [pa.array(range(30)), pa.array(["x"] * 30).dictionary_encode(), pa.array([[1]] * 30)]
)
def test_other_columns_are_empty_for_corrections(column: pa.Array) -> None:
    corpus, split = corpus_of(other=column)
    found = corrected(corpus, split, [("new", "", "A")])
    assert found.corpus.extra["other"].to_pylist() == [*column.to_pylist(), None]


def test_a_recorded_split_and_recorded_clusters_are_no_longer_those_of_the_rows() -> None:
    corpus, split = corpus_of(part=["train"] * 30, cluster=list(range(30)))
    corpus = corpus.with_changes(split_column="part", cluster_column="cluster")
    found = corrected(corpus, split, [("new", "", "A")])
    assert (found.corpus.split_column, found.corpus.cluster_column) == (None, None)


def test_a_tenth_of_the_corrections_of_a_new_class_goes_to_valid() -> None:
    corpus, split = corpus_of()
    given = [(f"storm {n}", "", "C") for n in range(40)] + [
        (f"fact {n}", "", "A") for n in range(9)
    ]
    found = corrected(corpus, split, given)
    n = len(split.valid)
    assert texts(found.corpus, found.split.test) == texts(corpus, split.test)
    assert texts(found.corpus, found.split.valid[:n]) == texts(corpus, split.valid)
    drawn = found.split.valid[n:]
    assert set(found.corpus.labels.decode(found.corpus.y[drawn])) == {"C"}
    assert len(drawn) == found.counts["n_valid"] == 4
    assert not np.isin(drawn, found.split.train).any()
    said = "49 accepted corrections: 49 added to train and valid"
    assert said in found.corpus.steps[-2]
    assert "1 class is new (C); 4 corrections went to valid" in found.corpus.steps[-1]


def test_near_copies_of_a_new_class_are_not_divided() -> None:
    corpus, split = corpus_of()
    rng = np.random.default_rng(0)
    storms = [" ".join(f"w{n}" for n in rng.integers(0, 5000, 20)) for _ in range(30)]
    given = [(storm + end, "", "C") for storm in storms for end in (" today", " tonight")]
    found = corrected(corpus, split, given, near=True)
    drawn = texts(found.corpus, found.split.valid[len(split.valid) :])
    assert len(drawn) == found.counts["n_valid"] == 6
    assert len({headline.rsplit(" ", 1)[0] for headline, _ in drawn}) == 3
