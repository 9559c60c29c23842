from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from newsdesk.bundle import Bundle
from newsdesk.errors import BundleFormatError, FitError
from newsdesk.models.classifier import Named
from newsdesk.models.neural.zeroshot import ZeroShot, ZeroShotParams
from newsdesk.types import Documents, LabelSet, Silent

NAMES = ("goal", "bank", "phone")
Make = Callable[..., Path]


@pytest.fixture(name="encoder", scope="session")
def _encoder(make_encoder: Make) -> Path:
    return make_encoder()


def fitted(
    encoder: Path, names: tuple[str, ...] = NAMES, n_classes: int = 3, **settings: Any
) -> ZeroShot:
    model = ZeroShot(ZeroShotParams(**{"template": "{}", "encoder": str(encoder), **settings}))
    model.name_classes(names)
    return model.fit(
        Documents.from_texts([]),
        np.zeros(0, dtype=np.int64),
        n_classes=n_classes,
        valid=None,
        rng=np.random.default_rng(0),
        progress=Silent(),
    )


def test_it_goes_by_names() -> None:
    assert isinstance(ZeroShot(), Named)


@pytest.mark.parametrize("normalise", [True, False])
def test_scores_are_cosines_over_the_temperature(normalise: bool, make_encoder: Make) -> None:
    model = fitted(make_encoder(normalise=normalise), temperature=0.1)
    values = model.decision(Documents.from_texts([*NAMES, "goal goal"])).values
    assert values.max() <= 10 + 1e-4
    assert np.diag(values) == pytest.approx(np.full(3, 10), abs=1e-4)
    vectors = [model.encoder.encode([text]).vectors[0] for text in ("goal goal", "bank")]
    cosine = np.dot(*vectors) / np.prod([np.linalg.norm(vector) for vector in vectors])
    assert values[3, 1] == pytest.approx(cosine / 0.1, abs=1e-4)


def test_a_text_that_says_what_a_class_is_called_is_of_it(encoder: Path) -> None:
    found = fitted(encoder).predict_proba(Documents.from_texts(["phone", "bank", "goal"]))
    assert found.argmax(axis=1).tolist() == [2, 1, 0]


def test_descriptions_change_the_answer(encoder: Path) -> None:
    model = fitted(encoder, descriptions={"bank": "cup final"})
    texts = Documents.from_texts(["cup final"])
    assert model.decision(texts).values.argmax() == 1
    assert not np.array_equal(model.decision(texts).values, fitted(encoder).decision(texts).values)


def test_blank_texts_tell_nothing(encoder: Path) -> None:
    found = fitted(encoder).decision(Documents.from_texts(["", "goal", " "]))
    assert found.low_evidence.tolist() == [True, False, True]


@pytest.mark.parametrize("names", [(), ("goal", "bank")])
def test_without_the_names_of_all_classes_it_is_not_fitted(
    names: tuple[str, ...], encoder: Path
) -> None:
    with pytest.raises(FitError, match=f"names of 3 classes, and was told {len(names)}"):
        fitted(encoder, names)


def test_rows_change_nothing_but_how_sure_it_is(encoder: Path) -> None:
    labels = LabelSet(NAMES)
    params = ZeroShotParams(encoder=str(encoder), template="{}")
    rows = Documents.from_texts([*NAMES] * 4)
    bundle = Bundle.fit(
        rows, np.arange(12) % 3, labels=labels, family="zeroshot", params=params
    ).bundle
    asked = Documents.from_texts(["cup final", "app", "rate"])
    expected = fitted(encoder).decision(asked).values
    assert np.array_equal(bundle.classifier.decision(asked).values, expected)
    assert bundle.calibrator.temperature != 1.0


def test_a_loaded_model_gives_the_same_bits_and_names_no_place(
    encoder: Path, tmp_path: Path
) -> None:
    model = fitted(encoder)
    model.save(tmp_path)
    loaded = ZeroShot.load(tmp_path)
    asked = Documents.from_texts(["cup final", "app", ""])
    assert np.array_equal(loaded.decision(asked).values, model.decision(asked).values)
    assert loaded.params.encoder == encoder.name
    assert '"goal"' in (tmp_path / "zeroshot.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("fault", ["shape", "nan"])
def test_files_that_do_not_fit_are_refused(fault: str, encoder: Path, tmp_path: Path) -> None:
    fitted(encoder).save(tmp_path)
    vectors = np.zeros((3, 8) if fault == "nan" else (2, 8), dtype=np.float32)
    if fault == "nan":
        vectors[0, 0] = np.nan
    save_file({"classes": vectors}, tmp_path / "classes.safetensors")
    with pytest.raises(BundleFormatError, match=r"classes\.safetensors"):
        ZeroShot.load(tmp_path)


def test_it_says_what_memory_it_takes_and_what_a_search_may_vary() -> None:
    assert ZeroShot().plan(Documents.from_texts([]), 3) > 0
    params = ZeroShot.space(lambda _name, choices: choices[1])
    assert params.template == "{}"
