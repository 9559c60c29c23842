"""Words read by their characters without torch: convolutions, highways, a projection."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from newsdesk.config import n_threads
from newsdesk.errors import BundleFormatError
from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.elmo.architecture import N_CHARACTERS, ElmoArchitecture
from newsdesk.models.neural.elmo.characters import BOUNDS, filled, spell
from newsdesk.models.neural.forward.dense import Dense
from newsdesk.models.neural.forward.tensors import Tensors
from newsdesk.models.neural.forward.windows import pool_windows
from newsdesk.types import Floats

__all__ = ["CharacterWords"]

_TOGETHER = 512


class _Filters(NamedTuple):
    """Filters of one width."""

    answers: Floats
    """What each character adds at each place of a window, shape ``(262, width * f)``."""
    bias: Floats


class CharacterWords:
    """Makes vectors of words of any spelling.

    Kim et al. 2016, "Character-Aware Neural Language Models", section 2.2 and equation 8.

    Parameters
    ----------
    tensors : Tensors
        ``characters``, ``convolution.…``, ``highway.…`` and ``projection.…`` of
        `ElmoArchitecture.shapes` are taken from it.
    architecture : ElmoArchitecture
        The sizes.

    Raises
    ------
    BundleFormatError
        If a tensor is missing or does not fit the sizes, or if these make no sense.
    """

    def __init__(self, tensors: Tensors, architecture: ElmoArchitecture) -> None:
        _check(architecture)
        self._architecture = architecture
        depth, n = architecture.character_dim, architecture.n_filters
        characters = np.array(tensors.take("characters", N_CHARACTERS, depth))
        self._filters: list[_Filters] = []
        for number, (width, filters) in enumerate(architecture.filters):
            name = f"convolution.{number}"
            weight = tensors.take(f"{name}.weight", filters, depth, width)
            positions = Dense(weight.transpose(2, 0, 1).reshape(-1, depth))
            bias = np.array(tensors.take(f"{name}.bias", filters))
            # There are few characters, so all products with them are made here.
            self._filters.append(_Filters(positions.apply(characters), bias))
        self._highways = [
            _dense(tensors, f"highway.{k}", 2 * n, n) for k in range(architecture.highways)
        ]
        self._projection = _dense(tensors, "projection", architecture.projection_dim, n)

    def vectors(self, words: Sequence[str]) -> Floats:
        """Read words.

        Parameters
        ----------
        words : Sequence[str]
            m words, each best given once.

        Returns
        -------
        Floats
            Shape ``(m + 2, projection_dim)``: the last two are the beginning and the end of a
            document. A row depends on no other word.
        """
        spelt = spell(words, self._architecture.longest_word).extended(BOUNDS)
        n = len(words) + 2
        parts = [np.arange(at, min(at + _TOGETHER, n)) for at in range(0, n, _TOGETHER)]
        if len(parts) == 1:
            return self._read(spelt)
        with ThreadPoolExecutor(min(n_threads(), len(parts))) as pool:
            return np.concatenate(list(pool.map(lambda rows: self._read(spelt.take(rows)), parts)))

    def _read(self, spelt: Sequences) -> Floats:
        architecture = self._architecture
        widest = max(width for width, _ in architecture.filters)
        # Behind that many fillings further windows look all the same.
        lengths = np.minimum(spelt.lengths + widest, architecture.longest_word)
        indptr, ids = filled(spelt, lengths)
        place = ids.astype(np.int64)
        answers = []
        for own, bias in self._filters:
            highest = np.full((len(lengths), len(bias)), -np.inf, dtype=np.float32)
            pool_windows(own, place, indptr, bias, widest, highest)
            answers.append(highest)
        x = np.concatenate(answers, axis=1)
        x = np.maximum(x, 0) if architecture.activation == "relu" else np.tanh(x)
        for highway in self._highways:
            new, gate = np.split(highway.apply(x), 2, axis=1)
            share = 1 / (1 + np.exp(-gate))
            x = np.ascontiguousarray(share * np.maximum(new, 0) + (1 - share) * x)
        return self._projection.apply(x)


def _check(architecture: ElmoArchitecture) -> None:
    """Refuse sizes that no program writes."""
    longest = architecture.longest_word
    wrong = None
    if not 3 <= longest <= 10_000:
        wrong = f"its longest word has {longest} characters"
    elif not architecture.filters or any(
        not 1 <= width <= longest for width, _ in architecture.filters
    ):
        wrong = f"its filters are {architecture.filters}"
    elif architecture.activation not in ("relu", "tanh"):
        wrong = f"its activation is {architecture.activation!r}"
    elif architecture.layers < 1:
        wrong = f"it has {architecture.layers} layers"
    if wrong is not None:
        problem = f"The language model cannot be run: {wrong}."
        raise BundleFormatError(problem, remedy="Fetch an intact copy, or make it again.")


def _dense(tensors: Tensors, name: str, n_out: int, n_in: int) -> Dense:
    weight = tensors.take(f"{name}.weight", n_out, n_in)
    return Dense(weight, tensors.take(f"{name}.bias", n_out))
