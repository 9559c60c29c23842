from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from newsdesk.models.history import Epoch, History, Stage


def history(chosen: int) -> History:
    epochs = [
        Epoch(number, 7 * number, 0.5, 0.5, None, None, None, 1e-3, 1.0) for number in (1, 2, 3)
    ]
    return History(tuple(epochs), chosen)


@pytest.mark.parametrize(("chosen", "n_steps"), [(1, 7), (2, 14), (3, 21), (0, 0)])
def test_the_number_of_steps_is_that_of_the_chosen_epoch(chosen: int, n_steps: int) -> None:
    assert history(chosen).n_steps == n_steps


def test_before_the_first_epoch_nothing_is_chosen() -> None:
    assert History() == History((), 0)
    assert History().n_steps == 0


def test_stages_are_kept_beside_the_epochs() -> None:
    stage = Stage("Before", ("epoch", "what"), ((1, "a"), (2, None)), ("One sentence.",))
    told = replace(history(2), stages=(stage,))
    assert told.epochs == history(2).epochs
    assert (told.chosen, told.n_steps) == (2, 14)
    assert told != history(2)
    (found,) = msgspec.json.decode(msgspec.json.encode(told), type=History).stages
    assert found == stage
