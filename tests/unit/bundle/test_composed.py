from __future__ import annotations

import numpy as np

from newsdesk.bundle.composed import Composed, Material
from newsdesk.features.clean import Cleaner
from newsdesk.models import registry
from newsdesk.models.classifier import Valid
from newsdesk.types import Documents, LabelSet, Silent


def material(valid: Valid | None) -> Material:
    return Material(
        train=(Documents.from_texts(["a", "b"]), np.array([0, 1])),
        valid=valid,
        labels=LabelSet(["A", "B"]),
        groups=None,
        cleaner=Cleaner(),
        seed=0,
        refit=None,
        fingerprint="",
        checkpoints=None,
        small=2000,
        progress=Silent(),
    )


def test_the_classes_are_those_of_train_followed_by_valid() -> None:
    assert material(None).y.tolist() == [0, 1]
    assert material((Documents.from_texts(["c"]), np.array([1]))).y.tolist() == [0, 1, 1]


def test_only_the_ensemble_is_composed() -> None:
    names = ["ensemble", "linear", "lstm", "prior", "tfidf-nb"]
    composed = [isinstance(registry.find(name).create(), Composed) for name in names]
    assert composed == [True, False, False, False, False]
