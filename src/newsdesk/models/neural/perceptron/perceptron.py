"""Dense layers on vectors: fitted by torch, saved as arrays, asked through compiled loops."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk import optional
from newsdesk._version import __version__
from newsdesk.models import files
from newsdesk.models.history import History
from newsdesk.models.neural.checkpoints import Checkpoint, digest
from newsdesk.models.neural.forward.dense import Head
from newsdesk.models.neural.forward.tensors import Tensors
from newsdesk.models.neural.perceptron.params import PerceptronParams
from newsdesk.models.neural.waiting import wait_briefly_if_busy
from newsdesk.models.neural.words import shapes
from newsdesk.types import Floats, Indices, Progress

__all__ = ["Perceptron"]


class Perceptron:
    """Dense layers on vectors.

    Vectors are stretched by the root of their width first: those of norm 1 then have numbers of
    about 1, which is what the first values of the layers are made for.

    Parameters
    ----------
    params : PerceptronParams
        Settings.
    tensors : Mapping[str, NDArray[Any]] | None
        Its weights, as `shapes` names them; None before `fit`.
    """

    def __init__(
        self, params: PerceptronParams, tensors: Mapping[str, NDArray[Any]] | None = None
    ) -> None:
        self.params = params
        self.tensors = dict(tensors or {})
        self.history = History()

    @staticmethod
    def shapes(params: PerceptronParams, width: int, n_classes: int) -> shapes.Shapes:
        """Shape of each tensor.

        Parameters
        ----------
        params : PerceptronParams
            Settings.
        width : int
            Numbers of a vector.
        n_classes : int
            Number of outputs.

        Returns
        -------
        shapes.Shapes
            By name.
        """
        return shapes.head(width, params.hidden, n_classes)

    @classmethod
    def load(cls, path: Path, params: PerceptronParams, width: int, n_classes: int) -> Perceptron:
        """Read weights, which were written as `tensors`.

        Parameters
        ----------
        path : Path
            The file.
        params : PerceptronParams
            Settings.
        width : int
            Numbers of a vector.
        n_classes : int
            Number of outputs.

        Returns
        -------
        Perceptron
            Answers as the one that was written.

        Raises
        ------
        BundleFormatError
            If the file holds other tensors than these settings have.
        """
        shapes = cls.shapes(params, width, n_classes)
        expected = {name: (np.float32, shape) for name, shape in shapes.items()}
        return cls(params, files.read_tensors(path, expected))

    def fit(
        self,
        vectors: Floats,
        y: Indices,
        *,
        n_classes: int,
        seed: int,
        progress: Progress,
        valid: tuple[Floats, Indices] | None = None,
        n_steps: int | None = None,
        checkpoint: Path | None = None,
        targets: Floats | None = None,
    ) -> Perceptron:
        """Train from scratch.

        Parameters
        ----------
        vectors : Floats
            Shape ``(n, width)``.
        y : Indices
            Class indices, shape ``(n,)``.
        n_classes : int
            Number of classes.
        seed : int
            Of every random draw.
        progress : Progress
            Told of vectors.
        valid : tuple[Floats, Indices] | None
            Vectors and class indices to choose the epoch by.
        n_steps : int | None
            Stop after so many updates of the same schedule.
        checkpoint : Path | None
            File for the state of an unfinished training.
        targets : Floats | None
            Probabilities to learn in place of the classes, shape ``(n, n_classes)``.

        Returns
        -------
        Perceptron
            This object; `history` is that of this training.

        Raises
        ------
        MissingExtraError
            If torch is not installed.
        """
        wait_briefly_if_busy()
        torch = optional.load("torch", extra="torch")
        from newsdesk.models.neural.loop import train
        from newsdesk.models.neural.perceptron.network import PerceptronNetwork, VectorExamples

        examples = VectorExamples(_stretched(vectors), y)
        held_out = None if valid is None else VectorExamples(_stretched(valid[0]), valid[1])
        generator = torch.Generator().manual_seed(seed)
        network = PerceptronNetwork(self.params, vectors.shape[1], n_classes, generator)
        kept = None
        if checkpoint is not None:
            seen = [examples, *([held_out] if held_out else [])]
            arrays = [array for part in seen for array in (part.vectors, part.y)]
            arrays += [] if targets is None else [targets]
            versions = [__version__, version("torch"), version("numpy")]
            key = digest(self.params, n_classes, seed, n_steps, versions, *arrays)
            kept = Checkpoint(checkpoint, key)
        self.history = train(
            network,
            examples,
            held_out,
            n_classes=n_classes,
            params=self.params,
            seed=seed,
            checkpoint=kept,
            n_steps=n_steps,
            targets=targets,
            progress=progress,
        )
        state = network.head.state_dict()
        self.tensors = {name: tensor.numpy().copy() for name, tensor in state.items()}
        self.__dict__.pop("_head", None)
        return self

    @cached_property
    def _head(self) -> Head:
        tensors = Tensors(self.tensors)
        first = "hidden.0.weight" if self.params.hidden else "output.weight"
        head = Head(tensors, self.tensors[first].shape[1])
        tensors.finish()
        return head

    def logits(self, vectors: Floats) -> Floats:
        """Answer.

        Parameters
        ----------
        vectors : Floats
            Shape ``(n, width)``.

        Returns
        -------
        Floats
            Shape ``(n, n_classes)``; a row depends on no other.
        """
        return self._head.logits(_stretched(vectors))


def _stretched(vectors: Floats) -> Floats:
    return np.ascontiguousarray(vectors * np.float32(np.sqrt(vectors.shape[1])), np.float32)
