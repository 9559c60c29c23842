from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import newsdesk

Run = Callable[..., Any]


def test_versions_of_all_that_numbers_depend_on_are_said(run: Run) -> None:
    facts = json.loads(run("doctor", "--json").stdout)
    assert facts["newsdesk"] == newsdesk.__version__
    assert facts["libraries"]["numpy"] == np.__version__
    shown = run("doctor").stdout
    assert f"numpy {np.__version__}" in shown


def test_threads_are_those_that_were_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_THREADS", "3")
    assert json.loads(run("doctor", "--json").stdout)["threads"] == 3
    monkeypatch.setenv("NEWSDESK_THREADS", "many")
    refused = run("doctor")
    assert refused.exit_code == 1
    assert "NEWSDESK_THREADS" in refused.stderr


def test_warm_makes_every_family_ready(run: Run) -> None:
    def seconds(*more: str) -> dict[str, float | None]:
        rows = json.loads(run("doctor", "--json", *more).stdout)["families"]
        return {row["name"]: row["warm_seconds"] for row in rows}

    assert set(seconds().values()) == {None}
    warm = seconds("--warm")
    assert warm["linear"] is not None
    assert warm["linear"] > 0
    assert "ready after" in run("doctor", "--warm").stdout


def test_warm_makes_the_search_for_near_duplicates_ready(run: Run) -> None:
    def seconds(*more: str) -> float | None:
        facts = json.loads(run("doctor", "--json", *more).stdout)
        found: float | None = facts["near_duplicates_warm_seconds"]
        return found

    assert seconds() is None
    assert seconds("--warm") is not None


def test_data_sets_are_found(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NEWSDESK_DATA", raising=False)
    assert "NEWSDESK_DATA is not set" in run("doctor").stdout
    monkeypatch.setenv("NEWSDESK_DATA", str(tmp_path))
    (tmp_path / "bbc").mkdir()
    (tmp_path / "bbc" / "bbc-text.csv").write_text("category,text\n")
    sets = json.loads(run("doctor", "--json").stdout)["data_sets"]
    found = {"bbc": str(tmp_path / "bbc" / "bbc-text.csv")}
    assert sets == {"huffpost": None, "huffpost-v3": None} | found
