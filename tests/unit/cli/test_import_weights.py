from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsdesk.models.neural.importing.reading import read
from newsdesk.training import importing

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in this process, which is quicker."""
    monkeypatch.setattr(importing, "read_apart", lambda request, _place: read(request))


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    (tmp_path / "glove.txt").write_bytes(b"the 1 2\n, 3 4\nof 5 6\n")
    return tmp_path / "glove.txt"


def test_it_says_what_was_written_and_how_to_train_it(
    vectors: Path, tmp_path: Path, run: Run
) -> None:
    result = run("import-weights", vectors, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    encoder, use = result.stdout.splitlines()
    assert encoder == f"Encoder:  {tmp_path / 'out'} (kind nnlm, 4 words, 8 numbers)"
    command = f"newsdesk train DATA --family nnlm-lstm --set encoder={tmp_path / 'out'}"
    assert use == f"Use it:   {command}"


def test_notes_go_to_stderr_and_quiet_leaves_them_out(
    vectors: Path, tmp_path: Path, run: Run
) -> None:
    said = run("import-weights", vectors, "--out", tmp_path / "a").stderr.splitlines()
    assert said[0] == "reading glove.txt as word-vectors"
    assert said[1].startswith("1 word left out")
    assert not run("import-weights", vectors, "--out", tmp_path / "b", "--quiet").stderr


def test_json_holds_all_that_is_said(vectors: Path, tmp_path: Path, run: Run) -> None:
    result = run("import-weights", vectors, "--out", tmp_path / "out", "--words", 1, "--json")
    said = json.loads(result.stdout)
    assert said.pop("notes")
    assert said == {
        "encoder": str(tmp_path / "out"),
        "format": "word-vectors",
        "kind": "nnlm",
        "n_words": 3,
        "n_numbers": 6,
        "families": ["nnlm-lstm", "nnlm-linear"],
    }


def test_a_folder_that_exists_is_an_error_in_two_lines(
    vectors: Path, tmp_path: Path, run: Run
) -> None:
    run("import-weights", vectors, "--out", tmp_path / "out")
    result = run("import-weights", vectors, "--out", tmp_path / "out")
    assert result.exit_code == 1
    problem, remedy = result.stderr.splitlines()
    assert problem == f"error: {tmp_path / 'out'} exists already."
    assert "--overwrite" in remedy
    assert run("import-weights", vectors, "--out", tmp_path / "out", "--overwrite").exit_code == 0


@pytest.mark.parametrize(
    "wrong", [(), ("--format", "keras"), ("--words", "0"), ("--out",)], ids=str
)
def test_wrong_usage_is_told_apart_from_bad_files(
    wrong: tuple[str, ...], vectors: Path, tmp_path: Path, run: Run
) -> None:
    out = () if wrong in ((), ("--out",)) else ("--out", tmp_path / "out")
    assert run("import-weights", vectors, *out, *wrong).exit_code == 2


def test_help_shows_every_format_on_a_line_of_its_own(run: Run) -> None:
    lines = run("import-weights", "--help").stdout.splitlines()
    for name in ("allennlp-elmo", "fastai-awd-lstm", "nnlm", "word-vectors"):
        assert any(line.startswith(f"    {name} ") for line in lines), name
    assert any(line.startswith("    newsdesk import-weights options.json") for line in lines)
