from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from rich.console import Console

from newsdesk.cli import console
from newsdesk.cli.progress import Bars, progress, rate
from newsdesk.types import Silent


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a terminal at stderr is sent."""
    sent = io.StringIO()
    terminal = Console(file=sent, force_terminal=True, width=100)
    monkeypatch.setattr(console, "stderr", lambda: terminal)
    return sent


def test_bar_shows_name_share_and_rate(screen: io.StringIO) -> None:
    bars = Bars()
    with bars.task("predicting", 4, "documents") as done:
        done(1)
        done(1)
        assert bars._display is not None
        bars._display.refresh()
        shown = screen.getvalue()
    assert "predicting" in shown
    assert "50%" in shown


def test_tasks_may_be_nested_and_threads_may_report(screen: io.StringIO) -> None:
    bars = Bars()
    with bars.task("folds", 2, "fits") as outer:
        with bars.task("epochs", 100, "epochs") as inner, ThreadPoolExecutor(4) as pool:
            list(pool.map(inner, [1] * 100))
        outer(1)
        assert bars._display is not None
        assert [task.completed for task in bars._display.tasks] == [1]
    assert bars._display is None


def test_bars_are_gone_when_work_fails(screen: io.StringIO) -> None:
    bars = Bars()
    with pytest.raises(KeyboardInterrupt), bars.task("epochs", 9, "epochs"):
        raise KeyboardInterrupt
    assert bars._display is None
    erase_line, show_cursor = "\x1b[2K", "\x1b[?25h"
    assert screen.getvalue().rstrip("\r").endswith(erase_line + show_cursor)


def test_silent_where_stderr_is_no_terminal() -> None:
    assert isinstance(progress(quiet=False), Silent)


def test_silent_when_asked(screen: io.StringIO) -> None:
    assert isinstance(progress(quiet=True), Silent)
    assert isinstance(progress(quiet=False), Bars)


@pytest.mark.parametrize(
    ("speed", "unit", "written"),
    [
        (None, "documents", ""),
        (0.0, "documents", ""),
        (1234567.0, "documents", "1,230,000 documents/s"),
        (3.14, "epochs", "3.1 epochs/s"),
        (42.0, "samples", "42 samples/s"),
    ],
)
def test_rate(speed: float | None, unit: str, written: str) -> None:
    assert rate(speed, unit) == written


def test_a_task_can_say_something_else_beside_its_bar(screen: io.StringIO) -> None:
    bars = Bars()
    with bars.task("fits", 4, "fits") as done:
        bars.rename("fits", "fits, best 0.57")
        bars.rename("no task", "nothing")
        done(1)
        assert bars._display is not None
        assert [task.description for task in bars._display.tasks] == ["fits, best 0.57"]
    bars.rename("fits", "nothing is open")
