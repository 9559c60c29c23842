from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from importlib import metadata
from typing import Any, ClassVar

import pytest

from newsdesk.cli.families import available, described, show_settings, written
from newsdesk.models import registry
from newsdesk.models.registry import Family

Run = Callable[..., Any]
NETWORKS = ["cnn-text", "lstm", "lstm-vectors", "vectors-mean"]
ON_LANGUAGE_MODELS = ["elmo-lstm", "nnlm-linear", "nnlm-lstm", "ulmfit"]


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


def test_what_only_training_takes_is_said_to_be_missing_too(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = metadata.version

    def version(name: str) -> str:
        if name == "torch":
            raise metadata.PackageNotFoundError(name)
        return installed(name)

    monkeypatch.setattr(metadata, "version", version)
    missing = {family.name: str(error) for family, error in available() if error is not None}
    assert sorted(missing) == sorted([*NETWORKS, *ON_LANGUAGE_MODELS])
    assert "torch is not installed" in missing["lstm"]
    assert "pip install 'newsdesk[torch]'" in run("families").stdout


@pytest.mark.parametrize("family", NETWORKS)
def test_a_family_s_own_settings_stand_before_those_of_its_training(run: Run, family: str) -> None:
    listed = json.loads(run("families", family, "--json").stdout)["settings"]
    names = list(listed)
    assert names.index("vocab_size") < names.index("optimizer")
    assert names.index("embedding_dim") < names.index("vocab_size")


@pytest.mark.parametrize("family", registry.families())
def test_no_setting_is_left_out(run: Run, family: str) -> None:
    listed = json.loads(run("families", family, "--json").stdout)["settings"]
    params = registry.find(family).load().Params
    assert sorted(listed) == sorted(item.name for item in fields(params))


@pytest.mark.parametrize("family", [*NETWORKS, "linear", "tfidf-svm"])
def test_settings_fit_eighty_columns(
    run: Run, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = run("families", family).stdout.splitlines()
    table = [line for line in shown if "newsdesk train" not in line]
    assert max(map(len, table)) <= 80
    assert "…" not in "".join(table)


def test_presets_are_listed_with_what_they_change(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = run("families", "lstm").stdout
    presets = registry.find("lstm").load().Params.PRESETS  # type: ignore[attr-defined]
    for name, values in presets.items():
        assert f"\n{name} " in shown
        assert f"vocab_size={values['vocab_size']}" in shown
    assert "hidden=[128,64]" in shown
    changed = shown.split("what it changes")[1]
    assert "epochs=10" not in changed  # the default
    assert "--set 'preset=bbc-bilstm'" in shown
    assert json.loads(run("families", "lstm", "--json").stdout)["presets"] == json.loads(
        json.dumps(presets)
    )
    assert "preset" not in run("families", "linear").stdout


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *[(0.45, "0.45"), (3, "3"), (False, "false"), ((3, 5), "[3, 5]"), ((), "[]")],
        *[(None, "none"), ("a", "a"), ("", '""'), (("a", "b"), "a,b")],
    ],
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


@pytest.mark.parametrize("family", ON_LANGUAGE_MODELS)
def test_settings_within_a_setting_are_listed_for_programs_and_told_of_for_people(
    run: Run, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    listed = json.loads(run("families", family, "--json").stdout)
    inner = listed["settings"]["pretraining"]["default"]
    assert inner["held_out"] == 0.02
    assert all(setting["meaning"] for setting in listed["settings"].values())
    shown = run("families", family).stdout
    (line,) = [line for line in shown.splitlines() if line.startswith("pretraining ")]
    assert line.split()[1] == "…"
    assert "pretraining.epochs" in shown  # how such a setting is set
    for values in listed["presets"].values():
        for name, value in values.get("pretraining", {}).items():
            if value != inner[name] and not isinstance(value, list | str):
                assert f"pretraining.{name}={value}" in shown.split("what it changes")[1]
    table = [line for line in shown.splitlines() if "newsdesk train" not in line]
    assert max(map(len, table)) <= 80


def test_the_settings_of_anything_that_has_a_dataclass_of_them_can_be_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @dataclass
    class Inner:
        """Within.

        Parameters
        ----------
        depth : int
            How deep.
        """

        depth: int = 3

    @dataclass
    class Outer:
        """What it is.

        Parameters
        ----------
        rate : float
            How fast.
        inner : Inner
            What it holds.
        """

        PRESETS: ClassVar[dict[str, Any]] = {"slow": {"rate": 0.1, "inner": {"depth": 9}}}

        rate: float = 0.5
        inner: Inner = field(default_factory=Inner)

    show_settings("outer", "An outer one.", Outer, as_json=True, use="newsdesk do")
    found = json.loads(capsys.readouterr().out)
    assert found == {
        "name": "outer",
        "summary": "An outer one.",
        "settings": {
            "rate": {"default": 0.5, "meaning": "How fast."},
            "inner": {"default": {"depth": 3}, "meaning": "What it holds."},
        },
        "presets": {"slow": {"rate": 0.1, "inner": {"depth": 9}}},
    }
    show_settings("outer", "An outer one.", Outer, as_json=False, use="newsdesk do")
    shown = capsys.readouterr().out
    assert "outer: An outer one." in shown
    assert "rate=0.1 inner.depth=9" in shown
    assert "Set one:  newsdesk do --set 'rate=0.5'" in shown
    assert "Take a preset:  newsdesk do --set 'preset=slow'" in shown
