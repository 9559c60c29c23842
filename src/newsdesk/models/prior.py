"""Family ``prior``: the class frequencies of the training rows, whatever the document says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from newsdesk.errors import NotFittedError
from newsdesk.models import files
from newsdesk.models.classifier import Suggest, Valid
from newsdesk.predictions import Output, Scores, softmax
from newsdesk.types import Documents, Floats, Indices, Progress

__all__ = ["Prior", "PriorParams"]


@dataclass(frozen=True)
class PriorParams:
    """The family has no settings."""


class Prior:
    """Answers every document with the class frequencies (Laplace-smoothed).

    Parameters
    ----------
    params : PriorParams | None
        Nothing to set.
    """

    output: ClassVar[Output] = "logits"
    Params: ClassVar[type] = PriorParams

    def __init__(self, params: PriorParams | None = None) -> None:
        self.params = params or PriorParams()
        self.logits: Floats | None = None

    def fit(
        self,
        documents: Documents,  # noqa: ARG002
        y: Indices,
        *,
        n_classes: int,
        valid: Valid | None,  # noqa: ARG002
        rng: np.random.Generator,  # noqa: ARG002
        progress: Progress,  # noqa: ARG002
    ) -> Self:
        """Count the classes; see `Classifier.fit`."""
        counts = np.bincount(y, minlength=n_classes) + 1.0
        self.logits = np.log(counts / counts.sum()).astype(np.float32)
        return self

    def decision(self, documents: Documents) -> Scores:
        """See `Classifier.decision`."""
        if self.logits is None:
            raise NotFittedError("This prior is not fitted.", remedy="Call fit or load first.")
        n = len(documents)
        return Scores(np.tile(self.logits, (n, 1)), np.zeros(n, dtype=np.bool_))

    def predict_proba(self, documents: Documents) -> Floats:
        """See `Classifier.predict_proba`."""
        return softmax(self.decision(documents).values)

    def save(self, directory: Path) -> None:
        """See `Classifier.save`."""
        if self.logits is None:
            raise NotFittedError("This prior is not fitted.", remedy="Call fit before save.")
        files.write_tensors(directory / "weights.safetensors", {"logits": self.logits})

    @classmethod
    def load(cls, directory: Path) -> Self:
        """See `Classifier.load`."""
        shapes = {"logits": (np.float32, (None,))}
        model = cls()
        model.logits = files.read_tensors(directory / "weights.safetensors", shapes)["logits"]
        return model

    @staticmethod
    def space(suggest: Suggest) -> PriorParams:  # noqa: ARG004
        """See `Classifier.space`."""
        return PriorParams()
