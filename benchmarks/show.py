"""Small tables on the terminal, and gates: numbers with the bound that they must keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Gate", "at_least", "at_most", "show", "show_gates"]


@dataclass(frozen=True)
class Gate:
    """A number and its bound.

    Parameters
    ----------
    what : str
        What is bounded, with its unit.
    value : float
        As measured.
    side : Literal["at least", "at most"]
        Which side of the bound is allowed.
    bound : float
        The bound, itself allowed.
    passed : bool
        Whether the number keeps to it.
    """

    what: str
    value: float
    side: Literal["at least", "at most"]
    bound: float
    passed: bool


def at_least(what: str, value: float, bound: float) -> Gate:
    """Demand that a number is not too small.

    Parameters
    ----------
    what : str
        What is bounded, with its unit.
    value : float
        As measured.
    bound : float
        The least value allowed.

    Returns
    -------
    Gate
        The finding.
    """
    return Gate(what, value, "at least", bound, value >= bound)


def at_most(what: str, value: float, bound: float) -> Gate:
    """Demand that a number is not too large.

    Parameters
    ----------
    what : str
        What is bounded, with its unit.
    value : float
        As measured.
    bound : float
        The largest value allowed.

    Returns
    -------
    Gate
        The finding.
    """
    return Gate(what, value, "at most", bound, value <= bound)


def show_gates(gates: Sequence[Gate]) -> None:
    """Print gates, one a line.

    Parameters
    ----------
    gates : Sequence[Gate]
        The findings.
    """
    print()
    width = max(len(gate.what) for gate in gates)
    for gate in gates:
        verdict = "pass" if gate.passed else "FAIL"
        bound = f"{gate.side} {gate.bound:,g}"
        print(f"{verdict}  {gate.what:<{width}}  {_text(gate.value):>10}  ({bound})")


def show(rows: Mapping[str, Mapping[str, Any]], columns: Iterable[str]) -> None:
    """Print one line per system.

    Parameters
    ----------
    rows : Mapping[str, Mapping[str, Any]]
        Numbers of each system.
    columns : Iterable[str]
        Which of them to show; one that a system lacks stays empty.
    """
    names = list(columns)
    lines = [["", *names]]
    lines += [[system, *(_text(row.get(name)) for name in names)] for system, row in rows.items()]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    print()
    for first, *rest in lines:
        cells = [f"{cell:>{width}}" for cell, width in zip(rest, widths[1:], strict=True)]
        print("  ".join([f"{first:<{widths[0]}}", *cells]))


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    if value and abs(value) < 0.001:
        return f"{value:.2e}"
    return f"{value:,.4f}" if abs(value) < 1 else f"{value:,.2f}"
