"""Rows 8 to 12 and 15, for bundles within a bundle: broken, forged, swapped or of another time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from newsdesk import store
from newsdesk.bundle import Bundle
from newsdesk.errors import BundleError, BundleFormatError, BundleIntegrityError, NewsdeskError
from newsdesk.types import Documents, string_array

GOLDEN = Path(__file__).parent / "golden"
ANSWERS = msgspec.json.decode((GOLDEN / "answers-ensemble.json").read_bytes())
DIGEST: str = ANSWERS["digest"]
FILES = sorted(
    path.relative_to(GOLDEN / "ensemble").as_posix()
    for path in (GOLDEN / "ensemble").rglob("*")
    if path.is_file()
)
WITHIN = [name for name in FILES if "/" in name]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A saved ensemble to spoil."""
    return Path(shutil.copytree(GOLDEN / "ensemble", tmp_path / "ensemble"))


def reseal(folder: Path) -> None:
    """Make the manifest agree with whatever files stand there now."""
    path = folder / "manifest.json"
    manifest = msgspec.json.decode(path.read_bytes(), type=store.Manifest)
    path.unlink()
    store.seal(folder, manifest)


def edit(folder: Path, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a JSON file as a forger would, manifest included."""
    value = msgspec.json.decode((folder / name).read_bytes())
    change(value)
    (folder / name).write_bytes(msgspec.json.encode(value))
    if name != "manifest.json":
        reseal(folder)


def swap(folder: Path) -> None:
    """Put each of two members in the other's place."""
    one, other, aside = (folder / "members" / name for name in ("0", "1", "aside"))
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


# ── row 8 ────────────────────────────────────────────────────────────────────────────────────────


def test_row_08_every_flipped_bit_is_refused(saved: Path) -> None:
    rng = np.random.default_rng(0)
    accepted = []
    for _ in range(300):
        path = saved / FILES[rng.integers(len(FILES))]
        intact = path.read_bytes()
        at, bit = int(rng.integers(len(intact))), int(rng.integers(8))
        flipped = bytearray(intact)
        flipped[at] ^= 1 << bit
        path.write_bytes(flipped)
        try:
            Bundle.load(saved, expect_digest=DIGEST)
            accepted.append((path, at, bit))
        except BundleError:
            path.write_bytes(intact)
    assert not accepted
    Bundle.load(saved, expect_digest=DIGEST)


# ── row 9 ────────────────────────────────────────────────────────────────────────────────────────


def test_row_09_swapped_members_are_refused(saved: Path) -> None:
    swap(saved)
    with pytest.raises(BundleIntegrityError, match="members/"):
        Bundle.load(saved)
    reseal(saved)
    with pytest.raises(BundleIntegrityError, match=f"expected is {DIGEST}"):
        Bundle.load(saved, expect_digest=DIGEST)
    with pytest.raises(BundleFormatError, match=r"bundle\.json does not fit"):
        Bundle.load(saved)


# ── row 10 ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", WITHIN)
def test_row_10_a_file_of_a_member_that_is_missing_or_cut_is_refused_by_name(
    saved: Path, name: str
) -> None:
    path = saved / name
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(BundleIntegrityError, match=name):
        Bundle.load(saved)
    path.unlink()
    with pytest.raises(BundleIntegrityError, match=f"{name} is missing"):
        Bundle.load(saved)
    reseal(saved)
    with pytest.raises(NewsdeskError, match=path.name):
        Bundle.load(saved)


def test_row_10_a_member_that_is_missing_is_refused(saved: Path) -> None:
    shutil.rmtree(saved / "members" / "1")
    with pytest.raises(BundleIntegrityError, match=r"members/1/bundle\.json is missing"):
        Bundle.load(saved)
    reseal(saved)
    with pytest.raises(BundleFormatError, match=r"holds no bundle\.json"):
        Bundle.load(saved)


def test_row_10_a_member_more_is_refused(saved: Path) -> None:
    shutil.copytree(saved / "members" / "1", saved / "members" / "2")
    with pytest.raises(BundleIntegrityError, match="members/2 is not in the manifest"):
        Bundle.load(saved)


@pytest.mark.parametrize("name", ["members", "members/1", "members/1/bundle.json"])
def test_row_10_a_link_is_no_part_of_a_member(saved: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    (saved / name).rename(elsewhere)
    (saved / name).symlink_to(elsewhere)
    with pytest.raises(BundleIntegrityError, match=r"plain file|not in the manifest"):
        Bundle.load(saved)


def test_row_10_a_pipe_is_no_part_of_a_member(saved: Path) -> None:
    (saved / "members" / "1" / "tfidf.json").unlink()
    os.mkfifo(saved / "members" / "1" / "tfidf.json")
    with pytest.raises(BundleIntegrityError, match=r"members/1/tfidf\.json is no plain file"):
        Bundle.load(saved)


@pytest.mark.parametrize(
    "name",
    [
        "members/../../outside.json",
        "../ensemble/bundle.json",
        "members/0/../1/bundle.json",
        "members/0/0/bundle.json",
        "/etc/passwd.json",
        "members/0/manifest.json",
        "members/0/x.pkl",
        "members/.hidden/x.json",
        "members\\0\\x.json",
        "members/0/",
    ],
)
def test_row_10_a_path_that_no_bundle_holds_is_refused_unopened(saved: Path, name: str) -> None:
    (saved.parent / "outside.json").write_text("{}")
    fact = {"size_bytes": 2, "sha256": "0" * 64}
    edit(saved, "manifest.json", lambda value: value["files"].update({name: fact}))
    with pytest.raises(BundleIntegrityError, match="which no bundle holds"):
        Bundle.load(saved)


# ── row 11 ───────────────────────────────────────────────────────────────────────────────────────


def rename_class(value: dict[str, Any]) -> None:
    """Give a class another name."""
    value["labels"][0] = "OTHER"


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("members/1/bundle.json", rename_class, "trained on other classes"),
        ("bundle.json", rename_class, "answers with other classes"),
        ("ensemble.json", rename_class, "trained on other classes"),
        ("bundle.json", lambda value: value["labels"].reverse(), "answers with other classes"),
        ("ensemble.json", lambda value: value["members"].pop(), "members cannot be"),
        (
            "ensemble.json",
            lambda value: value["members"][0].update(weight=0.9),
            "members cannot be",
        ),
        (
            "ensemble.json",
            lambda value: value["members"][0].update(family="ensemble"),
            "members cannot be",
        ),
        (
            "ensemble.json",
            lambda value: value["members"][0].update(family="prior"),
            r"bundle\.json does not fit",
        ),
        ("ensemble.json", lambda value: value.update(members=3), r"ensemble\.json is broken"),
        (
            "members/0/bundle.json",
            lambda value: value.update(temperature=-1),
            r"bundle\.json does not fit",
        ),
    ],
)
def test_row_11_members_that_contradict_the_whole_are_refused(
    saved: Path, name: str, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    edit(saved, name, change)
    with pytest.raises(BundleFormatError, match=said) as caught:
        Bundle.load(saved)
    assert caught.value.remedy


def test_row_11_an_ensemble_within_an_ensemble_is_refused(saved: Path) -> None:
    inner = saved / "members" / "0"
    for path in inner.iterdir():
        path.unlink()
    for name in ("bundle.json", "ensemble.json"):
        shutil.copy(saved / name, inner / name)
    edit(saved, "ensemble.json", lambda value: value["members"][0].update(family="ensemble"))
    with pytest.raises(BundleFormatError, match="members cannot be"):
        Bundle.load(saved)


# ── row 15 ───────────────────────────────────────────────────────────────────────────────────────


def test_row_15_a_text_step_of_a_newer_build_is_refused_in_a_member_too(saved: Path) -> None:
    edit(saved, "members/0/bundle.json", lambda value: value["cleaner"].update(stem=True))
    with pytest.raises(BundleFormatError, match="cleans texts by 'stem'") as caught:
        Bundle.load(saved)
    assert caught.value.remedy == "Upgrade newsdesk."


def test_row_15_the_golden_ensemble_of_format_2_still_gives_its_answers() -> None:
    bundle = Bundle.load(GOLDEN / "ensemble", expect_digest=DIGEST)
    assert store.verify(GOLDEN / "ensemble")[0].format == 2
    headlines, descriptions = zip(*ANSWERS["asked"], strict=True)
    documents = Documents(
        ids=string_array([str(number) for number in range(len(headlines))]),
        fields={"headline": string_array(headlines), "description": string_array(descriptions)},
    )
    assert bundle.predict(documents).proba == pytest.approx(np.array(ANSWERS["proba"]), abs=1e-5)
