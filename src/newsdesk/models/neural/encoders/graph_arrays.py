"""The tensors of an encoder as its graph reads them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.models.neural.encoders.architecture import Architecture
from newsdesk.models.neural.encoders.kinds import (
    DebertaV2,
    ModernBert,
    MPNet,
    bias_buckets,
    relative_buckets,
    rotations,
)
from newsdesk.models.neural.encoders.nodes import FLOOR
from newsdesk.models.neural.encoders.packing import MAPS, Packed, scale_name
from newsdesk.types import Floats

__all__ = ["PARTS", "arrays_of"]

Arrays = dict[str, NDArray[Any]]

PARTS = ("query", "key", "value")
"""What map ``qkv`` is cut into: three products are as fast as one, and what they give need not be
parted."""


def arrays_of(packed: Packed, architecture: Architecture) -> Arrays:
    """Lay an encoder's tensors out as the graph reads them.

    Parameters
    ----------
    packed : Packed
        The tensors as they are kept.
    architecture : Architecture
        The encoder's shape.

    Returns
    -------
    Arrays
        Weights of maps have the shape ``(n_in, n_out)`` here, and those of queries, keys and values
        are apart. Biases of maps whose inputs are rounded from a floor on hold what the floor adds
        to every output. What attention takes from positions is there in tables. The runtime
        refuses arrays that the graph does not read, so there are none.
    """
    arrays = dict(packed)
    if architecture.piece_width is not None:
        _transpose(arrays, "projection")
    for number in range(architecture.n_own):
        name = f"layer.{number}"
        for kind in MAPS:
            _transpose(arrays, f"{name}.{kind}")
        _part(arrays, name)
        if scale_name(f"{name}.outer.weight") in packed:
            _fall(arrays, packed, f"{name}.outer", architecture)
    if isinstance(architecture.kind, MPNet):
        buckets = bias_buckets(architecture.n_positions)
        arrays["places.distances"] = np.ascontiguousarray(packed["places.distances"][buckets].T)
    elif isinstance(architecture.kind, ModernBert):
        arrays |= _rotations(architecture, architecture.kind)
    elif isinstance(architecture.kind, DebertaV2):
        _disentangle(arrays, packed, architecture, architecture.kind)
    return arrays


def _transpose(arrays: Arrays, name: str) -> None:
    arrays[f"{name}.weight"] = np.ascontiguousarray(arrays[f"{name}.weight"].T)


def _part(arrays: Arrays, name: str) -> None:
    """Cut map ``qkv`` in three, but for its bias."""
    for kind in ("weight", "scale"):
        if f"{name}.qkv.{kind}" in arrays:
            thirds = np.split(arrays.pop(f"{name}.qkv.{kind}"), 3, axis=-1)
            for part, third in zip(PARTS, thirds, strict=True):
                arrays[f"{name}.{part}.{kind}"] = np.ascontiguousarray(third)


def _fall(arrays: Arrays, packed: Packed, name: str, architecture: Architecture) -> None:
    """Take what the floor of the activation adds back from a map's bias, if the map has one."""
    if f"{name}.bias" in packed:
        sums = packed[f"{name}.weight"].sum(axis=1, dtype=np.int64)
        fallen = FLOOR[architecture.activation] * sums * packed[f"{name}.scale"]
        arrays[f"{name}.bias"] = (packed[f"{name}.bias"] - fallen).astype(np.float32)


def _rotations(architecture: Architecture, kind: ModernBert) -> Arrays:
    found: Arrays = {}
    size = architecture.width // architecture.n_heads
    thetas = {"global": kind.global_theta, "local": kind.local_theta}
    for number in range(architecture.n_layers):
        name = "global" if number in kind.global_layers else "local"
        if f"{name}.cos" not in found:
            turns = rotations(architecture.n_positions, size, thetas[name])
            found[f"{name}.cos"], found[f"{name}.sin"] = turns
    return found


def _disentangle(
    arrays: Arrays, packed: Packed, architecture: Architecture, kind: DebertaV2
) -> None:
    """Make keys and queries of all distances: no text changes them."""
    n_positions = architecture.n_positions
    arrays["buckets"] = relative_buckets(n_positions, kind.n_distances, kind.farthest)
    distances = arrays.pop("places.distances").astype(np.float64)
    distances -= distances.mean(axis=1, keepdims=True)
    distances /= np.sqrt((distances**2).mean(axis=1, keepdims=True) + architecture.epsilon)
    scale, shift = (arrays.pop(f"places.distances_norm.{part}") for part in ("weight", "bias"))
    normed = (distances * scale + shift).astype(np.float32)
    for number in range(architecture.n_own):
        name = f"layer.{number}"
        weights = np.split(_floats(packed, f"{name}.qkv"), 3)
        biases = np.split(arrays.pop(f"{name}.qkv.bias"), 3)
        for part, weight, bias in zip(PARTS, weights, biases, strict=True):
            arrays[f"{name}.{part}.bias"] = np.ascontiguousarray(bias)
            if part != "value":
                table = normed @ weight.T + bias
                arrays[f"{name}.distance_{part}"] = table


def _floats(packed: Packed, name: str) -> Floats:
    """The weight of a map, whatever it is kept in."""
    weight = packed[f"{name}.weight"]
    if weight.dtype == np.int8:
        weight = weight * packed[f"{name}.scale"][:, None]
    found: Floats = weight.astype(np.float32)
    return found
