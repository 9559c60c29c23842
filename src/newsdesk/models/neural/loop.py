"""The training loop of all neural networks."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor, nn

from newsdesk.errors import DivergedError
from newsdesk.models.history import Epoch, History
from newsdesk.models.neural import devices
from newsdesk.models.neural.checkpoints import Checkpoint
from newsdesk.models.neural.classifying import Classifying
from newsdesk.models.neural.examples import Examples, Measured
from newsdesk.models.neural.interruption import Interruption, deferred
from newsdesk.models.neural.objective import Objective
from newsdesk.models.neural.optimizers import Optimizer
from newsdesk.models.neural.params import LoopParams, TrainingParams
from newsdesk.models.neural.stages import Stages
from newsdesk.models.neural.standing import Standing, Sums, restore, state_of
from newsdesk.models.neural.telling import Teller
from newsdesk.models.neural.wishes import wishes_of
from newsdesk.types import Floats, Indices, Progress

__all__ = ["pursue", "train"]

_SECONDS_BETWEEN_CHECKPOINTS = 30.0


def train(
    network: nn.Module,
    examples: Examples,
    valid: Examples | None,
    *,
    n_classes: int,
    params: TrainingParams,
    seed: int,
    progress: Progress,
    checkpoint: Checkpoint | None = None,
    n_steps: int | None = None,
    targets: Floats | None = None,
) -> History:
    """Train a network; it ends on the processor, with the weights that are kept.

    The same seed gives the same bits on the same machine with the same number of threads, whether
    the training was interrupted or not.

    Parameters
    ----------
    network : nn.Module
        Called with what `Examples.batch` gives; returns logits, shape ``(b, n_classes)``. May have
        an attribute ``wishes``, see `Wishes`.
    examples : Examples
        To train on.
    valid : Examples | None
        To watch: for early stopping and for the choice of the epoch, never for the weights.
    n_classes : int
        Number of classes.
    params : TrainingParams
        Settings.
    seed : int
        Of batches and dropout, 0 to 2**63 - 1.
    progress : Progress
        Told of tokens, and of loss and accuracy if it can tell them.
    checkpoint : Checkpoint | None
        Where the state is kept; a state that stands there is gone on from.
    n_steps : int | None
        Stop after so many updates of the same schedule, and keep the weights as they are then.
    targets : Floats | None
        Probabilities to learn in place of the classes of the examples, shape ``(n, n_classes)``;
        the classes still count in the history and for the weights of classes.

    Returns
    -------
    History
        The epochs; none where there is no row to train on.

    Raises
    ------
    DivergedError
        If the loss or a weight is not finite.
    ConfigError
        If CUDA is asked for and there is none.
    StorageError
        If a checkpoint cannot be written.
    KeyboardInterrupt
        After Ctrl-C; the state is kept if there is a checkpoint.
    SystemExit
        After SIGTERM, if there is a checkpoint.
    """
    device = devices.find(params.device)
    n_rows = len(examples.y)
    if not n_rows:
        return History()
    params = params.settled(n_rows)
    if n_steps is not None:  # chosen on fewer rows, whose passes may have been more
        passes = -(-n_steps // params.n_updates(n_rows))
        params = replace(params, epochs=max(params.epochs, passes))
    objective = Classifying(examples, valid, n_classes, params, seed, device, targets)
    return pursue(
        network,
        objective,
        params=params,
        seed=seed,
        progress=progress,
        checkpoint=checkpoint,
        n_steps=n_steps,
    )


def pursue(
    network: nn.Module,
    objective: Objective,
    *,
    params: LoopParams,
    seed: int,
    progress: Progress,
    checkpoint: Checkpoint | None = None,
    n_steps: int | None = None,
) -> History:
    """Train a network for an objective; it ends on the processor, with the weights that are kept.

    Parameters
    ----------
    network : nn.Module
        Whatever the objective can run; may have an attribute ``wishes``, see `Wishes`.
    objective : Objective
        What it is trained for.
    params : LoopParams
        Settings.
    seed : int
        Of dropout and of other draws of the network, 0 to 2**63 - 1.
    progress : Progress
        Told of tokens, and of the loss if it can tell it.
    checkpoint : Checkpoint | None
        Where the state is kept; a state that stands there is gone on from.
    n_steps : int | None
        Stop after so many updates of the same schedule.

    Returns
    -------
    History
        The epochs.

    Raises
    ------
    DivergedError
        If the loss or a weight is not finite.
    ConfigError
        If CUDA is asked for and there is none.
    StorageError
        If a checkpoint cannot be written.
    KeyboardInterrupt
        After Ctrl-C; the state is kept if there is a checkpoint.
    SystemExit
        After SIGTERM, if there is a checkpoint.
    """
    device = devices.find(params.device)
    with devices.prepared(device, seed):
        training = _Training(
            network=network.to(device),
            objective=objective,
            params=params,
            device=device,
            checkpoint=checkpoint,
            last_step=n_steps,
        )
        training.resume()
        training.run(progress)
        network.cpu()
    return training.standing.history


@dataclass(eq=False)
class _Training:
    """One training, from its first step or from a checkpoint to its end."""

    network: nn.Module
    objective: Objective
    params: LoopParams
    device: torch.device
    checkpoint: Checkpoint | None
    last_step: int | None
    standing: Standing = field(default_factory=Standing)
    best: dict[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wishes = wishes_of(self.network)
        self.optimizer = Optimizer(self.network, self.params, wishes)
        self.stages = Stages(self.network, self.params, wishes, self.objective.n_updates)
        self.saved_at = time.monotonic()
        # Waiting for every loss would keep another device idle.
        self.watch_every = 1 if self.device.type == "cpu" else 20
        self.pending: list[tuple[int, Tensor, Tensor | None]] = []

    def resume(self) -> None:
        """Go on from the checkpoint, if there is one of this training."""
        state = None if self.checkpoint is None else self.checkpoint.read()
        if state is not None:
            self.standing, self.best = restore(state, self.network, self.optimizer, self.device)

    def run(self, progress: Progress) -> None:
        """Train to the end."""
        with Teller(progress, self.objective, self.params.epochs, self.standing) as teller:
            if self.checkpoint is None:
                self._epochs(teller, Interruption())
            else:
                with deferred() as interruption:
                    self._epochs(teller, interruption)

    def _epochs(self, teller: Teller, interruption: Interruption) -> None:
        standing = self.standing
        while not standing.done:
            dealt = self.objective.deal(standing.epoch)
            self.stages.begin(standing.epoch)
            self.network.train()
            together = self.params.accumulate
            for first in range(standing.place * together, len(dealt), together):
                if standing.step == self.last_step:
                    break
                parts = dealt[first : first + together]
                self._step(parts)
                teller.told(np.concatenate(parts), standing)
                if interruption.asked:
                    interruption.stop(self._keep())
                if time.monotonic() - self.saved_at > _SECONDS_BETWEEN_CHECKPOINTS:
                    self._save()
            self._end_epoch()
            self._save()
            if interruption.asked:
                interruption.stop(self._keep())

    def _step(self, parts: list[Indices]) -> None:
        """Update the weights once, by the gradients of one batch or of several."""
        start = time.perf_counter()
        standing = self.standing
        for loss in self.objective.losses(self.network, parts):
            loss.gradient.backward()  # type: ignore[no-untyped-call]
            if self.params.accumulate > 1:
                self.optimizer.gather()
            self.pending.append((loss.n, loss.mean, loss.n_right))
        self.optimizer.step(self.stages.rate(standing.step))
        standing.step += 1
        standing.place += 1
        if standing.step % self.watch_every == 0:
            self._watch()
        standing.sums = standing.sums.after(time.perf_counter() - start)

    def _watch(self) -> None:
        """Take the losses of the last steps in."""
        for n, loss, n_right in self.pending:
            right = None if n_right is None else int(n_right)
            self.standing.sums = self.standing.sums.plus(n, loss.item(), right)
        self.pending.clear()
        if not self.standing.sums.is_finite:
            raise self._diverged("The loss is not finite in")

    def _diverged(self, what: str) -> DivergedError:
        problem = f"{what} step {self.standing.step} (epoch {self.standing.epoch})."
        rate = self.params.learning_rate
        remedy = f"Lower the learning rate, which is {rate:g} (--set learning_rate={rate / 10:g})."
        if not self.params.clip_norm:
            remedy = f"{remedy[:-1]}, or cut long gradients (--set clip_norm=1)."
        return DivergedError(problem, remedy=remedy)

    def _end_epoch(self) -> None:
        self._watch()
        start = time.perf_counter()
        standing, params = self.standing, self.params
        # No loss tells of what the last update has done.
        if not all(tensor.isfinite().all() for tensor in self.network.state_dict().values()):
            raise self._diverged("The weights are not finite after")
        measured = self.objective.measure(self.network)
        sums = standing.sums
        epoch = Epoch(
            number=standing.epoch,
            step=standing.step,
            train_loss=sums.loss / sums.n,
            train_accuracy=None if sums.n_right is None else sums.n_right / sums.n,
            valid_loss=measured and measured.loss,
            valid_accuracy=measured and measured.accuracy,
            valid_macro_f1=measured and measured.macro_f1,
            learning_rate=self.stages.rate(standing.step - 1),
            seconds=sums.seconds + time.perf_counter() - start,
        )
        best = self._choose(epoch, measured)
        standing.history = History((*standing.history.epochs, epoch), best)
        tired = params.patience and epoch.number - standing.best_epoch >= params.patience
        standing.done = bool(
            epoch.number == params.epochs
            or standing.step == self.last_step
            or (measured is not None and tired)
        )
        standing.epoch, standing.place, standing.sums = standing.epoch + 1, 0, Sums()
        if standing.done and self.best:
            self.network.load_state_dict(self.best)

    def _choose(self, epoch: Epoch, measured: Measured | None) -> int:
        """Remember the weights if they are the best so far; number of the epoch to keep."""
        standing = self.standing
        if measured is None:
            return epoch.number
        value = self.objective.value(measured)
        if standing.best_value is None or value > standing.best_value:
            standing.best_value, standing.best_epoch = value, epoch.number
            if self.params.keep == "best":
                state = self.network.state_dict()
                self.best = {name: tensor.clone() for name, tensor in state.items()}
        return standing.best_epoch if self.params.keep == "best" else epoch.number

    def _save(self) -> None:
        if self.checkpoint is not None:
            self._watch()
            best = {} if self.standing.done else self.best
            state = state_of(self.standing, self.network, self.optimizer, best, self.device)
            self.checkpoint.write(state)
        self.saved_at = time.monotonic()

    def _keep(self) -> str:
        self._save()
        return (
            f"the state after step {self.standing.step:,} is kept: the same command goes on from it"
        )
