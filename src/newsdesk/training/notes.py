"""What a run has to say while it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

__all__ = ["Note", "Notes"]

Note = Callable[[str], None]
"""Receives one note, a sentence without its full stop or with it."""


class Notes:
    """Collects notes and passes them on.

    Parameters
    ----------
    listener : Note | None
        Receives each note as it comes up.
    """

    def __init__(self, listener: Note | None) -> None:
        self.lines: list[str] = []
        self._listener = listener

    def __call__(self, line: str) -> None:
        """Take one note."""
        self.lines.append(line)
        if self._listener:
            self._listener(line)

    def all(self, lines: Iterable[str]) -> None:
        """Take several notes.

        Parameters
        ----------
        lines : Iterable[str]
            The notes, in order.
        """
        for line in lines:
            self(line)
