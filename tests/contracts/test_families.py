"""What every family of the registry promises, whatever it is made of.

Families that compute in whole or in double precision on the processor give equal bits; the others
may differ in the last places of float32.
"""

from __future__ import annotations

import gc
import unicodedata
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk import config
from newsdesk.bundle import Bundle
from newsdesk.errors import NotFittedError
from newsdesk.models import registry
from newsdesk.models.classifier import Classifier
from newsdesk.predictions import Calibrator
from newsdesk.types import Documents, Floats, Indices, LabelSet, Silent, numbered, string_array

FAMILIES = sorted(registry.families())
EXACT = {"ensemble", "linear", "prior", "static"}
EXACT |= {"tfidf-logreg", "tfidf-mlp", "tfidf-nb", "tfidf-svm"}
# What a family is asked for where its defaults take long: less of the same.
QUICK: dict[str, list[str]] = {
    "elmo-lstm": [
        *("pretraining.filters=[[1, 4], [3, 8]]", "pretraining.projection_dim=8"),
        *("pretraining.units=8", "pretraining.epochs=1", "pretraining.min_updates=0"),
        "min_updates=0",
    ],
    "static": ["dims=32", "min_updates=200", "learning_rate=0.008"],
    "ulmfit": [
        *("pretraining.embedding_dim=16", "pretraining.units=24", "pretraining.epochs=2"),
        *("pretraining.min_updates=0", "epochs=4", "min_updates=100"),
    ],
}
VOCAB = [
    ["bank", "rates", "rise", "profit", "Straße", "café", "shares", "market"],
    ["goal", "cup", "final", "İstanbul", "keeper", "大阪", "striker", "coach"],
    ["chip", "phone", "app", "हिन्दी", "update", "한글", "battery", "browser"],
]
ODD = [
    "",
    " ",
    "...!?",
    "zzz unknown words only",
    "👩‍👩‍👧",
    "大阪大阪大阪",
    "हिन्दी में समाचार",
    "caf\u00e9 cafe\u0301",
    "a\x00b \u202egoal\u202c",
    "goal " * 5000,
    "One plain headline about the bank",
]


def corpus(n: int, n_classes: int, n_fields: int = 1, seed: int = 0) -> tuple[Documents, Indices]:
    """Short documents whose words tell the class more or less."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % n_classes)
    names = ["text", "description", "section"][:n_fields]
    fields = {}
    for name in names:
        own = [[*VOCAB[c % 3], f"topic{c}"] for c in y]
        fields[name] = string_array([" ".join(rng.choice(words, 6)) for words in own])
    return Documents(numbered(n), fields), y


def params_of(family: str) -> Any:
    """Settings of a family, None where they are its defaults."""
    pairs = QUICK.get(family)
    return pairs and config.override(registry.find(family).load().Params(), pairs, where=family)


def fit(family: str, documents: Documents, y: Indices, n_classes: int, seed: int = 0) -> Classifier:
    labels = LabelSet(f"class {number}" for number in range(n_classes))
    return (
        registry.find(family)
        .create(params_of(family), labels)
        .fit(
            documents,
            y,
            n_classes=n_classes,
            valid=None,
            rng=np.random.default_rng(seed),
            progress=Silent(),
        )
    )


def asked(n: int = 40) -> Documents:
    """Plain documents among odd ones."""
    plain, _ = corpus(n, 3, seed=1)
    return Documents.from_texts([*plain.texts.to_pylist(), *ODD])


def same(family: str, found: Floats, expected: Floats) -> bool:
    if family in EXACT:
        return np.array_equal(found, expected)
    return np.allclose(found, expected, atol=1e-5)


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def model(family: str) -> Classifier:
    documents, y = corpus(120, 3)
    return fit(family, documents, y, 3)


def test_scores_and_probabilities_have_the_promised_form(model: Classifier) -> None:
    documents = asked()
    values, low_evidence = model.decision(documents)
    proba = model.predict_proba(documents)
    assert values.shape == proba.shape == (len(documents), 3)
    assert values.dtype == proba.dtype == np.float32
    assert low_evidence.shape == (len(documents),)
    assert low_evidence.dtype == np.bool_
    assert np.isfinite(values).all()
    assert proba.min() >= 0
    assert proba.sum(axis=1) == pytest.approx(np.ones(len(documents)), abs=1e-6)


def test_no_documents_have_no_scores(model: Classifier) -> None:
    values, low_evidence = model.decision(Documents.from_texts([]))
    assert values.shape == (0, 3)
    assert low_evidence.shape == (0,)
    assert model.predict_proba(Documents.from_texts([])).shape == (0, 3)


def test_a_document_gets_the_same_scores_alone_and_in_any_company(
    family: str, model: Classifier
) -> None:
    documents = asked()
    n = len(documents)
    together = model.decision(documents).values
    alone = np.concatenate([model.decision(documents.slice(i, i + 1)).values for i in range(n)])
    assert same(family, alone, together)
    order = np.random.default_rng(2).permutation(n)
    assert same(family, model.decision(documents.take(order)).values, together[order])
    for size in (2, 7, 32):
        parts = [
            model.decision(documents.slice(at, min(at + size, n))).values
            for at in range(0, n, size)
        ]
        assert same(family, np.concatenate(parts), together)


def test_many_documents_get_the_same_scores_as_few(family: str, model: Classifier) -> None:
    few = asked().take(np.arange(45))
    expected = model.decision(few)
    many = model.decision(few.take(np.arange(9000) % 45))
    assert same(family, many.values, np.tile(expected.values, (200, 1)))
    assert np.array_equal(many.low_evidence, np.tile(expected.low_evidence, 200))


def test_a_saved_model_predicts_the_same_bits(
    family: str, model: Classifier, tmp_path: Path
) -> None:
    model.save(tmp_path)
    loaded = registry.find(family).load().load(tmp_path)
    documents = asked()
    assert np.array_equal(loaded.decision(documents).values, model.decision(documents).values)
    assert np.array_equal(
        loaded.decision(documents).low_evidence, model.decision(documents).low_evidence
    )
    again = tmp_path / "again"
    again.mkdir()
    loaded.save(again)
    for path in sorted(path for path in again.rglob("*") if path.is_file()):
        assert path.read_bytes() == (tmp_path / path.relative_to(again)).read_bytes()
        assert path.suffix in {".json", ".safetensors"}


def test_a_model_that_is_done_with_is_freed_at_once(
    family: str, model: Classifier, tmp_path: Path
) -> None:
    """A server exchanges models, and does not search for garbage among what it loaded."""
    model.save(tmp_path)
    gc.disable()
    try:
        loaded = registry.find(family).load().load(tmp_path)
        loaded.decision(asked(2))
        left = weakref.ref(loaded)
        del loaded
        assert left() is None
    finally:
        gc.enable()


def test_the_same_seed_gives_the_same_bundle_bytes(family: str, tmp_path: Path) -> None:
    documents, y = corpus(90, 3)
    labels = LabelSet(["A", "B", "C"])
    digests = [
        Bundle.fit(
            documents, y, labels=labels, family=family, params=params_of(family), seed=7
        ).bundle.save(tmp_path / name)
        for name in ("first", "second")
    ]
    assert digests[0] == digests[1]


def test_an_unfitted_model_refuses_to_work(family: str, tmp_path: Path) -> None:
    unfitted = registry.find(family).create()
    for act in (unfitted.decision, unfitted.predict_proba):
        for documents in (asked(1), Documents.from_texts([])):
            with pytest.raises(NotFittedError):
                act(documents)
    with pytest.raises(NotFittedError):
        unfitted.save(tmp_path)


def test_fitting_leaves_what_it_is_given_alone(family: str) -> None:
    documents, y = corpus(60, 3)
    texts, ids, before = documents.texts.to_pylist(), documents.ids.to_pylist(), y.copy()
    fit(family, documents, y, 3)
    assert np.array_equal(y, before)
    assert documents.texts.to_pylist() == texts
    assert documents.ids.to_pylist() == ids


def test_a_class_without_rows_is_still_a_column(family: str) -> None:
    documents, y = corpus(90, 3)
    some = np.flatnonzero(y != 1)
    proba = fit(family, documents.take(some), y[some], 3).predict_proba(asked())
    assert proba.shape[1] == 3
    assert np.isfinite(proba).all()


@pytest.mark.parametrize(("n_classes", "n"), [(2, 60), (34, 340)])
def test_two_classes_and_many_work(family: str, n_classes: int, n: int) -> None:
    documents, y = corpus(n, n_classes)
    proba = fit(family, documents, y, n_classes).predict_proba(documents)
    assert proba.shape == (n, n_classes)
    assert proba.sum(axis=1) == pytest.approx(np.ones(n), abs=1e-6)


@pytest.mark.parametrize("n_fields", [1, 2, 3])
def test_documents_of_several_fields_work(family: str, n_fields: int) -> None:
    documents, y = corpus(90, 3, n_fields)
    classifier = fit(family, documents, y, 3)
    proba = classifier.predict_proba(documents)
    alone = np.concatenate([classifier.predict_proba(documents.slice(i, i + 1)) for i in range(90)])
    assert same(family, alone, proba)


def test_training_documents_that_say_nothing_work(family: str) -> None:
    documents = Documents.from_texts(["", "", " ", "."])
    proba = fit(family, documents, np.array([0, 1, 0, 1]), 2).predict_proba(asked())
    assert np.isfinite(proba).all()


def test_a_document_of_a_hundred_thousand_words_is_one_like_others(model: Classifier) -> None:
    documents = Documents.from_texts(["goal cup " * 50_000, "goal cup"])
    proba = model.predict_proba(documents)
    assert np.isfinite(proba).all()
    assert proba.sum(axis=1) == pytest.approx(np.ones(2), abs=1e-6)


def test_a_handful_of_rows_is_enough(family: str) -> None:
    documents, y = corpus(5, 3)
    labels = LabelSet(["A", "B", "C"])
    fitted = Bundle.fit(documents, y, labels=labels, family=family, params=params_of(family))
    assert fitted.out_of_fold
    assert np.isfinite(fitted.bundle.predict(asked()).proba).all()


def door(family: str, model: Classifier) -> Bundle:
    """A bundle around a trained model."""
    documents, y = corpus(60, 3, seed=3)
    return Bundle(
        family=family,
        classifier=model,
        calibrator=Calibrator.fit(model.decision(documents).values, y, model.output),
        labels=LabelSet(["A", "B", "C"]),
        fields=("text",),
        prior=np.full(3, 1 / 3, dtype=np.float32),
    )


EXPLAINED = [
    *ODD[:-2],
    "bank 👩‍👩‍👧 rates rise 👍🏽",
    "cafe\u0301 goal ﬁnal, हिन्दी 大阪 \U0001d11e cup",
    "goal cup final keeper. The bank said no. " * 12,
]


def test_every_answer_is_explained_by_stretches_of_the_raw_text(
    family: str, model: Classifier
) -> None:
    bundle, documents = door(family, model), Documents.from_texts(EXPLAINED)
    found = bundle.explain(documents)
    assert [own.label for own in found] == bundle.predict(documents).labels
    for text, own in zip(EXPLAINED, found, strict=True):
        assert own.method == bundle.explains
        assert own.n_variants == 0 if own.method == "exact" else own.n_variants <= 128
        assert own.proba >= 1 / 3 - 1e-6
        assert np.isfinite([span.weight for span in own.spans]).all()
        assert all(span.field == "text" for span in own.spans)
        assert all(0 <= span.start < span.end <= len(text) for span in own.spans)
        starts = [span.start for span in own.spans]
        assert starts == sorted(starts)
        assert not own.spans or not own.low_evidence
        # No stretch begins with what belongs to the character before it.
        assert not any(
            unicodedata.combining(text[span.start]) or text[span.start] in "\u200d\ufe0f"
            for span in own.spans
        )


def test_a_class_is_explained_alike_alone_and_beside_others(family: str, model: Classifier) -> None:
    bundle = door(family, model)
    documents = Documents.from_texts(["bank goal rates", "the keeper and a chip today", ""])
    order, _ = bundle.predict(documents).top_k(3)
    together = bundle.explain_classes(documents, order)
    assert [own[0].label for own in together] == bundle.predict(documents).labels
    for place in range(3):
        for row in range(len(documents)):
            one = documents.slice(row, row + 1)
            (alone,) = bundle.explain(one, bundle.labels[order[row, place]])
            own = together[row][place]
            assert own.label == alone.label
            # What weighs as little as rounding may have a span or none.
            ours, theirs = ({span[:3]: span.weight for span in e.spans} for e in (own, alone))
            for span in ours.keys() | theirs.keys():
                assert ours.get(span, 0.0) == pytest.approx(theirs.get(span, 0.0), abs=1e-3)


def test_the_search_space_gives_params_that_the_family_takes(family: str) -> None:
    def middle(_name: str, choices: Any) -> Any:
        return choices[0] if isinstance(choices, list) else sum(choices) / 2

    params = registry.find(family).load().space(middle)
    cls = registry.find(family).load()
    assert isinstance(params, cls.Params)
    cls(params)
