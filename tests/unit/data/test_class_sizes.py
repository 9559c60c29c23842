from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data.class_sizes import absent_note, balance, without_rare
from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.errors import LabelError


def _corpus(**sizes: int) -> Corpus:
    labels = [name for name, n in sizes.items() for _ in range(n)]
    order = np.random.default_rng(0).permutation(len(labels))
    texts = [f"story {n}" for n in range(len(labels))]
    return read_corpus(pa.table({"text": texts, "label": [labels[n] for n in order]}))


def _sizes(corpus: Corpus) -> dict[str, int]:
    return dict(zip(corpus.labels, corpus.class_counts.tolist(), strict=True))


def _names(corpus: Corpus) -> list[str]:
    return corpus.labels.decode(corpus.y)


def test_rare_classes_are_dropped_and_logged_by_name_and_count() -> None:
    corpus = _corpus(A=10, B=2, C=7, D=3)
    left = without_rare(corpus, 4, None)
    assert _sizes(left) == {"A": 10, "C": 7}
    assert left.steps[len(corpus.steps) :] == (
        "2 classes of fewer than 4 rows dropped: 5 rows",
        "  D: 3 rows",
        "  B: 2 rows",
    )
    kept = [name for name in _names(corpus) if name in "AC"]
    assert _names(left) == kept


def test_a_class_of_just_enough_rows_stays() -> None:
    corpus = _corpus(A=10, B=4)
    left = without_rare(corpus, 4, None)
    assert left.fingerprint == corpus.fingerprint
    assert left.steps[-1] == "no class has fewer than 4 rows"


def test_rare_classes_are_merged_into_a_new_class_in_its_place() -> None:
    corpus = _corpus(A=10, B=2, Z=3)
    merged = without_rare(corpus, 4, "OTHER")
    assert _sizes(merged) == {"A": 10, "OTHER": 5}
    assert merged.steps[-3] == "2 classes of fewer than 4 rows merged into OTHER: 5 rows"
    assert _names(merged) == [name if name == "A" else "OTHER" for name in _names(corpus)]
    assert merged.documents is corpus.documents


@pytest.mark.parametrize(("n_other", "total"), [(9, 11), (1, 3)])
def test_the_class_to_merge_into_may_exist_and_be_rare_itself(n_other: int, total: int) -> None:
    merged = without_rare(_corpus(A=10, OTHER=n_other, Z=2), 4, "OTHER")
    assert _sizes(merged) == {"A": 10, "OTHER": total}


def test_fewer_than_two_classes_are_refused() -> None:
    corpus = _corpus(A=10, B=2, C=3)
    with pytest.raises(LabelError, match="Of 3 classes, 1 would be left"):
        without_rare(corpus, 4, None)
    with pytest.raises(LabelError, match="Of 3 classes, 1 would be left"):
        without_rare(corpus, 100, "OTHER")


def test_of_very_many_rare_classes_the_log_names_the_largest() -> None:
    sizes = {f"rare {n:03}": 2 for n in range(70)}
    left = without_rare(_corpus(A=9, B=9, **sizes, large=3), 4, None)
    assert "  large: 3 rows" in left.steps
    assert left.steps[-1] == "  and 21 more: 42 rows"
    assert len([line for line in left.steps if line.startswith("  ")]) == 51


def test_balancing_draws_so_many_rows_of_each_class_in_their_order() -> None:
    corpus = _corpus(A=30, B=20, C=40)
    balanced = balance(corpus, 20, seed=0)
    assert _sizes(balanced) == {"A": 20, "B": 20, "C": 20}
    ids = [int(value) for value in balanced.documents.ids.to_pylist()]
    assert ids == sorted(ids)
    assert balanced.steps[-1] == "20 rows of each class drawn with seed 0: 60 of 90 rows"


def test_balancing_follows_the_seed() -> None:
    corpus = _corpus(A=30, B=20)
    first, again, other = (balance(corpus, 5, seed=seed) for seed in (1, 1, 2))
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_every_row_of_a_class_is_equally_likely() -> None:
    corpus = _corpus(A=10, B=10)
    drawn = np.zeros(20)
    for seed in range(400):
        drawn[
            [int(value) for value in balance(corpus, 5, seed=seed).documents.ids.to_pylist()]
        ] += 1
    # Binomial of 400 draws at 1/2: a standard deviation of 10.
    assert np.abs(drawn - 200).max() < 50


def test_balancing_to_the_smallest_class() -> None:
    assert _sizes(balance(_corpus(A=30, B=7, C=9), "smallest", seed=0)) == {"A": 7, "B": 7, "C": 7}


def test_a_class_without_rows_does_not_count_as_the_smallest() -> None:
    corpus = _corpus(A=30, B=7, C=9)
    without = corpus.take(np.flatnonzero(corpus.y != 1))
    assert _sizes(balance(without, "smallest", seed=0)) == {"A": 9, "B": 0, "C": 9}


def test_a_class_of_fewer_rows_keeps_all_and_is_logged() -> None:
    balanced = balance(_corpus(A=30, B=7, C=9), 9, seed=0)
    assert _sizes(balanced) == {"A": 9, "B": 7, "C": 9}
    assert balanced.steps[-1] == "  1 class has fewer and kept all: B (7)"


def test_more_rows_than_any_class_has_changes_nothing_and_says_so() -> None:
    corpus = _corpus(A=30, B=7)
    balanced = balance(corpus, 1000, seed=0)
    assert balanced.fingerprint == corpus.fingerprint
    assert balanced.steps[-1] == "  2 classes have fewer and kept all: B (7), A (30)"


def test_classes_without_train_rows_are_named() -> None:
    table = pa.table({"text": [f"text {row}" for row in range(6)], "label": list("AABBCC")})
    corpus = read_corpus(table, text="text", label="label")
    assert absent_note(corpus, np.array([0, 2, 4])) is None
    assert absent_note(corpus, np.array([0, 2])) == "1 class has no row in train: C"
    assert absent_note(corpus, np.array([0])) == "2 classes have no row in train: B, C"
