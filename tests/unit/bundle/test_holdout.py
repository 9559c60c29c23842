from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.bundle.holdout import N_FOLDS, HeldOut, Task
from newsdesk.bundle.teaching import Teaching
from newsdesk.errors import DataError
from newsdesk.models.history import History
from newsdesk.models.registry import Family
from newsdesk.models.soft_targets import SoftTargets
from newsdesk.predictions import Scores
from newsdesk.types import Documents, Floats, Indices, LabelSet, Progress, Silent

LABELS = LabelSet("ABC")
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
    task = Task(REMEMBERING, None, LABELS, 0, Silent())
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
    task = Task(REMEMBERING, None, LABELS, 0, Silent())
    train = Documents.from_texts(["a", "b", "c"]), np.array([0, 1, 2])
    found = task.on_valid(train, (Documents.from_texts(["d", "a"]), np.array([1, 2])))
    assert found.rows.tolist() == [3, 4]
    assert found.y.tolist() == [1, 2]
    assert found.scores[:, 0].tolist() == [0, 1]


def test_a_family_that_cannot_continue_is_fitted_anew_on_both() -> None:
    task = Task(REMEMBERING, None, LABELS, 0, Silent())
    train = Documents.from_texts(["a"]), np.array([0])
    valid = Documents.from_texts(["b"]), np.array([1])
    old = task.on_valid(train, valid).classifier
    both = task.refit(old, train, valid)
    assert both is not old
    assert both.decision(Documents.from_texts(["a", "b"])).values.all()


class Called(Remembering):
    """Goes by what the classes are called."""

    def name_classes(self, names: tuple[str, ...]) -> None:
        self.names = names


def test_a_family_that_goes_by_names_is_told_them_before_every_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Family, "load", lambda _self: Called)
    rows = Documents.from_texts(["a", "b"]), np.array([0, 1])
    task = Task(REMEMBERING, None, LABELS, 0, Silent())
    first = task.on_valid(rows, rows).classifier
    for classifier in (first, task.refit(first, rows, rows)):
        assert classifier.names == ("A", "B", "C")


class InEpochs(Remembering):
    """Trains in epochs: has a place for its state when it is fitted."""

    brief = False
    checkpoints: Path | None = None
    history = History()
    notes: tuple[str, ...] = ()
    places: list[Path | None]

    def fit(self, documents: Documents, y: Indices, **settings: object) -> InEpochs:
        self.places.append(self.checkpoints)
        super().fit(documents, y, **settings)
        return self


class InEpochsAgain(InEpochs):
    """Can go on from where it stands, which takes its own place."""

    def refit(
        self, documents: Documents, y: Indices, *, rng: np.random.Generator, progress: Progress
    ) -> InEpochsAgain:
        self.seen |= set(documents.texts.to_pylist())
        return self

    def release(self) -> None:
        pass


@pytest.mark.parametrize("own", [InEpochs, InEpochsAgain])
def test_every_fit_of_a_training_in_epochs_has_a_place_of_its_own(
    own: type[InEpochs], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Family, "load", lambda _self: own)
    monkeypatch.setattr(own, "places", [], raising=False)
    task = Task(REMEMBERING, None, LABELS, 0, Silent(), tmp_path)
    assert task.is_long
    train = Documents.from_texts([f"text {i}" for i in range(10)]), np.arange(10) % 3
    valid = Documents.from_texts(["b"]), np.array([1])
    task.out_of_fold(train, None)
    both = task.refit(task.on_valid(train, valid).classifier, train, valid)
    assert both.decision(Documents.from_texts(["text 1", "b"])).values.all()
    found = [place and place.relative_to(tmp_path).as_posix() for place in own.places]
    refitted = ["refit"] if own is InEpochs else []
    assert found == [*(f"fold-{i}" for i in range(N_FOLDS)), "everything", "valid", *refitted]


def test_without_a_folder_a_training_in_epochs_keeps_no_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Family, "load", lambda _self: InEpochs)
    monkeypatch.setattr(InEpochs, "places", [], raising=False)
    rows = Documents.from_texts(["a", "b"]), np.array([0, 1])
    Task(REMEMBERING, None, LABELS, 0, Silent()).on_valid(rows, rows)
    assert InEpochs.places == [None]


def test_other_families_are_given_no_place(tmp_path: Path) -> None:
    task = Task(REMEMBERING, None, LABELS, 0, Silent(), tmp_path)
    assert not task.is_long
    rows = Documents.from_texts(["a", "b"]), np.array([0, 1])
    assert not hasattr(task.on_valid(rows, rows).classifier, "checkpoints")


# --- what a teacher says


class Pupil(Remembering):
    """Keeps what it was told of the texts that it was fitted on."""

    soft_targets: SoftTargets | None = None

    def fit(self, documents: Documents, y: Indices, **settings: object) -> Pupil:
        self.told = self.soft_targets
        self.texts = documents.texts.to_pylist()
        super().fit(documents, y, **settings)
        return self


class PupilAgain(Pupil):
    """Takes further texts, and what is said of them."""

    def refit(
        self, documents: Documents, y: Indices, *, rng: np.random.Generator, progress: Progress
    ) -> PupilAgain:
        self.told = self.soft_targets
        self.texts = documents.texts.to_pylist()
        return self

    def release(self) -> None:
        pass


OWN = np.float32([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
THEIRS = np.float32([[0.6, 0.3, 0.1]])
OF_VALID = np.float32([[0.3, 0.3, 0.4]])
TRAIN = Documents.from_texts(["a", "b"]), np.array([0, 2])
VALID = Documents.from_texts(["c"]), np.array([1])


def taught_task(monkeypatch: pytest.MonkeyPatch, own: type[Pupil]) -> Task:
    monkeypatch.setattr(Family, "load", lambda _self: own)
    teaching = Teaching(
        train=OWN,
        valid=OF_VALID,
        unlabelled=Documents.from_texts(["u"]),
        unlabelled_proba=THEIRS,
        share=1.0,
    )
    return Task(REMEMBERING, None, LABELS, 0, Silent(), teaching=teaching)


@pytest.mark.parametrize("own", [Pupil, PupilAgain])
def test_what_is_said_follows_the_rows_into_the_fit_and_the_refit(
    own: type[Pupil], monkeypatch: pytest.MonkeyPatch
) -> None:
    task = taught_task(monkeypatch, own)
    found = task.hold_out(TRAIN, VALID, None, small=2000)
    first: Any = found.classifier
    assert first.texts == ["a", "b", "u"]
    assert first.y.tolist() == [0, 2, 0]
    assert first.told.proba.tolist() == [*OWN.tolist(), *THEIRS.tolist()]
    assert first.told.labelled.tolist() == [True, True, False]
    both: Any = task.refit(first, TRAIN, VALID)
    if own is PupilAgain:
        assert both.texts == ["c"]
        assert both.told.proba.tolist() == OF_VALID.tolist()
    else:
        assert both.texts == ["a", "b", "u", "c"]
        assert both.y.tolist() == [0, 2, 0, 1]
        everything = [*OWN.tolist(), *THEIRS.tolist(), *OF_VALID.tolist()]
        assert both.told.proba.tolist() == everything
        assert both.told.labelled.tolist() == [True, True, False, True]


def test_texts_without_label_are_never_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    found = taught_task(monkeypatch, Pupil).hold_out(TRAIN, VALID, None, small=2000)
    assert not found.out_of_fold
    assert (found.rows.tolist(), found.y.tolist(), found.scores.shape) == ([2], [1], (1, 3))


def test_a_pupil_is_held_to_valid_rows_and_never_out_of_fold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = taught_task(monkeypatch, Pupil)
    with pytest.raises(DataError, match="no valid rows to measure a student by"):
        task.hold_out(TRAIN, None, None, small=2000)


@pytest.mark.parametrize(("small", "out_of_fold"), [(3, False), (4, True)])
def test_without_a_teacher_few_rows_are_held_out_in_turn(small: int, out_of_fold: bool) -> None:
    task = Task(REMEMBERING, None, LABELS, 0, Silent())
    found = task.hold_out(TRAIN, VALID, None, small=small)
    assert found.out_of_fold is out_of_fold
    assert found.rows.tolist() == ([0, 1, 2] if out_of_fold else [2])
