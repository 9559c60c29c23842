"""The history of a home: one line of JSON for each step, on the disk before the step is taken.

A process that is killed between the two leaves a step that was not taken; `taken` finds these by
the digests alone. A line that is torn by a crash is no step, and the next one takes its place.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from newsdesk.errors import DataError

__all__ = ["HISTORY", "Kind", "Step", "append", "before_last", "read_steps", "taken"]

HISTORY = "history.jsonl"
_BLOCK = 1 << 16

Kind = Literal["promoted", "refused", "rolled_back"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of the history.

    Parameters
    ----------
    step : Kind
        What was done.
    time : str
        When, in UTC, ISO 8601.
    by : str
        Who did it.
    before : str | None
        Digest of the version served before; None where there was none.
    after : str | None
        Digest of the version served after it; the one before where a candidate was refused.
    candidate : str
        Digest of the bundle that the step is about.
    source : str
        Where that bundle came from.
    why : str
        The reason.
    forced : bool
        Whether it was promoted whatever the comparison said.
    numbers : dict[str, Any]
        What the decision rests on.
    run : dict[str, Any]
        Settings of the run that trained the candidate, by which its rows are drawn again.
    """

    step: Kind
    time: str
    by: str
    before: str | None
    after: str | None
    candidate: str
    source: str = ""
    why: str = ""
    forced: bool = False
    numbers: dict[str, Any] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=dict)


def append(path: Path, step: Step) -> None:
    """Write a step through to the disk, over what a crash has left half written.

    Parameters
    ----------
    path : Path
        The file; made if it does not exist.
    step : Step
        The step.
    """
    with path.open("ab+") as file:
        file.truncate(_end_of_lines(file.fileno()))
        file.write(msgspec.json.encode(step) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _end_of_lines(handle: int) -> int:
    """Where the last whole line ends."""
    end = os.fstat(handle).st_size
    while end:
        start = max(end - _BLOCK, 0)
        found = os.pread(handle, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def read_steps(path: Path) -> list[Step]:
    """Read a history.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    list[Step]
        In their order; none where there is no file. A torn last line is left out.

    Raises
    ------
    DataError
        If another line is damaged.
    """
    try:
        *lines, _torn = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    steps = []
    for number, line in enumerate(lines, start=1):
        try:
            steps.append(msgspec.json.decode(line, type=Step))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            problem = f"{path}: line {number} is damaged: {error}."
            remedy = "Put an intact copy back, or take the line out; what is served is not touched."
            raise DataError(problem, remedy=remedy) from error
    return steps


def taken(steps: Sequence[Step], served: str | None) -> list[bool]:
    """Say which steps came to their end.

    Parameters
    ----------
    steps : Sequence[Step]
        A history.
    served : str | None
        Digest of the version that is served now.

    Returns
    -------
    list[bool]
        False for a step whose process ended between writing it down and taking it.
    """
    found = [*(step.before for step in steps[1:]), served][: len(steps)]
    return [step.after == then for step, then in zip(steps, found, strict=True)]


def before_last(steps: Sequence[Step], served: str | None) -> str | None:
    """Find the version to which one step back leads.

    Going back twice goes back two versions: a step back takes away what was promoted since.

    Parameters
    ----------
    steps : Sequence[Step]
        A history.
    served : str | None
        Digest of the version that is served now.

    Returns
    -------
    str | None
        Its digest; None where there is none.
    """
    versions: list[str] = []
    for step, done in zip(steps, taken(steps, served), strict=True):
        if not done or step.after is None or step.after == step.before:
            continue
        if step.step == "rolled_back" and step.after in versions:
            while versions[-1] != step.after:
                versions.pop()
        else:
            versions.append(step.after)
    return versions[-2] if len(versions) > 1 else None
