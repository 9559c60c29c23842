"""Family ``nnlm-lstm``: word vectors of a language model, read by long short-term memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from newsdesk.models.classifier import Suggest
from newsdesk.models.neural.nnlm.words import LanguageWords
from newsdesk.models.neural.nnlm_lstm.params import NnlmLstmParams
from newsdesk.models.neural.recurrent.family import Recurrent
from newsdesk.models.neural.words.family import Plan
from newsdesk.models.neural.words.shapes import Shapes

if TYPE_CHECKING:
    from torch import Generator

    from newsdesk.models.neural.layers import RowEmbedding

__all__ = ["NnlmLstm"]

_SIZE = 0.3
"""Root mean square of the first vectors. A language model leaves them at about 0.04, and what it
has learnt is then overwritten by the first hundred steps: with 4,000 headlines, 35.3 % of the
others were recognised, at this size 36.7 %."""


class NnlmLstm(LanguageWords[NnlmLstmParams], Recurrent[NnlmLstmParams]):
    """Word vectors of a language model, frozen or trained on, LSTM, pooling, dense layers.

    A bundle carries the words and their vectors: the folder of the language model is needed for
    training alone.

    Parameters
    ----------
    params : NnlmLstmParams | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = NnlmLstmParams

    def _embedding(self, plan: Plan, generator: Generator) -> RowEmbedding:
        return self._first_vectors(plan, generator, _SIZE)

    @staticmethod
    def _shapes(params: NnlmLstmParams, n_words: int, n_classes: int) -> Shapes:
        own = not (params.encoder and params.pretrained)
        width = params.pretraining.embedding_dim if own else None
        return Recurrent._network_shapes(params, width, n_words, n_classes)

    @staticmethod
    def space(suggest: Suggest) -> NnlmLstmParams:
        """Draw settings; see `Classifier.space`."""
        return NnlmLstmParams(
            units=suggest("units", [64, 128, 256]),
            pooling=suggest("pooling", ["last", "max", "mean", "attention"]),
            dropout=suggest("dropout", (0.1, 0.6)),
            hidden_dropout=suggest("hidden_dropout", (0.1, 0.6)),
            learning_rate=suggest("learning_rate", (5e-4, 5e-3)),
        )
