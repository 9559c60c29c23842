"""Documents as ELMo is trained on them: windows of words, and the words before and behind each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from newsdesk.features.sequences import Sequences
from newsdesk.features.surface import Surface
from newsdesk.models.neural import batches
from newsdesk.models.neural.elmo.architecture import ElmoArchitecture
from newsdesk.models.neural.elmo.characters import BOUNDS, spell, square
from newsdesk.types import Indices

__all__ = ["Targets", "Windows"]

_UNKNOWN, _BEGIN, _END = 0, 1, 2
_N_SPECIAL = 3
_NONE = -1


class Targets(NamedTuple):
    """The words that are predicted: the commonest ones, an unknown one, and both ends of a text."""

    of_word: Indices
    """Which each word of a `Surface` is, shape ``(n_words,)``."""
    counts: Indices
    """How often each occurs, shape ``(v,)``."""

    @classmethod
    def of(cls, surface: Surface, *, size: int, min_count: int) -> Targets:
        """Choose them.

        Parameters
        ----------
        surface : Surface
            The documents to train on.
        size : int
            How many at most, the three special ones included.
        min_count : int
            Occurrences that a word needs.

        Returns
        -------
        Targets
            By falling frequency; equally frequent ones as they first occur.
        """
        times = np.bincount(surface.sequences.ids, minlength=len(surface.words))
        ranked = np.argsort(-times, kind="stable")[: size - _N_SPECIAL]
        chosen = ranked[times[ranked] >= max(min_count, 1)]
        of_word = np.full(len(surface.words), _UNKNOWN, dtype=np.int64)
        of_word[chosen] = np.arange(len(chosen)) + _N_SPECIAL
        n_texts = surface.sequences.n
        unknown = int(times.sum() - times[chosen].sum())
        return cls(of_word, np.concatenate([[unknown, n_texts, n_texts], times[chosen]]))


class Windows:
    """Documents cut to windows; see `newsdesk.models.neural.language.text.Text`.

    Around each window stand the words that begin and end documents. Where a document was cut, they
    are read but not predicted.

    Parameters
    ----------
    surface : Surface
        n documents; those without words are left out.
    targets : Targets
        The words that are predicted.
    architecture : ElmoArchitecture
        How long words are, and how wide filters.
    window : int
        Words of a window at the most.
    batch_size : int
        Windows of a batch.
    seed : int
        Of the batches.
    """

    def __init__(
        self,
        surface: Surface,
        targets: Targets,
        architecture: ElmoArchitecture,
        *,
        window: int,
        batch_size: int,
        seed: int,
    ) -> None:
        self._pieces, self._first, self._last = _windows(surface.sequences, window)
        self._spelt = spell(surface.words, architecture.longest_word).extended(BOUNDS)
        self._targets = targets.of_word.astype(np.int64)
        self._longest = architecture.longest_word
        self._widest = max(width for width, _ in architecture.filters)
        self._batch_size, self._seed = batch_size, seed

    @property
    def lengths(self) -> Indices:
        """Words of each window, shape ``(n,)``."""
        return self._pieces.lengths

    def deal(self, epoch: int) -> list[Indices]:
        """Deal windows of like length to batches; see `Text.deal`."""
        if not epoch:
            return batches.by_length(self.lengths, self._batch_size)
        return batches.shuffled(self.lengths, self._batch_size, seed=self._seed, epoch=epoch)

    def batch(self, rows: Indices, device: torch.device) -> tuple[Tensor, ...]:
        """Make what `ElmoNetwork` is called with; see `Text.batch`.

        Parameters
        ----------
        rows : Indices
            Windows, shape ``(b,)``.
        device : torch.device
            Where it is to lie.

        Returns
        -------
        tuple[Tensor, ...]
            Characters of the distinct words, place of the word of each step, number of steps, and
            the words that follow and go before.
        """
        own = self._pieces.take(rows)
        words, place = np.unique(own.ids, return_inverse=True)
        n = len(words)
        places = Sequences(own.indptr, place.astype(np.int32)).framed([n], [n + 1]).rectangle()
        known = Sequences(own.indptr, self._targets[own.ids].astype(np.int32))
        ahead = self._asked(known, rows, ahead=True)
        back = self._asked(known, rows, ahead=False)
        bounds = len(self._spelt.indptr) - 3 + np.arange(2)
        spelt = self._spelt.take(np.concatenate([words, bounds]))
        characters = square(spelt, self._longest, self._widest)
        arrays = characters, places, own.lengths + 2, ahead, back
        return tuple(torch.from_numpy(array.astype(np.int64)).to(device) for array in arrays)

    def _asked(self, known: Sequences, rows: Indices, *, ahead: bool) -> NDArray[np.int32]:
        """Words to predict at each step, `_NONE` where none is."""
        end = np.where(self._last[rows], _END, _NONE)
        begin = np.where(self._first[rows], _BEGIN, _NONE)
        # One higher, because rectangles are filled up with 0.
        shifted = Sequences(known.indptr, known.ids + np.int32(1))
        if ahead:
            framed = shifted.framed([], [0, 0])
            framed.ids[framed.indptr[1:] - 2] = end + 1
        else:
            framed = shifted.framed([0, 0], [])
            framed.ids[framed.indptr[:-1] + 1] = begin + 1
        return framed.rectangle() - np.int32(1)


def _windows(
    sequences: Sequences, window: int
) -> tuple[Sequences, NDArray[np.bool_], NDArray[np.bool_]]:
    """Cut documents; whether each window is the first, and the last, of its document."""
    counts = -(-sequences.lengths // window)
    document = np.arange(sequences.n).repeat(counts)
    number = np.arange(len(document)) - (counts.cumsum() - counts).repeat(counts)
    start = sequences.indptr[document] + number * window
    # Windows follow one another without a gap, as documents do.
    indptr = np.append(start, len(sequences.ids))
    return Sequences(indptr, sequences.ids), number == 0, number == counts[document] - 1
