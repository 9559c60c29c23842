"""Which weights move when: gradual unfreezing, and a schedule of its own for each stage of it."""

from __future__ import annotations

from bisect import bisect_right

from torch import nn

from newsdesk.models.neural.layers import RowEmbedding
from newsdesk.models.neural.params import LoopParams
from newsdesk.models.neural.schedules import factor
from newsdesk.models.neural.wishes import Wishes

__all__ = ["Stages"]


class Stages:
    """The stages of a training: one, unless the network wishes weights to wait.

    Whenever weights that have waited begin to move, a stage begins, and with it the schedule
    begins anew, as each call of fit does in the published code of Howard & Ruder 2018, "Universal
    Language Model Fine-tuning for Text Classification", section 3.3.

    Parameters
    ----------
    network : nn.Module
        The network.
    params : LoopParams
        Settings.
    wishes : Wishes
        What the network asks for.
    n_updates : int
        Updates of an epoch.
    """

    def __init__(
        self, network: nn.Module, params: LoopParams, wishes: Wishes, n_updates: int
    ) -> None:
        self._params = params
        self._waiting = dict(wishes.first_epochs)
        self._weights = {
            name: weight for name, weight in network.named_parameters() if name in self._waiting
        }
        self._tables = {
            f"{name}.weight": table
            for name, table in network.named_modules()
            if isinstance(table, RowEmbedding) and f"{name}.weight" in self._waiting
        }
        beginnings = {1, *self._waiting.values()}
        epochs = sorted(epoch for epoch in beginnings if epoch <= params.epochs)
        self._bounds = [n_updates * (epoch - 1) for epoch in epochs]
        self._bounds.append(n_updates * params.epochs)

    def begin(self, epoch: int) -> None:
        """Let the weights move whose time has come, and no others.

        Parameters
        ----------
        epoch : int
            The epoch that begins.
        """
        for name, weight in self._weights.items():
            weight.requires_grad_(self._waiting[name] <= epoch)
        for name, table in self._tables.items():
            table.frozen = self._waiting[name] > epoch

    def rate(self, step: int) -> float:
        """Learning rate of a step.

        Parameters
        ----------
        step : int
            From 0 on.

        Returns
        -------
        float
            Before the share of each weight is applied.
        """
        params = self._params
        at = min(bisect_right(self._bounds, step), len(self._bounds) - 1)
        begin, end = self._bounds[at - 1], self._bounds[at]
        share = factor(params.schedule, step - begin, end - begin, params.warm_up)
        return params.learning_rate * share
