from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from newsdesk.bundle.saved import SAVED, Saved, check_fit, read_saved
from newsdesk.errors import BundleFormatError
from newsdesk.features.clean import Cleaner
from newsdesk.models.files import write_json
from newsdesk.models.prior import Prior
from newsdesk.types import Documents, Silent

SOUND = Saved(
    family="prior",
    fields=("headline", "description"),
    labels=("A", "B"),
    prior=(0.25, 0.75),
    cleaner=Cleaner(),
    slope=(1.0, 2.0),
    offset=(0.0, -1.0),
    temperature=0.5,
    threshold=None,
)


def test_what_was_saved_is_read(tmp_path: Path) -> None:
    cleaned = replace(SOUND, cleaner=Cleaner(max_chars=5, html=True, lower=True))
    for saved in (
        SOUND,
        cleaned,
        replace(SOUND, slope=(), offset=()),
        replace(SOUND, threshold=0.3),
    ):
        write_json(tmp_path / SAVED, saved)
        assert read_saved(tmp_path, "prior") == saved


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.0},
        {"temperature": -1.0},
        {"slope": (1e39, 1.0)},
        {"slope": (1.0,)},
        {"slope": ()},
        {"prior": (0.5, 0.4)},
        {"prior": (1.5, -0.5)},
        {"prior": (1.0,)},
        {"labels": ("A", "A")},
        {"labels": ("A",), "prior": (1.0,), "slope": (), "offset": ()},
        {"fields": ()},
        {"fields": ("text", "text")},
    ],
)
def test_values_that_cannot_be_are_refused(tmp_path: Path, change: dict[str, object]) -> None:
    write_json(tmp_path / SAVED, replace(SOUND, **change))  # type: ignore[arg-type]
    with pytest.raises(BundleFormatError, match=r"bundle\.json does not fit"):
        read_saved(tmp_path, "prior")


@pytest.mark.parametrize("cleaner", [{"stem": True, "lower": True}, {"stem": "snowball"}])
def test_a_text_step_of_a_newer_build_is_refused(
    tmp_path: Path, cleaner: dict[str, object]
) -> None:
    write_json(tmp_path / SAVED, msgspec.to_builtins(SOUND) | {"cleaner": cleaner})
    with pytest.raises(BundleFormatError, match="cleans texts by 'stem'") as caught:
        read_saved(tmp_path, "prior")
    assert caught.value.remedy == "Upgrade newsdesk."


@pytest.mark.parametrize("cleaner", [{}, {"max_chars": 1_000_000}, {"stem": False}])
def test_steps_that_are_not_named_or_off_change_nothing(
    tmp_path: Path, cleaner: dict[str, object]
) -> None:
    write_json(tmp_path / SAVED, msgspec.to_builtins(SOUND) | {"cleaner": cleaner})
    assert read_saved(tmp_path, "prior") == SOUND


@pytest.mark.parametrize("cleaner", [{"max_chars": 0}, {"lower": "yes"}, [], None])
def test_a_cleaner_that_cannot_be_is_refused(tmp_path: Path, cleaner: object) -> None:
    write_json(tmp_path / SAVED, msgspec.to_builtins(SOUND) | {"cleaner": cleaner})
    with pytest.raises(BundleFormatError, match=r"bundle\.json is broken"):
        read_saved(tmp_path, "prior")


def test_a_folder_without_the_file_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleFormatError, match=r"holds no bundle\.json"):
        read_saved(tmp_path, "prior")


def test_a_classifier_of_other_classes_does_not_fit(tmp_path: Path) -> None:
    classifier = Prior().fit(
        Documents.from_texts(["x"]),
        np.array([0]),
        n_classes=2,
        valid=None,
        rng=np.random.default_rng(0),
        progress=Silent(),
    )
    check_fit(classifier, SOUND, tmp_path)
    with pytest.raises(BundleFormatError, match="does not answer with 3 classes"):
        check_fit(classifier, replace(SOUND, labels=("A", "B", "C")), tmp_path)
