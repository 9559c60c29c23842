from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    texts = ["keeper saves penalty in cup final", "bank raises interest rates again"]
    lines = [f"{text} {n}" for n in range(12) for text in texts]
    path = tmp_path / "news.csv"
    path.write_text("headline\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_table_tells_what_was_left_out_and_what_came_of_it(
    bundle: Path, run: Run, table: Path
) -> None:
    result = run("explain", bundle, "--check", table)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].split()[:3] == ["words", "left", "out"]
    assert [line.split()[0] for line in lines[1:5] if line.strip()[:1].isdigit()] == ["1", "3", "5"]
    assert "24 texts explained by exact weights" in result.stdout
    assert "aithful on these rows" in result.stdout


def test_programs_get_every_number(bundle: Path, run: Run, table: Path) -> None:
    found = json.loads(run("explain", bundle, "--check", table, "--json", "-q").stdout)
    assert found["result"]["method"] == "exact"
    assert found["faithful"] == found["sentence"].startswith("Faithful")
    for own in found["result"]["deletions"]:
        low, high = own["interval"]
        assert low <= own["difference"] <= high


def test_rows_are_drawn_by_the_seed(bundle: Path, run: Run, table: Path) -> None:
    def numbers(seed: int) -> Any:
        options = ("--rows", "6", "--seed", seed, "--json", "-q")
        found = json.loads(run("explain", bundle, "--check", table, *options).stdout)["result"]
        assert found["n"] + found["n_skipped"] == 6
        return found["deletions"]

    assert numbers(0) == numbers(0)
    assert numbers(0) != numbers(1)


def test_texts_and_a_page_do_not_go_with_a_check(bundle: Path, run: Run, table: Path) -> None:
    for more in (["goal"], ["--html", "why.html"]):
        result = run("explain", bundle, *more, "--check", table)
        assert result.exit_code == 2
        assert "--check takes the place" in result.stderr


@pytest.mark.parametrize("option", [("--text", "headline"), ("--rows", "9")])
def test_options_of_a_check_do_not_go_with_texts(
    bundle: Path, run: Run, option: tuple[str, str]
) -> None:
    result = run("explain", bundle, "goal", *option)
    assert result.exit_code == 2
    assert "belong to --check" in result.stderr


def test_a_table_without_enough_words_is_an_error(bundle: Path, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_text("headline\ncup\nbank\n", encoding="utf-8")
    result = run("explain", bundle, "--check", path)
    assert result.exit_code == 1
    assert "Fewer than two documents" in result.stderr
