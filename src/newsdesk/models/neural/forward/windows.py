"""The compiled loop of filters over windows; see `newsdesk.models.neural.forward.kernels`."""

from __future__ import annotations

import numpy as np

from newsdesk.features.compiled import compiled
from newsdesk.types import Floats, Indices

__all__ = ["pool_windows"]

_compiled = compiled(fastmath={"contract", "nsz"})


@_compiled
def pool_windows(
    projected: Floats,
    place: Indices,
    indptr: Indices,
    bias: Floats,
    widest: int,
    result: Floats,
) -> None:
    """Convolve the tokens of each row and take the highest over windows (Kim 2014, equation 3).

    Windows begin at tokens 0 to ``max(length, widest) - width``; behind the end stand zeros.

    Parameters
    ----------
    projected : Floats
        What an input adds to each filter at each position of a window, shape ``(m, width * f)``,
        the filters of a position side by side.
    place : Indices
        Input of each token, shape ``(n_tokens,)``.
    indptr : Indices
        Row ends, shape ``(n + 1,)``.
    bias : Floats
        Of the filters, shape ``(f,)``.
    widest : int
        The largest width of the network.
    result : Floats
        Raised to what is higher, shape ``(n, f)``: zeros become rectified answers. The row of no
        token is left as it is.
    """
    f = len(bias)
    width = projected.shape[1] // f
    window = np.empty(f, dtype=np.float32)
    for i in range(len(indptr) - 1):
        own = result[i]
        begin, end = indptr[i], indptr[i + 1]
        if begin == end:
            continue
        for first in range(begin, max(end, begin + widest) - width + 1):
            window[:] = bias
            for t in range(first, min(first + width, end)):
                added = projected[place[t], (t - first) * f : (t - first + 1) * f]
                for j in range(f):
                    window[j] += added[j]
            for j in range(f):
                own[j] = max(own[j], window[j])
