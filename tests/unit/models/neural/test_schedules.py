from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.models.neural.schedules import Schedule, factor


def test_one_cycle_is_torchs() -> None:
    n_steps = 200
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    # PyTorch counts both of its phases one step short.
    oracle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=1.0,
        total_steps=n_steps + 1,
        pct_start=(0.3 * n_steps + 1) / (n_steps + 1),
        cycle_momentum=False,
    )
    for step in range(n_steps):
        expected = oracle.get_last_lr()[0]
        assert factor("one-cycle", step, n_steps) == pytest.approx(expected, abs=1e-12)
        optimizer.step()
        oracle.step()


def test_one_cycle_rises_for_three_tenths_then_falls() -> None:
    found = [factor("one-cycle", step, 100) for step in range(101)]
    assert found[0] == pytest.approx(1 / 25)
    assert found[30] == 1.0
    assert found[100] == pytest.approx(1 / 250_000)
    assert found[:31] == sorted(found[:31])
    assert found[30:] == sorted(found[30:], reverse=True)
    assert found[15] == pytest.approx((1 + 1 / 25) / 2)


def test_slanted_triangular_is_the_papers() -> None:
    # Howard & Ruder 2018, equation 3, with cut_frac 0.1 and ratio 32.
    n_steps, cut = 100, 10
    for step in range(n_steps):
        p = step / cut if step < cut else 1 - (step - cut) / (cut * (1 / 0.1 - 1))
        assert factor("slanted-triangular", step, n_steps) == pytest.approx((1 + p * 31) / 32)


@pytest.mark.parametrize("n_up", [1, 5, 20])
def test_warm_up_is_the_released_one_without_its_step_of_nothing(n_up: int) -> None:
    transformers = pytest.importorskip("transformers")
    n_steps = 50
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    oracle = transformers.get_linear_schedule_with_warmup(optimizer, n_up, n_steps + 1)
    for step in range(n_steps):
        optimizer.step()
        oracle.step()
        expected = oracle.get_last_lr()[0]
        assert factor("warm-up", step, n_steps, n_up / n_steps) == pytest.approx(expected)


def test_warm_up_rises_for_its_share_then_falls_to_nothing() -> None:
    found = [factor("warm-up", step, 100, 0.1) for step in range(103)]
    assert found[0] == pytest.approx(0.1)
    assert found[9] == 1.0
    assert found[99] == pytest.approx(1 / 91)
    assert found[100:] == [0.0, 0.0, 0.0]
    assert found[:10] == sorted(found[:10])
    assert found[9:] == sorted(found[9:], reverse=True)


@given(st.integers(1, 1000), st.floats(0, 1, exclude_max=True))
def test_warm_up_moves_the_weights_in_every_planned_step(n_steps: int, share: float) -> None:
    found = [factor("warm-up", step, n_steps, share) for step in range(n_steps)]
    assert all(0 < rate <= 1 for rate in found)


@given(
    st.sampled_from(["constant", "one-cycle", "slanted-triangular"]),
    st.integers(0, 10**6),
    st.integers(1, 10**5),
)
def test_every_step_has_a_share_of_the_peak(schedule: Schedule, step: int, n_steps: int) -> None:
    assert 0 < factor(schedule, step, n_steps) <= 1


def test_a_constant_rate_stays() -> None:
    assert {factor("constant", step, 10) for step in range(20)} == {1.0}
