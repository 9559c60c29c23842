"""Work that can be interrupted and gone on with: what is said meanwhile, and at an interruption."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.cli import console

if TYPE_CHECKING:
    from newsdesk.types import Progress

__all__ = ["command", "say_best", "say_kept"]

_MOST_CHARACTERS = 44
"""What a terminal of 80 columns has left beside a short bar."""


def say_kept(home: Path) -> None:
    """Say where interrupted work is kept, and how to go on with it.

    Parameters
    ----------
    home : Path
        Its folder.
    """
    console.note(f"What is finished is kept in {home}. To go on:")
    console.note(f"  {command(home)}")


def command(home: Path) -> str:
    """Write the command line that goes on.

    Parameters
    ----------
    home : Path
        The folder of the work.

    Returns
    -------
    str
        That of this process, with the folder named and nothing thrown away.
    """
    words = [word for word in sys.argv[1:] if word not in ("--overwrite", "--resume")]
    if not any(word.partition("=")[0] == "--out" for word in words):
        words += ["--out", str(home)]
    return shlex.join(["newsdesk", *words])


def say_best(bars: Progress, name: str, value: float) -> None:
    """Name the best setting so far beside the bar of the fits, where there is one.

    Parameters
    ----------
    bars : Progress
        Where the task ``"fits"`` is open.
    name : str
        The setting.
    value : float
        What it is the best by, in [0, 1].
    """
    from newsdesk.types import Renaming

    if isinstance(bars, Renaming):
        bars.rename("fits", console.clip(f"fits, best {value:.4f}: {name}", _MOST_CHARACTERS))
