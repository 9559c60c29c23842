"""What people see: tables on stdout, notes and errors on stderr.

rich is imported where something is printed, because ``--help`` needs none of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

__all__ = [
    "bar",
    "clip",
    "error",
    "note",
    "percent",
    "printable",
    "say",
    "stderr",
    "stdout",
    "table",
    "write_json",
    "write_lines",
]

WIDTH_OF_FILES = 160
"""Characters in a line where output goes to a file: room for every table without cutting."""

# Control characters could move the cursor or colour the screen; bidirectional overrides could show
# a text in another order than it has.
_UNPRINTABLE = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\ufffd"
) | dict.fromkeys(map(ord, "\t\n\r\v\f\u2028\u2029"), " ")
_LEAST = 8
"""Characters that a column of names keeps, however narrow the terminal is."""
_EIGHTHS = " ▏▎▍▌▋▊▉"


def printable(text: str) -> str:
    r"""Make a text from outside safe to show on a terminal.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        As many characters; control characters are replaced, line ends become spaces.

    Examples
    --------
    >>> printable("rates\trise \x1b[31m")
    'rates rise \ufffd[31m'
    """
    return text.translate(_UNPRINTABLE)


def clip(text: str, length: int) -> str:
    """Cut a text to a length.

    Parameters
    ----------
    text : str
        Any text.
    length : int
        Most characters, at least 1.

    Returns
    -------
    str
        The text, or its begin with an ellipsis.

    Examples
    --------
    >>> clip("Rates rise again", 8), clip("Rates", 8)
    ('Rates r…', 'Rates')
    """
    return text if len(text) <= length else text[: length - 1] + "…"


def percent(share: float) -> str:
    """Write a share as a percentage with one decimal.

    Parameters
    ----------
    share : float
        In [0, 1].

    Returns
    -------
    str
        Always of the same width.

    Examples
    --------
    >>> percent(0.936), percent(1.0)
    (' 93.6 %', '100.0 %')
    """
    return f"{100 * share:5.1f} %"


def bar(share: float, width: int) -> str:
    """Draw a share as a bar of block characters.

    Parameters
    ----------
    share : float
        In [0, 1].
    width : int
        Characters of a full bar.

    Returns
    -------
    str
        At most `width` characters; anything above 0 is visible.

    Examples
    --------
    >>> bar(0.5, 4), bar(0.0, 4), bar(0.001, 4)
    ('██', '', '▏')
    """
    eighths = min(max(round(share * width * 8), int(share > 0)), width * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


@cache
def stdout() -> Console:
    """The console for results.

    Returns
    -------
    Console
        As wide as the terminal; wide enough for every table where it is none.
    """
    return _console(stderr=False)


@cache
def stderr() -> Console:
    """The console for notes, errors and progress.

    Returns
    -------
    Console
        As wide as the terminal.
    """
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        console.width = WIDTH_OF_FILES
    return console


def say(what: RenderableType = "", *, wrap: bool = True) -> None:
    """Print a part of the result.

    Parameters
    ----------
    what : RenderableType
        A text or a table.
    wrap : bool
        Whether long lines are broken at words; what is to be copied should not be.
    """
    stdout().print(what, soft_wrap=not wrap)


def note(text: str) -> None:
    """Say something beside the result, in one line on stderr.

    Parameters
    ----------
    text : str
        The line.
    """
    stderr().print(printable(text), style="dim", soft_wrap=True)


def error(problem: str, remedy: str) -> None:
    """Say what went wrong and what to do, in two lines on stderr.

    Parameters
    ----------
    problem : str
        What went wrong.
    remedy : str
        The next act.
    """
    from rich.text import Text

    first = Text.assemble(("error: ", "bold red"), _one_line(problem))
    stderr().print(first, soft_wrap=True)
    stderr().print(Text(f"  → {_one_line(remedy)}"), soft_wrap=True)


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()))


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    left: Sequence[int] = (0,),
) -> Table:
    """Lay out a table for people; the last columns go where the terminal is too narrow for them.

    Parameters
    ----------
    columns : Sequence[str]
        Headings; a line end in one breaks it.
    rows : Sequence[Sequence[str]]
        Cells.
    left : Sequence[int]
        Positions of the columns that are set flush left; numbers are flush right.

    Returns
    -------
    Table
        To be printed by `say`.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    laid_out = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    n_shown = _fitting([columns, *rows], left, stdout().width)
    for position, name in enumerate(columns[:n_shown]):
        flush_left = position in left
        laid_out.add_column(
            name,
            justify="left" if flush_left else "right",
            overflow="fold",
            no_wrap=not flush_left,
            vertical="top",
        )
    for row in rows:
        laid_out.add_row(*row[:n_shown])
    return laid_out


def _fitting(rows: Sequence[Sequence[str]], left: Sequence[int], width: int) -> int:
    """How many columns can be shown, if those of names shrink and those of numbers do not."""
    from rich.cells import cell_len

    taken = 0
    for position in range(len(rows[0])):
        lines = [line for row in rows for line in row[position].splitlines()]
        needed = max(map(cell_len, lines), default=0)
        taken += (min(needed, _LEAST) if position in left else needed) + (2 if position else 0)
        if taken > width:
            return max(position, 1)
    return len(rows[0])


def write_json(value: object) -> None:
    """Write one value to stdout as JSON that a person can read too.

    Parameters
    ----------
    value : object
        Anything that msgspec encodes.
    """
    write_lines([msgspec.json.format(msgspec.json.encode(value), indent=2)])


def write_lines(lines: Iterable[bytes]) -> None:
    """Write lines to stdout at once.

    Parameters
    ----------
    lines : Iterable[bytes]
        UTF-8, without line ends.
    """
    sys.stdout.flush()
    sys.stdout.buffer.write(b"".join(line + b"\n" for line in lines))
    sys.stdout.buffer.flush()
