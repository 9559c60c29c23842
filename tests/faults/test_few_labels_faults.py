"""Rows 19, 20 and 21 for families of few labels, or none: odd texts, rare classes, blank texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.bundle import Bundle, Fitted, zero_shot
from newsdesk.errors import BundleError, LabelError
from newsdesk.models import registry
from newsdesk.types import Documents, LabelSet

PLAIN = ["keeper penalty in cup final", "bank rate rise again", "phone app update browser"]
NAMES = LabelSet(["goal", "bank", "phone"])
HOSTILE = [
    "keeper\x00cup \x00",
    "\u202ekeeper\u202c \u2066cup\u2069",
    "👩‍👩‍👧 keeper 👍🏽",
    "cafe\u0301 keeper",
    "kee\u200bper \ufeffcup",
    "k" + "\u0301" * 10_000,
    "keeper" * 5_000,
    "keeper\u2028cup\u2029penalty\x1ccup\x85final",
    "[CLS] [PAD] [SEP] [UNK] [MASK]",
    "goal " * 20_000,
]

Fit = Callable[..., Fitted]


@pytest.fixture(params=["fewshot", "zeroshot"])
def fit(
    request: pytest.FixtureRequest,
    make_encoder: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> Fit:
    """Fit on texts with a tiny encoder."""
    monkeypatch.setenv("NEWSDESK_THREADS", "1")
    own = {"fewshot": {"head_epochs": 2, "kept_precision": "float32"}, "zeroshot": {}}

    def fitted(texts: list[str], y: Any, labels: LabelSet = NAMES) -> Fitted:
        settings = {"encoder": str(make_encoder()), "max_tokens": 16, **own[request.param]}
        params = registry.find(request.param).load().Params(**settings)
        documents = Documents.from_texts(texts)
        return Bundle.fit(
            documents, np.array(y), labels=labels, family=request.param, params=params
        )

    return fitted


def test_row_19_hostile_texts_and_names_are_learnt_saved_and_predicted(
    fit: Fit, tmp_path: Path
) -> None:
    texts = [*HOSTILE, *PLAIN * 2]
    labels = LabelSet(["新闻 🗞", "ספורט\u200f", 'e\u0301 {} \u2028 "quoted"'])
    bundle = fit(texts, np.arange(len(texts)) % 3, labels).bundle
    bundle.save(tmp_path / "bundle")
    asked = Documents.from_texts(texts)
    before, after = bundle.predict(asked), Bundle.load(tmp_path / "bundle").predict(asked)
    assert np.array_equal(before.proba, after.proba)
    assert np.isfinite(before.proba).all()


@pytest.mark.parametrize(
    "y",
    [[0] * 8 + [1], list(range(9)), [0] * 9, [0] * 3 + [1] * 3 + [4] * 3],
    ids=["one row", "every row its own", "one class", "classes without rows"],
)
def test_row_20_rare_and_missing_classes_are_columns_like_others(fit: Fit, y: list[int]) -> None:
    texts = [f"{PLAIN[label % 3]} again" for label in y]
    names = LabelSet([f"class {number}" for number in range(max(y) + 2)])
    proba = fit(texts, y, names).bundle.predict(Documents.from_texts([*PLAIN, "zzz"])).proba
    assert proba.shape == (4, len(names))
    assert proba.sum(axis=1) == pytest.approx(np.ones(4), abs=1e-5)


def test_row_20_one_label_is_refused(fit: Fit) -> None:
    with pytest.raises(LabelError):
        fit(PLAIN * 3, [0] * 9, LabelSet(["only"]))


def test_row_21_blank_texts_get_the_class_frequencies(fit: Fit) -> None:
    bundle = fit([*PLAIN * 3, "", " "], [0, 1, 2] * 3 + [0, 1]).bundle
    found = bundle.predict(Documents.from_texts(["", " \n", "cup"]))
    assert found.low_evidence.tolist() == [True, True, False]
    assert np.array_equal(found.proba[:2], np.tile(bundle.prior, (2, 1)))


def test_row_21_training_rows_without_a_word_leave_nothing_to_learn(fit: Fit) -> None:
    found = fit(["", " "] * 4, [0, 1, 2, 0] * 2).bundle.predict(Documents.from_texts(["cup", ""]))
    assert np.isfinite(found.proba).all()


@pytest.mark.parametrize("name", ["classes.safetensors", "encoder.safetensors", "zeroshot.json"])
def test_row_12_a_bundle_of_names_that_was_changed_is_refused(
    name: str, make_encoder: Callable[..., Path], tmp_path: Path
) -> None:
    zero_shot(["goal", "bank"], encoder=str(make_encoder())).save(tmp_path / "bundle")
    path = tmp_path / "bundle" / name
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(BundleError):
        Bundle.load(tmp_path / "bundle")
