"""ONNX Runtime on the processor: ids of texts to vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from newsdesk import optional
from newsdesk.config import n_threads
from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.encoders.architecture import Architecture, Pooling
from newsdesk.models.neural.encoders.graph import build
from newsdesk.models.neural.encoders.graph_arrays import arrays_of
from newsdesk.models.neural.encoders.integers import adds_exactly, unsigned
from newsdesk.models.neural.encoders.nodes import INPUT, OUTPUT
from newsdesk.models.neural.encoders.packing import Packed
from newsdesk.types import Floats, Indices

__all__ = ["Runner", "of_one_length"]

_TOKENS = 512
"""Tokens of a batch: more do not fit into a core's own cache, fewer waste time between them."""


class Runner:
    """An encoder ready to run in ONNX Runtime.

    Parameters
    ----------
    architecture : Architecture
        Its shape.
    pooling : Pooling
        How states become a vector.
    packed : Packed
        Its tensors.
    normalise : bool
        Whether vectors get L2 norm 1.

    Raises
    ------
    MissingExtraError
        If onnx or ONNX Runtime is not installed.
    """

    def __init__(
        self, architecture: Architecture, pooling: Pooling, packed: Packed, *, normalise: bool
    ) -> None:
        runtime = optional.load("onnxruntime", extra="encoders")
        arrays = arrays_of(packed, architecture)
        if packed["pieces"].dtype == np.int8 and not adds_exactly():
            arrays = unsigned(arrays)
        options = runtime.SessionOptions()
        # Several batches at once, on one thread each, need no waiting for one another.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Plans of memory are kept for each shape that was ever seen.
        options.enable_mem_pattern = False
        self._values = [runtime.OrtValue.ortvalue_from_numpy(array) for array in arrays.values()]
        options.add_external_initializers(list(arrays), self._values)
        graph = build(architecture, pooling, arrays, normalise=normalise)
        self._session: Any = runtime.InferenceSession(
            graph,
            options,
            providers=["CPUExecutionProvider"],
            # A product that begins with the bias rounds otherwise than one that ends with it.
            disabled_optimizers=["MatMulAddFusion"],
        )
        self.width = architecture.width

    def vectors(
        self, sequences: Sequences, done: Callable[[int], None] = lambda _done: None
    ) -> Floats:
        """Encode texts.

        Parameters
        ----------
        sequences : Sequences
            Ids of n texts, special tokens included, each of at least one token.
        done : Callable[[int], None]
            Told of texts that are encoded.

        Returns
        -------
        Floats
            Shape ``(n, width)``; a row depends on no other text.
        """
        found = np.empty((sequences.n, self.width), dtype=np.float32)

        def encode(rows: Indices) -> int:
            ids = sequences.ids[sequences.indptr[rows][:, None] + np.arange(lengths[rows[0]])]
            (found[rows],) = self._session.run([OUTPUT], {INPUT: ids.astype(np.int64)})
            return len(rows)

        lengths = sequences.lengths
        batches = list(of_one_length(lengths, _TOKENS))
        if len(batches) == 1:
            done(encode(batches[0]))
            return found
        with ThreadPoolExecutor(n_threads()) as pool:
            for n in pool.map(encode, batches):
                done(n)
        return found


def of_one_length(lengths: Indices, n_tokens: int) -> Iterator[Indices]:
    """Deal texts to batches of equal length, the longest first.

    Parameters
    ----------
    lengths : Indices
        Tokens of each text, shape ``(n,)``.
    n_tokens : int
        Tokens of a batch at the most; a longer text has a batch of its own.

    Yields
    ------
    Indices
        Rows of a batch; every text stands in one.

    Examples
    --------
    >>> [rows.tolist() for rows in of_one_length(np.array([2, 5, 2, 2]), 4)]
    [[1], [0, 2], [3]]
    """
    rows = np.argsort(-lengths, kind="stable")
    borders = np.flatnonzero(np.diff(lengths[rows], prepend=-1))
    for group in np.split(rows, borders[1:]):
        if len(group):
            size = max(1, n_tokens // max(int(lengths[group[0]]), 1))
            for at in range(0, len(group), size):
                yield group[at : at + size]
