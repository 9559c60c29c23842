"""The classifier of family ``zeroshot``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from newsdesk.errors import FitError, NotFittedError
from newsdesk.models import files
from newsdesk.models.classifier import Suggest, Valid
from newsdesk.models.neural.encoders.encoder import Encoder
from newsdesk.models.neural.forward.dense import Dense
from newsdesk.models.neural.zeroshot.params import ZeroShotParams
from newsdesk.predictions import Output, Scores, softmax
from newsdesk.types import Documents, Floats, Indices, Progress

__all__ = ["ZeroShot"]

_VECTORS = "classes"


@dataclass(frozen=True)
class _Saved:
    """What stands in ``zeroshot.json``."""

    params: ZeroShotParams
    sentences: tuple[str, ...]


class ZeroShot:
    """The cosine of a text's vector and that of a sentence on each class.

    Nothing is learnt: whatever rows `fit` is given, it reads none of them. It goes by what the
    classes are called, see `newsdesk.models.classifier.Named`.

    Parameters
    ----------
    params : ZeroShotParams | None
        Settings; None means the defaults.
    """

    output: ClassVar[Output] = "logits"
    Params: ClassVar[type] = ZeroShotParams

    def __init__(self, params: ZeroShotParams | None = None) -> None:
        self.params = params or ZeroShotParams()
        self._names: tuple[str, ...] = ()
        self._sentences: tuple[str, ...] = ()
        self._encoder: Encoder | None = None
        self._vectors: Floats = np.zeros((0, 0), dtype=np.float32)

    def name_classes(self, names: tuple[str, ...]) -> None:
        """Hear what the classes are called; see `Named`."""
        self._names = names

    def fit(
        self,
        documents: Documents,  # noqa: ARG002
        y: Indices,  # noqa: ARG002
        *,
        n_classes: int,
        valid: Valid | None,  # noqa: ARG002
        rng: np.random.Generator,  # noqa: ARG002
        progress: Progress,  # noqa: ARG002  a sentence per class takes no time
    ) -> Self:
        """Encode a sentence on each class; see `Classifier.fit`."""
        if len(self._names) != n_classes:
            problem = (
                f"Family {self.params.family} goes by the names of {n_classes} classes, and was "
                f"told {len(self._names)}."
            )
            raise FitError(problem, remedy="Call name_classes first, or fit it as a Bundle.")
        sentences = self.params.sentences(self._names)
        encoder, _ = self.params.encoding.open()
        self._take(encoder, sentences, _unit(encoder.encode(sentences).vectors))
        return self

    def _take(self, encoder: Encoder, sentences: list[str], vectors: Floats) -> None:
        self._encoder, self._sentences, self._vectors = encoder, tuple(sentences), vectors
        self._scores = Dense(vectors / np.float32(self.params.temperature))

    @property
    def encoder(self) -> Encoder:
        """What makes texts vectors."""
        if self._encoder is None:
            problem = f"This {self.params.family} model is not fitted."
            raise NotFittedError(problem, remedy="Call fit or load first.")
        return self._encoder

    def decision(self, documents: Documents) -> Scores:
        """Cosines, divided by the temperature; see `Classifier.decision`."""
        encoded = self.encoder.encode(documents.texts.to_pylist())
        return Scores(self._scores.apply(_unit(encoded.vectors)), encoded.blank)

    def predict_proba(self, documents: Documents) -> Floats:
        """Softmax of the scores, uncalibrated; see `Classifier.predict_proba`."""
        return softmax(self.decision(documents).values)

    def save(self, directory: Path) -> None:
        """See `Classifier.save`."""
        self.encoder.save(directory)
        files.write_tensors(directory / "classes.safetensors", {_VECTORS: self._vectors})
        portable = replace(self.params, encoder=self.encoder.facts.name)
        files.write_json(directory / "zeroshot.json", _Saved(portable, self._sentences))

    @classmethod
    def load(cls, directory: Path) -> Self:
        """See `Classifier.load`."""
        saved = files.read_json(directory / "zeroshot.json", _Saved)
        model = cls(saved.params)
        encoder = Encoder.load(directory)
        shape = (len(saved.sentences), encoder.width)
        expected = {_VECTORS: (np.float32, shape)}
        tensors = files.read_tensors(directory / "classes.safetensors", expected)
        model._take(encoder, list(saved.sentences), tensors[_VECTORS])
        return model

    def plan(self, documents: Documents, n_classes: int) -> int:  # noqa: ARG002
        """Estimated peak memory of `fit`; see `Planned`."""
        # An encoder twice, as it was found and as it is kept.
        return 400_000_000

    @staticmethod
    def space(suggest: Suggest) -> ZeroShotParams:
        """Draw settings; see `Classifier.space`."""
        return ZeroShotParams(
            template=suggest("template", ["This text is about {}.", "{}", "Topic: {}."])
        )


def _unit(vectors: Floats) -> Floats:
    """Scale each row to length 1; zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Floats = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return scaled
