"""The characters of a corpus: writing systems, and words that mix look-alike alphabets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from newsdesk.features.writing_systems import COMMON, UNKNOWN, names, systems
from newsdesk.types import Bools, Indices

__all__ = ["Characters", "WritingSystem", "survey"]

LOOK_ALIKE = ("Cyrillic", "Greek")
"""Alphabets whose letters are taken for Latin ones. UTS #39, section 5.2, keeps these two out of
its "moderately restrictive" mixtures for that reason."""

_CHUNK = 4096


@dataclass(frozen=True)
class WritingSystem:
    """How much of a corpus is written in one writing system.

    Parameters
    ----------
    name : str
        Such as ``Latin`` or ``Han``.
    n_characters : int
        Its characters; digits, spaces and punctuation belong to none.
    share : float
        Of all characters that belong to a writing system.
    n_rows : int
        Texts that are mainly written in it.
    """

    name: str
    n_characters: int
    share: float
    n_rows: int


class Characters(NamedTuple):
    """What a survey of the characters gives."""

    systems: tuple[WritingSystem, ...]
    """Those that occur, the one with most characters first."""
    lettered: Bools
    """Whether a text holds any character of a writing system, shape ``(n,)``."""
    mixed: Bools
    """Whether a word mixes Latin with a look-alike alphabet, shape ``(n,)``."""


def survey(texts: pa.LargeStringArray, done: Callable[[int], None]) -> Characters:
    """Look at every character once.

    Parameters
    ----------
    texts : pa.LargeStringArray
        n texts.
    done : Callable[[int], None]
        Told how many texts were read.

    Returns
    -------
    Characters
        What was found.
    """
    n_systems = len(names())
    n_characters = np.zeros(n_systems, dtype=np.int64)
    main_system = np.zeros(len(texts), dtype=np.int64)
    mixed = np.zeros(len(texts), dtype=np.bool_)
    for start in range(0, len(texts), _CHUNK):
        part = texts.slice(start, _CHUNK)
        system, borders = _systems_of(part)
        counts = _counts(system, borders, n_systems)
        n_characters += counts.sum(axis=0)
        own = counts.argmax(axis=1)
        # The first of a row without any letter is Common, which is no writing system.
        main_system[start : start + len(part)] = own
        mixed[start : start + len(part)] = _mixed(system, borders)
        done(len(part))
    lettered = main_system > UNKNOWN
    n_rows = np.bincount(main_system[lettered], minlength=n_systems)
    total = max(int(n_characters.sum()), 1)
    order = np.argsort(-n_characters, kind="stable")
    found = tuple(
        WritingSystem(names()[index], n, n / total, int(n_rows[index]))
        for index in order.tolist()
        if (n := int(n_characters[index]))
    )
    return Characters(found, lettered, mixed)


def _systems_of(texts: pa.LargeStringArray) -> tuple[NDArray[np.uint8], Indices]:
    """Writing system of each character of all texts, and where the texts begin and end."""
    lengths = pc.utf8_length(texts).to_numpy()
    borders = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(lengths, out=borders[1:])
    joined = "".join(texts.to_pylist())
    codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32)
    return systems()[codes], borders


def _counts(system: NDArray[np.uint8], borders: Indices, n_systems: int) -> Indices:
    """Characters of each writing system in each text, shape ``(n, n_systems)``."""
    n = len(borders) - 1
    own = np.flatnonzero(system > UNKNOWN)
    text = np.searchsorted(borders, own, side="right") - 1
    counts: Indices = np.bincount(text * n_systems + system[own], minlength=n * n_systems)
    return counts.reshape(n, n_systems)


def _mixed(system: NDArray[np.uint8], borders: Indices) -> Bools:
    found = np.zeros(len(borders) - 1, dtype=np.bool_)
    others = [names().index(name) for name in LOOK_ALIKE]
    other = np.isin(system, others)
    if not other.any():
        return found
    # A word is a run of characters that belong to a writing system, marks included.
    inside = (system != COMMON) & (system != UNKNOWN)
    first = np.zeros(len(system), dtype=np.bool_)
    first[0] = True
    first[1:] = inside[1:] != inside[:-1]
    first[borders[:-1][borders[:-1] < len(system)]] = True
    starts = np.flatnonzero(first)
    latin = np.logical_or.reduceat(system == names().index("Latin"), starts)
    both = latin & np.logical_or.reduceat(other, starts)
    found[np.searchsorted(borders, starts[both], side="right") - 1] = True
    return found
