"""A family taught by another one, from the command line to the answers."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from newsdesk.bundle import Bundle
from newsdesk.data.corpus import read_corpus

NEWSDESK = [sys.executable, "-m", "newsdesk"]


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*NEWSDESK, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def home(make_encoder: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a linear model has taught a static one, on texts without label too."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("home")
    known = read_corpus("sample").documents.fields["headline"].to_pylist()[:4]
    texts = [*known, "Keeper saves a late penalty", "Bank raises its rates", "New phone has a chip"]
    lines = "".join(f"{json.dumps({'headline': text})}\n" for text in texts)
    (folder / "more.jsonl").write_text(lines, encoding="utf-8")
    settings = [f"encoder={make_encoder()}", "remember=false", "epochs=6", "batch_size=32"]
    settings += ["learning_rate=0.02", "teacher.bits=14"]
    done = run(
        *("train", "sample", "--family", "static", "--teacher", "linear"),
        *(
            "--unlabelled",
            "more.jsonl",
            "--teacher-share",
            "0.8",
            "--teacher-words",
            "--out",
            "runs/taught",
        ),
        *(part for pair in settings for part in ("--set", pair)),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    (folder / "said.txt").write_text(done.stderr, encoding="utf-8")
    return folder


def test_the_run_says_who_taught_what(home: Path) -> None:
    said = " ".join((home / "said.txt").read_text(encoding="utf-8").split())
    assert "3 are learnt from; left out: " in said
    assert "Teacher: linear, trained out of fold; it is right on" in said
    record = tomllib.loads((home / "runs/taught/run.toml").read_text(encoding="utf-8"))
    taught = record["teacher"]
    assert (taught["by"], taught["share"], taught["n_unlabelled"]) == ("linear", 0.8, 3)
    assert taught["n_words"] > 100
    assert taught["settings"]["bits"] == 14
    assert record["families_settings"]["static"]["epochs"] == 6


def test_a_student_answers_without_its_teacher(home: Path) -> None:
    folder = home / "runs/taught/bundle"
    assert Bundle.load(folder).family == "static"
    assert not any("linear" in path.name for path in folder.iterdir())
    answer = run("predict", str(folder), "Keeper saves a penalty", "--json", cwd=home)
    assert json.loads(answer.stdout)["labels"][0]["label"]
    measured = run("evaluate", str(folder), "sample", "--json", cwd=home)
    assert json.loads(measured.stdout)["metrics"]["accuracy"] > 0.5


def test_a_bundle_that_was_fitted_on_these_valid_rows_does_not_teach(home: Path) -> None:
    options = ("train", "sample", "--family", "static", "--teacher", "runs/taught/bundle")
    alone = run(*options, cwd=home)
    assert alone.returncode == 1
    assert "has learnt the train rows" in alone.stderr
    known = run(*options, "--unlabelled", "more.jsonl", cwd=home)
    assert known.returncode == 1
    assert "has learnt the valid rows" in known.stderr
