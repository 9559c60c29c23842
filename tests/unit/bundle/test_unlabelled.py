from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import newsdesk
from newsdesk.bundle import Bundle, zero_shot
from newsdesk.errors import ConfigError, LabelError
from newsdesk.types import Documents, string_array

Make = Callable[..., Path]


@pytest.fixture(name="make")
def _make(make_encoder: Make) -> Callable[..., Bundle]:
    def make(*classes: str, **settings: Any) -> Bundle:
        return zero_shot(classes, encoder=str(make_encoder()), template="{}", **settings)

    return make


def test_names_alone_make_a_bundle_that_predicts_and_is_saved(
    make: Callable[..., Bundle], tmp_path: Path
) -> None:
    bundle = make("GOAL", "BANK", "PHONE")
    asked = Documents.from_texts(["a phone", "goal", ""])
    found = bundle.predict(asked)
    assert bundle.labels.names == ("GOAL", "BANK", "PHONE")
    assert found.proba[1].argmax() == 0
    assert found.proba.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-6)
    assert found.low_evidence.tolist() == [False, False, True]
    assert found.proba[2] == pytest.approx(np.full(3, 1 / 3))
    bundle.save(tmp_path / "bundle")
    assert np.array_equal(Bundle.load(tmp_path / "bundle").predict(asked).proba, found.proba)


def test_a_description_follows_a_colon(make: Callable[..., Bundle]) -> None:
    bundle = make("SPORT: cup final", " MONEY :bank", "TECH:")
    assert bundle.labels.names == ("SPORT", "MONEY", "TECH")
    asked = Documents.from_texts(["cup final", "bank"])
    assert bundle.predict(asked).y.tolist() == [0, 1]
    assert bundle.classifier.params.descriptions == {"SPORT": "cup final", "MONEY": "bank"}  # type: ignore[attr-defined]


def test_documents_of_several_fields_are_read_as_they_are_named(
    make: Callable[..., Bundle],
) -> None:
    bundle = make("GOAL", "BANK", fields=["headline", "description"])
    fields = {"description": string_array(["again"]), "headline": string_array(["bank"])}
    found = bundle.predict(Documents(string_array(["0"]), fields))
    joined = make("GOAL", "BANK").predict(Documents.from_texts(["bank again"]))
    assert np.array_equal(found.proba, joined.proba)


@pytest.mark.parametrize(
    ("classes", "problem"),
    [
        ((), "one class at most: none"),
        (("A",), "one class at most: A"),
        (("A: b", "A"), "distinct"),
        (("A", ": b"), "not empty"),
    ],
)
def test_fewer_than_two_classes_are_refused(classes: tuple[str, ...], problem: str) -> None:
    with pytest.raises(LabelError, match=problem):
        zero_shot(classes)


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(ConfigError, match="unknown setting 'templates'") as caught:
        zero_shot(["A", "B"], templates="{}")
    assert "template" in caught.value.remedy


def test_it_is_part_of_the_public_face() -> None:
    assert newsdesk.zero_shot is zero_shot
