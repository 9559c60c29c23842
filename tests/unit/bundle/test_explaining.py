from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from newsdesk.bundle import Bundle
from newsdesk.bundle.explaining import method_of
from newsdesk.errors import InputError
from newsdesk.features.clean import Cleaner
from newsdesk.models.linear import Linear, LinearParams
from newsdesk.models.neural.vectors_mean import VectorsMean
from newsdesk.models.neural.vectors_mean.params import VectorsMeanParams
from newsdesk.predictions import Scores
from newsdesk.types import Documents, LabelSet, Span

WORDS = [["bank", "rates", "rise"], ["goal", "cup", "final"], ["chip", "phone", "app"]]
LABELS = LabelSet(["BUSINESS", "SPORT", "TECHNOLOGY"])
TEXTS = Documents.from_texts(["The goal of the bank", "zzz", "cup final", ""])


class Mute:
    """A classifier that says what another says, and not why."""

    output = Linear.output

    def __init__(self, own: Linear) -> None:
        self._own = own
        self.asked: list[list[str]] = []

    def decision(self, documents: Documents) -> Scores:
        self.asked.append(documents.texts.to_pylist())
        return self._own.decision(documents)


def trained(cleaner: Cleaner | None = None) -> Bundle:
    rng = np.random.default_rng(0)
    y = np.arange(90) % 3
    texts = [" ".join(rng.choice([*WORDS[c], "the", "of"], 5)) for c in y]
    params = LinearParams(bits=12, word_ngrams=(1, 1))
    return Bundle.fit(
        Documents.from_texts(texts), y, labels=LABELS, params=params, cleaner=cleaner
    ).bundle


def muted(bundle: Bundle) -> tuple[Bundle, Mute]:
    own: Any = bundle.classifier
    mute: Any = Mute(own)
    return replace(bundle, classifier=mute), mute


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return trained()


def log_odds(bundle: Bundle, text: str, index: int) -> float:
    proba = bundle.predict(Documents.from_texts([text])).proba.astype(np.float64)[0, index]
    return float(np.log(proba / (1 - proba)))


def test_a_family_that_says_why_is_taken_at_its_word(bundle: Bundle) -> None:
    assert bundle.explains == "exact"
    for own in bundle.explain(TEXTS):
        assert (own.method, own.n_variants) == ("exact", 0)


def test_an_approximation_is_not_taken_for_a_division_of_the_score() -> None:
    assert method_of(VectorsMean(VectorsMeanParams(hidden=()))) == "exact"
    assert method_of(VectorsMean(VectorsMeanParams(hidden=(8,)))) == "occlusion"


def test_any_other_family_is_explained_by_what_its_answer_loses(bundle: Bundle) -> None:
    silent, _ = muted(bundle)
    assert silent.explains == "occlusion"
    text = "The goal of the bank"
    (found,) = silent.explain(Documents.from_texts([text]), label="SPORT")
    assert (found.label, found.method, found.n_variants) == ("SPORT", "occlusion", 5)
    assert found.proba == pytest.approx(silent.predict(Documents.from_texts([text])).proba[0, 1])
    weights = {text[span.start : span.end]: span.weight for span in found.spans}
    whole = log_odds(bundle, text, 1)
    for word, rest in [("goal", "The of the bank"), ("bank", "The goal of the")]:
        assert weights[word] == pytest.approx(whole - log_odds(bundle, rest, 1), abs=1e-3)
    assert weights["goal"] > 0 > weights["bank"]


def test_where_nothing_is_known_nothing_is_left_out(bundle: Bundle) -> None:
    silent, mute = muted(bundle)
    found = silent.explain(TEXTS)
    assert [own.low_evidence for own in found] == [False, True, False, True]
    assert [(own.spans, own.n_variants) for own in found if own.low_evidence] == [((), 0)] * 2
    assert [len(texts) for texts in mute.asked] == [4, 7]


def test_the_last_known_word_weighs_against_the_class_frequencies(bundle: Bundle) -> None:
    silent, _ = muted(bundle)
    (found,) = silent.explain(Documents.from_texts(["cup"]))
    whole, prior = log_odds(bundle, "cup", 1), float(bundle.prior[1])
    assert found.spans == (
        Span("text", 0, 3, pytest.approx(whole - np.log(prior / (1 - prior)), abs=1e-3)),
    )


def test_raw_texts_are_cut_and_then_cleaned() -> None:
    raw = "Caf\u00e9 <b>GOAL</b> 5% final"
    cleaner = Cleaner(html=True, numbers=True, lower=True)
    silent, mute = muted(trained(cleaner))
    (found,) = silent.explain(Documents.from_texts([raw]))
    assert mute.asked[1] == [
        "goal xxpercent final",
        "café   xxpercent final",
        "café goal final",
        "café goal xxpercent ",
    ]
    assert {raw[span.start : span.end] for span in found.spans} >= {"GOAL", "final"}


@pytest.mark.parametrize("mute", [False, True])
def test_several_classes_are_explained_as_each_of_them_alone(bundle: Bundle, mute: bool) -> None:
    door = muted(bundle)[0] if mute else bundle
    order, _ = door.predict(TEXTS).top_k(3)
    found = door.explain_classes(TEXTS, order)
    assert [own[0] for own in found] == door.explain(TEXTS)
    for row, own in enumerate(found):
        alone = [door.explain(TEXTS.slice(row, row + 1), LABELS[index])[0] for index in order[row]]
        assert own == alone


def test_several_classes_cost_what_one_costs(bundle: Bundle) -> None:
    asked = []
    for k in (1, 3):
        silent, mute = muted(bundle)
        silent.explain_classes(TEXTS, np.tile(np.arange(k), (4, 1)))
        asked.append(mute.asked)
    assert asked[0] == asked[1]


@pytest.mark.parametrize(
    ("classes", "problem"),
    [
        (np.zeros(4, dtype=np.int64), "shape"),
        (np.zeros((3, 1), dtype=np.int64), "for 4 documents"),
        (np.full((4, 1), 3), "from 3 to 3"),
        (np.full((4, 1), -1), "from -1 to -1"),
    ],
)
def test_classes_that_cannot_be_are_refused(bundle: Bundle, classes: Any, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        bundle.explain_classes(TEXTS, classes)


def test_no_documents_have_no_explanations(bundle: Bundle) -> None:
    nothing = Documents.from_texts([])
    for door in (bundle, muted(bundle)[0]):
        assert door.explain(nothing) == []
        assert door.explain(nothing, label="SPORT") == []
        assert door.explain_classes(nothing, np.zeros((0, 2), dtype=np.int64)) == []
