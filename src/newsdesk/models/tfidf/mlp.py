"""Family ``tfidf-mlp``: a small network of rectified linear units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from newsdesk.errors import NotFittedError
from newsdesk.models.classifier import Suggest, Valid
from newsdesk.models.quality import quality
from newsdesk.models.rows import Rows
from newsdesk.models.tfidf.family import Shapes, Task, Tensors, Tfidf
from newsdesk.models.tfidf.params import MlpParams
from newsdesk.models.tfidf.placing import both_classes
from newsdesk.models.tfidf.reading import TokenIds
from newsdesk.types import Documents, Floats, Indices, Progress

__all__ = ["TfidfMlp"]


class _Training(NamedTuple):
    """What `TfidfMlp.fit` keeps for `TfidfMlp.refit`."""

    tokens: TokenIds
    words: Sequence[str]
    y: Indices
    n_classes: int
    seed: int


class TfidfMlp(Tfidf[MlpParams]):
    """TF-IDF and scikit-learn's MLPClassifier, stopped early by macro-F1 on valid.

    A network of rectified linear units is linear around each document: a score is the gradient
    times the input plus a bias of that region (Srinivas & Fleuret 2019, "Full-gradient
    representation for neural network visualization", proposition 1). `attribute` gives the
    gradient times the input, word by word.

    Parameters
    ----------
    params : MlpParams | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = MlpParams

    def __init__(self, params: MlpParams | None = None) -> None:
        super().__init__(params)
        self.n_epochs = self.params.epochs
        self._training: _Training | None = None

    def _learn(
        self,
        tokens: TokenIds,
        words: Sequence[str],
        y: Indices,
        n_classes: int,
        valid: Valid | None,
        seed: int,
        progress: Progress,
    ) -> None:
        super()._learn(tokens, words, y, n_classes, valid, seed, progress)
        self._training = _Training(tokens, words, y, n_classes, seed)

    def refit(
        self,
        documents: Documents,
        y: Indices,
        *,
        rng: np.random.Generator,  # noqa: ARG002  the draws of `fit` are repeated
        progress: Progress,
    ) -> Self:
        """Fit anew for as many epochs as were best on valid; see `Refittable`."""
        if self._training is None:
            raise NotFittedError("There is no fit to continue.", remedy="Call fit first.")
        old = self._training
        tokens, words = self._reader.learn(documents, progress)
        number = {word: position for position, word in enumerate(old.words)}
        renumbered = [number.setdefault(word, len(number)) for word in words]
        more = TokenIds(tokens.indptr, np.array(renumbered, dtype=np.int32)[tokens.ids])
        both = old.tokens.extended(more), list(number), np.concatenate([old.y, y])
        self._learn(*both, old.n_classes, None, old.seed, progress)
        return self

    def release(self) -> None:
        """Forget what only `refit` needs; see `Refittable`."""
        self._training = None

    def _solve(self, task: Task, held_out: tuple[Rows, Indices] | None) -> Tensors:
        from sklearn.neural_network import MLPClassifier

        params = self.params
        network = MLPClassifier(
            hidden_layer_sizes=params.hidden,
            alpha=params.alpha,
            learning_rate_init=params.learning_rate,
            batch_size=min(params.batch_size, task.rows.n),
            random_state=task.seed,
        )
        matrix, classes = task.rows.matrix(task.n_features), np.arange(task.n_classes)
        n_epochs = self.n_epochs if held_out is None else params.max_epochs
        best, tensors = -1.0, Tensors()
        with task.progress.task("epochs", n_epochs, "epochs") as done:
            for epoch in range(1, n_epochs + 1):
                network.partial_fit(matrix, task.y, classes=classes)
                done(1)
                if held_out is None:
                    continue
                found = self._macro_f1(self._tensors_of(network), *held_out)
                if found > best:
                    best, self.n_epochs, tensors = found, epoch, self._tensors_of(network)
                elif epoch - self.n_epochs >= params.patience:
                    done(n_epochs - epoch)
                    break
        return self._tensors_of(network) if held_out is None else tensors

    def _macro_f1(self, tensors: Tensors, rows: Rows, y: Indices) -> float:
        return quality(self._forward(tensors, rows)[-1].argmax(axis=1), y, self.n_classes)[0]

    @staticmethod
    def _tensors_of(network: Any) -> Tensors:  # noqa: ANN401  untyped library
        weights, biases = list(network.coefs_), list(network.intercepts_)
        if weights[-1].shape[1] == 1:
            weights[-1], biases[-1] = both_classes(weights[-1], biases[-1])
        return {
            name: np.array(value, dtype=np.float32, order="C")
            for (name_weights, name_bias), *values in zip(
                _names(len(weights)), weights, biases, strict=True
            )
            for name, value in zip((name_weights, name_bias), values, strict=True)
        }

    @staticmethod
    def _forward(tensors: Tensors, rows: Rows) -> list[Floats]:
        """What each layer gives, the hidden ones before rectification."""
        layers: list[Floats] = []
        for weights, bias in _names(len(tensors) // 2):
            layers.append(rows.times(tensors[weights]) + tensors[bias])
            # As sparse rows, whose products do not depend on the rows beside them.
            n, width = layers[-1].shape
            indices = np.tile(np.arange(width, dtype=np.int32), n)
            rows = Rows(np.arange(n + 1) * width, indices, np.maximum(layers[-1], 0).ravel())
        return layers

    def _logits(self, rows: Rows) -> Floats:
        return self._forward(self._tensors, rows)[-1]

    def _slopes(self, row: Rows, index: int) -> Floats:
        layers = self._forward(self._tensors, row)
        (first, _), *rest = _names(len(layers))
        gradient = np.zeros(self.n_classes, dtype=np.float32)
        gradient[index] = 1
        for (weights, _), below in zip(reversed(rest), reversed(layers[:-1]), strict=True):
            gradient = (self._tensors[weights] @ gradient) * (below[0] > 0)
        slopes: Floats = self._tensors[first][row.indices] @ gradient
        return slopes

    @staticmethod
    def _shapes(params: MlpParams, n_features: int, n_classes: int) -> Shapes:
        sizes = [n_features, *params.hidden, n_classes]
        shapes: Shapes = {}
        for (weights, bias), fan_in, fan_out in zip(
            _names(len(sizes) - 1), sizes[:-1], sizes[1:], strict=True
        ):
            shapes |= {weights: (fan_in, fan_out), bias: (fan_out,)}
        return shapes

    @classmethod
    def space(cls, suggest: Suggest) -> MlpParams:
        """See `Classifier.space`."""
        return MlpParams(
            **cls._text_space(suggest),
            hidden=suggest("hidden", [(100, 50), (100,), (200, 100)]),
            alpha=suggest("alpha", (1e-5, 1e-2)),
            learning_rate=suggest("learning_rate", (3e-4, 3e-3)),
        )


def _names(n_layers: int) -> list[tuple[str, str]]:
    """Names of the weights and the bias of each layer, the last one's without a number."""
    hidden = [(f"weights_{number}", f"bias_{number}") for number in range(1, n_layers)]
    return [*hidden, ("weights", "bias")]
