from __future__ import annotations

from pathlib import Path

import pytest

from newsdesk import store
from newsdesk.bundle import Bundle
from newsdesk.errors import BundleFormatError, BundleIntegrityError
from newsdesk.promotion import promote, rollback
from newsdesk.types import Documents


@pytest.fixture
def home(runs: dict[str, Path], tmp_path: Path) -> Path:
    """A home that has served poor, good, and now grown."""
    for name in ("poor", "good", "grown"):
        promote(runs[name], tmp_path / "home", force="a test")
    return tmp_path / "home"


def test_one_step_back_restores_the_bits(home: Path, runs: dict[str, Path]) -> None:
    asked = Documents.from_texts(["the keeper and the bank", "rain"])
    before = Bundle.load(runs["good"] / "bundle").predict(asked)
    step = rollback(home, by="me", why="a mistake")
    assert (step.step, step.by, step.why) == ("rolled_back", "me", "a mistake")
    assert Bundle.load(home).predict(asked).proba.tobytes() == before.proba.tobytes()
    assert store.Home(home).steps[-1] == step


def test_going_back_again_goes_further_back(home: Path) -> None:
    rollback(home)
    rollback(home)
    assert Bundle.load(home).family == "prior"
    with pytest.raises(BundleFormatError, match="served no other version"):
        rollback(home)


def test_any_version_may_be_named(home: Path, runs: dict[str, Path]) -> None:
    digest = Bundle.load(runs["poor"] / "bundle").digest
    assert digest is not None
    assert rollback(home, to=digest[:12]).after == digest
    with pytest.raises(BundleFormatError, match=f"serves {digest[:12]} already"):
        rollback(home, to=digest)


def test_a_version_that_was_damaged_is_not_restored(home: Path, runs: dict[str, Path]) -> None:
    served, digest = Bundle.load(home).digest, Bundle.load(runs["good"] / "bundle").digest
    weights = home / "bundles" / str(digest) / "weights.safetensors"
    raw = bytearray(weights.read_bytes())
    raw[-1] ^= 1
    weights.write_bytes(raw)
    with pytest.raises(BundleIntegrityError, match="sha256 mismatch"):
        rollback(home)
    assert Bundle.load(home).digest == served


def test_a_folder_that_is_no_home_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(BundleFormatError, match="no home of versions"):
        rollback(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []
