from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from newsdesk import store
from newsdesk.bundle import Bundle
from newsdesk.errors import (
    BundleFormatError,
    BundleIntegrityError,
    ConfigError,
    RefusedError,
    StorageError,
)
from newsdesk.promotion.promoting import Promotion, bundle_of, promote
from newsdesk.promotion.rows import TestRows

Tables = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_the_first_promotion_needs_no_comparison(runs: dict[str, Path], home: Path) -> None:
    found = promote(runs["good"], home, by="me")
    assert (found.promoted, found.before, found.verdict) == (True, None, None)
    assert Bundle.load(home).digest == found.digest == Bundle.load(runs["good"] / "bundle").digest
    (step,) = store.Home(home).steps
    assert (step.step, step.by, step.forced, step.numbers) == ("promoted", "me", False, {})
    assert step.run["split_digest"]
    assert step.source.endswith("good/bundle")


def test_a_worse_candidate_is_refused_and_both_is_written_down(
    runs: dict[str, Path], home: Path
) -> None:
    promote(runs["good"], home)
    found = promote(runs["poor"], home)
    assert not found.promoted
    assert found.verdict is not None
    with pytest.raises(RefusedError, match="not promoted: it is worse"):
        found.check()
    assert Bundle.load(home).digest == found.before
    refused = store.Home(home).steps[-1]
    assert (refused.step, refused.candidate) == ("refused", found.digest)
    assert refused.before == refused.after == found.before
    assert refused.numbers == found.verdict.numbers
    assert [path.name for path in (home / "bundles").iterdir()] == [found.before]


def test_a_better_candidate_takes_its_place(runs: dict[str, Path], home: Path) -> None:
    promote(runs["poor"], home)
    found = promote(runs["good"], home)
    found.check()
    assert Bundle.load(home).digest == found.digest
    assert found.notes == ()
    assert [step.step for step in store.Home(home).steps] == ["promoted", "promoted"]


def test_a_candidate_with_a_new_class_is_measured_on_a_table(
    runs: dict[str, Path], home: Path, tmp_path: Path, table: Tables
) -> None:
    promote(runs["good"], home)
    data = table(tmp_path / "new.csv", 40, ["SPORT", "BUSINESS", "WEATHER"], 100)
    found = promote(runs["grown"], home, test=TestRows(test=str(data)), margin=0.05)
    found.check()
    assert found.verdict is not None
    outcomes = {line.label: line.outcome for line in found.verdict.lines if line.label}
    assert outcomes["WEATHER"] == "new"
    back = promote(runs["good"], home, test=TestRows(test=str(data)), margin=1)
    assert back.verdict is not None
    assert back.verdict.reasons[0] == "it lacks the class WEATHER, which is served"


def test_a_dry_run_changes_nothing(runs: dict[str, Path], home: Path) -> None:
    assert promote(runs["good"], home, dry_run=True).promoted
    assert not home.exists()
    promote(runs["good"], home)
    assert not promote(runs["poor"], home, dry_run=True).promoted
    assert len(store.Home(home).steps) == 1


def test_a_reason_promotes_what_would_be_refused(runs: dict[str, Path], home: Path) -> None:
    promote(runs["good"], home)
    found = promote(runs["poor"], home, force="the labels were wrong")
    assert found.promoted
    assert found.verdict is not None
    assert found.verdict.reasons
    assert Bundle.load(home).family == "prior"
    step = store.Home(home).steps[-1]
    assert (step.step, step.forced, step.why) == ("promoted", True, "the labels were wrong")
    with pytest.raises(ConfigError, match="no reason"):
        promote(runs["good"], home, force=" ")


def test_a_reason_promotes_what_cannot_be_compared(
    runs: dict[str, Path], home: Path, tmp_path: Path
) -> None:
    promote(runs["good"], home)
    nothing = TestRows(test=str(tmp_path / "nothing.csv"))
    found = promote(runs["poor"], home, test=nothing, force="now")
    assert found.promoted
    assert found.notes[0].startswith("nothing was compared: ")
    # Even where the served version cannot be read any more.
    (home / "bundles" / found.digest / "manifest.json").write_text("{}")
    with pytest.raises(BundleFormatError):
        promote(runs["good"], home)
    assert promote(runs["good"], home, force="the disk failed").promoted
    assert Bundle.load(home).family == "linear"


def test_what_is_served_already_is_no_step(runs: dict[str, Path], home: Path) -> None:
    promote(runs["good"], home)
    again = promote(runs["good"], home)
    assert again.promoted
    assert again.before == again.digest
    assert len(store.Home(home).steps) == 1


def test_what_cannot_be_loaded_makes_no_home(runs: dict[str, Path], home: Path) -> None:
    with pytest.raises(BundleFormatError):
        promote(runs["good"].parent, home)
    assert not home.exists()


def test_a_damaged_candidate_is_not_promoted(
    runs: dict[str, Path], home: Path, tmp_path: Path
) -> None:
    import shutil

    promote(runs["poor"], home)
    shutil.copytree(runs["good"], tmp_path / "damaged")
    (tmp_path / "damaged" / "bundle" / "weights.safetensors").write_bytes(b"nothing")
    with pytest.raises(BundleIntegrityError):
        promote(tmp_path / "damaged", home)
    assert Bundle.load(home).family == "prior"


def test_a_second_promotion_at_the_same_time_is_told(runs: dict[str, Path], home: Path) -> None:
    with (
        store.Home(home).changing(),
        pytest.raises(StorageError, match="Another process is changing what"),
    ):
        promote(runs["good"], home)


@pytest.mark.parametrize("margin", [-0.1, 1.5, float("nan")])
def test_a_margin_is_a_share(margin: float, runs: dict[str, Path], home: Path) -> None:
    with pytest.raises(ConfigError, match="margin"):
        promote(runs["good"], home, margin=margin)


def test_the_bundle_of_a_run_is_found(runs: dict[str, Path]) -> None:
    assert bundle_of(runs["good"]) == runs["good"] / "bundle"
    assert bundle_of(runs["good"] / "bundle") == runs["good"] / "bundle"


def test_what_was_not_refused_passes() -> None:
    Promotion("a", "b", promoted=True).check()
