from __future__ import annotations

import numpy as np
import pytest

from newsdesk.models.neural.hybrid.fusion import Fusion, log_loss
from newsdesk.predictions import softmax
from newsdesk.types import Floats, Indices


def answers(n: int, *, sharp: float, seed: int) -> Floats:
    """Scores of which the true class has the highest more often, the sharper they are."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(n, 3))
    scores[np.arange(n), truth(n)] += sharp
    return scores.astype(np.float32)


def truth(n: int) -> Indices:
    return np.arange(n) % 3


def accuracy(scores: Floats) -> float:
    return float((scores.argmax(axis=1) == truth(len(scores))).mean())


def test_two_parts_that_err_apart_are_better_together() -> None:
    margins, logits = answers(3000, sharp=1.2, seed=0), answers(3000, sharp=1.2, seed=1)
    fusion = Fusion.fit(margins, logits, truth(3000), joint=False)
    assert 0.3 < fusion.share < 0.7
    more = answers(3000, sharp=1.2, seed=2), answers(3000, sharp=1.2, seed=3)
    mixed = fusion.apply(*more)
    assert accuracy(mixed) > max(map(accuracy, more)) + 0.05
    assert np.exp(mixed).sum(axis=1) == pytest.approx(np.ones(3000), abs=1e-5)


@pytest.mark.parametrize("machine_is_good", [True, False])
def test_a_part_that_knows_nothing_gets_no_share(machine_is_good: bool) -> None:
    good, bad = answers(3000, sharp=3, seed=0), answers(3000, sharp=0, seed=1)
    margins, logits = (good, bad) if machine_is_good else (bad, good)
    fusion = Fusion.fit(margins, logits, truth(3000), joint=True)
    assert fusion.share == (0 if machine_is_good else 1)
    left = fusion.apply(margins, None) if machine_is_good else fusion.apply(None, logits)
    assert np.array_equal(left, fusion.apply(margins, logits))


def test_without_layers_the_machine_answers_calibrated() -> None:
    margins = answers(3000, sharp=1, seed=0) * 20
    fusion = Fusion.fit(margins, None, truth(3000), joint=True)
    assert fusion.share == 0
    calibrated = log_loss(fusion.apply(margins, None), truth(3000))
    raw = log_loss(np.log(softmax(margins) + 1e-9), truth(3000))
    assert calibrated < raw / 2


def test_a_row_depends_on_no_other() -> None:
    margins, logits = answers(50, sharp=1, seed=0), answers(50, sharp=1, seed=1)
    fusion = Fusion.fit(margins, logits, truth(50), joint=False)
    alone = [fusion.apply(margins[i : i + 1], logits[i : i + 1]) for i in range(50)]
    assert np.array_equal(np.concatenate(alone), fusion.apply(margins, logits))


def test_no_class_is_ruled_out() -> None:
    margins = np.array([[1e4, -1e4, -1e4]] * 6, dtype=np.float32)
    fusion = Fusion.fit(margins, None, np.array([0, 0, 0, 1, 1, 2]), joint=False)
    assert np.isfinite(fusion.apply(margins, None)).all()
