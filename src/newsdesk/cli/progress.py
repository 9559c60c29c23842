"""Progress bars on stderr: how far, how fast, how long still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from newsdesk.cli import console

if TYPE_CHECKING:
    from rich import progress as rich_progress

    from newsdesk.types import Progress

__all__ = ["Bars", "progress"]


def progress(*, quiet: bool) -> Progress:
    """How long work tells how far it is.

    Parameters
    ----------
    quiet : bool
        Whether nothing is to be seen.

    Returns
    -------
    Progress
        Bars where stderr is a terminal; else silence.
    """
    from newsdesk.types import Silent

    return Silent() if quiet or not console.stderr().is_terminal else Bars()


class Bars:
    """A `Progress` that draws one bar per open task and removes it when the task is done."""

    def __init__(self) -> None:
        self._display: rich_progress.Progress | None = None
        self._n_open = 0
        self._identifiers: dict[str, rich_progress.TaskID] = {}
        self._lock = Lock()

    @contextmanager
    def task(self, name: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
        """Show a task; see `newsdesk.types.Progress.task`.

        Parameters
        ----------
        name : str
            What is being done.
        total : int
            Units in all.
        unit : str
            What is counted, in the plural.

        Yields
        ------
        Callable[[int], None]
            To be called with the units done since the last call, from any thread.
        """
        display = self._open()
        identifier = display.add_task(console.printable(name), total=total, unit=unit)
        self._identifiers[name] = identifier
        try:
            yield lambda done: display.advance(identifier, done)
        finally:
            self._identifiers.pop(name, None)
            display.remove_task(identifier)
            self._close()

    def rename(self, name: str, text: str) -> None:
        """Say something else beside the bar of an open task.

        Parameters
        ----------
        name : str
            The name that the task was opened by.
        text : str
            What to say.
        """
        if self._display is not None and name in self._identifiers:
            self._display.update(self._identifiers[name], description=console.printable(text))

    def _open(self) -> rich_progress.Progress:
        with self._lock:
            if self._display is None:
                self._display = _display()
                self._display.start()
            self._n_open += 1
            return self._display

    def _close(self) -> None:
        with self._lock:
            self._n_open -= 1
            if not self._n_open and self._display is not None:
                self._display.stop()
                self._display = None


def _display() -> rich_progress.Progress:
    from rich import progress as rich_progress

    return rich_progress.Progress(
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(bar_width=24),
        rich_progress.TaskProgressColumn(),
        _rate_column(),
        rich_progress.TimeRemainingColumn(compact=True),
        console=console.stderr(),
        transient=True,
        refresh_per_second=5,
    )


def _rate_column() -> rich_progress.ProgressColumn:
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class Rate(ProgressColumn):
        """Units per second."""

        def render(self, task: Task) -> Text:
            return Text(rate(task.speed, task.fields["unit"]), style="dim")

    return Rate()


def rate(speed: float | None, unit: str) -> str:
    """Write a speed.

    Parameters
    ----------
    speed : float | None
        Units per second; None while it is not known.
    unit : str
        What is counted, in the plural.

    Returns
    -------
    str
        Such as ``"81,200 documents/s"``; bytes in MB, slow work as seconds per unit.

    Examples
    --------
    >>> rate(81234.0, "documents"), rate(2.5e6, "bytes"), rate(0.25, "epochs")
    ('81,200 documents/s', '2.5 MB/s', '4.0 s/epoch')
    """
    if not speed:
        return ""
    if unit == "bytes":
        return f"{speed / 1e6:,.1f} MB/s"
    if speed < 1:
        return f"{1 / speed:,.1f} s/{unit.removesuffix('s')}"
    if speed < 10:
        return f"{speed:.1f} {unit}/s"
    # Three digits: the rest changes with every drawing.
    digits = max(len(str(int(speed))) - 3, 0)
    return f"{round(speed, -digits):,.0f} {unit}/s"
