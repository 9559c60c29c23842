from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from newsdesk.cli.families import available, described, written
from newsdesk.models import registry
from newsdesk.models.registry import Family

Run = Callable[..., Any]


def test_every_family_is_listed(run: Run) -> None:
    listed = json.loads(run("families", "--json").stdout)
    assert [row["name"] for row in listed] == list(registry.families())
    shown = run("families").stdout
    for row in listed:
        assert row["name"] in shown


def test_every_setting_of_a_family_is_listed_with_its_meaning(run: Run) -> None:
    listed = json.loads(run("families", "linear", "--json").stdout)["settings"]
    assert listed["C"]["default"] == 0.45
    assert all(setting["meaning"] for setting in listed.values())
    shown = run("families", "linear").stdout
    for name in listed:
        assert f"\n{name} " in shown


def test_a_family_without_settings_says_so(run: Run) -> None:
    assert "no settings" in run("families", "prior").stdout


def test_what_is_not_installed_is_said_with_the_way_to_get_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {"far": Family("far", "no_such_module_at_all:Far", "Far away.", "far-extra")}
    monkeypatch.setattr(registry, "families", lambda: table)
    ((_, missing),) = available()
    assert missing is not None
    assert "pip install 'newsdesk[far-extra]'" in run("families").stdout


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.45, "0.45"), (3, "3"), (False, "false"), ((3, 5), "[3, 5]"), (None, "none"), ("a", "a")],
)
def test_values_are_written_as_they_are_set(value: object, text: str) -> None:
    assert written(value) == text


@dataclass
class Documented:
    """What it is.

    Parameters
    ----------
    rate : float
        How fast, in
        ``steps`` per second.
    depth : int
        How deep.
    """

    rate: float
    depth: int


def test_meanings_are_read_from_the_docstring() -> None:
    meanings = described(Documented.__doc__ or "")
    assert meanings == {"rate": "How fast, in steps per second.", "depth": "How deep."}
