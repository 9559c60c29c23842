"""Several families mixed, from the rows to the answers and back from the disk."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import newsdesk
from newsdesk.bundle import Bundle
from newsdesk.errors import ConfigError, LeakageError
from newsdesk.types import Documents

NEWSDESK = [sys.executable, "-m", "newsdesk"]
SETTINGS = ("members=linear,tfidf-nb", "settings=linear.bits=14,tfidf-nb.tokens=words")


def run(*arguments: str, cwd: Path) -> str:
    done = subprocess.run([*NEWSDESK, *arguments], cwd=cwd, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the sample was trained by an ensemble and its members alone."""
    folder = tmp_path_factory.mktemp("home")
    sets = [part for pair in SETTINGS for part in ("--set", pair)]
    families = "ensemble,linear,tfidf-nb"
    own = ("--set", "bits=14", "--set", "tokens=words")
    run("train", "sample", "--family", families, *sets, *own, "--out", "runs/all", cwd=folder)
    return folder


def folder_of(home: Path) -> Path:
    """Where the bundle of the ensemble stands: it is delivered only if it is the best."""
    delivered = home / "runs/all/bundle"
    best = Bundle.load(delivered).family == "ensemble"
    return delivered if best else home / "runs/all/families/ensemble/bundle"


def test_an_ensemble_is_trained_beside_its_members(home: Path) -> None:
    board = (home / "runs/all/leaderboard.csv").read_text().splitlines()
    assert {line.split(",")[0] for line in board[1:]} == {"ensemble", "linear", "tfidf-nb"}
    settings = tomllib.loads((home / "runs/all/run.toml").read_text())
    assert settings["families_settings"]["ensemble"]["members"] == ["linear", "tfidf-nb"]
    assert "ensemble" in settings["refit"]
    metrics = json.loads((folder_of(home).parent / "metrics.json").read_text())
    size = sum(path.stat().st_size for path in folder_of(home).rglob("*") if path.is_file())
    assert metrics["bundle_mb"] == size / 1e6


def test_members_are_those_that_were_trained_alone(home: Path) -> None:
    whole = Bundle.load(folder_of(home))
    alone = {
        bundle.family: bundle
        for path in (home / "runs/all").rglob("manifest.json")
        if (bundle := Bundle.load(path.parent)).family != "ensemble"
    }
    asked = Documents.from_texts(["Club signs striker", "Rates rise again", ""])
    members = whole.classifier.members  # type: ignore[attr-defined]
    assert members
    for member in members:
        own, other = (
            bundle.predict(asked) for bundle in (member.bundle, alone[member.bundle.family])
        )
        assert (own.proba == other.proba).all()


def test_an_ensemble_predicts_and_is_evaluated_like_any_bundle(home: Path) -> None:
    folder = str(folder_of(home))
    answer = json.loads(run("predict", folder, "Club signs striker", "--json", cwd=home))
    there = Bundle.load(folder).predict(Documents.from_texts(["Club signs striker"]))
    assert answer["labels"][0]["label"] == there.labels[0]
    measured = json.loads(run("evaluate", folder, "sample", "--json", cwd=home))
    assert 0.5 < measured["metrics"]["accuracy"] <= 1


def test_bundles_that_have_learnt_the_valid_rows_are_not_mixed(home: Path) -> None:
    folders = [str(path.parent) for path in (home / "runs/all").rglob("manifest.json")]
    given = [folder for folder in folders if Bundle.load(folder).family != "ensemble"]
    settings = [f"bundles={','.join(given)}"]
    with pytest.raises(LeakageError, match="has learnt the valid rows"):
        newsdesk.train("sample", family="ensemble", settings=settings)
    with pytest.raises(ConfigError, match="is not known"):
        newsdesk.train("sample", family="ensemble", settings=settings, rows=500)


def test_bundles_of_other_rows_are_mixed_on_trust(home: Path, tmp_path: Path) -> None:
    folders = [str(path.parent) for path in (home / "runs/all").rglob("manifest.json")]
    given = [folder for folder in folders if Bundle.load(folder).family != "ensemble"]
    found = newsdesk.train(
        "sample",
        family="ensemble",
        settings=[f"bundles={','.join(given)}", "trust=true"],
        rows=500,
        out=tmp_path / "mixed",
    )
    assert any("was taken on trust" in note for note in found.notes)
    assert found.bundle.digest == Bundle.load(tmp_path / "mixed/bundle").digest
    assert not found.settings["refit"]
