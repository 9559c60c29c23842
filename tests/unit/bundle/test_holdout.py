from __future__ import annotations

import numpy as np
import pytest

from newsdesk.bundle.holdout import N_FOLDS, HeldOut, Task
from newsdesk.errors import DataError
from newsdesk.models.registry import Family
from newsdesk.predictions import Scores
from newsdesk.types import Documents, Floats, Indices, Silent, numbered, string_array

REMEMBERING = Family("remembering", f"{__name__}:Remembering", "Knows what it has seen.")


class Remembering:
    """Scores 1 what it was fitted on, 0 what it was not."""

    output = "logits"

    def __init__(self, params: object = None) -> None:
        self.params = params

    def fit(self, documents: Documents, y: Indices, **settings: object) -> Remembering:
        self.seen = set(documents.texts.to_pylist())
        self.y = y
        self.settings = settings
        return self

    def decision(self, documents: Documents) -> Scores:
        known = np.array([text in self.seen for text in documents.texts.to_pylist()])
        values: Floats = np.repeat(known[:, None], 3, axis=1).astype(np.float32)
        return Scores(values, ~known)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Family, "load", lambda _self: Remembering)


def held_out(texts: list[str], y: Indices, groups: Indices | None = None) -> HeldOut:
    task = Task(REMEMBERING, None, 3, 0, Silent())
    return task.out_of_fold((Documents.from_texts(texts), y), groups)


def test_no_row_is_scored_by_a_classifier_that_has_seen_it() -> None:
    found = held_out([f"text {i}" for i in range(53)], np.arange(53) % 3)
    assert not found.scores.any()
    assert found.rows.tolist() == list(range(53))


def test_duplicates_in_one_group_are_not_seen_either() -> None:
    texts = [f"text {i % 20}" for i in range(60)]
    y = np.arange(60) % 3
    assert held_out(texts, y).scores.any()
    assert not held_out(texts, y, groups=np.arange(60) % 20).scores.any()


def test_the_classifier_that_is_kept_has_seen_all() -> None:
    texts = [f"text {i}" for i in range(20)]
    found = held_out(texts, np.arange(20) % 3)
    assert found.classifier.decision(Documents.from_texts(texts)).values.all()


def test_rare_classes_are_spread_over_the_folds(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[list[int]] = []
    fit = Remembering.fit

    def note(self: Remembering, documents: Documents, y: Indices, **settings: object) -> object:
        sizes.append(np.bincount(y, minlength=3).tolist())
        return fit(self, documents, y, **settings)

    monkeypatch.setattr(Remembering, "fit", note)
    held_out([f"text {i}" for i in range(100)], np.repeat([0, 1, 2], [80, 15, 5]))
    assert len(sizes) == N_FOLDS + 1
    assert all(own == [64, 12, 4] for own in sizes[:-1])
    assert sizes[-1] == [80, 15, 5]


@pytest.mark.parametrize("n", [2, 4])
def test_fewer_rows_than_folds_work(n: int) -> None:
    found = held_out([f"text {i}" for i in range(n)], np.arange(n) % 3)
    assert found.scores.shape == (n, 3)
    assert not found.scores.any()


def test_rows_of_one_group_are_refused() -> None:
    with pytest.raises(DataError, match="3 training rows belong to one group"):
        held_out(["a", "b", "c"], np.arange(3), groups=np.zeros(3, dtype=np.int64))


def test_valid_rows_are_numbered_behind_those_of_train() -> None:
    task = Task(REMEMBERING, None, 3, 0, Silent())
    train = Documents.from_texts(["a", "b", "c"]), np.array([0, 1, 2])
    found = task.on_valid(train, (Documents.from_texts(["d", "a"]), np.array([1, 2])))
    assert found.rows.tolist() == [3, 4]
    assert found.y.tolist() == [1, 2]
    assert found.scores[:, 0].tolist() == [0, 1]


def test_a_family_that_cannot_continue_is_fitted_anew_on_both() -> None:
    task = Task(REMEMBERING, None, 3, 0, Silent())
    train = Documents.from_texts(["a"]), np.array([0])
    valid = Documents.from_texts(["b"]), np.array([1])
    old = task.on_valid(train, valid).classifier
    both = task.refit(old, train, valid)
    assert both is not old
    assert both.decision(Documents.from_texts(["a", "b"])).values.all()


def test_documents_are_put_together_with_all_they_carry() -> None:
    def part(name: str) -> Documents:
        fields = {"headline": string_array([name]), "description": string_array([name * 2])}
        return Documents(numbered(1), fields, side={"age": np.ones(1, np.float32)})

    both = part("a").extended(part("b"))
    assert both.fields["headline"].to_pylist() == ["a", "b"]
    assert both.fields["description"].to_pylist() == ["aa", "bb"]
    assert both.side["age"].tolist() == [1, 1]
