import numpy as np
import pytest
from scipy.stats import binomtest

from newsdesk.evaluation.intervals import design_effect, f1_interval, proportion_interval, wilson


@pytest.mark.parametrize(("successes", "n"), [(0, 7), (7, 7), (3, 10), (690, 1000), (1, 1)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_wilson_agrees_with_scipy(successes: int, n: int, confidence: float) -> None:
    expected = binomtest(successes, n).proportion_ci(confidence, method="wilson")
    assert wilson(successes, n, confidence) == pytest.approx(tuple(expected), abs=1e-12)


def test_design_effect_grows_with_equal_rows_and_never_falls_below_one() -> None:
    rng = np.random.default_rng(0)
    values = (rng.random(400) < 0.6).astype(float)
    pairs = np.arange(400) // 2
    assert design_effect(np.repeat(values[:200], 2), pairs) == pytest.approx(2.0, abs=0.02)
    opposed = np.tile([0.0, 1.0], 200)
    assert design_effect(opposed, pairs) == 1.0
    assert design_effect(values, None) == 1.0


def test_constant_values_take_the_largest_design_effect() -> None:
    assert design_effect(np.ones(6), np.array([0, 0, 0, 1, 2, 3])) == 2.0


def test_proportion_of_repeated_rows_is_as_wide_as_of_one_copy() -> None:
    hits = np.arange(100) % 4 > 0
    once = proportion_interval(hits, None)
    thrice = proportion_interval(np.repeat(hits, 3), np.repeat(np.arange(100), 3))
    assert thrice == pytest.approx(once, abs=0.002)


def test_f1_interval_of_a_rare_class_without_error_stays_wide() -> None:
    actual = np.array([True, True, False, False])
    low, high = f1_interval(actual, actual, None)
    assert low < 0.6
    assert high == 1.0
