r"""Which characters make words: one closed table, the same on every Python and machine.

Python's ``\w`` splits words at combining marks (Devanagari, Thai) and grows with each Unicode
version. The table here is fixed: it was read off Unicode 14.0 and travels with the package, so a
bundle tokenises alike wherever it is loaded.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["MARK", "SEPARATOR", "SINGLE", "WORD", "character_classes"]

SEPARATOR = 0
"""Ends a token."""
WORD = 1
"""Letters, numbers and connectors: a run of them is a token."""
MARK = 2
"""Combining marks and joiners: they belong to the character before them."""
SINGLE = 3
"""Characters of scripts written without spaces, and symbols such as emoji: a token each."""


@cache
def character_classes() -> NDArray[np.uint8]:
    """Class of every code point.

    Returns
    -------
    NDArray[np.uint8]
        Shape ``(0x110000,)``, read-only; `SEPARATOR`, `WORD`, `MARK` or `SINGLE`.

    Examples
    --------
    >>> classes = character_classes()
    >>> [int(classes[ord(char)]) for char in "a1_ -é新"]
    [1, 1, 1, 0, 0, 1, 3]
    """
    source = files("newsdesk.features").joinpath("scripts.json").read_bytes()
    table = msgspec.json.decode(source)
    lengths = np.asarray(table["lengths"], dtype=np.int64)
    classes = np.repeat(np.asarray(table["classes"], dtype=np.uint8), lengths)
    assert len(classes) == 0x110000
    classes.flags.writeable = False
    return classes
