"""What a person sees of a training while it runs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from newsdesk.models.neural.objective import Objective
from newsdesk.models.neural.standing import Standing
from newsdesk.types import Indices, Progress, Renaming

__all__ = ["Teller"]

_SECONDS_BETWEEN_WORDS = 0.3


class Teller:
    """Tells a `Progress` of tokens, and of the epoch, its loss and its accuracy so far.

    Parameters
    ----------
    progress : Progress
        Who is told.
    objective : Objective
        What is trained for.
    epochs : int
        Epochs that are planned.
    standing : Standing
        Where the training begins or goes on.
    """

    def __init__(
        self, progress: Progress, objective: Objective, epochs: int, standing: Standing
    ) -> None:
        self._progress = progress
        self._name = objective.name
        self._lengths = objective.lengths
        self._epochs = epochs
        self._standing = standing
        self._open = ExitStack()
        self._last = 0.0
        self._done: Callable[[int], None] = lambda _n: None

    def __enter__(self) -> Self:
        n_tokens = int(self._lengths.sum())
        task = self._progress.task(self._name, n_tokens * self._epochs, "tokens")
        self._done = self._open.enter_context(task)
        standing = self._standing
        # What was done before an interruption; rows are of like length on the average.
        share = standing.epoch - 1 + standing.sums.n / max(len(self._lengths), 1)
        if share:
            self._done(int(share * n_tokens))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def told(self, rows: Indices, standing: Standing) -> None:
        """Tell of a step.

        Parameters
        ----------
        rows : Indices
            What was trained on.
        standing : Standing
            How far the training is now.
        """
        self._done(int(self._lengths[rows].sum()))
        now = time.monotonic()
        if now - self._last > _SECONDS_BETWEEN_WORDS and isinstance(self._progress, Renaming):
            self._last = now
            self._progress.rename(self._name, _words(standing, self._epochs))


def _words(standing: Standing, epochs: int) -> str:
    parts = [f"epoch {standing.epoch}/{epochs}"]
    sums = standing.sums
    if sums.n and sums.n_right is None:
        parts.append(f"perplexity {_perplexity(sums.loss / sums.n)}")
    elif sums.n and sums.n_right is not None:
        parts.append(f"loss {sums.loss / sums.n:.3f} acc {100 * sums.n_right / sums.n:.1f} %")
    last = standing.history.epochs[-1] if standing.history.epochs else None
    if last is not None and last.valid_accuracy is not None:
        parts.append(f"valid {100 * last.valid_accuracy:.1f} %")
    elif last is not None and last.valid_loss is not None:
        parts.append(f"held out {_perplexity(last.valid_loss)}")
    return ", ".join(parts)


def _perplexity(loss: float) -> str:
    return f"{math.exp(min(loss, 30.0)):,.1f}"
