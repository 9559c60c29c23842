"""How documents are read by an ELMo language model that stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import NamedTuple

import numpy as np

from newsdesk.config import n_threads
from newsdesk.features.sequences import Sequences, Side
from newsdesk.features.surface import Surface, read_surface
from newsdesk.models.neural.checkpoints import digest
from newsdesk.models.neural.elmo.architecture import ElmoArchitecture
from newsdesk.models.neural.elmo_lstm.states import Halves, States
from newsdesk.models.neural.encoders.memory import Keys, keys_of
from newsdesk.models.neural.forward.contextual import ContextualWords
from newsdesk.models.neural.forward.pieces import Piece
from newsdesk.models.neural.language.folder import Encoder
from newsdesk.types import Bools, Documents, Floats, Indices, Progress

__all__ = ["Activations", "Reader", "Sight"]


class Sight(NamedTuple):
    """What of some documents is read."""

    words: tuple[str, ...]
    """The words that occur."""
    sequences: Sequences
    """Numbers of words, at least one in each of n rows."""
    blank: Bools
    """Documents without a letter or a digit, shape ``(n,)``."""
    n_cut: int
    """Words that were cut off."""


class Activations(NamedTuple):
    """What the language model says of n documents."""

    vectors: Floats
    """Those of the words alone, shape ``(n_words, width / 2)``."""
    sequences: Sequences
    """Numbers of words."""
    start: Indices
    """Where the states of each document begin, shape ``(n,)``."""
    states: Halves
    """Those of all recurrent layers, shape ``(…, layers * width)``."""


class Reader:
    """Reads documents.

    Parameters
    ----------
    encoder : Encoder[ElmoArchitecture]
        The language model.
    max_tokens : int
        Longer documents are cut.
    truncate : Side
        Which end is cut off.

    Raises
    ------
    BundleFormatError
        If the sizes and the tensors of the model do not fit together.
    """

    def __init__(self, encoder: Encoder[ElmoArchitecture], max_tokens: int, truncate: Side) -> None:
        self.encoder, self.network = encoder, ContextualWords(encoder.tensors, encoder.architecture)
        self._max_tokens, self._truncate = max_tokens, truncate

    @cached_property
    def digest(self) -> str:
        """What tells the language model from others."""
        parts = [value for _, value in sorted(self.encoder.tensors.items())]
        return digest(self.encoder.architecture, *parts)

    @cached_property
    def kept(self) -> States:
        """What the disk holds of training texts; predicting does not ask."""
        width = self.network.width * self.encoder.architecture.layers
        return States.of(width, self.digest, self._max_tokens, self._truncate)

    def see(self, documents: Documents, progress: Progress | None = None) -> Sight:
        """Part documents into words, and cut them.

        Parameters
        ----------
        documents : Documents
            n documents.
        progress : Progress | None
            Told of documents.

        Returns
        -------
        Sight
            What is left. A document without words has an empty one.
        """
        surface = read_surface(documents, progress)
        cut = surface.sequences.cut(self._max_tokens, self._truncate)
        blank = Surface(surface.words, cut).blank
        indptr, ids = cut.nonempty()
        used, place = np.unique(ids, return_inverse=True)
        words = tuple(surface.words[number] for number in used.tolist())
        n_cut = len(surface.sequences.ids) - len(cut.ids)
        return Sight(words, Sequences(indptr, place.astype(np.int32)), blank, n_cut)

    def unread(self, documents: Documents) -> int:
        """Count texts that the disk holds nothing of.

        Parameters
        ----------
        documents : Documents
            n documents.

        Returns
        -------
        int
            Distinct texts.
        """
        keys = np.unique(keys_of(documents.texts.to_pylist()))
        return int((~self.kept.recall(keys).known).sum())

    def activate(self, documents: Documents, sight: Sight, progress: Progress) -> Activations:
        """Run the language model over documents that it has not read, and keep what it says.

        Parameters
        ----------
        documents : Documents
            n documents.
        sight : Sight
            What is read of them.
        progress : Progress
            Told of words.

        Returns
        -------
        Activations
            Of all of them.

        Raises
        ------
        StorageError
            If the cache cannot be read or written.
        """
        keys = keys_of(documents.texts.to_pylist())
        vectors = self.network.vectors(sight.words)
        known = self.kept.recall(keys).known
        unknown = np.flatnonzero(~known)
        _, first = np.unique(keys[unknown], return_index=True)
        self._run(vectors, sight.sequences, keys, np.sort(unknown[first]), progress)
        kept = self.kept.recall(keys)
        assert kept.known.all()
        assert np.array_equal(kept.length, sight.sequences.lengths)
        return Activations(vectors[:-2], sight.sequences, kept.start, kept.states)

    def _run(
        self, vectors: Floats, sequences: Sequences, keys: Keys, rows: Indices, progress: Progress
    ) -> None:
        lengths = sequences.lengths
        # From the longest to the shortest, so that pieces hold rows of like length.
        rows = rows[np.argsort(-lengths[rows], kind="stable")]
        number = (lengths[rows].cumsum() - lengths[rows]) // self.network.n_tokens
        pieces = np.split(rows, np.diff(number).nonzero()[0] + 1) if len(rows) else []

        def read(own: Indices) -> tuple[Indices, Sequence[Halves]]:
            return own, self._states(vectors, sequences.take(own))

        with progress.task("ELMo", int(lengths[rows].sum()), "words") as done:
            for own, states in _mapped(read, pieces):
                self.kept.add(keys[own], states)
                done(int(lengths[own].sum()))

    def _states(self, vectors: Floats, sequences: Sequences) -> list[Halves]:
        words, place = np.unique(sequences.ids, return_inverse=True)
        layers = self.network.states(vectors, Piece(sequences.indptr, words, place))
        together = np.concatenate([states.astype(np.float16) for states in layers], axis=1)
        return np.split(together, sequences.indptr[1:-1])


def _mapped(
    read: Callable[[Indices], tuple[Indices, Sequence[Halves]]], pieces: list[Indices]
) -> Iterator[tuple[Indices, Sequence[Halves]]]:
    """Work on several threads, a few pieces at a time: results wait in memory to be written."""
    n = n_threads()
    with ThreadPoolExecutor(n) as pool:
        for at in range(0, len(pieces), 2 * n):
            yield from pool.map(read, pieces[at : at + 2 * n])
