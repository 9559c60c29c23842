from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from newsdesk.bundle import Bundle, Cleaner
from newsdesk.bundle.composed import Material
from newsdesk.bundle.ensemble.members import load_given, train_member
from newsdesk.errors import DataError, LabelError
from newsdesk.models.linear import LinearParams
from newsdesk.types import Documents, Indices, LabelSet

Make = Callable[..., Material]
PARAMS = LinearParams(bits=12)


def test_a_family_is_trained_as_it_would_be_alone(material: Make, tmp_path: Path) -> None:
    given = material()
    found = train_member("linear", PARAMS, given)
    alone = Bundle.fit(
        *given.train, labels=given.labels, valid=given.valid, params=PARAMS, fingerprint="abc"
    )
    assert found.bundle.save(tmp_path / "one") == alone.bundle.save(tmp_path / "two")
    assert np.array_equal(found.held.scores, alone.valid_scores)
    assert found.held.output == "margins"
    assert (found.rows.tolist(), found.out_of_fold) == (list(range(120)), True)


@pytest.fixture
def saved(corpus: Callable[..., tuple[Documents, Indices]], tmp_path: Path) -> str:
    """Folder of a bundle whose classes stand in another order and whose cleaner lowers letters."""
    documents, y = corpus(200, seed=1)
    labels = LabelSet(["TECH", "BUSINESS", "SPORT"])
    own = np.array([1, 2, 0])[y]
    cleaner = Cleaner(lower=True)
    fitted = Bundle.fit(documents, own, labels=labels, params=PARAMS, cleaner=cleaner)
    fitted.bundle.save(tmp_path / "given")
    return str(tmp_path / "given")


def test_a_given_bundle_answers_in_the_order_of_the_ensemble(saved: str, material: Make) -> None:
    given = material()
    found = load_given(saved, given)
    assert found.rows.tolist() == list(range(90, 120))
    assert given.valid is not None
    assert (found.held.scores.argmax(axis=1) == given.valid[1]).mean() > 0.7
    assert not found.out_of_fold


def test_a_given_bundle_cleans_the_raw_texts_itself(saved: str, material: Make) -> None:
    given = material()
    assert given.valid is not None
    documents, y = given.valid
    shouted = Documents.from_texts([text.upper() for text in documents.texts.to_pylist()])
    plain, loud = load_given(saved, given), load_given(saved, material(valid=(shouted, y)))
    assert np.array_equal(plain.held.scores, loud.held.scores)


def test_a_given_bundle_keeps_its_classifier_and_is_calibrated_on_valid(
    saved: str, material: Make
) -> None:
    found, source = load_given(saved, material()).bundle, Bundle.load(saved)
    asked = Documents.from_texts(["goal cup", "bank rates"])
    scores = [bundle.classifier.decision(asked).values for bundle in (found, source)]
    assert np.array_equal(*scores)
    assert found.calibrator.temperature != source.calibrator.temperature
    assert (found.digest, found.cleaner) == (source.digest, source.cleaner)


def test_without_valid_rows_a_given_bundle_cannot_be_weighed(saved: str, material: Make) -> None:
    with pytest.raises(DataError, match="no valid rows to weigh"):
        load_given(saved, material(n_valid=0))


def test_a_given_bundle_of_other_classes_is_refused(saved: str, material: Make) -> None:
    with pytest.raises(LabelError, match="it lacks MONEY; it has BUSINESS besides"):
        load_given(saved, material(labels=LabelSet(["MONEY", "SPORT", "TECH"])))
