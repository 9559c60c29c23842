from __future__ import annotations

import pytest

from newsdesk.models.history import Epoch, History


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
