"""Family ``lstm``: word vectors that are learnt with the rest, read by long short-term memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from newsdesk.models.classifier import Suggest
from newsdesk.models.neural.lstm.params import LstmParams
from newsdesk.models.neural.recurrent.family import Recurrent
from newsdesk.models.neural.words.family import Plan
from newsdesk.models.neural.words.shapes import Shapes

if TYPE_CHECKING:
    from torch import Generator

    from newsdesk.models.neural.layers import RowEmbedding

__all__ = ["LstmClassifier"]


class LstmClassifier(Recurrent[LstmParams]):
    """Embedding, dropout, (bidirectional) LSTM, pooling, dense layers, softmax.

    Parameters
    ----------
    params : LstmParams | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = LstmParams

    def _embedding(self, plan: Plan, generator: Generator) -> RowEmbedding:
        from newsdesk.models.neural.layers import RowEmbedding

        return RowEmbedding(len(plan.vocab.words), self.params.embedding_dim, generator)

    @staticmethod
    def _shapes(params: LstmParams, n_words: int, n_classes: int) -> Shapes:
        return Recurrent._network_shapes(params, params.embedding_dim, n_words, n_classes)

    @staticmethod
    def space(suggest: Suggest) -> LstmParams:
        """Draw settings; see `Classifier.space`."""
        return LstmParams(
            embedding_dim=suggest("embedding_dim", [64, 128, 256]),
            units=suggest("units", [64, 128, 256]),
            pooling=suggest("pooling", ["last", "max", "mean", "attention"]),
            dropout=suggest("dropout", (0.1, 0.6)),
            hidden_dropout=suggest("hidden_dropout", (0.1, 0.6)),
            learning_rate=suggest("learning_rate", (5e-4, 5e-3)),
        )
