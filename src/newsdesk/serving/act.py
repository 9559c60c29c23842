"""What a route is good for: said where the route is, read by the documentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Act"]


@dataclass(frozen=True)
class Act:
    """Description of a route.

    Parameters
    ----------
    summary : str
        One sentence.
    tag : str
        The dialect.
    takes : Any
        Type of the JSON body; None where there is none.
    gives : Any
        Type of the JSON answer; None where it is no JSON.
    statuses : tuple[int, ...]
        Of answers that are no refusal.
    kind : str
        Media type of an answer that is no JSON; empty where there is no body.
    query : tuple[str, ...]
        Names of query parameters, none of them required.
    headers : tuple[str, ...]
        Names of headers, none of them required.
    binary : bool
        Whether a body of bytes is read as well.
    example : Any
        A body that works.
    """

    summary: str
    tag: str = "native"
    takes: Any = None
    gives: Any = None
    statuses: tuple[int, ...] = (200,)
    kind: str = ""
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    binary: bool = False
    example: Any = None
