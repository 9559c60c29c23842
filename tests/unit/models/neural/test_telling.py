from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from newsdesk.models.history import Epoch, History
from newsdesk.models.neural import telling
from newsdesk.models.neural.standing import Standing, Sums
from newsdesk.models.neural.telling import Teller


class Counted:
    """An `Objective` of which only what is told is known."""

    name = "training"
    lengths = np.array([1, 2, 3, 4])


OBJECTIVE: Any = Counted()


class Quiet:
    """A `Progress` that remembers what it is told."""

    def __init__(self) -> None:
        self.tasks: list[tuple[str, int, str]] = []
        self.n_done = 0
        self.n_open = 0

    @contextmanager
    def task(self, name: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
        self.tasks.append((name, total, unit))
        self.n_open += 1

        def done(n: int) -> None:
            self.n_done += n

        yield done
        self.n_open -= 1


class Wordy(Quiet):
    """One that takes words too."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[tuple[str, str]] = []

    def rename(self, name: str, text: str) -> None:
        self.words.append((name, text))


def test_tokens_are_counted_over_all_epochs() -> None:
    progress = Quiet()
    with Teller(progress, OBJECTIVE, 3, Standing()) as teller:
        assert progress.tasks == [("training", 30, "tokens")]
        assert progress.n_done == 0
        teller.told(np.array([3, 1]), Standing())
        teller.told(np.array([0]), Standing())
        assert progress.n_done == 7
        assert progress.n_open == 1
    assert progress.n_open == 0


@pytest.mark.parametrize(
    ("standing", "n_done"),
    [(Standing(epoch=2), 10), (Standing(epoch=2, sums=Sums(n=2)), 15), (Standing(epoch=4), 30)],
)
def test_what_was_done_before_an_interruption_counts(standing: Standing, n_done: int) -> None:
    progress = Quiet()
    with Teller(progress, OBJECTIVE, 3, standing):
        assert progress.n_done == n_done


def test_epoch_loss_and_accuracy_stand_beside_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "_SECONDS_BETWEEN_WORDS", -1.0)
    progress = Wordy()
    epoch = Epoch(1, 4, 0.5, 0.5, 0.4, 0.875, 0.8, 1e-3, 1.0)
    later = Standing(epoch=2, sums=Sums(8, 4.0, 6), history=History((epoch,), 1))
    with Teller(progress, OBJECTIVE, 3, Standing()) as teller:
        teller.told(np.array([0]), Standing())
        teller.told(np.array([0]), later)
    assert progress.words == [
        ("training", "epoch 1/3"),
        ("training", "epoch 2/3, loss 0.500 acc 75.0 %, valid 87.5 %"),
    ]


def test_nothing_is_said_of_valid_rows_that_there_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "_SECONDS_BETWEEN_WORDS", -1.0)
    progress = Wordy()
    epoch = Epoch(1, 4, 0.5, 0.5, None, None, None, 1e-3, 1.0)
    with Teller(progress, OBJECTIVE, 3, Standing()) as teller:
        teller.told(np.array([0]), Standing(epoch=2, history=History((epoch,), 1)))
    assert progress.words == [("training", "epoch 2/3")]


def test_of_a_language_model_the_perplexity_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "_SECONDS_BETWEEN_WORDS", -1.0)
    progress = Wordy()
    epoch = Epoch(1, 4, 5.0, None, math.log(300), None, None, 1e-3, 1.0)
    later = Standing(epoch=2, sums=Sums(8, 8 * math.log(250), None), history=History((epoch,), 1))
    with Teller(progress, OBJECTIVE, 3, Standing()) as teller:
        teller.told(np.array([0]), later)
    assert progress.words == [("training", "epoch 2/3, perplexity 250.0, held out 300.0")]


def test_words_change_no_faster_than_they_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 100.1, 100.2, 100.5])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    progress = Wordy()
    with Teller(progress, OBJECTIVE, 3, Standing()) as teller:
        for epoch in (1, 2, 3, 4):
            teller.told(np.array([0]), Standing(epoch=epoch))
    assert [text for _, text in progress.words] == ["epoch 1/3", "epoch 4/3"]


def test_the_task_is_closed_when_training_fails() -> None:
    closed = []

    class Watched:
        @contextmanager
        def task(self, *_: object) -> Iterator[Callable[[int], None]]:
            try:
                yield lambda _n: None
            finally:
                closed.append(True)

    with pytest.raises(ZeroDivisionError), Teller(Watched(), OBJECTIVE, 3, Standing()):
        raise ZeroDivisionError
    assert closed == [True]
