from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="needs the extra feedback")

from newsdesk.cli import console, reviewing
from newsdesk.feedback import Correction, open_store
from newsdesk.feedback.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    console.stdout.cache_clear()
    with open_store(tmp_path / "feedback.db") as opened:
        for n in range(3):
            opened.add(
                Correction(
                    fields={"headline": f"Rates {n} \x1b[31m", "label": "a field"},
                    label="BUSINESS",
                    predicted="SPORTS" if n == 0 else None,
                    score=0.936 if n == 0 else None,
                    comment="why\x07" if n == 0 else None,
                )
            )
        yield opened


def walked(store: Store, typed: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    reviewing.walk(store)
    return [entry.status for entry in store.list().entries]


def test_each_is_shown_with_what_was_predicted(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    walked(store, "q\n", monkeypatch)
    shown = capsys.readouterr().out
    assert "1 of 3" in shown
    assert "SPORTS  93.6 %" in shown
    assert "Rates 0 \ufffd[31m" in shown
    assert "why\ufffd" in shown
    assert "a field" in shown
    assert "\x1b" not in shown
    assert "Rates 1" not in shown


@pytest.mark.parametrize(
    ("typed", "statuses"),
    [
        ("a\nr\ns\n", ["accepted", "rejected", "waiting"]),
        ("ACCEPT\n reject \nskip\n", ["accepted", "rejected", "waiting"]),
        ("a\nq\n", ["accepted", "waiting", "waiting"]),
        ("what\n\na\nquit\n", ["accepted", "waiting", "waiting"]),
        ("a\n", ["accepted", "waiting", "waiting"]),
        ("", ["waiting", "waiting", "waiting"]),
    ],
)
def test_what_is_answered_is_done(
    store: Store, monkeypatch: pytest.MonkeyPatch, typed: str, statuses: list[str]
) -> None:
    assert walked(store, typed, monkeypatch) == statuses


def test_pages_follow_each_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviewing, "_AT_ONCE", 1)
    assert walked(store, "a\ns\nr\n", monkeypatch) == ["accepted", "waiting", "rejected"]


def test_what_was_taken_back_meanwhile_is_said(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Store, "decide", lambda *_: False)
    walked(store, "a\na\ns\n", monkeypatch)
    said = capsys.readouterr().out
    assert said.count("taken back meanwhile") == 2
    assert "0 accepted, 0 rejected, 1 skipped" in said


def test_nothing_to_do_is_said(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    walked(store, "a\na\na\n", monkeypatch)
    walked(store, "", monkeypatch)
    assert "No correction is waiting." in capsys.readouterr().out
