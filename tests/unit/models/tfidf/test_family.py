from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from newsdesk.errors import BundleFormatError, ConfigError
from newsdesk.models import registry
from newsdesk.models.classifier import Attributing, Planned, Sweeping, SweepTask
from newsdesk.models.tfidf import SvmParams
from newsdesk.models.tfidf.family import chains
from newsdesk.types import Documents, Silent

Make = Callable[..., Any]
Train = Callable[..., Any]

FAMILIES = ["tfidf-logreg", "tfidf-svm", "tfidf-nb", "tfidf-mlp"]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_explains_plans_and_sweeps(family: str) -> None:
    model = registry.find(family).create()
    assert isinstance(model, Attributing)
    assert isinstance(model, Planned)
    assert isinstance(model, Sweeping)


@pytest.mark.parametrize("family", FAMILIES)
def test_topics_are_told_apart(make: Make, train: Train, family: str) -> None:
    documents, y = make(240)
    asked, truth = make(90, seed=1)
    settings = {"epochs": 30} if family == "tfidf-mlp" else {}
    scores = train(family, documents, y, 3, **settings).decision(asked)
    assert (scores.values.argmax(axis=1) == truth).mean() > 0.95
    assert not scores.low_evidence.any()


@pytest.mark.parametrize("family", FAMILIES)
def test_row_21_a_text_without_known_words_is_marked(make: Make, train: Train, family: str) -> None:
    documents, y = make(90)
    model = train(family, documents, y, 3)
    found = model.decision(Documents.from_texts(["", "the and of", "xylophone zzz", "goal"]))
    assert found.low_evidence.tolist() == [True, True, True, False]
    assert np.isfinite(found.values).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_without_any_feature_the_answer_is_the_class_frequencies(
    make: Make, train: Train, family: str
) -> None:
    documents, _ = make(30)
    y = np.array([0] * 20 + [1] * 10)
    proba = train(family, documents, y, 3, min_df=31).predict_proba(documents)
    assert proba == pytest.approx(np.tile([21 / 33, 11 / 33, 1 / 33], (30, 1)), abs=0.1)
    assert (proba.argmax(axis=1) == 0).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_rows_of_one_class_alone_are_answered_with_it(
    make: Make, train: Train, family: str
) -> None:
    documents, _ = make(30)
    proba = train(family, documents, np.full(30, 1), 3).predict_proba(documents)
    assert (proba.argmax(axis=1) == 1).all()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("settings", [{}, {"tokens": "words", "ngram_range": (2, 3), "min_df": 1}])
def test_a_loaded_model_has_its_settings_and_explains_alike(
    make: Make, train: Train, tmp_path: Path, family: str, settings: dict[str, Any]
) -> None:
    documents, y = make(90)
    model = train(family, documents, y, 3, **settings)
    model.save(tmp_path)
    loaded = registry.find(family).load().load(tmp_path)
    assert loaded.params == model.params  # type: ignore[attr-defined]
    asked, classes = documents.slice(0, 5), y[:5]
    assert loaded.attribute(asked, classes) == model.attribute(asked, classes)  # type: ignore[attr-defined]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", ["bias", "weights", "idf", "keys"])
def test_tensors_of_another_size_are_refused(
    make: Make, train: Train, tmp_path: Path, family: str, name: str
) -> None:
    documents, y = make(90)
    train(family, documents, y, 3).save(tmp_path)
    path = tmp_path / "weights.safetensors"
    tensors = load_file(path)
    tensors[name] = np.ascontiguousarray(tensors[name][:-1])
    save_file(tensors, path)
    with pytest.raises(BundleFormatError):
        registry.find(family).load().load(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"), [('"en"', '"os.path"'), ('"tokens": "lemmas"', '"tokens": "x"'), ("3", "1e9")]
)
def test_settings_that_no_family_writes_are_refused(
    make: Make, train: Train, tmp_path: Path, old: str, new: str
) -> None:
    documents, y = make(90)
    train("tfidf-logreg", documents, y, 3).save(tmp_path)
    path = tmp_path / "tfidf.json"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(BundleFormatError):
        registry.find("tfidf-logreg").load().load(tmp_path)


def test_a_bundle_says_which_libraries_cut_its_texts(
    make: Make, train: Train, tmp_path: Path
) -> None:
    documents, y = make(90)
    train("tfidf-nb", documents, y, 3).save(tmp_path)
    assert '"spacy-lookups-data"' in (tmp_path / "tfidf.json").read_text(encoding="utf-8")
    train("tfidf-nb", documents, y, 3, tokens="words").save(tmp_path)
    assert "spacy" not in (tmp_path / "tfidf.json").read_text(encoding="utf-8")


def test_words_of_any_script_need_no_spacy(
    make: Make, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwanted(*_args: object, **_options: object) -> None:
        raise AssertionError

    monkeypatch.setattr("newsdesk.features.lemmas.lemmatiser", unwanted)
    documents, y = make(120)
    model = train("tfidf-svm", documents, y, 3, tokens="words")
    scores = model.decision(Documents.from_texts(["大阪 İstanbul", "हिन्दी 한글", "Straße café"]))
    assert scores.values.argmax(axis=1).tolist() == [1, 2, 0]


def test_a_language_without_lemmas_is_found_out_before_training(make: Make) -> None:
    documents, _ = make(30)
    cls = registry.find("tfidf-logreg").load()
    with pytest.raises(ConfigError, match="no look-up lemmas"):
        cls(cls.Params(language="fi")).plan(documents, 3)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_memory_plan_grows_with_rows_and_classes(make: Make, family: str) -> None:
    model = registry.find(family).create()
    assert isinstance(model, Planned)
    few, many = make(500)[0], make(5000)[0]
    assert 0 < model.plan(few, 3) < model.plan(many, 3)
    assert model.plan(many, 3) < model.plan(many, 300)
    assert model.plan(few.slice(0, 0), 3) > 0


@pytest.mark.parametrize("family", FAMILIES)
def test_a_sweep_scores_every_task_and_learns_from_its_train_rows_alone(
    make: Make, family: str
) -> None:
    documents, y = make(120)
    cls: Any = registry.find(family).load()
    halves = np.arange(60), np.arange(60, 120)
    settings = [{}, {"ngram_range": (1, 1)}, {"tokens": "words"}, {"max_df": 0.5}]
    tasks = [
        SweepTask(cls.Params(**own), halves[fold], halves[1 - fold])
        for fold in (0, 1)
        for own in settings
    ]

    def swept(documents: Documents, tasks: list[SweepTask]) -> dict[int, np.ndarray]:
        found = cls.sweep(documents, y, tasks, n_classes=3, seed=1, progress=Silent())
        return dict(found)

    scores = swept(documents, tasks)
    assert sorted(scores) == list(range(8))
    assert all(values.shape == (60, 3) for values in scores.values())
    # Other held-out texts change nothing in the scores of those that stay.
    texts = documents.texts.to_pylist()
    changed = Documents.from_texts([*texts[:119], "goal coach"])
    again = swept(changed, tasks[:1])[0]
    assert np.allclose(again[:59], scores[0][:59], atol=1e-5)
    # Alone, a task scores as in company.
    assert np.allclose(swept(documents, tasks[5:6])[0], scores[5], atol=1e-6)


@pytest.mark.parametrize("family", ["tfidf-logreg", "tfidf-svm"])
def test_a_fit_starts_from_no_fit_that_differs_in_more_than_c(make: Make, family: str) -> None:
    documents, y = make(90)
    cls: Any = registry.find(family).load()
    rows = np.arange(60), np.arange(60, 90)
    tasks = [SweepTask(cls.Params(C=C, max_iter=n), *rows) for n, C in [(1, 0.1), (2, 1.0)]]

    def swept(tasks: list[SweepTask]) -> dict[int, np.ndarray]:
        return dict(cls.sweep(documents, y, tasks, n_classes=3, seed=1, progress=Silent()))

    assert np.array_equal(swept(tasks)[1], swept(tasks[1:])[0])


def test_settings_in_a_chain_differ_in_c_alone_and_rise() -> None:
    settings = [
        SvmParams(C=C, cv=cv) for C, cv in [(5.0, 3), (0.1, 3), (0.1, 4), (1.0, 3), (0.01, 4)]
    ]
    assert sorted(chains(settings)) == [[1, 3, 0], [4, 2]]
