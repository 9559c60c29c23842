from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsdesk.bundle import Bundle

Run = Callable[..., Any]


@pytest.fixture
def home(bundle: Path, tmp_path: Path, run: Run) -> Path:
    """A home that has served the small bundle, and now serves one of the same answers."""
    dataclasses.replace(Bundle.load(bundle), fingerprint="next").save(tmp_path / "next")
    for place in (bundle, tmp_path / "next"):
        assert run("promote", place, tmp_path / "home", "--force", "a test").exit_code == 0
    return tmp_path / "home"


def test_one_command_serves_the_version_before(home: Path, bundle: Path, run: Run) -> None:
    now, before = str(Bundle.load(home).digest), str(Bundle.load(bundle).digest)
    result = run("rollback", home, "--why", "a mistake")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"{home} serves {before[:12]} again, in place of {now[:12]}.\n"
    assert Bundle.load(home).digest == before


def test_a_version_may_be_named(home: Path, bundle: Path, run: Run) -> None:
    before = str(Bundle.load(bundle).digest)
    result = run("rollback", home, "--to", before[:8], "--json")
    assert json.loads(result.stdout)["digest"] == before


def test_without_a_version_before_it_is_an_error(home: Path, run: Run) -> None:
    run("rollback", home)
    result = run("rollback", home)
    assert result.exit_code == 1
    assert "has served no other version before" in result.stderr
