"""The loop: train, serve, correct, train again, promote, load, and go back; each a real process."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("starlette", reason="needs the extra serve")
pytest.importorskip("sqlalchemy", reason="needs the extra feedback")

KEY = "a management key of this test"
WORDS = {
    "SPORT": ["keeper", "penalty", "striker", "club", "match", "coach"],
    "BUSINESS": ["bank", "interest", "shares", "profit", "market", "prices"],
    "WEATHER": ["storm", "rain", "snow", "wind", "flood", "sunshine"],
}
ASKED = ["the rain and the wind", "the striker and the keeper", "shares of the bank", "zzz"]
Say = Callable[..., Any]


def headlines(label: str, n: int, first: int = 0) -> list[str]:
    words = WORDS[label]
    # Texts with numbers of their own are no near-duplicates of each other.
    return [
        f"{number} times the {words[number % 6]} and the {words[number // 6 % 6]}"
        for number in range(first, first + n)
    ]


def table(path: Path, n: int, labels: list[str], first: int = 0) -> Path:
    rows = [f"{label},{text}" for label in labels for text in headlines(label, n, first)]
    path.write_text("label,headline\n" + "\n".join(rows) + "\n")
    return path


def newsdesk(folder: Path, *words: object, code: int = 0) -> str:
    """Run a verb in a folder; gives all that it said."""
    command = [sys.executable, "-m", "newsdesk", *map(str, words)]
    # A narrow terminal would break names.
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with data, a run of two classes, a home that serves it, and a key."""
    table(tmp_path / "train.csv", 80, ["SPORT", "BUSINESS"])
    table(tmp_path / "test.csv", 120, ["SPORT", "BUSINESS", "WEATHER"], 1000)
    (tmp_path / "key").write_text(KEY.replace(" ", "-"))
    learn = ("train", "train.csv", "--test", "test.csv", "--set", "bits=14", "-q", "--out", "one")
    newsdesk(tmp_path, *learn)
    newsdesk(tmp_path, "promote", "one", "home")
    return tmp_path


@pytest.fixture
def serve(place: Path) -> Iterator[Callable[..., tuple[str, Say]]]:
    """Serve the home; takes options, gives the address and a way to ask."""
    running = []

    def start(*options: object) -> tuple[str, Say]:
        words = ["serve", "news=home", "--port", 0, "--management-keys", "key", *options]
        command = [sys.executable, "-m", "newsdesk", *map(str, words)]
        with (place / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=place, stdout=log, stderr=log)
        running.append(process)
        url = ""
        for _ in range(1200):
            found = re.search(r"serving at (http://\S+?),", (place / "log").read_text())
            assert process.poll() is None, (place / "log").read_text()
            url = found[1] if found else ""
            if url and answers(url):
                break
            time.sleep(0.1)

        def say(method: str, path: str, body: object = None) -> Any:
            status, said = ask(url, method, path, body)
            assert 200 <= status < 300, (status, said)
            return said

        return url, say

    yield start
    for process in running:
        process.terminate()
    for process in running:
        process.wait(60)


def ask(url: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)) as line:
        key = f"Bearer {KEY.replace(' ', '-')}"
        headers = {"Authorization": key, "Content-Type": "application/json"}
        line.request(method, path, None if body is None else json.dumps(body), headers)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())


def answers(url: str) -> bool:
    try:
        return ask(url, "GET", "/readyz")[0] == 200
    except OSError:
        return False


def likeliest(say: Say) -> tuple[list[str], str, str]:
    """Labels of the texts that are asked, all that is said of them, and by which version."""
    said = say("POST", "/api/v1/predict", {"texts": ASKED, "top_k": 5})
    labels = [result["labels"][0]["label"] for result in said["results"]]
    return labels, json.dumps(said["results"]), said["model"]["digest"]


@pytest.mark.slow
def test_a_class_that_users_teach_is_predicted_and_can_be_taken_out_again(
    place: Path, serve: Callable[..., tuple[str, Say]]
) -> None:
    url, say = serve("--feedback", "sqlite:///corrections.db")
    labels, before, served = likeliest(say)
    assert labels[1:3] == ["SPORT", "BUSINESS"]
    for text in headlines("WEATHER", 80):
        correction = {"fields": {"headline": text}, "label": "WEATHER", "digest": served}
        say("POST", "/api/v1/feedback", correction)
    waiting = say("GET", "/api/v1/feedback?status=waiting&limit=200")["corrections"]
    assert len(waiting) == 80
    for each in waiting:
        say("POST", f"/api/v1/feedback/{each['id']}/decision", {"decision": "accept"})
    assert say("GET", "/api/v1/feedback?status=accepted")["counts"]["accepted"] == 80

    learn = ("train", "train.csv", "--test", "test.csv", "--set", "bits=14", "-q", "--out", "two")
    newsdesk(place, *learn, "--with-feedback", "corrections.db")
    told = ("--reload", url, "--management-key-file", "key")
    said = newsdesk(place, "promote", "two", "home", "--test", "test.csv", "--margin", 0.02, *told)
    assert "F1 of WEATHER" in said
    labels, _, promoted = likeliest(say)
    assert labels[:3] == ["WEATHER", "SPORT", "BUSINESS"]
    assert promoted != served
    newsdesk(place, "rollback", "home", *told)
    assert likeliest(say)[1:] == (before, served)
    assert newsdesk(place, "history", "home").count("promoted") == 2


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_row_28_every_worker_answers_with_what_was_promoted_and_rolled_back(
    workers: int, place: Path, serve: Callable[..., tuple[str, Say]]
) -> None:
    table(place / "three.csv", 80, ["SPORT", "BUSINESS", "WEATHER"])
    newsdesk(place, "train", "three.csv", "--set", "bits=14", "-q", "--out", "three")
    url, say = serve("--workers", workers)
    _, before, served = likeliest(say)
    told = ("--reload", url, "--management-key-file", "key")
    gate = ("--test", "test.csv", "--margin", 0.02)
    newsdesk(place, "promote", "three", "home", *gate, *told)
    found = {likeliest(say)[2] for _ in range(20)}
    assert len(found) == 1
    assert found != {served}
    assert likeliest(say)[0][0] == "WEATHER"
    newsdesk(place, "rollback", "home", *told)
    assert {likeliest(say)[1:] for _ in range(20)} == {(before, served)}


@pytest.mark.slow
def test_row_29_a_version_that_cannot_be_loaded_leaves_the_old_one_served(
    place: Path, serve: Callable[..., tuple[str, Say]]
) -> None:
    url, say = serve()
    _, before, served = likeliest(say)
    (place / "home" / "CURRENT").write_text("ab" * 32)
    told = ("--reload", url, "--management-key-file", "key")
    status, said = ask(url, "POST", "/v2/repository/models/news/load", {})
    assert (status, said["code"]) == (422, "load_failed")
    assert likeliest(say)[1:] == (before, served)
    assert ask(url, "GET", "/readyz")[0] == 200
    # One command mends it.
    newsdesk(place, "rollback", "home", "--to", served[:12], *told)
    assert likeliest(say)[1:] == (before, served)
