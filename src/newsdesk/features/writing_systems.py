"""Which writing system every character belongs to.

The table is the script property of Unicode (UAX #24, file ``Scripts.txt``), written by
``tools/make_writing_systems.py``. It only describes texts; no bundle depends on it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["COMMON", "INHERITED", "UNKNOWN", "names", "systems"]

COMMON = 0
"""Digits, punctuation, symbols: used with every writing system."""
INHERITED = 1
"""Combining marks: of the writing system of the character before them."""
UNKNOWN = 2
"""Code points that are private or not assigned."""


@cache
def _table() -> dict[str, Any]:
    source = files("newsdesk.features").joinpath("writing_systems.json").read_bytes()
    table: dict[str, Any] = msgspec.json.decode(source)
    return table


@cache
def names() -> tuple[str, ...]:
    """Names of the writing systems, as Unicode calls them.

    Returns
    -------
    tuple[str, ...]
        The position of a name is its number in `systems`.

    Examples
    --------
    >>> len(names()) > 150, names()[COMMON], "Devanagari" in names()
    (True, 'Common', True)
    """
    return tuple(_table()["names"])


@cache
def systems() -> NDArray[np.uint8]:
    """Writing system of every code point.

    Returns
    -------
    NDArray[np.uint8]
        Shape ``(0x110000,)``, read-only; positions in `names`.

    Examples
    --------
    >>> [names()[systems()[ord(char)]] for char in "aяক新7"]
    ['Latin', 'Cyrillic', 'Bengali', 'Han', 'Common']
    """
    table = _table()
    numbers = np.asarray(table["scripts"], dtype=np.uint8)
    found = np.repeat(numbers, np.asarray(table["lengths"], dtype=np.int64))
    assert len(found) == 0x110000
    found.flags.writeable = False
    return found
