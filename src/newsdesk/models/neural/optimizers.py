"""The optimizers, for dense weights and for the touched rows of embeddings alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from newsdesk.models.neural.layers import RowEmbedding
from newsdesk.models.neural.params import TrainingParams

__all__ = ["Optimizer"]

_BETAS = 0.9, 0.999
_MOMENTUM = 0.9
_DECAY = 0.9
"""Of RMSprop's mean of squares, as in Keras; PyTorch's own 0.99 forgets more slowly."""
_EPSILON = 1e-8
# Which moments each optimizer keeps of a weight.
_MOMENTS = {
    "adam": ("exp_avg", "exp_avg_sq"),
    "adamw": ("exp_avg", "exp_avg_sq"),
    "rmsprop": ("square_avg",),
    "sgd": ("momentum_buffer",),
}


class Optimizer:
    """Updates all weights of a network by their gradients.

    Weights of `RowEmbedding` are updated where the batch touched them: their moments wait meanwhile
    (the "lazy" way, as torch's SparseAdam). The penalties ``l1`` and ``l2`` act on matrices, not on
    biases and embeddings, and are left out of the reported loss.

    Parameters
    ----------
    network : nn.Module
        The network.
    params : TrainingParams
        Settings.
    """

    def __init__(self, network: nn.Module, params: TrainingParams) -> None:
        self.params = params
        self.n_steps = 0
        self._weights = dict(network.named_parameters())
        self._tables = {
            name: module
            for name, module in network.named_modules()
            if isinstance(module, RowEmbedding) and not module.frozen
        }
        self._moments = {
            name: [torch.zeros_like(table.weight) for _ in _MOMENTS[params.optimizer]]
            for name, table in self._tables.items()
        }
        self._dense = _of_torch(params, list(self._weights.values()))

    def step(self, learning_rate: float) -> None:
        """Update by the gradients, and forget them.

        Parameters
        ----------
        learning_rate : float
            Of this step.
        """
        self.n_steps += 1
        tables = [table for table in self._tables.values() if table.rows is not None]
        self._penalise()
        weights = [weight for weight in self._weights.values() if weight.grad is not None]
        if self.params.clip_norm:
            rows = [table.rows for table in tables if table.rows is not None]
            nn.utils.clip_grad_norm_([*weights, *rows], self.params.clip_norm)
        for group in self._dense.param_groups:
            group["lr"] = learning_rate
        self._dense.step()
        self._dense.zero_grad()
        with torch.no_grad():
            for name, table in self._tables.items():
                if table.rows is not None:
                    self._update_rows(table, self._moments[name], learning_rate)

    def _penalise(self) -> None:
        l1, l2 = self.params.l1, self.params.l2
        if not l1 and not l2:
            return
        for weight in self._weights.values():
            if weight.ndim > 1 and weight.grad is not None:
                with torch.no_grad():
                    weight.grad += l1 * weight.sign() + 2 * l2 * weight

    def _update_rows(self, table: RowEmbedding, moments: list[Tensor], rate: float) -> None:
        touched, rows = table.touched, table.rows
        assert touched is not None
        assert rows is not None
        assert rows.grad is not None
        own = [moment[touched] for moment in moments]
        values = rows.detach()
        _UPDATES[self.params.optimizer](self, values, rows.grad, own, rate)
        table.weight[touched] = values
        for moment, part in zip(moments, own, strict=True):
            moment[touched] = part
        table.rows = table.touched = None

    def _adam(self, values: Tensor, gradient: Tensor, own: list[Tensor], rate: float) -> None:
        mean, square = own
        values.mul_(1 - rate * self.params.weight_decay * (self.params.optimizer == "adamw"))
        mean.lerp_(gradient, 1 - _BETAS[0])
        square.mul_(_BETAS[1]).addcmul_(gradient, gradient, value=1 - _BETAS[1])
        unbiased = [1 - beta**self.n_steps for beta in _BETAS]
        length = (square / unbiased[1]).sqrt_().add_(_EPSILON)
        values.addcdiv_(mean, length, value=-rate / unbiased[0])

    def _rmsprop(self, values: Tensor, gradient: Tensor, own: list[Tensor], rate: float) -> None:
        (square,) = own
        square.mul_(_DECAY).addcmul_(gradient, gradient, value=1 - _DECAY)
        values.addcdiv_(gradient, square.sqrt().add_(_EPSILON), value=-rate)

    def _sgd(self, values: Tensor, gradient: Tensor, own: list[Tensor], rate: float) -> None:
        (momentum,) = own
        momentum.mul_(_MOMENTUM).add_(gradient)
        values.add_(momentum, alpha=-rate)

    def state(self) -> dict[str, NDArray[Any]]:
        """What `restore` needs.

        Returns
        -------
        dict[str, NDArray[Any]]
            Moments by name.
        """
        found: dict[str, NDArray[Any]] = {"n_steps": np.array(self.n_steps)}
        for name, weight in self._weights.items():
            for key, value in self._dense.state.get(weight, {}).items():
                if value is not None:
                    found[f"{name}/{key}"] = torch.as_tensor(value).cpu().numpy().copy()
        for name, moments in self._moments.items():
            keys = _MOMENTS[self.params.optimizer]
            for key, moment in zip(keys, moments, strict=True):
                found[f"{name}/{key}"] = moment.cpu().numpy().copy()
        return found

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Stand where another optimizer stood.

        Parameters
        ----------
        state : dict[str, NDArray[Any]]
            What its `state` gave.
        """
        self.n_steps = int(state["n_steps"])
        found: dict[str, dict[str, Tensor]] = {}
        for path, value in state.items():
            name, _, key = path.rpartition("/")
            found.setdefault(name, {})[key] = torch.from_numpy(value.copy())
        for name, moments in self._moments.items():
            for key, moment in zip(_MOMENTS[self.params.optimizer], moments, strict=True):
                moment.copy_(found[name][key])
        for name, weight in self._weights.items():
            if name in found:
                # PyTorch keeps the number of steps of a weight on the processor.
                self._dense.state[weight] = {
                    key: value if key == "step" else value.to(weight.device)
                    for key, value in found[name].items()
                }


_UPDATES: dict[str, Callable[[Optimizer, Tensor, Tensor, list[Tensor], float], None]] = {
    "adam": Optimizer._adam,
    "adamw": Optimizer._adam,
    "rmsprop": Optimizer._rmsprop,
    "sgd": Optimizer._sgd,
}


def _of_torch(params: TrainingParams, weights: list[nn.Parameter]) -> torch.optim.Optimizer:
    rate = params.learning_rate
    if params.optimizer == "adam":
        return torch.optim.Adam(weights, lr=rate, betas=_BETAS, eps=_EPSILON)
    if params.optimizer == "adamw":
        decay = params.weight_decay
        return torch.optim.AdamW(weights, lr=rate, betas=_BETAS, eps=_EPSILON, weight_decay=decay)
    if params.optimizer == "rmsprop":
        return torch.optim.RMSprop(weights, lr=rate, alpha=_DECAY, eps=_EPSILON)
    return torch.optim.SGD(weights, lr=rate, momentum=_MOMENTUM)
