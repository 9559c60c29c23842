"""Explanations on a terminal: green words speak for the class, red ones against it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from newsdesk.explain.pieces import Share, pieces

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from newsdesk.types import Span

__all__ = ["contributions", "highlight"]

_STRONG, _CLEAR, _FAINT = 0.5, 0.2, 0.05
"""Shares of the largest weight from which a word is set bold, plain or dim in its colour."""


def highlight(text: str, spans: Iterable[Span]) -> Text:
    """Colour the words of a text by what they add.

    Parameters
    ----------
    text : str
        The text, fit to be printed: of the same length as the raw text, without control characters.
    spans : Iterable[Span]
        Words with their weights.

    Returns
    -------
    Text
        For a rich console.
    """
    from rich.text import Text

    coloured = Text()
    for piece in pieces(text, spans):
        coloured.append(piece.text, style=_style(piece.share))
    return coloured


def _style(share: float) -> str:
    colour = "green" if share > 0 else "red"
    if abs(share) >= _STRONG:
        return f"bold reverse {colour}"
    if abs(share) >= _CLEAR:
        return f"bold {colour}"
    return colour if abs(share) >= _FAINT else ""


def contributions(words: Sequence[Share], width: int = 16) -> Table:
    """List words with bars: against the class to the left, for it to the right.

    Parameters
    ----------
    words : Sequence[Share]
        Largest first.
    width : int
        Characters of the longest bar.

    Returns
    -------
    Table
        For a rich console.
    """
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    largest = max((abs(share.weight) for share in words), default=1.0)
    for share in words:
        colour = "green" if share.weight > 0 else "red"
        bar = "█" * max(round(abs(share.weight) / largest * width), 1)
        times = f" ×{share.n}" if share.n > 1 else ""
        grid.add_row(f"{share.weight:+.3f}", Text(bar, style=colour), Text(share.word + times))
    return grid
