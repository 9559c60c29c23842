"""ELMo without torch: the states of all its layers, and a network on a mixture of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.elmo.architecture import ElmoArchitecture
from newsdesk.models.neural.forward import kernels
from newsdesk.models.neural.forward.characters import CharacterWords
from newsdesk.models.neural.forward.dense import Dense
from newsdesk.models.neural.forward.pieces import Piece, map_rows
from newsdesk.models.neural.forward.pooling import Pooling
from newsdesk.models.neural.forward.recurrent import RecurrentReading
from newsdesk.models.neural.forward.tensors import Tensors
from newsdesk.types import Floats, Indices

__all__ = ["EPSILON", "ContextualNetwork", "ContextualWords"]

EPSILON = 1e-5
"""Keeps a vector that does not vary from being divided by nothing; as in PyTorch."""
_N_GATES = 1 << 23
"""Numbers of gates of a piece, about: 32 MiB."""


class _Direction(NamedTuple):
    """One direction of one layer."""

    input: Dense
    recurrent: Floats
    """Shape ``(p, 4h)``."""
    projection: Floats
    """Shape ``(h, p)``."""


class ContextualWords:
    """The layers of an ELMo language model, read both ways.

    Parameters
    ----------
    tensors : Mapping[str, NDArray[Any]]
        As `ElmoArchitecture.shapes` names them.
    architecture : ElmoArchitecture
        The sizes.

    Raises
    ------
    BundleFormatError
        If a tensor is missing, unknown or does not fit the sizes.
    """

    def __init__(self, tensors: Mapping[str, NDArray[Any]], architecture: ElmoArchitecture) -> None:
        left = Tensors(tensors)
        self.architecture = architecture
        self._words = CharacterWords(left, architecture)
        self._layers = [
            [_direction(left, f"lstm.{k}.{way}", architecture) for way in ("forward", "backward")]
            for k in range(architecture.layers)
        ]
        left.finish()
        self._cell_bound = np.float32(architecture.cell_clip or np.inf)
        self._state_bound = np.float32(architecture.projection_clip or np.inf)

    @property
    def width(self) -> int:
        """Numbers of a state, those of both directions."""
        return 2 * self.architecture.projection_dim

    @property
    def n_tokens(self) -> int:
        """Tokens that are best read together."""
        return max(512, min(8192, _N_GATES // (4 * self.architecture.units)))

    def vectors(self, words: Sequence[str]) -> Floats:
        """Read words by their characters; see `CharacterWords.vectors`."""
        return self._words.vectors(words)

    def states(self, vectors: Floats, piece: Piece) -> list[Floats]:
        """Read rows.

        Parameters
        ----------
        vectors : Floats
            Those of the words that the piece names, and then of the beginning and the end of a
            document, shape ``(v + 2, projection_dim)``.
        piece : Piece
            Its rows.

        Returns
        -------
        list[Floats]
            For each recurrent layer the states at the tokens, forward before backward, shape
            ``(n_tokens, width)``. A row depends on no other row.
        """
        m = len(piece.words)
        place, indptr, own = _framed(piece, m)
        p = self.architecture.projection_dim
        bounds = vectors[len(vectors) - 2 :]
        below = [np.concatenate([vectors[piece.words], bounds])] * 2
        found = []
        for number, layer in enumerate(self._layers):
            states = np.empty((indptr[-1], 2 * p), dtype=np.float32)
            for way, (inputs, direction) in enumerate(zip(below, layer, strict=True)):
                projected = direction.input.apply(inputs)
                kernels.recur_projected(
                    projected,
                    place,
                    indptr,
                    direction.recurrent,
                    direction.projection,
                    way == 1,
                    self._cell_bound,
                    self._state_bound,
                    states,
                    way * p,
                )
            if number:  # a layer adds to what it was given
                states += np.concatenate(below, axis=1)
            found.append(states[own])
            below = [np.ascontiguousarray(states[:, :p]), np.ascontiguousarray(states[:, p:])]
            place = np.arange(len(states))
        return found


class ContextualNetwork:
    """Mixed layers of ELMo, read by long short-term memory, pooled, to logits.

    The tensors are ``mix.weights (layers + 1,)``, ``mix.gamma (1,)`` and those of
    `RecurrentReading`.

    Parameters
    ----------
    encoder : ContextualWords
        The language model.
    tensors : Mapping[str, NDArray[Any]]
        Float32 arrays by name.
    pooling : Pooling
        How the states of the last layer become one.
    norm : bool
        Whether each vector of each layer is brought to mean 0 and variance 1 before the mix.

    Raises
    ------
    BundleFormatError
        If a tensor is missing, unknown or does not fit the others.
    """

    def __init__(
        self,
        encoder: ContextualWords,
        tensors: Mapping[str, NDArray[Any]],
        *,
        pooling: Pooling,
        norm: bool,
    ) -> None:
        left = Tensors(tensors)
        self._norm = _normalised if norm else _as_it_is
        self._encoder = encoder
        weights = left.take("mix.weights", encoder.architecture.layers + 1)
        shares = np.exp(weights - weights.max())
        self.shares: Floats = shares / shares.sum()
        """How much each layer weighs, that of the words alone first, shape ``(layers + 1,)``."""
        self._scaled = self.shares * left.take("mix.gamma", 1)
        self._reading = RecurrentReading(left, encoder.width, pooling=pooling)
        left.finish()

    def logits(self, words: Sequence[str], sequences: Sequences) -> Floats:
        """Compute the logits of the classes.

        Parameters
        ----------
        words : Sequence[str]
            The words that have numbers.
        sequences : Sequences
            Numbers of words of n rows.

        Returns
        -------
        Floats
            Shape ``(n, n_classes)``; a row depends on no other row. The pooled state of a row of
            no word is zero.
        """
        vectors = self._encoder.vectors(words)

        def read(piece: Piece) -> Floats:
            layers = self._encoder.states(vectors, piece)
            words = self._norm(np.tile(vectors[piece.words], 2))
            mixed = (words * self._scaled[0])[piece.place]
            for share, states in zip(self._scaled[1:], layers, strict=True):
                mixed += share * self._norm(states)
            return self._reading.logits(mixed, np.arange(len(mixed)), piece.indptr)

        return map_rows(sequences, self._reading.n_classes, read, self._encoder.n_tokens)

    @staticmethod
    def warm_up() -> None:
        """Compile the loops, or read them from the disk cache, before they are needed."""
        architecture = ElmoArchitecture(1, ((1, 1),), 1, 1, 1, layers=1)
        shapes = {
            "mix.weights": (2,),
            "mix.gamma": (1,),
            "lstm.0.forward.input": (4, 2),
            "lstm.0.forward.recurrent": (4, 1),
            "lstm.0.forward.bias": (4,),
            "output.weight": (1, 1),
            "output.bias": (1,),
        }
        attention = {
            "attention.projection": (1, 1),
            "attention.bias": (1,),
            "attention.query": (1,),
        }
        known = cast("dict[str, tuple[int, ...]]", architecture.shapes(0))
        encoder = ContextualWords(_zeros(known), architecture)
        word = Sequences(np.array([0, 1]), np.zeros(1, dtype=np.int32))
        wanted: list[tuple[Pooling, dict[str, tuple[int, ...]]]] = [
            ("max", shapes),
            ("attention", {**shapes, **attention}),
        ]
        for pooling, own in wanted:
            network = ContextualNetwork(encoder, _zeros(own), pooling=pooling, norm=True)
            network.logits(["a"], word)


def _zeros(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Floats]:
    return {name: np.zeros(shape, dtype=np.float32) for name, shape in shapes.items()}


def _normalised(rows: Floats) -> Floats:
    """Bring each row to mean 0 and variance 1 (Ba, Kiros & Hinton 2016, equation 3)."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    # Sums along rows of the same length are the same whatever rows stand beside them.
    scale = np.sqrt(np.square(centred).mean(axis=1, keepdims=True) + np.float32(EPSILON))
    found: Floats = centred / scale
    return found


def _as_it_is(rows: Floats) -> Floats:
    return rows


def _framed(piece: Piece, n_words: int) -> tuple[Indices, Indices, Indices]:
    """Places and row ends with the two words around each row, and where the rows' own stand."""
    rows = Sequences(piece.indptr, piece.place.astype(np.int32)).framed([n_words], [n_words + 1])
    own = np.arange(len(piece.place)) + (2 * np.arange(piece.n) + 1).repeat(np.diff(piece.indptr))
    return rows.ids.astype(np.int64), rows.indptr, own


def _direction(tensors: Tensors, name: str, architecture: ElmoArchitecture) -> _Direction:
    units, p = architecture.units, architecture.projection_dim
    bias = tensors.take(f"{name}.bias", 4 * units)
    recurrent = tensors.take(f"{name}.recurrent", 4 * units, p)
    projection = tensors.take(f"{name}.projection", p, units)
    read = Dense(tensors.take(f"{name}.input", 4 * units, p), bias)
    return _Direction(read, np.array(recurrent.T, order="C"), np.array(projection.T, order="C"))
