"""What the families of networks share: how they are trained, and trained on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from newsdesk import optional
from newsdesk.errors import NotFittedError
from newsdesk.models.classifier import Valid
from newsdesk.models.history import History, Stage
from newsdesk.models.neural.checkpoints import Checkpoint, digest, versions
from newsdesk.models.neural.params import TrainingParams
from newsdesk.models.neural.waiting import wait_briefly_if_busy
from newsdesk.models.soft_targets import SoftTargets
from newsdesk.predictions import Output, Scores, softmax
from newsdesk.types import Documents, Floats, Indices, Progress

if TYPE_CHECKING:
    from torch import Generator, nn

    from newsdesk.models.neural.examples import Examples

__all__ = ["NetworkFamily", "Prepared", "Tensors", "Training"]

P = TypeVar("P", bound=TrainingParams)

Tensors = dict[str, NDArray[Any]]


class Training(NamedTuple):
    """What a network is trained on; `NetworkFamily.fit` keeps it for `NetworkFamily.refit`."""

    documents: Documents
    y: Indices
    n_classes: int
    seed: int
    soft: SoftTargets | None = None
    """What is learnt in place of the classes."""


class Prepared(NamedTuple):
    """A network and what it is to read."""

    network: nn.Module
    """With its first values."""
    examples: Examples
    """To train on."""
    held_out: Examples | None
    """To watch."""
    seen: tuple[object, ...]
    """What the result depends on besides settings, seed, classes and first values: arrays, bytes,
    or what has a representation."""
    notes: tuple[str, ...]
    """Sentences on them."""
    take: Callable[[Tensors], None]
    """Called with the state of the trained network, from then on the family answers with it."""
    n_outputs: int | None = None
    """What the network tells apart; None means the classes of the documents."""


class NetworkFamily(ABC, Generic[P]):
    """Documents to a network to logits; a family says which, and how it answers without torch.

    Parameters
    ----------
    params : P | None
        Settings; None means the defaults.
    """

    output: ClassVar[Output] = "logits"
    Params: ClassVar[type] = TrainingParams
    brief: ClassVar[bool] = False

    def __init__(self, params: P | None = None) -> None:
        self.params: P = params or self.Params()
        self.checkpoints: Path | None = None
        self.history = History()
        self.notes: tuple[str, ...] = ()
        self.n_classes = 0
        self._training: Training | None = None

    @abstractmethod
    def _prepare(
        self, training: Training, valid: Valid | None, generator: Generator, progress: Progress
    ) -> Prepared:
        """Read the documents and make the network."""

    @abstractmethod
    def decision(self, documents: Documents) -> Scores:
        """Logits of all classes; see `Classifier.decision`."""

    def predict_proba(self, documents: Documents) -> Floats:
        """Softmax of the logits, uncalibrated; see `Classifier.predict_proba`."""
        return softmax(self.decision(documents).values)

    def fit(
        self,
        documents: Documents,
        y: Indices,
        *,
        n_classes: int,
        valid: Valid | None,
        rng: np.random.Generator,
        progress: Progress,
    ) -> Self:
        """Train from scratch; see `Classifier.fit`."""
        self._begin_anew()
        seed = int(rng.integers(1 << 63))
        self._training = Training(documents, y, n_classes, seed, self._soft_targets())
        history = self._train("fit", self._training, valid, None, progress)
        self.history = replace(history, stages=self._stages(history))
        return self

    def _begin_anew(self) -> None:
        """Forget what an earlier fit has left, but for what is overwritten."""

    def _stages(self, history: History) -> tuple[Stage, ...]:  # noqa: ARG002  for families that have any
        """What a report is to say of the training besides its epochs."""
        return ()

    def refit(
        self,
        documents: Documents,
        y: Indices,
        *,
        rng: np.random.Generator,  # noqa: ARG002  the draws of `fit` are repeated
        progress: Progress,
    ) -> Self:
        """Train anew on the documents of `fit` and these, for the steps that valid chose.

        Where the last epoch is kept, valid chooses nothing, and the epochs are as many as before.

        Parameters
        ----------
        documents : Documents
            Further documents.
        y : Indices
            Their class indices.
        rng : np.random.Generator
            Not drawn from.
        progress : Progress
            Told of tokens.

        Returns
        -------
        Self
            This object; `history` stays that of `fit`.

        Raises
        ------
        NotFittedError
            Without a `fit` in the same process before.
        """
        if self._training is None:
            raise NotFittedError("There is no fit to continue.", remedy="Call fit first.")
        old = self._training
        more = self._soft_targets()
        assert (old.soft is None) == (more is None), "both trainings are taught, or none"
        both = old._replace(
            documents=old.documents.extended(documents),
            y=np.concatenate([old.y, y]),
            soft=old.soft and more and old.soft.extended(more),
        )
        n_steps = self.history.n_steps
        if self.params.keep == "last":  # whole epochs, as was asked for
            n_steps = self.history.chosen * self._n_updates(len(both.y))
        notes = self.notes
        self._train("refit", both, None, n_steps, progress)
        refitted = f"The network was trained once more on train and valid, for {n_steps:,} steps."
        self.notes = (*notes, refitted)
        return self

    def _soft_targets(self) -> SoftTargets | None:
        """What is to be learnt in place of the classes, by a family that is `Teachable`."""
        return None

    def _n_updates(self, n_rows: int) -> int:
        """Updates of an epoch of `history`."""
        return self.params.n_updates(n_rows)

    def release(self) -> None:
        """Forget what only `refit` needs; see `Refittable`."""
        self._training = None

    def _train(
        self,
        act: str,
        training: Training,
        valid: Valid | None,
        n_steps: int | None,
        progress: Progress,
    ) -> History:
        wait_briefly_if_busy()
        torch = optional.load("torch", extra="torch")
        from newsdesk.models.neural.loop import train

        generator = torch.Generator().manual_seed(training.seed)
        prepared = self._prepare(training, valid, generator, progress)
        checkpoint = None
        targets = None if training.soft is None else training.soft.proba
        if self.checkpoints is not None:
            parts = [act, self.params, training.n_classes, training.seed, n_steps, versions()]
            # First values may come from a file.
            parts += [*prepared.seen, *_arrays_of(prepared.network).values()]
            parts += [] if targets is None else [targets]
            key = digest(*parts)
            checkpoint = Checkpoint(self.checkpoints / f"{act}.safetensors", key)
        history = train(
            prepared.network,
            prepared.examples,
            prepared.held_out,
            n_classes=prepared.n_outputs or training.n_classes,
            params=self.params,
            seed=training.seed,
            checkpoint=checkpoint,
            n_steps=n_steps,
            targets=targets,
            progress=progress,
        )
        self.notes, self.n_classes = prepared.notes, training.n_classes
        prepared.take(_arrays_of(prepared.network))
        return history


def _arrays_of(network: nn.Module) -> Tensors:
    return {name: tensor.numpy().copy() for name, tensor in network.state_dict().items()}
