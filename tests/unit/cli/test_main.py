from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
import typer

import newsdesk
from newsdesk.cli.main import guarded, main
from newsdesk.errors import DataError

Run = Callable[..., Any]

VERBS = ["demo", "inspect", "prepare", "search", "train", "evaluate"]
VERBS += ["predict", "explain", "serve", "feedback", "promote", "rollback", "history"]
VERBS += ["import-weights", "families", "doctor"]


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_every_verb_has_an_example_on_lines_of_its_own(verb: str, run: Run) -> None:
    result = run(verb, "--help")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    start = lines.index("  For example:")
    assert lines[start + 1].startswith(f"    newsdesk {verb}")


@pytest.mark.parametrize("verb", VERBS)
def test_help_names_every_verb_with_a_whole_sentence(verb: str, run: Run) -> None:
    (line,) = [line for line in run("--help").stdout.splitlines() if line.startswith(f"  {verb} ")]
    assert line.endswith(".")
    assert not line.endswith("..")


def test_version(run: Run) -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"newsdesk {newsdesk.__version__}\n")


def test_unknown_verb_is_wrong_usage_with_a_guess(run: Run) -> None:
    result = run("trian", "sample")
    assert result.exit_code == 2
    assert "Did you mean 'train'" in result.stderr


def test_unknown_option_is_wrong_usage_with_a_guess(run: Run) -> None:
    result = run("train", "sample", "--famly", "linear")
    assert result.exit_code == 2
    assert "--family" in result.stderr


def test_our_error_gives_two_lines_and_exit_code_1(run: Run) -> None:
    result = run("families", "liner")
    assert result.exit_code == 1
    assert result.stdout == ""
    expected = "error: There is no family 'liner'.\n  → Did you mean 'linear'?\n"
    assert result.stderr == expected


def fails_with(error: BaseException) -> Callable[[], None]:
    def verb() -> None:
        raise error

    return verb


def test_an_error_that_nobody_foresaw_gives_no_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as stop:
        guarded(fails_with(ZeroDivisionError("by zero")), debug=False)()
    assert stop.value.exit_code == 1
    said = capsys.readouterr().err
    assert "unexpected error: ZeroDivisionError: by zero" in said
    assert "--debug" in said
    assert len(said.splitlines()) == 2


def test_interruption_gives_one_line_and_exit_code_130(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as stop:
        guarded(fails_with(KeyboardInterrupt()), debug=False)()
    assert stop.value.exit_code == 130
    assert capsys.readouterr().err == "interrupted\n"


@pytest.mark.parametrize("error", [DataError("Bad.", remedy="Mend it."), ZeroDivisionError()])
def test_debug_lets_errors_through(error: Exception) -> None:
    with pytest.raises(type(error)):
        guarded(fails_with(error), debug=True)()


@pytest.mark.parametrize("place", [1, 2, 3])
def test_debug_may_stand_anywhere(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["newsdesk", "families", "liner"]
    words.insert(place, "--debug")
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(LookupError):
        main()


def test_debug_after_two_dashes_is_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["newsdesk", "families", "--", "--debug"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 1


@pytest.mark.parametrize("error", [typer.BadParameter("not so"), typer.Exit(3)])
def test_what_typer_handles_is_left_to_it(error: Exception) -> None:
    with pytest.raises(type(error)):
        guarded(fails_with(error), debug=False)()
