"""Counts and lists in the sentences that are said of data."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["counted", "listed"]

_LISTED = 5


def counted(n: int, what: str = "row") -> str:
    """Write a number with its noun.

    Parameters
    ----------
    n : int
        The number.
    what : str
        The noun in the singular.

    Returns
    -------
    str
        The number with thousands separated, and the noun in its number.

    Examples
    --------
    >>> counted(1), counted(2225), counted(2, "class")
    ('1 row', '2,225 rows', '2 classes')
    """
    plural = what + ("es" if what.endswith("s") else "s")
    return f"{n:,} {what if n == 1 else plural}"


def listed(names: Sequence[object]) -> str:
    """Write the first five of many names.

    Parameters
    ----------
    names : Sequence[object]
        The names.

    Returns
    -------
    str
        The names, and how many more there are.

    Examples
    --------
    >>> listed(["A", "B"]), listed(range(7))
    ('A, B', '0, 1, 2, 3, 4 and 2 more')
    """
    shown = ", ".join(map(str, names[:_LISTED]))
    more = len(names) - _LISTED
    return f"{shown} and {more:,} more" if more > 0 else shown
