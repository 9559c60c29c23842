"""What was done before, or in the course of, the training of a network, as tables of a report."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["StageTable", "number"]


@dataclass(frozen=True)
class StageTable:
    """One stage of a training.

    Parameters
    ----------
    title : str
        What was done.
    columns : tuple[str, ...]
        Headings.
    rows : tuple[tuple[str, ...], ...]
        Cells as they are to be read, one per column.
    numeric : tuple[bool, ...]
        Whether a column holds numbers, which stand to the right.
    notes : tuple[str, ...]
        Sentences.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    notes: tuple[str, ...] = ()


def number(value: float | str | None) -> str:
    """Write a cell.

    Parameters
    ----------
    value : float | str | None
        A number, a text, or nothing.

    Returns
    -------
    str
        Three significant digits, or all before the point.

    Examples
    --------
    >>> [number(value) for value in (3, 12345.6, 0.00123456, 7.126, "layer 2", None)]
    ['3', '12,346', '0.00123', '7.13', 'layer 2', '–']
    """
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
