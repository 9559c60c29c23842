"""The estimator in scikit-learn's hands.

Scikit-learn's own checks are run where they do not feed tables of numbers; the others have twins
here that feed texts, named after them.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks
from sklearn.utils.validation import check_is_fitted

from newsdesk.bundle import SMALL, Bundle
from newsdesk.errors import ConfigError, InputError, LabelError, NewsdeskError, UnknownFamilyError
from newsdesk.estimator import TextClassifier
from newsdesk.types import Documents, LabelSet

WITHOUT_DATA = [
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimator_cloneable",
    "check_estimator_get_tags_default_keys",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_estimators_unfitted",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
]
"""Not each of them exists in every version."""

WORDS = {
    "business": ["bank", "shares", "profit", "market", "rates"],
    "sport": ["goal", "cup", "striker", "coach", "final"],
    "tech": ["phone", "chip", "browser", "app", "battery"],
}
SECTIONS = list(WORDS)


def news(n: int, n_classes: int = 3, seed: int = 0) -> tuple[list[str], list[str]]:
    """Make n distinct headlines with their sections."""
    rng = np.random.default_rng(seed)
    everything = [word for name in SECTIONS[:n_classes] for word in WORDS[name]]
    labels = [SECTIONS[index] for index in rng.permutation(np.arange(n) % n_classes)]
    texts = [
        " ".join([*rng.choice(WORDS[label], 2), *rng.choice(everything, 2), f"no{row}"])
        for row, label in enumerate(labels)
    ]
    return texts, labels


TEXTS, LABELS = news(90)


@pytest.fixture(scope="module")
def fitted() -> TextClassifier:
    return TextClassifier().fit(TEXTS, LABELS)


# --- scikit-learn's own checks


@pytest.mark.parametrize("name", [name for name in WITHOUT_DATA if hasattr(estimator_checks, name)])
def test_scikit_learn_check_without_data(name: str) -> None:
    getattr(estimator_checks, name)("TextClassifier", TextClassifier())


# --- twins of the checks that feed numbers


def test_check_estimators_fit_returns_self() -> None:
    estimator = TextClassifier()
    assert estimator.fit(TEXTS, LABELS) is estimator


def test_check_fit_check_is_fitted() -> None:
    estimator = TextClassifier()
    with pytest.raises(NotFittedError):
        check_is_fitted(estimator)
    check_is_fitted(estimator.fit(TEXTS, LABELS))


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_check_estimators_unfitted(method: str) -> None:
    with pytest.raises(NotFittedError, match="TextClassifier instance is not fitted yet"):
        getattr(TextClassifier(), method)(TEXTS)


def test_a_fit_that_failed_leaves_nothing_that_looks_fitted() -> None:
    estimator = TextClassifier()
    with pytest.raises(LabelError):
        estimator.fit(TEXTS, ["business"] * len(TEXTS))
    with pytest.raises(ConfigError):
        estimator.set_params(params={"C": -1}).fit(TEXTS, LABELS)
    with pytest.raises(NotFittedError):
        estimator.predict(TEXTS)


def test_check_estimators_overwrite_params_and_dont_overwrite_parameters() -> None:
    params = {"C": 0.3, "word_ngrams": (1, 1)}
    estimator = TextClassifier(params=params, random_state=3)
    before = {name: pickle.dumps(value) for name, value in estimator.get_params().items()}
    estimator.fit(TEXTS, LABELS)
    after = {name: pickle.dumps(value) for name, value in estimator.get_params().items()}
    assert after == before
    assert estimator.params is params
    assert set(vars(estimator)) - set(before) == {"bundle_", "classes_"}


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_check_dict_unchanged(fitted: TextClassifier, method: str) -> None:
    before = dict(vars(fitted))
    texts = np.array(TEXTS)
    getattr(fitted, method)(texts)
    assert vars(fitted) == before
    assert texts.tolist() == TEXTS


def test_check_fit_idempotent(fitted: TextClassifier) -> None:
    again = clone(fitted).fit(TEXTS, LABELS)
    assert np.array_equal(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    assert np.array_equal(
        again.fit(TEXTS, LABELS).predict_proba(TEXTS), fitted.predict_proba(TEXTS)
    )


def test_a_new_fit_forgets_the_old_one(fitted: TextClassifier) -> None:
    other_texts, other_labels = news(60, 2, seed=8)
    estimator = TextClassifier().fit(other_texts, other_labels).fit(TEXTS, LABELS)
    assert np.array_equal(estimator.predict_proba(TEXTS), fitted.predict_proba(TEXTS))


def test_check_methods_subset_invariance(fitted: TextClassifier) -> None:
    whole = fitted.predict_proba(TEXTS)
    one_by_one = np.concatenate([fitted.predict_proba([text]) for text in TEXTS])
    assert np.array_equal(one_by_one, whole)


def test_check_methods_sample_order_invariance(fitted: TextClassifier) -> None:
    order = np.random.default_rng(0).permutation(len(TEXTS))
    texts = np.array(TEXTS)
    assert np.array_equal(fitted.predict_proba(texts[order]), fitted.predict_proba(texts)[order])
    assert np.array_equal(fitted.predict(texts[order]), fitted.predict(texts)[order])


@pytest.mark.parametrize("n_classes", [2, 3])
def test_check_classifiers_train(n_classes: int) -> None:
    texts, labels = news(90, n_classes)
    estimator = TextClassifier().fit(texts, labels)
    proba, predicted = estimator.predict_proba(texts), estimator.predict(texts)
    assert proba.shape == (90, n_classes)
    assert proba.sum(axis=1) == pytest.approx(np.ones(90), abs=1e-6)
    assert np.array_equal(predicted, estimator.classes_[proba.argmax(axis=1)])
    assert estimator.score(texts, labels) == np.mean(predicted == np.array(labels)) > 0.83


def test_columns_of_predict_proba_are_the_classes_in_sorted_order(fitted: TextClassifier) -> None:
    assert fitted.classes_.tolist() == sorted(WORDS)
    for column, label in enumerate(fitted.classes_):
        assert fitted.predict_proba([" ".join(WORDS[label])])[0].argmax() == column


NAMES: dict[str, Callable[[str], Any]] = {
    "strings": str,
    "integers": lambda label: {"business": 10, "sport": -2, "tech": 9}[label],
    "floats": lambda label: {"business": 2.0, "sport": 1.0, "tech": 10.0}[label],
    "booleans": lambda label: label == "sport",
    "an empty string": lambda label: "" if label == "sport" else label,
}


@pytest.mark.parametrize("kind", NAMES)
def test_check_classifiers_classes(kind: str) -> None:
    labels = [NAMES[kind](label) for label in LABELS]
    for target in (labels, np.array(labels), pd.Series(labels), pd.Categorical(labels)):
        estimator = TextClassifier().fit(TEXTS, target)
        assert estimator.classes_.tolist() == sorted(set(labels))
        predicted = estimator.predict(TEXTS).tolist()
        assert {type(value) for value in predicted} == {type(labels[0])}
        assert np.mean([a == b for a, b in zip(predicted, labels, strict=True)]) > 0.8


def test_the_type_of_the_labels_does_not_change_the_numbers(fitted: TextClassifier) -> None:
    numbers = [SECTIONS.index(label) for label in LABELS]
    proba = TextClassifier().fit(TEXTS, numbers).predict_proba(TEXTS)
    assert np.array_equal(proba, fitted.predict_proba(TEXTS))


def test_check_readonly_memmap_input(fitted: TextClassifier) -> None:
    texts, labels = np.array(TEXTS), np.array(LABELS)
    texts.flags.writeable = labels.flags.writeable = False
    proba = TextClassifier().fit(texts, labels).predict_proba(texts)
    assert np.array_equal(proba, fitted.predict_proba(TEXTS))


@pytest.mark.parametrize(
    "labels", [["a"] * 4, [1] * 4, [], [""] * 4], ids=["text", "number", "none", "empty"]
)
def test_check_classifiers_one_label(labels: list[Any]) -> None:
    with pytest.raises(LabelError, match="of one class at most") as caught:
        TextClassifier().fit(TEXTS[: len(labels)], labels)
    assert caught.value.remedy == "Give texts of at least two classes."


def test_check_requires_y_none() -> None:
    with pytest.raises(ValueError, match="requires y to be passed, but the target y is None"):
        TextClassifier().fit(TEXTS, None)


def test_check_supervised_y_2d(fitted: TextClassifier) -> None:
    column = np.array(LABELS)[:, np.newaxis]
    with pytest.warns(DataConversionWarning, match="expected"):
        estimator = TextClassifier().fit(TEXTS, column)
    assert np.array_equal(estimator.predict_proba(TEXTS), fitted.predict_proba(TEXTS))


def test_several_labels_per_text_are_refused() -> None:
    with pytest.raises(LabelError, match=r"shape \(90, 2\)"):
        TextClassifier().fit(TEXTS, np.ones((90, 2), dtype=int))


def test_check_classifiers_regression_target() -> None:
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        TextClassifier().fit(TEXTS, np.linspace(0.1, 0.9, len(TEXTS)))


@pytest.mark.parametrize(
    "missing", [None, float("nan"), pd.NA, pd.NaT], ids=["None", "nan", "NA", "NaT"]
)
def test_check_supervised_y_no_nan(missing: Any) -> None:
    labels = np.array([*LABELS[:7], missing, *LABELS[8:]], dtype=object)
    with pytest.raises(LabelError, match="Label 7 is missing"):
        TextClassifier().fit(TEXTS, labels)


def test_a_missing_number_among_labels_is_refused() -> None:
    with pytest.raises(LabelError, match="Label 1 is missing"):
        TextClassifier().fit(TEXTS[:4], [1.0, float("nan"), 2.0, 1.0])


@pytest.mark.parametrize("container", [list, lambda labels: np.array(labels, dtype=object)])
def test_labels_that_only_look_alike_are_not_thrown_together(container: Any) -> None:
    labels = container([1, "1"] * 45)
    with pytest.raises(LabelError, match="Labels 0 and 1 are of different kinds: int and str"):
        TextClassifier().fit(TEXTS, labels)


def test_the_name_that_stands_for_the_empty_label_is_not_thrown_together_with_it() -> None:
    with pytest.raises(LabelError, match="distinct"):
        TextClassifier().fit(TEXTS[:4], ["", "(empty)", "", "(empty)"])


@pytest.mark.parametrize("n", [89, 91])
def test_each_text_needs_one_label(n: int) -> None:
    with pytest.raises(LabelError, match=f"90 texts and {n} labels"):
        TextClassifier().fit(TEXTS, (LABELS * 2)[:n])


# --- texts


CONTAINERS: dict[str, Callable[[list[str]], Any]] = {
    "tuple": tuple,
    "generator": iter,
    "numpy": np.array,
    "numpy objects": lambda texts: np.array(texts, dtype=object),
    "numpy column": lambda texts: np.array(texts)[:, np.newaxis],
    "pandas series": lambda texts: pd.Series(texts, index=range(7, 7 + len(texts))),
    "pandas objects": lambda texts: pd.Series(texts, dtype=object),
    "pandas frame": lambda texts: pd.DataFrame({"headline": texts}),
    "polars series": pl.Series,
    "polars frame": lambda texts: pl.DataFrame({"headline": texts}),
    "arrow": pa.array,
    "arrow chunks": lambda texts: pa.chunked_array([texts[:50], texts[50:]]),
    "arrow table": lambda texts: pa.table({"headline": texts}),
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_texts_of_any_container_give_the_same_numbers(
    fitted: TextClassifier, container: str
) -> None:
    make = CONTAINERS[container]
    estimator = TextClassifier().fit(make(TEXTS), LABELS)
    assert np.array_equal(estimator.predict_proba(make(TEXTS)), fitted.predict_proba(TEXTS))


@pytest.mark.parametrize(
    "series",
    [
        pd.Series(["goal", None]),
        pd.Series(["goal", None], dtype=object),
        pd.Series(["goal", float("nan")], dtype=object),
        pd.Series(["goal", pd.NA], dtype="string"),
        pl.Series(["goal", None]),
        ["goal", None],
    ],
    ids=["pandas", "None", "nan", "NA", "polars", "list"],
)
def test_a_missing_text_is_an_empty_one(fitted: TextClassifier, series: Any) -> None:
    expected = fitted.predict_proba(["goal", ""])
    assert np.array_equal(fitted.predict_proba(series), expected)


@pytest.mark.parametrize("texts", [np.zeros(4), np.zeros((4, 1)), [1, 2], [["goal"], ["cup"]]])
def test_what_is_no_text_is_refused_with_its_place(fitted: TextClassifier, texts: Any) -> None:
    with pytest.raises(InputError, match=r"Text 0 is of type \w+, not str"):
        fitted.predict(texts)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"headline": TEXTS, "body": TEXTS}),
        pl.DataFrame({"headline": TEXTS, "body": TEXTS}),
        np.array([TEXTS, TEXTS]).T,
    ],
    ids=["pandas", "polars", "numpy"],
)
def test_a_table_of_several_columns_is_refused(fitted: TextClassifier, frame: Any) -> None:
    with pytest.raises(InputError, match="A table of 2 columns"):
        TextClassifier().fit(frame, LABELS)
    with pytest.raises(InputError, match="A table of 2 columns"):
        fitted.predict(frame)


def test_one_bare_text_is_refused(fitted: TextClassifier) -> None:
    with pytest.raises(InputError, match="bare string"):
        fitted.predict("Striker signs for city rivals")


def test_no_texts_have_no_answers(fitted: TextClassifier) -> None:
    assert fitted.predict([]).shape == (0,)
    assert fitted.predict_proba([]).shape == (0, 3)


# --- settings


def test_settings_reach_the_family() -> None:
    params = {"C": 0.3, "word_ngrams": [1, 1], "class_weight": "balanced"}
    estimator = TextClassifier(params=params).fit(TEXTS, LABELS)
    found = estimator.bundle_.classifier.params
    assert (found.C, found.word_ngrams, found.class_weight) == (0.3, (1, 1), "balanced")


def test_numbers_of_numpy_are_settings_too() -> None:
    params = {"C": np.logspace(-1, 1, 3)[0], "min_df": np.int64(1), "bits": np.int32(12)}
    found = TextClassifier(params=params).fit(TEXTS, LABELS).bundle_.classifier.params
    assert (found.C, found.min_df, found.bits) == (0.1, 1, 12)


def test_text_steps_reach_the_bundle_and_an_unknown_one_is_refused() -> None:
    texts, labels = news(60)
    fitted = TextClassifier(clean=("lower", "html")).fit(texts, labels)
    assert fitted.bundle_.cleaner.steps == ("html", "lower")
    marked = [f"<p>{text.upper()}</p>" for text in texts]
    assert np.array_equal(fitted.predict_proba(marked), fitted.predict_proba(texts))
    with pytest.raises(ConfigError, match="no text step 'stem'"):
        TextClassifier(clean=["stem"]).fit(texts, labels)


def test_an_unknown_setting_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'max_epochs'"):
        TextClassifier(params={"max_epoch": 3}).fit(TEXTS, LABELS)


def test_an_unknown_family_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownFamilyError, match="Did you mean 'linear'"):
        TextClassifier("linaer").fit(TEXTS, LABELS)


def test_another_family_is_another_model() -> None:
    proba = TextClassifier("prior").fit(TEXTS, LABELS).predict_proba(TEXTS)
    assert (proba == proba[0]).all()


def test_random_states_of_every_kind_are_taken() -> None:
    texts, labels = news(SMALL + 100)  # here a draw decides which texts calibrate

    def proba(random_state: Any) -> Any:
        return TextClassifier(random_state=random_state).fit(texts, labels).predict_proba(TEXTS)

    assert np.array_equal(proba(3), proba(np.int64(3)))
    assert not np.array_equal(proba(3), proba(4))
    first, second = (proba(np.random.RandomState(5)) for _ in range(2))
    assert np.array_equal(first, second)
    assert proba(None).shape == first.shape


# --- calibration


def test_a_handful_of_texts_does_not_turn_answers_round() -> None:
    texts = ["shares fall", "cup final", "bank profit", "late goal"] * 5
    labels = ["business", "sport", "business", "sport"] * 5
    assert TextClassifier().fit(texts, labels).predict(texts).tolist() == labels


def test_copies_of_a_text_do_not_make_it_surer() -> None:
    # Labels at random: nothing can be learnt, except from a copy in another fold.
    rng = np.random.default_rng(0)
    texts, _ = news(60)
    labels = rng.choice(["a", "b"], 60).tolist()
    estimator = TextClassifier().fit(texts * 4, labels * 4)
    assert estimator.predict_proba(news(200, seed=9)[0]).max() < 0.8


def test_the_numbers_are_those_of_the_bundle_door(fitted: TextClassifier) -> None:
    labels = LabelSet(sorted(WORDS))
    documents = Documents.from_texts(TEXTS)
    bundle = Bundle.fit(documents, labels.encode(LABELS), labels=labels).bundle
    assert np.array_equal(bundle.predict(documents).proba, fitted.predict_proba(TEXTS))
    assert fitted.bundle_.labels == labels


# --- in the hands of scikit-learn's other parts


def test_check_estimators_pickle(fitted: TextClassifier) -> None:
    again = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    assert again.classes_.tolist() == fitted.classes_.tolist()


def test_a_clone_is_unfitted_and_of_the_same_settings() -> None:
    copy = clone(TextClassifier(params={"C": 0.3}, random_state=5).fit(TEXTS, LABELS))
    settings = {"family": "linear", "params": {"C": 0.3}, "random_state": 5, "clean": ()}
    assert copy.get_params() == settings
    with pytest.raises(NotFittedError):
        copy.predict(TEXTS)


def test_cross_validation_in_other_processes_gives_the_same_numbers() -> None:
    texts = np.array(TEXTS)
    alone = cross_val_score(TextClassifier(), texts, LABELS, cv=2, scoring="f1_macro")
    pool = cross_val_score(TextClassifier(), texts, LABELS, cv=2, scoring="f1_macro", n_jobs=2)
    assert pool.tolist() == alone.tolist()
    assert alone.min() > 0.5


def test_cross_validation_knows_how_to_score_probabilities() -> None:
    losses = cross_val_score(TextClassifier(), TEXTS, LABELS, cv=3, scoring="neg_log_loss")
    assert losses.min() > -np.log(3)


def test_errors_of_a_fold_keep_their_two_sentences() -> None:
    with pytest.raises(NewsdeskError) as caught:
        cross_val_score(
            TextClassifier("linaer"), TEXTS, LABELS, cv=2, error_score="raise", n_jobs=1
        )
    assert caught.value.remedy == "Did you mean 'linear'?"


def test_a_grid_of_settings_is_searched() -> None:
    grid = {"params": [{"C": value} for value in np.logspace(-5, 0, 2)]}
    search = GridSearchCV(TextClassifier(), grid, cv=2, scoring="neg_log_loss").fit(TEXTS, LABELS)
    assert search.best_params_ == {"params": {"C": 1.0}}
    assert search.predict(TEXTS[:1]).tolist() == LABELS[:1]


def test_a_step_before_it_in_a_pipeline_sees_the_texts_first(fitted: TextClassifier) -> None:
    def without_numbers(texts: Any) -> list[str]:
        return [" ".join(word for word in text.split() if word[:2] != "no") for text in texts]

    pipeline = make_pipeline(FunctionTransformer(without_numbers), TextClassifier())
    assert pipeline.fit(TEXTS, LABELS).score(TEXTS, LABELS) > 0.8
    direct = TextClassifier().fit(without_numbers(TEXTS), LABELS)
    assert np.array_equal(
        pipeline.predict_proba(TEXTS), direct.predict_proba(without_numbers(TEXTS))
    )
    pipeline.set_params(textclassifier__family="prior")
    assert np.ptp(pipeline.fit(TEXTS, LABELS).predict_proba(TEXTS), axis=0).max() == 0


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def test_one_column_of_a_frame_can_be_chosen_in_a_pipeline(
    fitted: TextClassifier, make: Any
) -> None:
    frame = make({"id": list(range(90)), "headline": TEXTS})
    chosen = ColumnTransformer([("text", "passthrough", ["headline"])])
    pipeline = Pipeline([("column", chosen), ("model", TextClassifier())]).fit(frame, LABELS)
    assert np.array_equal(pipeline.predict_proba(frame), fitted.predict_proba(TEXTS))


def test_an_ensemble_is_trained_like_any_family() -> None:
    settings = ["linear.bits=12", "tfidf-nb.tokens=words"]
    mixed = TextClassifier("ensemble", {"settings": settings}).fit(TEXTS, LABELS)
    assert mixed.bundle_.family == "ensemble"
    assert (mixed.predict(TEXTS) == LABELS).mean() > 0.9
