"""The command line as a process: what only a process shows."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import newsdesk

NEWSDESK = [sys.executable, "-m", "newsdesk"]


def run(*arguments: str, cwd: Path, **options: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*NEWSDESK, *arguments], cwd=cwd, capture_output=True, check=False, **options
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the sample was trained."""
    folder = tmp_path_factory.mktemp("home")
    done = run("train", "sample", "--out", "first", "--seed", "3", cwd=folder)
    assert done.returncode == 0, done.stderr.decode()
    return folder


def test_command_line_and_python_give_identical_numbers(home: Path, tmp_path: Path) -> None:
    there = newsdesk.train("sample", seed=3, out=tmp_path / "first")
    written = json.loads((home / "first/metrics.json").read_text())
    assert written["macro_f1"] == there.metrics.macro_f1
    assert written["log_loss"] == there.metrics.log_loss
    manifests = [path / "first/bundle/manifest.json" for path in (home, tmp_path)]
    assert manifests[0].read_bytes() == manifests[1].read_bytes()


def test_texts_and_tables_come_out_alike(home: Path) -> None:
    rows = [("Club signs striker", "A record fee was paid."), ("=1+1", ""), ("NA", "null")]
    with (home / "in.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("headline", "description"), *rows])
    done = run("predict", "first/bundle", "--file", "in.csv", "--out", "out.jsonl", cwd=home)
    assert done.returncode == 0, done.stderr.decode()
    answers = [json.loads(line) for line in (home / "out.jsonl").read_text().splitlines()]
    assert [(row["headline"], row["description"]) for row in answers] == rows
    bundle = newsdesk.Bundle.load(home / "first/bundle")
    bare = newsdesk.Documents.from_texts([headline for headline, _ in rows])
    fields = dict(zip(("headline", "description"), map(list, zip(*rows, strict=True)), strict=True))
    documents = newsdesk.Documents(
        bare.ids,
        {name: newsdesk.Documents.from_texts(texts).texts for name, texts in fields.items()},
    )
    assert [row["predicted"] for row in answers] == bundle.predict(documents).labels


def test_a_pipe_is_answered_while_it_is_still_written(home: Path) -> None:
    with subprocess.Popen(
        [*NEWSDESK, "predict", "first/bundle", "--json"],
        cwd=home,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text in ("Club signs striker", "", "Rates rise"):
            process.stdin.write(f"{text}\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["text"] == text
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_a_reader_that_goes_away_is_no_fault(home: Path) -> None:
    with subprocess.Popen(
        [*NEWSDESK, "predict", "first/bundle"],
        cwd=home,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"Rates rise\n")
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(b"Rates rise\n" * 20_000)
            process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=30) == 141


def test_row_5_interrupted_training_leaves_nothing_half_written(tmp_path: Path) -> None:
    rows = [f"{n % 7},word{n % 997} story{n} about thing{n % 31}" for n in range(40_000)]
    (tmp_path / "in.csv").write_text("\n".join(["label,text", *rows]))
    with subprocess.Popen(
        [*NEWSDESK, "train", "in.csv", "--set", "char_ngrams=[3, 5]"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(b"Fitting"):
                break
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        assert process.wait(timeout=60) == 130
    assert said.endswith(b"interrupted\n")
    assert b"Traceback" not in said
    assert {path.name for path in tmp_path.iterdir()} <= {"in.csv", "runs"}
    assert not list(tmp_path.glob("runs/*")) + list(tmp_path.glob("runs/.*"))


@pytest.mark.parametrize("damage", ["flipped", "cut", "missing", "extra"])
def test_rows_8_and_10_a_damaged_bundle_is_refused(damage: str, home: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    for path in (home / "first/bundle").iterdir():
        (bundle / path.name).write_bytes(path.read_bytes())
    weights = bundle / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "extra":
        (bundle / "more.json").write_text("{}")
    elif damage == "missing":
        weights.unlink()
    else:
        weights.write_bytes(content if damage == "flipped" else content[:-1])
    done = run("predict", "bundle", "a text", cwd=tmp_path)
    assert done.returncode == 1
    said = done.stderr.decode().splitlines()
    assert len(said) == 2
    assert ("more.json" if damage == "extra" else "weights.safetensors") in said[0]


def test_output_of_a_bare_locale_is_still_written(home: Path) -> None:
    environment = os.environ | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii:strict"}
    done = run("predict", "first/bundle", "Zürich wins", cwd=home, env=environment)
    assert done.returncode == 0, done.stderr.decode()
    assert b"%" in done.stdout
