"""Orders in which corrections are listed, and marks of where a page ended."""

from __future__ import annotations

import base64
import binascii
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Column, ColumnElement, Row, literal, tuple_

from newsdesk.config import suggest
from newsdesk.errors import InputError
from newsdesk.feedback.correction import check_text
from newsdesk.feedback.tables import CORRECTIONS

__all__ = ["ORDERS", "Order", "order_of"]


class Order(NamedTuple):
    """A way to sort corrections."""

    name: str
    column: Column[Any]
    """What is sorted by; equals by their id."""
    is_descending: bool = False

    @property
    def terms(self) -> tuple[ColumnElement[Any], ...]:
        """What a query is to be ordered by."""
        columns = (self.column, CORRECTIONS.c.id)
        return tuple(column.desc() for column in columns) if self.is_descending else columns

    def mark(self, row: Row[Any]) -> str:
        """Write where a page ended.

        Parameters
        ----------
        row : Row[Any]
            The last row of the page.

        Returns
        -------
        str
            Letters, digits, ``-`` and ``_``.
        """
        found = row._mapping
        raw = msgspec.json.encode((self.name, found[self.column.name], found["id"]))
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def behind(self, mark: str) -> ColumnElement[bool]:
        """Rows behind the end of a page.

        Parameters
        ----------
        mark : str
            What `mark` wrote.

        Returns
        -------
        ColumnElement[bool]
            A condition.

        Raises
        ------
        InputError
            If the mark is of another order, or no mark at all.
        """
        try:
            raw = base64.urlsafe_b64decode(mark.encode("ascii") + b"=" * (-len(mark) % 4))
            name, value, last = msgspec.json.decode(raw, type=tuple[str, str, str])
            check_text(value, "a mark")
            check_text(last, "a mark")
        except (UnicodeEncodeError, binascii.Error, msgspec.DecodeError, InputError):
            name = ""
        if name != self.name:
            problem = f"{mark[:80]!r} does not mark the end of a page in the order {self.name!r}."
            raise InputError(problem, remedy="Give what the page before ended with, or nothing.")
        here = tuple_(self.column, CORRECTIONS.c.id)
        there = tuple_(literal(value), literal(last))
        return here < there if self.is_descending else here > there


ORDERS = {
    order.name: order
    for order in (
        Order("oldest", CORRECTIONS.c.created_at),
        Order("newest", CORRECTIONS.c.created_at, is_descending=True),
        Order("label", CORRECTIONS.c.label),
    )
}


def order_of(name: str) -> Order:
    """Find an order by its name.

    Parameters
    ----------
    name : str
        One of `ORDERS`.

    Returns
    -------
    Order
        The order.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in ORDERS:
        problem = f"Corrections have no order {name!r}."
        raise InputError(problem, remedy=suggest(name, ORDERS))
    return ORDERS[name]
