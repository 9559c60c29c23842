from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

from newsdesk.cli import answers, console
from newsdesk.predictions import Predictions
from newsdesk.types import LabelSet

LABELS = LabelSet(["A", "B\tC", "D"])


@pytest.fixture
def predictions() -> Predictions:
    proba = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]], dtype=np.float32)
    ids = pa.array(["0", "1"], type=pa.large_string())
    return Predictions(proba, LABELS, ids, np.array([False, True]))


def rendered(what: object) -> str:
    plain = Console(width=100, force_terminal=False, markup=False)
    with plain.capture() as captured:
        plain.print(what)
    return captured.get()


def test_json_has_the_very_probabilities(predictions: Predictions) -> None:
    first, second = (json.loads(line) for line in answers.json_lines(["x", "y"], predictions, 2))
    assert [item["label"] for item in first["labels"]] == ["A", "B\tC"]
    assert np.float32(first["labels"][0]["proba"]) == predictions.proba[0, 0]
    assert (first["low_evidence"], second["low_evidence"]) == (False, True)
    assert (first["text"], second["text"]) == ("x", "y")


def test_lines_of_a_pipe_are_separated_by_tabs(predictions: Predictions) -> None:
    lines = list(answers.lines(["x", "y"], predictions, 2))
    assert lines == [b"A\t0.7000\tB C\t0.2000", b"B C\t0.8000\tA\t0.1000"]


def test_lines_of_a_terminal_fit_into_it(
    predictions: Predictions, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Console(force_terminal=True, width=40)
    monkeypatch.setattr(console, "stdout", lambda: terminal)
    lines = [line.decode() for line in answers.lines(["x\x1b[0m" * 50, "y"], predictions, 1)]
    assert max(map(len, lines)) <= 40
    assert "\x1b" not in lines[0]
    assert lines[1].startswith("? ")


def test_one_answer_has_a_bar_for_each_label(predictions: Predictions) -> None:
    shown = rendered(answers.one(predictions, 3)).splitlines()
    assert [line.split()[0] for line in shown] == ["A", "B", "D"]
    bars = [line.count("█") for line in shown]
    assert bars == sorted(bars, reverse=True)
    assert " 70.0 %" in shown[0]


def test_several_answers_stand_beside_their_texts(predictions: Predictions) -> None:
    shown = rendered(answers.several(["first text", ""], predictions, 9))
    assert "first text" in shown
    assert "(empty)" in shown
    assert "? B C 80 %" in shown
    assert "third" in shown


def test_counts_add_up(predictions: Predictions) -> None:
    counted = answers.summary(predictions)
    assert counted == {"n": 2, "n_low_evidence": 1, "predicted": {"A": 1, "B\tC": 1, "D": 0}}
    shown = rendered(answers.counts(predictions))
    assert "50.0 %" in shown
    assert "low evidence" in shown
