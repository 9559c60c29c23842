from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from newsdesk.cli import console, resuming
from newsdesk.types import Silent


def test_the_command_that_goes_on_names_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = ["newsdesk", "study", "my news.csv", "--vary", "C=1|2", "--overwrite"]
    monkeypatch.setattr(sys, "argv", typed)
    command = resuming.command(Path("runs/my-news-study"))
    assert shlex.split(command) == [*typed[:5], "--out", "runs/my-news-study"]
    monkeypatch.setattr(sys, "argv", ["newsdesk", "study", "x.csv", "--out=there"])
    assert resuming.command(Path("there")) == "newsdesk study x.csv --out=there"


def test_an_interruption_is_told_with_folder_and_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    console.stderr.cache_clear()
    monkeypatch.setattr(sys, "argv", ["newsdesk", "study", "x.csv"])
    resuming.say_kept(Path("runs/x"))
    said = capsys.readouterr().err
    assert "What is finished is kept in runs/x." in said
    assert "newsdesk study x.csv --out runs/x" in said


def test_the_best_so_far_stands_beside_a_bar_that_can_say_it() -> None:
    told: list[tuple[str, str]] = []

    class Bar(Silent):
        def rename(self, name: str, text: str) -> None:
            told.append((name, text))

    resuming.say_best(Bar(), "dropout=0.5 " + "x" * 50, 0.81239)
    resuming.say_best(Silent(), "dropout=0.5", 0.8)
    [(name, text)] = told
    assert name == "fits"
    assert text.startswith("fits, best 0.8124: dropout=0.5 x")
    assert len(text) == 44
