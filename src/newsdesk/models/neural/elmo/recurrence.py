"""Projected long short-term memory with bounds, both directions side by side; torch is needed here.

PyTorch has no such layer: its own knows no bounds. The steps are written out with their gradients,
so that the weights' gradients are one product over all steps, where automatic ones would be a small
product per step.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

__all__ = ["recur"]


def recur(
    projected: Tensor,
    recurrent: Tensor,
    projection: Tensor,
    cell_clip: float,
    projection_clip: float,
) -> Tensor:
    """Read sequences from their first step to their last.

    With gates i, f, g, o: ``c = clip(f c + i g)`` and ``h = clip(P (o tanh(c)))``, the gates being
    logistic and g squashed by tanh (Sak, Senior & Beaufays 2014, equations 1 to 7, without
    peepholes; bounds as in bilm-tf). Where a bound holds, no gradient passes.

    Parameters
    ----------
    projected : Tensor
        What inputs add to the gates, bias included, shape ``(d, t, b, 4h)`` for d directions.
    recurrent : Tensor
        Weights of the last state, shape ``(d, 4h, p)``.
    projection : Tensor
        Shape ``(d, p, h)``.
    cell_clip : float
        Largest absolute value of a cell; 0 sets no bound.
    projection_clip : float
        Largest absolute value of a state; 0 sets no bound.

    Returns
    -------
    Tensor
        The states, shape ``(d, t, b, p)``.
    """
    bounds = cell_clip or torch.inf, projection_clip or torch.inf
    kind = torch.promote_types(projected.dtype, torch.float32)
    given = [own.to(kind) for own in (projected, recurrent, projection)]
    # Sums over many steps want more digits than bfloat16 has.
    with torch.autocast(projected.device.type, enabled=False):
        states: Tensor = _Recurrence.apply(*given, *bounds)  # type: ignore[no-untyped-call]
    return states


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401  as torch has it
        projected: Tensor,
        recurrent: Tensor,
        projection: Tensor,
        cell_bound: float,
        state_bound: float,
    ) -> Tensor:
        d, t, b, four = projected.shape
        h = four // 4
        p = projection.shape[1]
        gates = projected.clone()
        cells, squashed = projected.new_empty(2, d, t, b, h)
        hidden = projected.new_empty(d, t, b, h)
        states = projected.new_empty(d, t, b, p)
        from_state, from_hidden = recurrent.transpose(1, 2), projection.transpose(1, 2)
        for step in range(t):
            own = gates[:, step]
            if step:
                own.baddbmm_(states[:, step - 1], from_state)
            own[..., : 2 * h].sigmoid_()
            own[..., 2 * h : 3 * h].tanh_()
            own[..., 3 * h :].sigmoid_()
            let_in, keep, new, let_out = own.chunk(4, dim=-1)
            cell = torch.mul(let_in, new, out=cells[:, step])
            if step:
                cell.addcmul_(keep, cells[:, step - 1])
            cell.clamp_(-cell_bound, cell_bound)
            torch.tanh(cell, out=squashed[:, step])
            torch.mul(let_out, squashed[:, step], out=hidden[:, step])
            torch.bmm(hidden[:, step], from_hidden, out=states[:, step])
            states[:, step].clamp_(-state_bound, state_bound)
        ctx.save_for_backward(gates, cells, squashed, hidden, states, recurrent, projection)
        ctx.bounds = cell_bound, state_bound
        return states

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        gates, cells, squashed, hidden, states, recurrent, projection = ctx.saved_tensors
        cell_bound, state_bound = ctx.bounds
        d, t, b, h = cells.shape
        of_states = gradient.contiguous().clone()
        of_gates = torch.empty_like(gates)
        of_cell = gates.new_zeros(d, b, h)
        for step in reversed(range(t)):
            of_state = of_states[:, step]
            if step < t - 1:
                of_state.baddbmm_(of_gates[:, step + 1], recurrent)
            if state_bound < torch.inf:
                of_state.mul_(states[:, step].abs() < state_bound)
            of_hidden = torch.bmm(of_state, projection)
            let_in, keep, new, let_out = gates[:, step].chunk(4, dim=-1)
            own = squashed[:, step]
            of_cell.addcmul_(of_hidden * let_out, 1 - own * own)
            if cell_bound < torch.inf:
                of_cell.mul_(cells[:, step].abs() < cell_bound)
            of_in, of_keep, of_new, of_out = of_gates[:, step].chunk(4, dim=-1)
            of_in.copy_(of_cell * new * let_in * (1 - let_in))
            if step:
                of_keep.copy_(of_cell * cells[:, step - 1] * keep * (1 - keep))
            else:
                of_keep.zero_()
            of_new.copy_(of_cell * let_in * (1 - new * new))
            of_out.copy_(of_hidden * own * let_out * (1 - let_out))
            of_cell.mul_(keep)
        before = states[:, :-1].reshape(d, -1, states.shape[3])
        after = of_gates[:, 1:].reshape(d, -1, 4 * h)
        of_recurrent = after.transpose(1, 2) @ before
        of_projection = of_states.flatten(1, 2).transpose(1, 2) @ hidden.flatten(1, 2)
        return of_gates, of_recurrent, of_projection, None, None
