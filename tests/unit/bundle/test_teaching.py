from __future__ import annotations

import numpy as np
import pytest

from newsdesk.bundle.teaching import SHARE, Teaching, check_share
from newsdesk.errors import ConfigError
from newsdesk.features.clean import Cleaner
from newsdesk.types import Documents, Floats

TRAIN = Documents.from_texts(["a", "b"]), np.array([0, 1])
VALID = Documents.from_texts(["c"]), np.array([2])
MORE = Documents.from_texts(["D", "E"])


def proba(n: int, seed: int) -> Floats:
    found: Floats = np.random.default_rng(seed).dirichlet(np.ones(3), n).astype(np.float32)
    return found


def test_texts_without_label_stand_behind_with_the_teachers_likeliest_class() -> None:
    own, theirs = proba(2, 0), proba(2, 1)
    teaching = Teaching(train=own, unlabelled=MORE, unlabelled_proba=theirs, share=0.25)
    (documents, y), soft = teaching.with_unlabelled(TRAIN, 3)
    assert documents.texts.to_pylist() == ["a", "b", "D", "E"]
    assert y.tolist() == [0, 1, *theirs.argmax(axis=1)]
    assert soft.labelled.tolist() == [True, True, False, False]
    truth = np.eye(3)[[0, 1]]
    assert soft.proba[:2] == pytest.approx(0.25 * own + 0.75 * truth, abs=1e-6)
    assert soft.proba[2:].tolist() == theirs.tolist()


def test_of_rows_that_the_teacher_has_learnt_the_truth_alone_is_learnt() -> None:
    teaching = Teaching(unlabelled=MORE, unlabelled_proba=proba(2, 1), share=0.9)
    _, soft = teaching.with_unlabelled(TRAIN, 3)
    assert soft.proba[:2].tolist() == [[1, 0, 0], [0, 1, 0]]
    assert teaching.of_valid(VALID, 3).proba.tolist() == [[0, 0, 1]]


def test_valid_rows_are_taught_by_their_own_probabilities() -> None:
    teaching = Teaching(train=proba(2, 0), valid=proba(1, 2))
    soft = teaching.of_valid(VALID, 3)
    expected = SHARE * proba(1, 2) + (1 - SHARE) * np.eye(3)[[2]]
    assert soft.proba == pytest.approx(expected, abs=1e-6)
    assert soft.labelled.all()
    (documents, _), _ = teaching.with_unlabelled(TRAIN, 3)
    assert len(documents) == 2


def test_texts_without_label_are_cleaned_as_others_are() -> None:
    teaching = Teaching(unlabelled=MORE, unlabelled_proba=proba(2, 1)).cleaned(Cleaner(lower=True))
    assert teaching.unlabelled is not None
    assert teaching.unlabelled.texts.to_pylist() == ["d", "e"]
    nothing = Teaching(train=proba(2, 0))
    assert nothing.cleaned(Cleaner(lower=True)) is nothing


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_is_a_share(share: float) -> None:
    with pytest.raises(ConfigError, match="teacher's share is"):
        Teaching(share=share)
    with pytest.raises(ConfigError, match="teacher's share is"):
        check_share(share)
