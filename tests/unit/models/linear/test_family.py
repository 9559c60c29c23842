from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from newsdesk.bundle import Bundle
from newsdesk.errors import NotFittedError
from newsdesk.models.classifier import Attributing, Planned, Refittable
from newsdesk.models.hashed.weighting import Weighting
from newsdesk.models.linear import Linear, LinearParams
from newsdesk.types import Documents, Indices, LabelSet, Silent, numbered, string_array

TOPICS = [
    ["bank", "rates", "rise", "profit", "shares", "market"],
    ["goal", "cup", "final", "keeper", "striker", "coach"],
    ["chip", "phone", "app", "update", "battery", "browser"],
]


def corpus(n: int, n_classes: int = 3, seed: int = 0) -> tuple[Documents, Indices]:
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % n_classes)
    common = ["new", "today", "says", "after", "more"]
    headlines = [" ".join(rng.choice(TOPICS[c % 3] + common, 6)) for c in y]
    descriptions = [" ".join(rng.choice([*TOPICS[c % 3], *common, "é"], 9)) for c in y]
    fields = {"headline": string_array(headlines), "description": string_array(descriptions)}
    return Documents(numbered(n), fields), y


def fit(params: LinearParams, documents: Documents, y: Indices, n_classes: int = 3) -> Linear:
    return Linear(params).fit(
        documents,
        y,
        n_classes=n_classes,
        valid=None,
        rng=np.random.default_rng(0),
        progress=Silent(),
    )


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("class_weight", ["none", "balanced"])
def test_margins_are_those_of_scikit_learn_on_the_same_rows(
    n_classes: int, class_weight: str
) -> None:
    documents, y = corpus(400, n_classes)
    rare = np.flatnonzero((y != 1) | (np.arange(400) % 4 == 0))
    documents, y = documents.take(rare), y[rare]
    params = LinearParams(tol=1e-5, max_epochs=500, bits=16, class_weight=class_weight)  # type: ignore[arg-type]
    hasher = params.hasher(2)
    counts = hasher.count(documents)
    weighting = Weighting.fit(counts, bits=16, min_df=2, block_weights=params.block_weights(hasher))
    rows = weighting.apply(counts)
    x = csr_matrix((rows.values, rows.indices, rows.indptr), (rows.n, len(weighting.idf)))
    balance = "balanced" if class_weight == "balanced" else None
    oracle = LinearSVC(C=params.C, tol=1e-8, max_iter=50_000, class_weight=balance).fit(x, y)
    expected = oracle.decision_function(x)
    margins = fit(params, documents, y, n_classes).decision(documents).values
    # Half-precision weights account for most of the difference.
    own = margins[:, 1] if n_classes == 2 else margins
    assert own == pytest.approx(expected, abs=1e-2)
    if n_classes == 2:
        assert np.array_equal(margins[:, 0], -margins[:, 1])
    else:
        assert (margins.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.99


@pytest.mark.parametrize("loss", ["squared_hinge", "logistic"])
@pytest.mark.parametrize("char_ngrams", [None, (3, 4)])
@pytest.mark.parametrize("refit", [True, False])
def test_one_thread_and_two_give_equal_bundle_bytes(
    loss: str,
    char_ngrams: tuple[int, int] | None,
    refit: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    documents, y = corpus(2300)
    params = LinearParams(loss=loss, char_ngrams=char_ngrams, bits=14)  # type: ignore[arg-type]
    digests = []
    for n_threads in (1, 2, 5):
        monkeypatch.setenv("NEWSDESK_THREADS", str(n_threads))
        fitted = Bundle.fit(
            documents.slice(0, 2100),
            y[:2100],
            labels=LabelSet("ABC"),
            valid=(documents.slice(2100, 2300), y[2100:]),
            params=params,
            refit=refit,
        )
        assert not fitted.out_of_fold
        digests.append(fitted.bundle.save(tmp_path / str(n_threads)))
    assert len(set(digests)) == 1


def test_a_refit_comes_to_the_optimum_of_all_documents() -> None:
    documents, y = corpus(300)
    params = LinearParams(tol=1e-4, max_epochs=500, bits=16)
    model = fit(params, documents.slice(0, 200), y[:200])
    model.refit(documents.slice(200, 300), y[200:], rng=np.random.default_rng(1), progress=Silent())
    whole = fit(params, documents, y)
    expected = whole.decision(documents).values
    assert model.decision(documents).values == pytest.approx(expected, abs=1e-2)


def test_only_a_model_that_remembers_its_fit_can_be_refitted(tmp_path: Path) -> None:
    documents, y = corpus(60)
    model = fit(LinearParams(bits=12), documents, y)
    model.save(tmp_path)
    before = model.decision(documents).values
    model.release()
    for forgetful in (model, Linear.load(tmp_path), Linear()):
        with pytest.raises(NotFittedError, match="no fit to continue"):
            forgetful.refit(documents, y, rng=np.random.default_rng(0), progress=Silent())
    assert np.array_equal(model.decision(documents).values, before)


def test_rare_classes_gain_by_balanced_weights() -> None:
    documents, y = corpus(600)
    rare = np.flatnonzero((y != 2) | (np.arange(600) % 20 == 0))
    documents, y = documents.take(rare), y[rare]
    plain = fit(LinearParams(bits=14, C=0.01), documents, y).decision(documents).values
    params = LinearParams(bits=14, C=0.01, class_weight="balanced")
    balanced = fit(params, documents, y).decision(documents).values
    own = y == 2
    assert balanced[own, 2].mean() > plain[own, 2].mean()


def test_the_plan_grows_with_documents_and_classes() -> None:
    few, _ = corpus(500)
    many, _ = corpus(5000)
    model = Linear(LinearParams(bits=12))
    assert 0 < model.plan(few, 3) < model.plan(many, 3) < model.plan(many, 34)


def test_documents_that_hold_nothing_known_are_marked() -> None:
    documents, y = corpus(60)
    model = fit(LinearParams(), documents, y)
    texts = ["", "zzz yyy", "...", "👩‍👩‍👧", "bank zzz"]
    blank = string_array([""] * 5)
    asked = Documents(numbered(5), {"headline": string_array(texts), "description": blank})
    assert model.decision(asked).low_evidence.tolist() == [True, True, True, True, False]


@pytest.mark.parametrize("ability", [Attributing, Planned, Refittable])
def test_linear_has_every_ability_beyond_the_protocol(ability: type) -> None:
    assert isinstance(Linear(), ability)
