"""The ``tfidf-…`` families whose scores are sums over the n-grams of a document."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from newsdesk.models.rows import Rows
from newsdesk.models.tfidf.family import Shapes, Task, Tensors, Tfidf
from newsdesk.models.tfidf.params import TextParams
from newsdesk.models.tfidf.placing import all_classes
from newsdesk.types import Floats

__all__ = ["Additive"]

P = TypeVar("P", bound=TextParams)


class Additive(Tfidf[P]):
    """A weight for each n-gram and class, and a bias for each class.

    Parameters
    ----------
    params : P | None
        Settings; None means the defaults.
    """

    def _logits(self, rows: Rows) -> Floats:
        logits: Floats = rows.times(self._tensors["weights"]) + self._tensors["bias"]
        return logits

    def _slopes(self, row: Rows, index: int) -> Floats:
        slopes: Floats = self._tensors["weights"][row.indices, index]
        return slopes

    @staticmethod
    def _shapes(params: P, n_features: int, n_classes: int) -> Shapes:  # noqa: ARG004
        return {"weights": (n_features, n_classes), "bias": (n_classes,)}

    @staticmethod
    def _placed(weights: NDArray[np.floating], bias: NDArray[np.floating], task: Task) -> Tensors:
        """Tensors from the weights and biases of the classes that have documents."""
        weights, bias = all_classes(weights, bias, task.present, task.n_classes)
        return {"weights": weights, "bias": bias}
