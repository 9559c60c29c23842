"""The optimizers, for dense weights and for the touched rows of embeddings alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from newsdesk.models.neural.layers import RowEmbedding
from newsdesk.models.neural.params import LoopParams
from newsdesk.models.neural.wishes import Wishes

__all__ = ["Optimizer"]

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
    """Updates all weights of a network by their gradients, but for those that want none.

    Weights of `RowEmbedding` are updated where the batch touched them: their moments wait meanwhile
    (the "lazy" way, as torch's SparseAdam). The penalties ``l1`` and ``l2`` act on matrices, not on
    biases and embeddings, and are left out of the reported loss.

    Parameters
    ----------
    network : nn.Module
        The network.
    params : LoopParams
        Settings.
    wishes : Wishes | None
        What the network asks for; None means the defaults.
    """

    def __init__(
        self, network: nn.Module, params: LoopParams, wishes: Wishes | None = None
    ) -> None:
        self.params = params
        self.wishes = wishes or Wishes()
        self.n_steps = 0
        self._weights = {
            name: weight for name, weight in network.named_parameters() if weight.requires_grad
        }
        self._tables = {
            name: module
            for name, module in network.named_modules()
            if isinstance(module, RowEmbedding) and not module.frozen
        }
        self._moments = {
            name: [torch.zeros_like(table.weight) for _ in _MOMENTS[params.optimizer]]
            for name, table in self._tables.items()
        }
        # A table that begins to move later counts its updates from there.
        self._waited = dict.fromkeys(self._tables, 0)
        self._gathered: dict[str, list[tuple[Tensor, Tensor]]] = {name: [] for name in self._tables}
        self._dense = _of_torch(params, self._groups(), self.wishes.fused)

    def _groups(self) -> list[dict[str, Any]]:
        """Weights that move alike, with their share of the learning rate."""
        found: dict[tuple[float, bool], list[nn.Parameter]] = {}
        for name, weight in self._weights.items():
            kind = self._factor(name), name in self.wishes.exempt
            found.setdefault(kind, []).append(weight)
        # Other optimizers of torch know a decay too, which the setting is not meant for.
        decay = self.params.weight_decay if self.params.optimizer == "adamw" else 0.0
        return [
            {"params": weights, "factor": factor, "weight_decay": 0.0 if exempt else decay}
            for (factor, exempt), weights in found.items()
        ]

    def _factor(self, name: str) -> float:
        return self.wishes.rate_factors.get(name, 1.0)

    def gather(self) -> None:
        """Keep the gradients of a batch, to be added to those of the next one."""
        # Torch adds up those of dense weights by itself.
        for name, table in self._tables.items():
            if table.rows is not None and table.touched is not None:
                table.further.append((table.touched, table.rows))
                table.rows = table.touched = None
            for ids, rows in table.further:
                assert rows.grad is not None, "every look-up is used"
                self._gathered[name].append((ids, rows.grad))
            table.further.clear()

    def _add_up(self) -> None:
        """Make one gradient of those that were gathered, or of several look-ups."""
        if any(table.further for table in self._tables.values()):
            self.gather()
        for name, table in self._tables.items():
            if self._gathered[name]:
                ids, gradients = map(torch.cat, zip(*self._gathered[name], strict=True))
                table.touched, places = torch.unique(ids, return_inverse=True)
                table.rows = table.weight[table.touched].requires_grad_()
                table.rows.grad = torch.zeros_like(table.rows).index_add_(0, places, gradients)
                self._gathered[name].clear()

    def step(self, learning_rate: float) -> None:
        """Update by the gradients, and forget them.

        Parameters
        ----------
        learning_rate : float
            Of this step.
        """
        self.n_steps += 1
        self._add_up()
        tables = [table for table in self._tables.values() if table.rows is not None]
        self._penalise()
        weights = [weight for weight in self._weights.values() if weight.grad is not None]
        if self.params.clip_norm:
            rows = [table.rows for table in tables if table.rows is not None]
            nn.utils.clip_grad_norm_([*weights, *rows], self.params.clip_norm)
        for group in self._dense.param_groups:
            group["lr"] = learning_rate * group["factor"]
        self._dense.step()
        self._dense.zero_grad()
        with torch.no_grad():
            for name, table in self._tables.items():
                if table.frozen:
                    self._waited[name] = self.n_steps
                if table.rows is not None:
                    rate = learning_rate * self._factor(f"{name}.weight")
                    n_steps = self.n_steps - self._waited[name]
                    self._update_rows(table, self._moments[name], rate, n_steps)

    def _penalise(self) -> None:
        l1, l2 = self.params.l1, self.params.l2
        if not l1 and not l2:
            return
        for name, weight in self._weights.items():
            penalised = weight.ndim > 1 and name not in self.wishes.exempt
            if penalised and weight.grad is not None:
                with torch.no_grad():
                    weight.grad += l1 * weight.sign() + 2 * l2 * weight

    def _update_rows(
        self, table: RowEmbedding, moments: list[Tensor], rate: float, n_steps: int
    ) -> None:
        touched, rows = table.touched, table.rows
        assert touched is not None
        assert rows is not None
        assert rows.grad is not None
        own = [moment[touched] for moment in moments]
        values = rows.detach()
        _UPDATES[self.params.optimizer](self, values, rows.grad, own, rate, n_steps)
        table.weight[touched] = values
        for moment, part in zip(moments, own, strict=True):
            moment[touched] = part
        table.rows = table.touched = None

    def _adam(
        self, values: Tensor, gradient: Tensor, own: list[Tensor], rate: float, n_steps: int
    ) -> None:
        mean, square = own
        values.mul_(1 - rate * self.params.weight_decay * (self.params.optimizer == "adamw"))
        first, second = self.params.betas
        mean.lerp_(gradient, 1 - first)
        square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        unbiased = [1 - beta**n_steps for beta in (first, second)]
        length = (square / unbiased[1]).sqrt_().add_(_EPSILON)
        values.addcdiv_(mean, length, value=-rate / unbiased[0])

    def _rmsprop(
        self, values: Tensor, gradient: Tensor, own: list[Tensor], rate: float, _n_steps: int
    ) -> None:
        (square,) = own
        square.mul_(_DECAY).addcmul_(gradient, gradient, value=1 - _DECAY)
        values.addcdiv_(gradient, square.sqrt().add_(_EPSILON), value=-rate)

    def _sgd(
        self, values: Tensor, gradient: Tensor, own: list[Tensor], rate: float, _n_steps: int
    ) -> None:
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
            if self._waited[name]:
                found[f"{name}/waited"] = np.array(self._waited[name])
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
            self._waited[name] = int(found[name].get("waited", 0))
        for name, weight in self._weights.items():
            if name in found:
                # PyTorch keeps the number of steps of a weight on the processor.
                self._dense.state[weight] = {
                    key: value if key == "step" else value.to(weight.device)
                    for key, value in found[name].items()
                }


_UPDATES: dict[str, Callable[[Optimizer, Tensor, Tensor, list[Tensor], float, int], None]] = {
    "adam": Optimizer._adam,
    "adamw": Optimizer._adam,
    "rmsprop": Optimizer._rmsprop,
    "sgd": Optimizer._sgd,
}


def _of_torch(
    params: LoopParams, groups: list[dict[str, Any]], fused: bool
) -> torch.optim.Optimizer:
    rate, betas = params.learning_rate, params.betas
    one_pass = fused or None  # None leaves the choice to torch
    if params.optimizer == "adam":
        return torch.optim.Adam(groups, lr=rate, betas=betas, eps=_EPSILON, fused=one_pass)
    if params.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=rate, betas=betas, eps=_EPSILON, fused=one_pass)
    if params.optimizer == "rmsprop":
        return torch.optim.RMSprop(groups, lr=rate, alpha=_DECAY, eps=_EPSILON)
    return torch.optim.SGD(groups, lr=rate, momentum=_MOMENTUM, fused=one_pass)
