"""The classifier of family ``embedding``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import ClassVar, NamedTuple, Self

import numpy as np

from newsdesk.errors import NotFittedError
from newsdesk.models import files
from newsdesk.models.classifier import Suggest, Valid
from newsdesk.models.history import History
from newsdesk.models.neural.embedding.params import EmbeddingParams
from newsdesk.models.neural.encoders.encoder import Encoder
from newsdesk.models.neural.encoders.reading import EncoderReading
from newsdesk.models.neural.encoders.settings import cut_note
from newsdesk.models.neural.perceptron.perceptron import Perceptron
from newsdesk.predictions import Output, Scores, softmax
from newsdesk.types import Documents, Floats, Indices, Progress

__all__ = ["Embedding"]


@dataclass(frozen=True)
class _Saved:
    """What stands in ``embedding.json``."""

    params: EmbeddingParams
    n_classes: int


class _Training(NamedTuple):
    """What `Embedding.fit` keeps for `Embedding.refit`."""

    vectors: Floats
    y: Indices
    seed: int


class Embedding(EncoderReading[_Training]):
    """Texts to vectors by a frozen encoder, dense layers on the vectors.

    Parameters
    ----------
    params : EmbeddingParams | None
        Settings; None means the defaults.
    """

    output: ClassVar[Output] = "logits"
    Params: ClassVar[type] = EmbeddingParams
    brief: ClassVar[bool] = True

    def __init__(self, params: EmbeddingParams | None = None) -> None:
        self.params = params or EmbeddingParams()
        super().__init__(self.params)
        self.checkpoints: Path | None = None
        self.history = History()
        self.notes: tuple[str, ...] = ()
        self.n_classes = 0
        self._head = Perceptron(self.params)

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
        seed = int(rng.integers(1 << 63))
        self._encoder, what = self.params.encoding.open()
        self.n_classes = n_classes
        encoded = [self._encode(documents, progress)]
        held_out = None
        if valid is not None:
            encoded.append(self._encode(valid[0], progress))
            held_out = encoded[1].vectors, valid[1]
        self.notes = (what, cut_note("Texts", encoded, self._encoder))
        self._training = _Training(encoded[0].vectors, y, seed)
        self._fit_head("fit", self._training, held_out, None, progress)
        self.history = self._head.history
        return self

    def refit(
        self,
        documents: Documents,
        y: Indices,
        *,
        rng: np.random.Generator,  # noqa: ARG002  the draws of `fit` are repeated
        progress: Progress,
    ) -> Self:
        """Train the layers anew on all documents; see `Refittable`."""
        if self._training is None:
            raise NotFittedError("There is no fit to continue.", remedy="Call fit first.")
        old = self._training
        vectors = np.concatenate([old.vectors, self._encode(documents, progress).vectors])
        both = _Training(vectors, np.concatenate([old.y, y]), old.seed)
        n_steps = self.history.chosen * self.params.n_updates(len(both.y))
        self._fit_head("refit", both, None, n_steps, progress)
        return self

    def _fit_head(
        self,
        act: str,
        training: _Training,
        valid: tuple[Floats, Indices] | None,
        n_steps: int | None,
        progress: Progress,
    ) -> None:
        checkpoint = self.checkpoints and self.checkpoints / f"{act}.safetensors"
        self._head.fit(
            training.vectors,
            training.y,
            n_classes=self.n_classes,
            seed=training.seed,
            valid=valid,
            n_steps=n_steps,
            checkpoint=checkpoint,
            progress=progress,
        )

    def decision(self, documents: Documents) -> Scores:
        """Logits of all classes; see `Classifier.decision`."""
        encoded = self._encode(documents)
        return Scores(self._head.logits(encoded.vectors), encoded.blank)

    def predict_proba(self, documents: Documents) -> Floats:
        """Softmax of the logits, uncalibrated; see `Classifier.predict_proba`."""
        return softmax(self.decision(documents).values)

    def save(self, directory: Path) -> None:
        """See `Classifier.save`."""
        self.encoder.save(directory)
        files.write_tensors(directory / "weights.safetensors", self._head.tensors)
        portable = replace(self.params, encoder=self.encoder.facts.name)
        files.write_json(directory / "embedding.json", _Saved(portable, self.n_classes))

    @classmethod
    def load(cls, directory: Path) -> Self:
        """See `Classifier.load`."""
        saved = files.read_json(directory / "embedding.json", _Saved)
        model = cls(saved.params)
        model.n_classes = saved.n_classes
        model._encoder = Encoder.load(directory)
        path, width = directory / "weights.safetensors", model._encoder.width
        model._head = Perceptron.load(path, saved.params, width, saved.n_classes)
        return model

    def plan(self, documents: Documents, n_classes: int) -> int:
        """Estimated peak memory of `fit`; see `Planned`."""
        params = self.params
        # An encoder twice, as it was found and as it is kept, and 384 to 1,024 numbers a text,
        # with a copy for the layers.
        width = 768
        sizes = [width, *params.hidden, n_classes]
        weights = sum(n_in * n_out for n_in, n_out in pairwise(sizes)) * 4 * 8
        return 400_000_000 + len(documents) * width * 4 * 2 + weights

    @staticmethod
    def space(suggest: Suggest) -> EmbeddingParams:
        """Draw settings; see `Classifier.space`."""
        return EmbeddingParams(
            hidden=suggest("hidden", [(), (512,), (1024,)]),
            hidden_dropout=suggest("hidden_dropout", (0.2, 0.7)),
            learning_rate=suggest("learning_rate", (3e-4, 3e-3)),
        )
