"""The verb ``serve``: what it makes of its arguments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from newsdesk.cli.main import app
from newsdesk.serving import Settings

KEYS = "client-key-one-1234\nclient-key-two-1234\n"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Settings of each server that would have run."""
    found: list[Settings] = []

    def run(settings: Settings, *, listening: Callable[[str], None]) -> int:
        found.append(settings)
        listening("http://127.0.0.1:8080")
        return 130 if settings.port == 130 else 0

    monkeypatch.setattr("newsdesk.serving.workers.run", run)
    monkeypatch.delenv("NEWSDESK_KEYS", raising=False)
    monkeypatch.delenv("NEWSDESK_MANAGEMENT_KEYS", raising=False)
    return found


def serve(*arguments: str) -> Any:
    return CliRunner().invoke(app(), ["serve", *arguments])


def test_a_bundle_is_served_under_its_name_to_this_machine(told: list[Settings]) -> None:
    result = serve("runs/huffpost/bundle")
    assert result.exit_code == 0
    assert told == [Settings({"huffpost": Path("runs/huffpost/bundle")})]
    assert "serving at http://127.0.0.1:8080" in result.stderr
    assert "huffpost: runs/huffpost/bundle" in result.stderr
    assert result.stdout == ""


def test_everything_can_be_said(told: list[Settings], tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(KEYS, encoding="ascii")
    arguments = "a=x b=y --host 0.0.0.0 --port 0 --workers 3 --samples s.csv --feedback f.db "
    arguments += "--abstain-below 0.5 --rate 7 --max-body 4096 --max-texts 9 --log-errors "
    arguments += f"--proxy 10.0.0.0/8 --proxy ::1/128 --keys {keys} --management-keys {keys}"
    result = serve(*arguments.split())
    assert result.exit_code == 0, result.output
    (settings,) = told
    assert settings.models == {"a": Path("x"), "b": Path("y")}
    assert (settings.host, settings.port, settings.workers) == ("0.0.0.0", 0, 3)
    assert (settings.samples, settings.feedback) == (Path("s.csv"), "f.db")
    assert (settings.abstain_below, settings.log_requests) == (0.5, False)
    limits = settings.limits
    assert (limits.rate, limits.body_bytes, limits.texts) == (7, 4096, 9)
    assert settings.proxies == ("10.0.0.0/8", "::1/128")
    assert settings.keys.api == settings.keys.management == tuple(KEYS.split())


def test_keys_may_stand_in_the_environment(
    told: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSDESK_KEYS", KEYS)
    assert serve("x", "--host", "::").exit_code == 0
    assert told[0].keys.api == tuple(KEYS.split())
    assert told[0].keys.management == ()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_others_are_let_in_with_a_key_or_a_word_alone(told: list[Settings], host: str) -> None:
    result = serve("x", "--host", host)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 2
    assert "--public" in result.stderr
    assert told == []
    assert serve("x", "--host", host, "--public").exit_code == 0


@pytest.mark.parametrize("text", ["", " \n", "short", "kéy-of-sixteen-ch"])
def test_a_file_of_bad_keys_is_refused(told: list[Settings], tmp_path: Path, text: str) -> None:
    keys = tmp_path / "keys"
    keys.write_text(text, encoding="utf-8")
    result = serve("x", "--keys", str(keys))
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 2
    assert told == []


def test_a_file_of_keys_that_is_not_there_is_said(told: list[Settings], tmp_path: Path) -> None:
    result = serve("x", "--keys", str(tmp_path / "gone"))
    assert result.exit_code == 1
    assert "gone" in result.stderr
    assert told == []


@pytest.mark.parametrize("arguments", [["a=x", "a=y"], ["_=x"], ["x", "--proxy", "nonsense"]])
def test_what_cannot_be_is_said_in_two_lines(told: list[Settings], arguments: list[str]) -> None:
    result = serve(*arguments)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 2
    assert told == []


def test_an_interrupt_is_told_by_the_exit_code(told: list[Settings]) -> None:
    assert serve("x", "--port", "130").exit_code == 130
