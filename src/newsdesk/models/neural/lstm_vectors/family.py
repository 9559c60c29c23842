"""Family ``lstm-vectors``: word vectors from a file, read by long short-term memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from newsdesk.models.classifier import Suggest
from newsdesk.models.neural.lstm_vectors.params import LstmVectorsParams
from newsdesk.models.neural.recurrent.family import Recurrent
from newsdesk.models.neural.words.family import Plan
from newsdesk.models.neural.words.pretrained import first_vectors
from newsdesk.models.neural.words.shapes import Shapes

if TYPE_CHECKING:
    from torch import Generator

    from newsdesk.models.neural.layers import RowEmbedding

__all__ = ["LstmVectors"]


class LstmVectors(Recurrent[LstmVectorsParams]):
    """Word vectors of a file, frozen or trained on, (bidirectional) LSTM, pooling, dense layers.

    A bundle carries the vectors of its own words: the file is needed for training alone.

    Parameters
    ----------
    params : LstmVectorsParams | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = LstmVectorsParams

    def _embedding(self, plan: Plan, generator: Generator) -> RowEmbedding:
        from newsdesk.models.neural.layers import RowEmbedding

        params = self.params
        n_words = len(plan.vocab.words)
        if not params.vectors:
            return RowEmbedding(n_words, params.embedding_dim, generator)
        start, sentences = first_vectors(params.vectors, params.missing, plan)
        self.notes = (*self.notes, *sentences)
        frozen = not params.fine_tune
        return RowEmbedding(n_words, start.shape[1], generator, start, frozen=frozen)

    @staticmethod
    def _shapes(params: LstmVectorsParams, n_words: int, n_classes: int) -> Shapes:
        width = None if params.vectors else params.embedding_dim
        return Recurrent._network_shapes(params, width, n_words, n_classes)

    def _portable(self) -> LstmVectorsParams:
        return replace(self.params, vectors=Path(self.params.vectors).name)

    @staticmethod
    def space(suggest: Suggest) -> LstmVectorsParams:
        """Draw settings; see `Classifier.space`."""
        return LstmVectorsParams(
            units=suggest("units", [64, 128, 256]),
            pooling=suggest("pooling", ["last", "max", "mean", "attention"]),
            dropout=suggest("dropout", (0.1, 0.6)),
            hidden_dropout=suggest("hidden_dropout", (0.1, 0.6)),
            learning_rate=suggest("learning_rate", (5e-4, 5e-3)),
        )
