from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from newsdesk import store
from newsdesk.bundle import Bundle, Cleaner
from newsdesk.bundle.composed import Material
from newsdesk.bundle.ensemble import Ensemble, EnsembleParams
from newsdesk.bundle.mixing import mix
from newsdesk.bundle.results import Fitted
from newsdesk.bundle.saved import write_parts
from newsdesk.errors import BundleFormatError, ConfigError
from newsdesk.models.neural.lstm import LstmParams
from newsdesk.types import Documents, Indices, LabelSet, Silent

Make = Callable[..., Material]
PARAMS = EnsembleParams(
    members=("linear", "tfidf-nb"), settings=("linear.bits=12", "tfidf-nb.tokens=words")
)
ASKED = Documents.from_texts(["goal cup", "bank rates", "chip", "", "unheard of"])


def fit(given: Material, params: EnsembleParams = PARAMS, **change: Any) -> Fitted:
    return Bundle.fit(
        *given.train,
        labels=given.labels,
        valid=given.valid,
        family="ensemble",
        params=params,
        fingerprint="abc",
        **change,
    )


@pytest.fixture(scope="module")
def fitted(material: Make) -> Fitted:
    return fit(material(200, 40))


def ensemble(bundle: Bundle) -> Ensemble:
    assert isinstance(bundle.classifier, Ensemble)
    return bundle.classifier


def test_few_rows_are_held_out_in_turn_by_all_members_alike(fitted: Fitted) -> None:
    assert fitted.out_of_fold
    assert fitted.held_out.tolist() == list(range(240))
    assert fitted.valid_proba.shape == fitted.valid_scores.shape == (240, 3)


def test_many_rows_are_weighed_on_valid_alone(material: Make) -> None:
    found = fit(material(2000, 100))
    assert not found.out_of_fold
    assert found.held_out.tolist() == list(range(2000, 2100))


def test_a_mixture_answers_new_texts_at_least_as_well_as_each_member(
    fitted: Fitted, corpus: Callable[..., tuple[Documents, Indices]]
) -> None:
    documents, y = corpus(2000, seed=9)
    members = [member.bundle for member in ensemble(fitted.bundle).members]
    assert len(members) == 2
    losses = [
        -np.log(bundle.predict(documents).proba[np.arange(len(y)), y]).mean()
        for bundle in (*members, fitted.bundle)
    ]
    assert losses[-1] < min(losses[:-1]) + 0.01


def test_the_answer_is_the_weighted_mean_of_the_members(fitted: Fitted) -> None:
    model = ensemble(fitted.bundle)
    scores = model.decision(ASKED)
    proba = [member.bundle.predict(ASKED).proba for member in model.members]
    expected = mix(proba, [member.weight for member in model.members])
    assert np.array_equal(scores.values, expected)
    assert sum(member.weight for member in model.members) == pytest.approx(1)


def test_evidence_is_low_where_no_member_knows_anything(fitted: Fitted) -> None:
    found = fitted.bundle.predict(ASKED)
    assert found.low_evidence.tolist() == [False, False, False, True, True]
    assert np.array_equal(found.proba[3], fitted.bundle.prior)


def test_what_held_out_rows_chose_is_told(fitted: Fitted) -> None:
    (told,) = [note for note in fitted.notes if "held-out rows chose" in note]
    assert told.startswith("240 held-out rows chose ")
    assert "log loss" in told


def test_a_member_of_no_worth_is_left_out_and_said(material: Make) -> None:
    params = EnsembleParams(members=("linear", "prior"), settings=("linear.bits=12",))
    found = fit(material(), params)
    names = [member.bundle.family for member in ensemble(found.bundle).members]
    assert names == ["linear"]
    assert "Left out, as they got less than 1%: prior." in found.notes


def test_each_member_cleans_the_raw_text(material: Make) -> None:
    bundle = fit(material(), cleaner=Cleaner(html=True, lower=True)).bundle
    raw, clean = (Documents.from_texts([text]) for text in ("<b>GOAL</b> Cup", "goal cup"))
    assert np.array_equal(bundle.predict(raw).proba, bundle.predict(clean).proba)
    assert bundle.cleaner.steps == ()
    assert {own.bundle.cleaner.steps for own in ensemble(bundle).members} == {("html", "lower")}


def test_a_saved_ensemble_is_sealed_by_one_manifest(fitted: Fitted, tmp_path: Path) -> None:
    digest = fitted.bundle.save(tmp_path / "bundle")
    manifest, _ = store.verify(tmp_path / "bundle")
    assert manifest.format == 2
    assert {"bundle.json", "ensemble.json", "members/0/bundle.json"} <= set(manifest.files)
    assert [path.name for path in (tmp_path / "bundle").rglob("manifest.json")] == ["manifest.json"]
    loaded = Bundle.load(tmp_path / "bundle", expect_digest=digest)
    assert np.array_equal(loaded.predict(ASKED).proba, fitted.bundle.predict(ASKED).proba)
    assert loaded.save(tmp_path / "again") == digest


def test_given_bundles_are_mixed_by_the_names_of_their_classes(
    material: Make, tmp_path: Path
) -> None:
    given = material(seed=3)
    order = LabelSet(["TECH", "BUSINESS", "SPORT"])
    y = order.encode([given.labels[c] for c in given.train[1]])
    for name in ("linear", "tfidf-nb"):
        own = PARAMS.trained()[name]
        Bundle.fit(given.train[0], y, labels=order, family=name, params=own).bundle.save(
            tmp_path / name
        )
    folders = (str(tmp_path / "linear"), str(tmp_path / "tfidf-nb"))
    found = fit(given, EnsembleParams(bundles=folders, trust=True))
    assert found.bundle.labels == given.labels
    assert found.held_out.tolist() == list(range(90, 120))
    assert found.bundle.predict(ASKED).labels[:3] == ["SPORT", "BUSINESS", "TECH"]
    found.bundle.save(tmp_path / "both")
    again = Bundle.load(tmp_path / "both")
    assert np.array_equal(again.predict(ASKED).proba, found.bundle.predict(ASKED).proba)
    sources = {Bundle.load(folder).digest for folder in folders}
    assert {member.bundle.digest for member in ensemble(again).members} <= sources


def test_given_bundles_need_somebody_who_vouches_for_them(material: Make) -> None:
    with pytest.raises(ConfigError, match="have seen the valid rows is not known") as caught:
        fit(material(), EnsembleParams(bundles=("a", "b")))
    assert "trust=true" in caught.value.remedy


def test_given_bundles_cannot_be_mixed_where_classes_have_no_names(material: Make) -> None:
    params = EnsembleParams(bundles=("a", "b"), trust=True)
    rng = np.random.default_rng(0)
    with pytest.raises(ConfigError, match="where classes have no names"):
        Ensemble(params).fit(*material().train, n_classes=3, valid=None, rng=rng, progress=Silent())


def test_a_member_that_trains_long_is_weighed_on_valid_with_the_others(
    material: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSDESK_THREADS", "1")
    quick = LstmParams(embedding_dim=4, units=3, epochs=1, batch_size=16, min_count=1)
    names = ("embedding_dim", "units", "epochs", "batch_size", "min_count")
    settings = [f"lstm.{name}={getattr(quick, name)}" for name in names]
    params = EnsembleParams(members=("linear", "lstm"), settings=("linear.bits=12", *settings))
    found = fit(material(), params, checkpoints=tmp_path)
    assert found.held_out.tolist() == list(range(90, 120))
    assert not found.out_of_fold
    assert [path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("fit.*")] == ["lstm"]
    assert any(note.startswith("lstm: ") for note in found.notes)


def test_an_ensemble_is_explained_as_a_whole(fitted: Fitted) -> None:
    assert fitted.bundle.explains == "occlusion"
    found = fitted.bundle.explain(ASKED)
    assert [own.label for own in found] == fitted.bundle.predict(ASKED).labels
    assert any(own.spans for own in found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"labels": ["BUSINESS", "SPORT", "OTHER"]}, "trained on other classes"),
        ({"labels": ["BUSINESS", "BUSINESS", "SPORT"]}, "distinct"),
        ({"members": []}, "members cannot be"),
        ({"members": [{"weight": 0.5}]}, "members cannot be"),
        ({"members": [{"weight": -1.0}, {"weight": 2.0}]}, "members cannot be"),
        ({"members": [{"family": "ensemble"}]}, "members cannot be"),
        ({"members": [{"family": "linear"}, {"weight": 1e-9}, {}]}, "members cannot be"),
    ],
)
def test_what_no_ensemble_writes_is_refused(
    fitted: Fitted, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    write_parts(fitted.bundle, tmp_path)
    sound = {"family": "linear", "weight": 1.0, "fingerprint": "", "digest": None}
    if "members" in change:
        change = {"members": [sound | own for own in change["members"]]}
    path = tmp_path / "ensemble.json"
    path.write_bytes(msgspec.json.encode(msgspec.json.decode(path.read_bytes()) | change))
    with pytest.raises(BundleFormatError, match=said):
        Ensemble.load(tmp_path)
