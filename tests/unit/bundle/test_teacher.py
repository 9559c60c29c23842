from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.bundle import Bundle, Cleaner
from newsdesk.bundle.composed import Material
from newsdesk.bundle.holdout import N_FOLDS
from newsdesk.bundle.teacher import Answers, ask_bundle, train_out_of_fold
from newsdesk.errors import DataError, LabelError
from newsdesk.models.linear import LinearParams
from newsdesk.models.registry import Family
from newsdesk.predictions import Scores
from newsdesk.types import Documents, Floats, Indices, LabelSet, Silent

LABELS = LabelSet(["A", "B", "C"])


@dataclass(frozen=True)
class ByHeartParams:
    """None."""

    mark: int = 0


class ByHeart:
    """Sure of what it has learnt, and of nothing else; tells what it was fitted on."""

    output = "logits"
    Params = ByHeartParams
    fits: list[tuple[list[str], list[str]]]
    fails_at: int

    def __init__(self, params: ByHeartParams | None = None) -> None:
        self.params = params

    def fit(self, documents: Documents, y: Indices, **settings: Any) -> ByHeart:
        if len(self.fits) == self.fails_at:
            raise KeyboardInterrupt
        watched = settings["valid"][0].texts.to_pylist()
        self.fits.append((documents.texts.to_pylist(), watched))
        self.known = dict(zip(documents.texts.to_pylist(), y.tolist(), strict=True))
        return self

    def decision(self, documents: Documents) -> Scores:
        values: Floats = np.zeros((len(documents), 3), dtype=np.float32)
        for row, text in enumerate(documents.texts.to_pylist()):
            if text in self.known:
                values[row, self.known[text]] = 9.0
        return Scores(values, np.zeros(len(documents), dtype=bool))


@pytest.fixture(autouse=True)
def by_heart(monkeypatch: pytest.MonkeyPatch) -> type[ByHeart]:
    load = Family.load

    def loaded(self: Family) -> Any:
        return ByHeart if self.name == "prior" else load(self)

    monkeypatch.setattr(Family, "load", loaded)
    monkeypatch.setattr(ByHeart, "fits", [], raising=False)
    monkeypatch.setattr(ByHeart, "fails_at", -1, raising=False)
    return ByHeart


def material(n: int = 25, n_valid: int = 10, **change: object) -> Material:
    y = np.arange(n + n_valid) % 3
    texts = Documents.from_texts([f"text {row}" for row in range(n + n_valid)])
    valid = (texts.slice(n, n + n_valid), y[n:]) if n_valid else None
    values: dict[str, Any] = {
        "train": (texts.slice(0, n), y[:n]),
        "valid": valid,
        "labels": LABELS,
        "groups": None,
        "cleaner": Cleaner(),
        "seed": 0,
        "refit": None,
        "fingerprint": "",
        "checkpoints": None,
        "small": 2000,
        "progress": Silent(),
    }
    return Material(**(values | change))


def taught(given: Material, *, more: Documents | None = None, key: str = "key") -> Answers:
    # The family "prior" is ByHeart here.
    return train_out_of_fold("prior", ByHeartParams(), given, unlabelled=more, key=key)


def unsure(proba: Floats) -> bool:
    return bool(np.ptp(proba, axis=1).max() < 0.01)


def test_no_row_is_answered_by_a_model_that_has_learnt_it() -> None:
    given = material()
    found = taught(given)
    assert found.train is not None
    assert found.train.shape == (25, 3)
    assert unsure(found.train)
    assert len(ByHeart.fits) == N_FOLDS
    learnt = [text for texts, _ in ByHeart.fits for text in texts]
    assert {learnt.count(text) for text in given.train[0].texts.to_pylist()} == {N_FOLDS - 1}


def test_valid_rows_are_watched_and_never_learnt_however_few_there_are() -> None:
    given = material()
    found = taught(given)
    assert given.valid is not None
    assert found.valid is not None
    held = given.valid[0].texts.to_pylist()
    assert all(watched == held and not set(texts) & set(held) for texts, watched in ByHeart.fits)
    assert unsure(found.valid)


def test_rows_of_a_group_are_left_out_together() -> None:
    given = material(24, groups=np.concatenate([np.arange(24) % 8, np.arange(10) + 8]))
    taught(given)
    for texts, _ in ByHeart.fits:
        inside = [int(text.removeprefix("text ")) for text in texts]
        groups = [row % 8 for row in inside]
        assert {groups.count(group) for group in groups} == {3}


def test_texts_that_no_model_has_learnt_get_the_mean_of_all() -> None:
    given = material()
    known = given.train[0].slice(0, 1)
    found = taught(given, more=known.extended(Documents.from_texts(["new"])))
    assert found.unlabelled is not None
    assert found.unlabelled.shape == (2, 3)
    assert found.unlabelled.sum(axis=1) == pytest.approx(np.ones(2), abs=1e-5)
    # Four of five models have learnt the first text; its class is 0.
    assert found.unlabelled[0, 0] > 0.4
    assert unsure(found.unlabelled[1:])
    assert taught(given).unlabelled is None


def test_what_an_interrupted_teacher_has_answered_is_kept(tmp_path: Path) -> None:
    given = material(checkpoints=tmp_path / "teacher")
    more = Documents.from_texts(["new"])
    whole = taught(replace(given, checkpoints=None), more=more)
    ByHeart.fits.clear()
    ByHeart.fails_at = 3
    with pytest.raises(KeyboardInterrupt):
        taught(given, more=more)
    ByHeart.fails_at = -1
    found = taught(given, more=more)
    assert len(ByHeart.fits) == N_FOLDS
    for name in ("train", "valid", "unlabelled"):
        assert np.array_equal(getattr(found, name), getattr(whole, name))
    assert taught(given, more=more).seconds == found.seconds
    assert len(ByHeart.fits) == N_FOLDS


@pytest.mark.parametrize("change", [{"seed": 1}, {"cleaner": Cleaner(lower=True)}, {"key": "b"}])
def test_answers_to_other_questions_are_not_taken(change: dict[str, Any], tmp_path: Path) -> None:
    given = material(checkpoints=tmp_path / "teacher")
    taught(given)
    key = change.pop("key", "key")
    taught(replace(given, **change), key=key)
    assert len(ByHeart.fits) == 2 * N_FOLDS


def test_without_valid_rows_or_with_one_group_there_is_no_teacher() -> None:
    with pytest.raises(DataError, match="no valid rows to train a teacher with"):
        taught(material(n_valid=0))
    with pytest.raises(DataError, match="25 train rows belong to one group"):
        taught(material(groups=np.zeros(35, dtype=np.int64)))


@pytest.fixture
def saved(tmp_path: Path) -> str:
    """Folder of a bundle whose classes stand in another order."""
    words = ["bank rates", "goal cup", "chip phone"]
    texts = Documents.from_texts(words * 20)
    labels, y = LabelSet(["C", "A", "B"]), np.tile([1, 2, 0], 20)
    fitted = Bundle.fit(texts, y, labels=labels, params=LinearParams(bits=12))
    fitted.bundle.save(tmp_path / "given")
    return str(tmp_path / "given")


def asked(folder: str, home: Path | None = None, **change: Any) -> Answers:
    texts = Documents.from_texts(["goal cup", "chip phone", "bank rates"])
    values: dict[str, Any] = {"labels": LABELS, "key": "key", "progress": Silent()}
    values |= change
    labels = values.pop("labels")
    return ask_bundle(folder, labels, texts, home=home, **values)


def test_a_bundle_answers_in_the_order_of_the_students_classes(saved: str) -> None:
    found = asked(saved)
    assert found.unlabelled is not None
    assert found.unlabelled.argmax(axis=1).tolist() == [1, 2, 0]
    assert (found.train, found.valid) == (None, None)


def test_a_bundle_of_other_classes_is_refused(saved: str) -> None:
    with pytest.raises(LabelError, match=r"given was trained on other classes: it lacks D"):
        asked(saved, labels=LabelSet(["A", "B", "C", "D"]))


def test_what_a_bundle_has_answered_is_kept(
    saved: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = asked(saved, tmp_path / "teacher")
    predict: Callable[..., Any] = Bundle.predict
    calls: list[int] = []

    def counted(self: Bundle, documents: Documents, **options: Any) -> Any:
        calls.append(len(documents))
        return predict(self, documents, **options)

    monkeypatch.setattr(Bundle, "predict", counted)
    again = asked(saved, tmp_path / "teacher")
    assert np.array_equal(again.unlabelled, first.unlabelled)  # type: ignore[arg-type]
    assert calls == []
    asked(saved, tmp_path / "teacher", key="other")
    assert calls == [3]
