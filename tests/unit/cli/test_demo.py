from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsdesk.cli.demo import HEADLINES
from newsdesk.data.corpus import read_corpus

Run = Callable[..., Any]


def test_demo_shows_the_way_from_data_to_answers(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("demo")
    assert result.exit_code == 0, result.stderr
    families = [line.split()[0] for line in result.stdout.splitlines()[3:5]]
    assert families == ["linear", "prior"]
    for headline in HEADLINES:
        assert headline in result.stdout
    assert (tmp_path / "runs/demo/report.html").exists()
    assert "newsdesk train" in result.stdout
    assert run("demo", "--quiet").exit_code == 0


def test_headlines_of_the_demo_do_not_stand_in_the_sample() -> None:
    known = set(read_corpus("sample").documents.fields["headline"].to_pylist())
    assert not known & set(HEADLINES)
