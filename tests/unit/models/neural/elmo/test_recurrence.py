from __future__ import annotations

import pytest
import torch
from torch import Tensor

from newsdesk.models.neural.elmo.recurrence import recur


def drawn(seed: int, *shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64, requires_grad=True)


def by_steps(
    projected: Tensor, recurrent: Tensor, projection: Tensor, cell: float, state: float
) -> Tensor:
    """Compute the states with gradients that torch finds by itself."""
    d, t, b, four = projected.shape
    c, h = projected.new_zeros(d, b, four // 4), projected.new_zeros(d, b, projection.shape[1])
    states = []
    for step in range(t):
        i, f, g, o = (projected[:, step] + h @ recurrent.transpose(1, 2)).chunk(4, dim=-1)
        c = (f.sigmoid() * c + i.sigmoid() * g.tanh()).clamp(-cell, cell)
        h = ((o.sigmoid() * c.tanh()) @ projection.transpose(1, 2)).clamp(-state, state)
        states.append(h)
    return torch.stack(states, dim=1)


@pytest.mark.parametrize("bounds", [(0.0, 0.0), (0.6, 0.5)])
@pytest.mark.parametrize("t", [1, 6])
def test_states_and_gradients_are_those_of_plain_steps(bounds: tuple[float, float], t: int) -> None:
    arguments = drawn(0, 2, t, 3, 20), drawn(1, 2, 20, 4), drawn(2, 2, 4, 5)
    weights = drawn(3, 2, t, 3, 4).detach()
    found = recur(*arguments, *bounds)
    gradients = torch.autograd.grad((found * weights).sum(), arguments)
    expected = by_steps(*arguments, *(bound or torch.inf for bound in bounds))
    others = torch.autograd.grad((expected * weights).sum(), arguments)
    assert torch.allclose(found, expected, atol=1e-12)
    for own, other in zip(gradients, others, strict=True):
        assert torch.allclose(own, other, atol=1e-10)
    if bounds[1] and t > 1:
        assert (found.abs() == bounds[1]).any(), "the bound is put to the test"


def test_what_is_given_is_left_alone() -> None:
    arguments = drawn(0, 2, 3, 3, 20), drawn(1, 2, 20, 4), drawn(2, 2, 4, 5)
    before = [own.detach().clone() for own in arguments]
    recur(*arguments, 3.0, 3.0).sum().backward()
    assert all(torch.equal(own, old) for own, old in zip(arguments, before, strict=True))
