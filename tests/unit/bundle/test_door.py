from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from newsdesk.bundle import Bundle
from newsdesk.bundle.results import Fitted
from newsdesk.bundle.teaching import Teaching
from newsdesk.errors import (
    BundleExistsError,
    ConfigError,
    DataError,
    InputError,
    LabelError,
)
from newsdesk.features.clean import Cleaner
from newsdesk.models import registry
from newsdesk.models.linear import LinearParams
from newsdesk.models.neural.encoders.reading import EncoderReading
from newsdesk.models.neural.lstm import LstmParams
from newsdesk.types import Documents, Indices, LabelSet, numbered, string_array

TOPICS = [
    ["bank", "rates", "rise", "profit"],
    ["goal", "cup", "final", "keeper"],
    ["chip", "phone", "app"],
]
LABELS = LabelSet(["BUSINESS", "SPORT", "TECHNOLOGY"])
PARAMS = LinearParams(bits=12)


def corpus(n: int, seed: int = 0) -> tuple[Documents, Indices]:
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % 3)
    words = [[*TOPICS[c], "new", "today", "says"] for c in y]
    fields = {
        name: string_array([" ".join(rng.choice(own, 5)) for own in words])
        for name in ("headline", "description")
    }
    return Documents(numbered(n), fields), y


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    documents, y = corpus(90)
    return Bundle.fit(documents, y, labels=LABELS, params=PARAMS, fingerprint="abc").bundle


def fields(**columns: list[str]) -> Documents:
    arrays = {name: string_array(column) for name, column in columns.items()}
    return Documents(numbered(len(next(iter(columns.values())))), arrays)


# ── fit ──────────────────────────────────────────────────────────────────────────────────────────


def test_few_rows_are_all_held_out_once() -> None:
    documents, y = corpus(100)
    valid = documents.slice(80, 100), y[80:]
    fitted = Bundle.fit(documents.slice(0, 80), y[:80], labels=LABELS, valid=valid, params=PARAMS)
    assert fitted.out_of_fold
    assert fitted.held_out.tolist() == list(range(100))
    assert fitted.valid_proba.shape == (100, 3)
    assert fitted.valid_proba.sum(axis=1) == pytest.approx(np.ones(100), abs=1e-6)
    assert (fitted.valid_proba.argmax(axis=1) == y).mean() > 0.9
    assert fitted.valid_scores.shape == (100, 3)


def test_many_rows_are_measured_on_valid_alone() -> None:
    documents, y = corpus(2200)
    valid = documents.slice(2000, 2200), y[2000:]
    train = documents.slice(0, 2000), y[:2000]
    fitted = Bundle.fit(*train, labels=LABELS, valid=valid, params=PARAMS)
    assert not fitted.out_of_fold
    assert fitted.held_out.tolist() == list(range(2000, 2200))
    assert {"fit", "calibrate", "refit"} <= set(fitted.seconds)


def test_what_counts_as_few_rows_can_be_said() -> None:
    documents, y = corpus(100)
    valid = documents.slice(80, 100), y[80:]
    train = documents.slice(0, 80), y[:80]
    assert not Bundle.fit(*train, labels=LABELS, valid=valid, params=PARAMS, small=0).out_of_fold
    assert Bundle.fit(*train, labels=LABELS, valid=valid, params=PARAMS, small=101).out_of_fold


@pytest.mark.parametrize("n_valid", [None, 0])
def test_many_rows_without_held_out_ones_are_predicted_out_of_fold(n_valid: int | None) -> None:
    documents, y = corpus(2100)
    valid = None if n_valid is None else (documents.slice(0, 0), y[:0])
    fitted = Bundle.fit(documents, y, labels=LABELS, valid=valid, params=PARAMS)
    assert fitted.out_of_fold
    assert len(fitted.held_out) == 2100


def test_a_refit_keeps_the_calibrator_and_changes_the_classifier() -> None:
    documents, y = corpus(2200)
    valid = documents.slice(2000, 2200), y[2000:]
    plain, refitted = (
        Bundle.fit(
            documents.slice(0, 2000), y[:2000], labels=LABELS, valid=valid, params=PARAMS, refit=on
        )
        for on in (False, True)
    )
    first, second = plain.bundle, refitted.bundle
    assert np.array_equal(first.calibrator.slope, second.calibrator.slope)
    assert np.array_equal(first.calibrator.offset, second.calibrator.offset)
    assert first.calibrator.temperature == second.calibrator.temperature
    assert np.array_equal(plain.valid_proba, refitted.valid_proba)
    asked = documents.slice(0, 50)
    scores = [one.classifier.decision(asked).values for one in (first, second)]
    assert not np.array_equal(*scores)
    assert second.prior == pytest.approx((np.bincount(y) + 1) / (2200 + 3))
    assert first.prior == pytest.approx((np.bincount(y[:2000]) + 1) / (2000 + 3))


@pytest.mark.parametrize("names", [["ONLY"], []])
def test_one_class_is_refused_with_the_remedy(names: list[str]) -> None:
    documents, _ = corpus(10)
    with pytest.raises(LabelError, match="one class only") as caught:
        Bundle.fit(documents, np.zeros(10, np.int64), labels=LabelSet(names))
    assert "at least two classes" in caught.value.remedy


def test_two_classes_have_a_threshold_that_is_saved(tmp_path: Path) -> None:
    documents, y = corpus(60)
    labels = LabelSet(["BUSINESS", "OTHER"])
    fitted = Bundle.fit(documents, np.minimum(y, 1), labels=labels, params=PARAMS)
    threshold = fitted.bundle.calibrator.threshold
    assert threshold is not None
    assert 0 < threshold <= 1
    fitted.bundle.save(tmp_path / "bundle")
    assert Bundle.load(tmp_path / "bundle").calibrator.threshold == threshold


def in_epochs(checkpoints: Path | None = None, **more: Any) -> tuple[Fitted, Fitted]:
    """A network fitted with valid rows, few enough for folds; once more on all rows if asked."""
    documents, y = corpus(60)
    valid = documents.slice(45, 60), y[45:]
    own = LstmParams(embedding_dim=4, units=3, epochs=3, batch_size=16, min_count=1)
    plain, other = (
        Bundle.fit(
            documents.slice(0, 45),
            y[:45],
            labels=LABELS,
            valid=valid,
            family="lstm",
            params=own,
            checkpoints=checkpoints,
            **own_more,
        )
        for own_more in ({}, more)
    )
    return plain, other


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_THREADS", "1")


@pytest.mark.usefixtures("one_thread")
def test_a_family_that_trains_in_epochs_watches_valid_and_is_not_refitted_unasked() -> None:
    plain, unasked = in_epochs(refit=False)
    assert not plain.out_of_fold
    assert plain.held_out.tolist() == list(range(45, 60))
    assert plain.history is not None
    assert [epoch.number for epoch in plain.history.epochs] == [1, 2, 3]
    assert all(epoch.valid_loss is not None for epoch in plain.history.epochs)
    documents, y = corpus(60)
    asked = documents.slice(0, 20)
    scores = [one.bundle.classifier.decision(asked).values for one in (plain, unasked)]
    assert np.array_equal(*scores)
    assert plain.bundle.prior == pytest.approx((np.bincount(y[:45]) + 1) / (45 + 3))
    assert any("Training words" in note for note in plain.notes)
    assert not any("once more" in note for note in plain.notes)


@pytest.mark.usefixtures("one_thread")
def test_a_refit_that_is_asked_for_keeps_history_and_calibrator() -> None:
    plain, refitted = in_epochs(refit=True)
    assert plain.history is not None
    assert refitted.history is not None
    assert refitted.history.chosen == plain.history.chosen
    assert any("once more on train and valid" in note for note in refitted.notes)
    assert refitted.bundle.calibrator.temperature == plain.bundle.calibrator.temperature
    asked, y = corpus(60)
    scores = [one.bundle.classifier.decision(asked).values for one in (plain, refitted)]
    assert not np.array_equal(*scores)
    assert refitted.bundle.prior == pytest.approx((np.bincount(y) + 1) / (60 + 3))


@pytest.mark.usefixtures("one_thread")
def test_a_state_that_is_kept_changes_no_bit(tmp_path: Path) -> None:
    without, _ = in_epochs()
    first, again = in_epochs(tmp_path / "state")
    assert [path.name for path in (tmp_path / "state").rglob("*.safetensors")] == [
        "fit.safetensors"
    ]
    digests = {
        one.bundle.save(tmp_path / str(place)) for place, one in enumerate((without, first, again))
    }
    assert len(digests) == 1
    assert again.history == first.history  # seconds too: it was read, not trained again


def test_other_families_have_no_history(tmp_path: Path) -> None:
    documents, y = corpus(60)
    fitted = Bundle.fit(documents, y, labels=LABELS, params=PARAMS, checkpoints=tmp_path)
    assert not fitted.history.epochs
    assert fitted.notes == ()
    assert list(tmp_path.iterdir()) == []


def taught(
    encoder: Path, teaching: Teaching | None, *, family: str = "static", **options: Any
) -> Fitted:
    documents, y = corpus(120)
    cls = registry.find(family).load()
    settings: dict[str, Any] = {"encoder": str(encoder), "remember": False}
    settings |= {"static": {"epochs": 4, "batch_size": 16, "learning_rate": 0.03}}.get(family, {})
    valid = (documents.slice(90, 120), y[90:])
    return Bundle.fit(
        documents.slice(0, 90),
        y[:90],
        labels=LABELS,
        valid=valid,
        family=family,
        params=cls.Params(**settings),
        small=0,
        teaching=teaching,
        **options,
    )


def test_a_teacher_moves_the_answers_by_its_share(make_encoder: Callable[..., Path]) -> None:
    encoder = make_encoder()
    unsure = np.full((90, 3), 1 / 3, dtype=np.float32)

    def proba(share: float | None) -> Any:
        teaching = None if share is None else Teaching(train=unsure, share=share)
        fitted = taught(encoder, teaching, refit=False)
        return fitted.bundle.classifier.predict_proba(corpus(30, seed=1)[0])

    plain, none, some, most = (proba(share) for share in (None, 0.0, 0.5, 0.95))
    assert none == pytest.approx(plain, abs=1e-3)
    sureness = [own.max(axis=1).mean() for own in (none, some, most)]
    assert sureness == sorted(sureness, reverse=True)
    assert sureness[0] - sureness[2] > 0.2


def test_texts_without_label_count_in_nothing_that_is_measured(
    make_encoder: Callable[..., Path],
) -> None:
    encoder = make_encoder()
    more, y = corpus(40, seed=5)
    told = np.eye(3, dtype=np.float32)[y]
    plain = taught(encoder, Teaching(share=0.0))
    fitted = taught(encoder, Teaching(unlabelled=more, unlabelled_proba=told, share=0.0))
    assert fitted.held_out.tolist() == list(range(90, 120))
    assert np.array_equal(fitted.bundle.prior, plain.bundle.prior)
    assert not np.array_equal(fitted.valid_scores, plain.valid_scores)


def test_a_family_that_learns_classes_alone_is_not_taught() -> None:
    documents, y = corpus(90)
    with pytest.raises(ConfigError, match="Family linear cannot be taught"):
        Bundle.fit(documents, y, labels=LABELS, teaching=Teaching())


def test_a_student_needs_valid_rows(make_encoder: Callable[..., Path]) -> None:
    documents, y = corpus(90)
    cls = registry.find("static").load()
    params = cls.Params(encoder=str(make_encoder()))
    with pytest.raises(DataError, match="no valid rows"):
        Bundle.fit(documents, y, labels=LABELS, family="static", params=params, teaching=Teaching())


@pytest.mark.parametrize("release", [True, False])
def test_what_a_further_training_needs_is_forgotten_unless_asked(
    release: bool, make_encoder: Callable[..., Path]
) -> None:
    fitted = taught(make_encoder(), None, family="embedding", release=release)
    classifier = fitted.bundle.classifier
    assert isinstance(classifier, EncoderReading)
    assert (classifier._training is None) is release


# ── predict ──────────────────────────────────────────────────────────────────────────────────────


def test_bare_texts_are_the_first_field(bundle: Bundle) -> None:
    bare = bundle.predict(Documents.from_texts(["goal cup", "bank rates"]))
    named = bundle.predict(fields(headline=["goal cup", "bank rates"], description=["", ""]))
    assert np.array_equal(bare.proba, named.proba)
    assert bare.labels == ["SPORT", "BUSINESS"]


def test_a_missing_field_is_empty_and_the_order_of_fields_is_that_of_training(
    bundle: Bundle,
) -> None:
    alone = bundle.predict(fields(description=["chip app"]))
    empty = bundle.predict(fields(headline=[""], description=["chip app"]))
    assert np.array_equal(alone.proba, empty.proba)
    there = bundle.predict(fields(headline=["goal"], description=["cup"]))
    back = bundle.predict(fields(description=["cup"], headline=["goal"]))
    more = bundle.predict(fields(description=["cup"], author=["x"], headline=["goal"]))
    assert np.array_equal(there.proba, back.proba)
    assert np.array_equal(there.proba, more.proba)


def test_fields_that_the_bundle_does_not_know_are_refused_with_those_it_does(
    bundle: Bundle,
) -> None:
    with pytest.raises(InputError, match="have the fields title, body") as caught:
        bundle.predict(fields(title=["x"], body=["y"]))
    assert "headline, description" in caught.value.remedy


def test_no_documents_have_no_predictions(bundle: Bundle) -> None:
    found = bundle.predict(Documents.from_texts([]))
    assert found.proba.shape == (0, 3)
    assert bundle.explain(Documents.from_texts([])) == []


def test_ids_and_order_are_kept_and_progress_is_told(bundle: Bundle) -> None:
    told: list[int] = []

    class Told:
        """Adds up what it hears."""

        def task(self, name: str, total: int, unit: str) -> object:
            from contextlib import nullcontext

            assert (name, total, unit) == ("predicting", 3, "documents")
            return nullcontext(told.append)

    documents = Documents.from_texts(["goal", "bank", "chip"], ids=["z", "y", "x"])
    found = bundle.predict(documents, progress=Told())  # type: ignore[arg-type]
    assert found.ids.to_pylist() == ["z", "y", "x"]
    assert found.labels == ["SPORT", "BUSINESS", "TECHNOLOGY"]
    assert sum(told) == 3


def test_long_runs_are_cut_into_steps_that_change_no_bit(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, _ = corpus(50, seed=1)
    whole = bundle.predict(documents)
    monkeypatch.setattr("newsdesk.bundle.door._STEP", 7)
    parts = bundle.predict(documents)
    assert np.array_equal(parts.proba, whole.proba)
    assert np.array_equal(parts.low_evidence, whole.low_evidence)


def test_texts_are_cleaned_in_training_and_in_prediction() -> None:
    documents, y = corpus(60)
    cleaner = Cleaner(max_chars=4)
    bundle = Bundle.fit(documents, y, labels=LABELS, params=PARAMS, cleaner=cleaner).bundle
    found = bundle.predict(Documents.from_texts(["goal", "goal bank bank bank"]))
    assert np.array_equal(found.proba[0], found.proba[1])


def test_cleaning_in_steps_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    documents, y = corpus(60)
    cleaner = Cleaner(html=True, lower=True)
    bundle = Bundle.fit(documents, y, labels=LABELS, params=PARAMS, cleaner=cleaner).bundle
    asked = Documents.from_texts(["<b>GOAL</b> cup", "bank &amp; rates", "chip", ""] * 3)
    whole = bundle.predict(asked)
    monkeypatch.setattr("newsdesk.bundle.door._STEP", 5)
    assert np.array_equal(bundle.predict(asked).proba, whole.proba)


# ── explain ──────────────────────────────────────────────────────────────────────────────────────


def test_an_explanation_is_of_the_likeliest_class_unless_one_is_named(bundle: Bundle) -> None:
    documents = fields(headline=["The goal, today"], description=["cup final"])
    (own,) = bundle.explain(documents)
    assert own.label == "SPORT"
    assert own.proba == pytest.approx(bundle.predict(documents).proba[0, 1])
    assert ("headline", 4, 8) in [span[:3] for span in own.spans]
    (other,) = bundle.explain(documents, label="BUSINESS")
    assert other.label == "BUSINESS"
    weights = {span[:3]: span.weight for span in other.spans}
    assert weights["headline", 4, 8] < 0


def test_a_class_that_is_none_is_answered_with_the_known_ones(bundle: Bundle) -> None:
    with pytest.raises(InputError, match="There is no class 'SPORTS'") as caught:
        bundle.explain(Documents.from_texts(["goal"]), label="SPORTS")
    assert "BUSINESS, SPORT, TECHNOLOGY" in caught.value.remedy


def test_a_family_that_reads_nothing_is_moved_by_nothing() -> None:
    documents, y = corpus(30)
    bundle = Bundle.fit(documents, y, labels=LABELS, family="prior").bundle
    assert bundle.explains == "occlusion"
    assert all(own.spans == () for own in bundle.explain(documents))


def test_an_explanation_of_a_cleaned_text_points_into_the_raw_one() -> None:
    documents, y = corpus(60)
    cleaner = Cleaner(repair=True, html=True, numbers=True, lower=True)
    bundle = Bundle.fit(documents, y, labels=LABELS, params=PARAMS, cleaner=cleaner).bundle
    raw = fields(headline=["The <b>GOAL</b> cafÃ©"], description=["cup &amp; 5% final"])
    (explained,) = bundle.explain(raw)
    (plain,) = bundle.explain(
        fields(headline=["the goal café"], description=["cup & xxpercent final"])
    )
    words = {
        raw.fields[span.field][0].as_py()[span.start : span.end]: span.weight
        for span in explained.spans
    }
    assert words.keys() == {"GOAL", "cup", "final"}
    assert list(words.values()) == pytest.approx([span.weight for span in plain.spans])
    assert all(type(place) is int for span in explained.spans for place in span[1:3])


# ── disk ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_loaded_bundle_predicts_and_explains_the_same(bundle: Bundle, tmp_path: Path) -> None:
    digest = bundle.save(tmp_path / "bundle")
    loaded = Bundle.load(str(tmp_path / "bundle"))
    documents, _ = corpus(40, seed=2)
    assert np.array_equal(loaded.predict(documents).proba, bundle.predict(documents).proba)
    assert loaded.explain(documents) == bundle.explain(documents)
    assert (loaded.digest, loaded.fingerprint) == (digest, "abc")
    assert (loaded.labels, loaded.fields, loaded.cleaner) == (
        bundle.labels,
        bundle.fields,
        bundle.cleaner,
    )
    assert loaded.save(tmp_path / "again") == digest


def test_equal_training_gives_equal_bytes_and_another_seed_or_label_others(tmp_path: Path) -> None:
    documents, y = corpus(90)
    other = y.copy()
    other[0] = (other[0] + 1) % 3
    digests = [
        Bundle.fit(documents, labels, labels=LABELS, params=PARAMS).bundle.save(tmp_path / name)
        for name, labels in (("one", y), ("two", y.copy()), ("three", other))
    ]
    assert digests[0] == digests[1] != digests[2]


def test_saving_twice_needs_leave(bundle: Bundle, tmp_path: Path) -> None:
    first = bundle.save(tmp_path / "bundle")
    with pytest.raises(BundleExistsError):
        bundle.save(tmp_path / "bundle")
    assert bundle.save(tmp_path / "bundle", replace=True) == first


def test_the_library_of_a_text_step_stands_in_the_manifest(tmp_path: Path) -> None:
    documents, y = corpus(30)
    for cleaner, named in ((Cleaner(repair=True), True), (Cleaner(html=True), False)):
        home = tmp_path / str(named)
        Bundle.fit(documents, y, labels=LABELS, params=PARAMS, cleaner=cleaner).bundle.save(home)
        manifest = msgspec.json.decode((home / "manifest.json").read_bytes())
        assert ("ftfy" in manifest["versions"]) is named
