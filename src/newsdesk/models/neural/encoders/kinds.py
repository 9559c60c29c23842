"""Kinds of encoders: in what their layers differ, and how they know where a token stands."""

from __future__ import annotations

import math
from typing import Annotated

import msgspec
import numpy as np

from newsdesk.types import Floats, Indices

__all__ = [
    "Bert",
    "DebertaV2",
    "Kind",
    "MPNet",
    "ModernBert",
    "bias_buckets",
    "relative_buckets",
    "rotations",
]

Theta = Annotated[float, msgspec.Meta(gt=1, le=1e12)]
N_BIAS_BUCKETS = 32
_FARTHEST = 128


class Bert(msgspec.Struct, frozen=True, tag="bert"):
    """A vector for each position is added to that of the piece (Devlin et al. 2019, section 3)."""


class MPNet(msgspec.Struct, frozen=True, tag="mpnet"):
    """As `Bert`; besides, every head adds a number to the scores of attention, by the distance.

    Song et al. 2020, "MPNet", section 2; the distances are those of Raffel et al. 2020,
    "Exploring the Limits of Transfer Learning", section 2.1. All layers share the numbers.
    """


class ModernBert(msgspec.Struct, frozen=True, tag="modernbert"):
    """Queries and keys are rotated by their positions; most layers look at near tokens alone.

    Warner et al. 2024, "Smarter, Better, Faster, Longer", section 2.1: norms stand before the parts
    of a layer, the inner map is gated (Shazeer 2020, "GLU Variants"), and there are no biases.

    Parameters
    ----------
    global_theta : float
        Base of the rotations' periods in layers that see the whole text, above 1.
    local_theta : float
        The same in all other layers.
    reach : int
        How many tokens to each side those see.
    global_layers : tuple[int, ...]
        Numbers of the layers that see the whole text.
    """

    global_theta: Theta
    local_theta: Theta
    reach: Annotated[int, msgspec.Meta(ge=0, le=1 << 24)]
    global_layers: tuple[int, ...]


class DebertaV2(msgspec.Struct, frozen=True, tag="deberta-v2"):
    """Attention asks three times: words for words, words for distances, distances for words.

    He et al. 2021, "DeBERTa", section 3.1; keys and queries of distances are made by the maps of
    those of words, and far distances share a vector (He et al. 2023, "DeBERTaV3", section 2).

    Parameters
    ----------
    n_distances : int
        Vectors of distances to either side.
    farthest : int
        Distance from which on all are alike.
    """

    n_distances: Annotated[int, msgspec.Meta(ge=4, le=1 << 13)]
    farthest: Annotated[int, msgspec.Meta(ge=1, le=1 << 16)]


Kind = Bert | MPNet | ModernBert | DebertaV2


def bias_buckets(n_positions: int) -> Indices:
    """Sort the distances of two tokens into buckets, as MPNet does.

    Raffel et al. 2020, section 2.1, and its released code: half of the buckets are for each
    direction, half of those for one distance each, the others for ranges that grow up to 128.

    Parameters
    ----------
    n_positions : int
        n positions.

    Returns
    -------
    Indices
        Bucket of the distances -(n - 1) to n - 1 from query to key, shape ``(2n - 1,)``.

    Examples
    --------
    >>> bias_buckets(3).tolist()
    [2, 1, 0, 17, 18]
    """
    distances = np.arange(1 - n_positions, n_positions)
    half = N_BIAS_BUCKETS // 2
    exact = half // 2
    far = np.abs(distances)
    # In 32 bits, as the encoders were trained: at a border it decides.
    logarithm = np.log(np.maximum(far, 1).astype(np.float32) / np.float32(exact))
    share = logarithm / np.float32(math.log(_FARTHEST / exact))
    ranges = exact + (share * np.float32(half - exact)).astype(np.int64)
    bucket = np.where(far < exact, far, np.minimum(ranges, half - 1))
    found: Indices = bucket + half * (distances > 0)
    return found


def relative_buckets(n_positions: int, n_distances: int, farthest: int) -> Indices:
    """Number the distances of two tokens, as DeBERTa does; far ones share a number.

    He et al. 2021, section 3.1.1, equation 3, with the ranges of the released code of version 2:
    up to half of the numbers for one distance each, the others for ranges that grow.

    Parameters
    ----------
    n_positions : int
        n positions.
    n_distances : int
        Numbers to either side.
    farthest : int
        Distance from which on all are alike.

    Returns
    -------
    Indices
        Numbers from 0 to ``2 * n_distances - 1`` of the distances n - 1 to -(n - 1) of the query
        from the key, shape ``(2n - 1,)``.

    Examples
    --------
    >>> relative_buckets(3, 4, 512).tolist()
    [6, 5, 4, 3, 2]
    """
    distances = np.arange(n_positions - 1, -n_positions, -1)
    middle = n_distances // 2
    far = np.where(np.abs(distances) < middle, middle - 1, np.abs(distances))
    # In 32 bits, as the encoders were trained: at a border it decides.
    logarithm = np.log(far.astype(np.float32) / np.float32(middle))
    share = logarithm / np.log(np.float32((farthest - 1) / middle))
    ranges = np.ceil(share * np.float32(middle - 1)) + middle
    number = np.where(far <= middle, distances, ranges * np.sign(distances)).astype(np.int64)
    return np.clip(number + n_distances, 0, 2 * n_distances - 1)


def rotations(n_positions: int, size: int, theta: float) -> tuple[Floats, Floats]:
    """Cosines and sines by which pairs of numbers are rotated.

    Su et al. 2021, "RoFormer", section 3.2.2, equation 15.

    Parameters
    ----------
    n_positions : int
        Positions.
    size : int
        Numbers of a head, an even number.
    theta : float
        Base of the periods.

    Returns
    -------
    tuple[Floats, Floats]
        Cosines and sines, shape ``(n_positions, size / 2)``.
    """
    # In 32 bits, as the encoders were trained: angles of far positions are off by that much.
    frequencies = (theta ** (-np.arange(0, size, 2) / size)).astype(np.float32)
    angles = np.arange(n_positions, dtype=np.float32)[:, None] * frequencies
    return np.cos(angles), np.sin(angles)
