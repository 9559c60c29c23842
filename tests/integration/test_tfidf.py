"""The ``tfidf-…`` families through the one door, on disk and on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from newsdesk.bundle import Bundle
from newsdesk.cli.main import app
from newsdesk.types import Documents, LabelSet

FAMILIES = ["tfidf-logreg", "tfidf-svm", "tfidf-nb", "tfidf-mlp"]
SPORT = ["Keeper saves penalty in the cup final", "Striker scores twice as club wins match"]
BUSINESS = ["Bank raises interest rates again", "Shares fall as profit warning hits market"]
TEXT = "Strikers’ club wins cup <final> \U0001f600 again"


@pytest.fixture(scope="module", params=FAMILIES)
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [f"{text} {n % 3}" for n in range(10) for text in SPORT + BUSINESS]
    labels = LabelSet(["SPORT", "BUSINESS"])
    y = np.array([0, 0, 1, 1] * 10)
    fitted = Bundle.fit(Documents.from_texts(texts), y, labels=labels, family=request.param)
    folder = tmp_path_factory.mktemp("tfidf") / "bundle"
    fitted.bundle.save(folder)
    return folder


def test_an_answer_is_explained_in_the_terminal_in_json_and_as_a_page(
    bundle: Path, tmp_path: Path
) -> None:
    page = tmp_path / "why.html"
    shown = CliRunner().invoke(app(), ["explain", str(bundle), TEXT, "--html", str(page)])
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.startswith("SPORT ")
    html = page.read_text(encoding="utf-8")
    assert '<mark class="for"' in html
    assert "&lt;" in html
    found = json.loads(CliRunner().invoke(app(), ["explain", str(bundle), TEXT, "--json"]).stdout)
    assert {"Strikers", "club", "wins", "cup", "final"} >= {s["text"] for s in found["spans"]}
    for span in found["spans"]:
        assert TEXT[span["start"] : span["end"]] == span["text"]
        units = TEXT.encode("utf-16-le")[2 * span["start_utf16"] : 2 * span["end_utf16"]]
        assert units.decode("utf-16-le") == span["text"]


def test_row_21_a_text_without_content_words_gets_the_class_frequencies(bundle: Path) -> None:
    loaded = Bundle.load(bundle)
    found = loaded.predict(Documents.from_texts(["the and of 3", "", "★", "zzz"]))
    assert found.low_evidence.all()
    assert np.array_equal(found.proba, np.tile(loaded.prior, (4, 1)))


PREDICT = """
import sys
from newsdesk.bundle import Bundle
from newsdesk.types import Documents
bundle = Bundle.load(sys.argv[1])
loaded = set(sys.modules)
assert not loaded & {"sklearn", "spacy", "numba"}, loaded & {"sklearn", "spacy", "numba"}
assert not bundle.predict(Documents.from_texts(["Keeper saves penalty"])).low_evidence.any()
assert not set(sys.modules) & {"sklearn", "numba"}
"""


def test_predicting_loads_no_training_library(bundle: Path) -> None:
    command = [sys.executable, "-c", PREDICT, str(bundle)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
