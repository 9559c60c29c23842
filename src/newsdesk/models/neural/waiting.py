"""How PyTorch's threads wait for each other."""

from __future__ import annotations

import os
import time
from pathlib import Path

__all__ = ["wait_briefly_if_busy"]

_STAT = Path("/proc/stat")
_SPINS = "300"
_SECONDS = 0.1
_BUSY = 0.25


def wait_briefly_if_busy() -> None:
    """Let threads sleep soon where they would spin, on a machine with other work.

    To be called before torch is first imported. A recurrent layer joins its threads hundreds of
    times per batch. GNU OpenMP lets the early ones spin for milliseconds, which keeps the late ones
    from running where processors are few and others use them: a batch of the BBC network then took
    10 to 40 times as long. Where nobody else works, spinning is faster by a quarter. What is set
    already stays.
    """
    if "OMP_WAIT_POLICY" in os.environ or "GOMP_SPINCOUNT" in os.environ:
        return
    before = _processor_times()
    time.sleep(_SECONDS)
    after = _processor_times()
    if before is None or after is None:
        return
    total, idle = after[0] - before[0], after[1] - before[1]
    if total and 1 - idle / total > _BUSY:
        os.environ["GOMP_SPINCOUNT"] = _SPINS


def _processor_times() -> tuple[int, int] | None:
    """Ticks of all processors since the start of the system, and those without work."""
    try:
        # proc_stat(5): user nice system idle iowait irq …
        _, *ticks = _STAT.read_text(encoding="ascii").split("\n", 1)[0].split()
        return sum(map(int, ticks)), int(ticks[3]) + int(ticks[4])
    except (OSError, ValueError, IndexError):
        return None  # another system
