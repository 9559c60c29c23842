"""How long a saved bundle takes for one text, on one thread."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from child import environment, in_child

__all__ = ["N_PIECES", "one_text", "size_mb"]

N_PIECES = 32
N_ROUNDS = 300
_ONE = {"NEWSDESK_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def one_text(home: Path) -> dict[str, Any]:
    """Ask a bundle for one text of `N_PIECES` word pieces at a time, in a process of its own.

    Parameters
    ----------
    home : Path
        The bundle's folder.

    Returns
    -------
    dict[str, Any]
        Median and 99th percentile of a request in milliseconds, the seconds from opening to the
        first answer, and whether torch was loaded.
    """
    with environment(**_ONE):
        return in_child(partial(_answered, str(home)))


def size_mb(home: Path) -> float:
    """Size of a bundle.

    Parameters
    ----------
    home : Path
        The bundle's folder.

    Returns
    -------
    float
        Megabytes.
    """
    return sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) / 1e6


def _answered(home: str) -> dict[str, Any]:
    import sys

    from newsdesk.bundle import Bundle
    from newsdesk.types import Documents

    start = perf_counter()
    bundle = Bundle.load(home)
    text = " ".join(["goal"] * (N_PIECES - 2))
    bundle.predict(Documents.from_texts([text]))
    ready = perf_counter() - start
    millis = []
    for _ in range(N_ROUNDS):
        start = perf_counter()
        bundle.predict(Documents.from_texts([text]))
        millis.append((perf_counter() - start) * 1e3)
    return {
        "one_text_ms": float(np.median(millis)),
        "one_text_p99_ms": float(np.quantile(millis, 0.99)),
        "load_seconds": ready,
        "torch_loaded": "torch" in sys.modules,
    }
