"""Family ``cnn-text``: convolutions of several widths over word vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from newsdesk.models.classifier import Suggest
from newsdesk.models.neural.cnn_text.params import CnnParams
from newsdesk.models.neural.forward.convolutional import ConvolutionalNetwork as Forward
from newsdesk.models.neural.words import shapes
from newsdesk.models.neural.words.family import Plan, Predictor, Tensors, WordNetwork

if TYPE_CHECKING:
    from torch import Generator, nn

__all__ = ["CnnText"]


class CnnText(WordNetwork[CnnParams]):
    """Embedding, dropout, convolutions, the largest answer of each filter, dense layers, softmax.

    Parameters
    ----------
    params : CnnParams | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = CnnParams

    def _build(self, plan: Plan, generator: Generator) -> nn.Module:
        from newsdesk.models.neural.cnn_text.network import ConvolutionalNetwork
        from newsdesk.models.neural.layers import RowEmbedding

        width = self.params.embedding_dim
        embedding = RowEmbedding(len(plan.vocab.words), width, generator)
        return ConvolutionalNetwork(self.params, embedding, plan.n_classes, generator)

    def _predictor(self, tensors: Tensors) -> Predictor:
        return Forward(tensors)

    def warm_up(self) -> None:
        """Compile what predicting takes; see `Warmable`."""
        Forward.warm_up()

    @staticmethod
    def _shapes(params: CnnParams, n_words: int, n_classes: int) -> shapes.Shapes:
        found: shapes.Shapes = {"embedding": (n_words, params.embedding_dim)}
        for width in params.widths:
            weight = params.filters, params.embedding_dim, width
            found[f"convolution.{width}.weight"] = weight
            found[f"convolution.{width}.bias"] = (params.filters,)
        state = params.filters * len(params.widths)
        return found | shapes.head(state, params.hidden, n_classes)

    @staticmethod
    def _bytes_per_token(params: CnnParams) -> int:
        # Vectors, answers of all filters, and their gradients.
        return 4 * 8 * (params.embedding_dim + params.filters * len(params.widths))

    @staticmethod
    def space(suggest: Suggest) -> CnnParams:
        """Draw settings; see `Classifier.space`."""
        return CnnParams(
            embedding_dim=suggest("embedding_dim", [64, 128, 256]),
            filters=suggest("filters", [64, 128, 256]),
            dropout=suggest("dropout", (0.1, 0.6)),
            hidden_dropout=suggest("hidden_dropout", (0.1, 0.6)),
            learning_rate=suggest("learning_rate", (3e-4, 3e-3)),
        )
