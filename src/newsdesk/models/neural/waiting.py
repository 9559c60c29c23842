"""How PyTorch's threads wait for each other."""

from __future__ import annotations

import os

__all__ = ["wait_briefly"]

_SPINS = "300"


def wait_briefly() -> None:
    """Let threads sleep where they would spin; to be called before torch is first imported.

    A recurrent layer joins its threads hundreds of times per batch. GNU OpenMP lets the early ones
    spin for milliseconds, which on a machine with other work keeps the late ones from running: a
    batch of the BBC network then took 10 to 40 times as long. What is set already stays.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)
