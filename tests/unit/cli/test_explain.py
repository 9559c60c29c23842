from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.bundle import Bundle
from newsdesk.bundle.ensemble.params import EnsembleParams
from newsdesk.types import Documents, LabelSet

Run = Callable[..., Any]
TEXT = "striker scores in cup final"


def test_words_are_listed_by_what_they_add(bundle: Path, run: Run) -> None:
    result = run("explain", bundle, TEXT)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("SPORT ")
    weights = [
        abs(float(line.split()[0]))
        for line in result.stdout.splitlines()
        if line.startswith(("+", "-"))
    ]
    assert len(weights) > 2
    assert weights == sorted(weights, reverse=True)


def test_label_turns_the_signs(bundle: Path, run: Run) -> None:
    def weights(*more: str) -> list[float]:
        found = json.loads(run("explain", bundle, TEXT, "--json", *more).stdout)
        return [span["weight"] for span in found["spans"]]

    assert weights("--label", "BUSINESS") == pytest.approx([-weight for weight in weights()])


def test_row_19_offsets_hold_in_python_and_in_javascript(bundle: Path, run: Run) -> None:
    text = "😀 STRIKER scores 👩‍💻 wins"
    found = json.loads(run("explain", bundle, text, "--json").stdout)
    utf16 = text.encode("utf-16-le")
    assert {span["text"] for span in found["spans"]} >= {"STRIKER", "scores", "wins"}
    for span in found["spans"]:
        assert text[span["start"] : span["end"]] == span["text"]
        units = utf16[2 * span["start_utf16"] : 2 * span["end_utf16"]]
        assert units.decode("utf-16-le") == span["text"]


def test_html_is_written_with_everything_escaped(bundle: Path, run: Run, tmp_path: Path) -> None:
    page = tmp_path / "why.html"
    result = run("explain", bundle, "<script>striker</script> & bank", "--html", page)
    assert result.exit_code == 0, result.stderr
    written = page.read_text(encoding="utf-8")
    assert "<script" not in written
    assert "striker</mark>" in written
    assert "&amp;" in written


def test_lines_of_stdin_are_explained_one_by_one(bundle: Path, run: Run) -> None:
    result = run("explain", bundle, "--json", stdin=f"{TEXT}\nbank raises rates\n".encode())
    assert [json.loads(line)["label"] for line in result.stdout.splitlines()] == [
        "SPORT",
        "BUSINESS",
    ]
    assert run("explain", bundle, stdin=b"").stdout == ""


def test_row_21_a_text_without_a_known_word_has_nothing_to_explain(bundle: Path, run: Run) -> None:
    assert "Nothing in the text is known" in run("explain", bundle, "qqq").stdout


def test_escape_sequences_of_a_text_do_not_reach_the_terminal(bundle: Path, run: Run) -> None:
    assert "\x1b" not in run("explain", bundle, "striker \x1b]0;title\x07 wins").stdout


def test_unknown_label_is_an_error_that_names_the_known_ones(bundle: Path, run: Run) -> None:
    result = run("explain", bundle, TEXT, "--label", "WEATHER")
    assert result.exit_code == 1
    assert "SPORT" in result.stderr


@pytest.fixture(scope="module")
def mixture(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a bundle of a family that cannot say what moved it."""
    y = np.random.default_rng(0).permutation(32) % 2
    texts = [("keeper saves", "bank raises")[number] for number in y]
    members = EnsembleParams(members=("linear", "prior"))
    fitted = Bundle.fit(
        Documents.from_texts(texts),
        y,
        labels=LabelSet(["SPORT", "BUSINESS"]),
        family="ensemble",
        params=members,
    )
    folder = tmp_path_factory.mktemp("mixture") / "bundle"
    fitted.bundle.save(folder)
    return folder


def test_every_form_says_how_the_weights_were_found(
    bundle: Path, mixture: Path, run: Run, tmp_path: Path
) -> None:
    page = tmp_path / "why.html"
    for folder, method, n, said in (
        (bundle, "exact", 0, "The weights are exact"),
        (mixture, "occlusion", 2, "2 variants"),
    ):
        shown = run("explain", folder, "keeper today", "--html", page)
        assert said in " ".join(shown.stdout.split())
        assert said in page.read_text(encoding="utf-8")
        found = json.loads(run("explain", folder, "keeper today", "--json").stdout)
        assert (found["method"], found["n_variants"]) == (method, n)
        assert found["spans"]
