"""Family ``vectors-mean``: a linear model on the TF-IDF-weighted mean of word vectors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from newsdesk.features.sequences import PAD, Sequences
from newsdesk.models.classifier import Suggest
from newsdesk.models.neural.forward.mean import MeanNetwork as Forward
from newsdesk.models.neural.vectors_mean.params import VectorsMeanParams
from newsdesk.models.neural.words import shapes
from newsdesk.models.neural.words.attribution import attributed
from newsdesk.models.neural.words.family import Plan, Tensors, WordNetwork
from newsdesk.models.neural.words.pretrained import first_vectors
from newsdesk.types import Documents, Floats, Indices, Span

if TYPE_CHECKING:
    from torch import Generator, nn

__all__ = ["VectorsMean"]


class VectorsMean(WordNetwork[VectorsMeanParams]):
    """Word vectors, their mean weighted by TF-IDF, softmax.

    A word that occurs t times in a document weighs t times its inverse document frequency
    ``ln((1 + n) / (1 + df)) + 1``, as in scikit-learn's TfidfVectorizer; Arora, Liang & Ma 2017, "A
    Simple but Tough-to-Beat Baseline for Sentence Embeddings", say why such a mean is strong.

    Parameters
    ----------
    params : VectorsMeanParams | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = VectorsMeanParams

    def _build(self, plan: Plan, generator: Generator) -> nn.Module:
        from newsdesk.models.neural.layers import RowEmbedding
        from newsdesk.models.neural.vectors_mean.network import MeanNetwork

        params, n_words = self.params, len(plan.vocab.words)
        if params.vectors:
            start, sentences = first_vectors(params.vectors, params.missing, plan)
            self.notes = (*self.notes, *sentences)
            frozen = not params.fine_tune
            embedding = RowEmbedding(n_words, start.shape[1], generator, start, frozen=frozen)
        else:
            embedding = RowEmbedding(n_words, params.embedding_dim, generator)
        weight = _idf(plan.sequences, n_words)
        return MeanNetwork(params, embedding, weight, plan.n_classes, generator)

    def _predictor(self, tensors: Tensors) -> Forward:
        return Forward(tensors)

    def warm_up(self) -> None:
        """Compile what predicting takes; see `Warmable`."""
        Forward.warm_up()

    @property
    def exact(self) -> bool:
        """Without hidden layers; see `Attributing`."""
        return not self.params.hidden

    def attribute(self, documents: Documents, classes: Indices) -> list[list[Span]]:
        """Contribution of every word, exact without hidden layers; see `Attributing`.

        With hidden layers it is the gradient times the vector: what the score would lose to first
        order.
        """
        network = self._predictor(self.tensors)
        return attributed(self.reader, documents, classes, network.contributions)

    @staticmethod
    def _shapes(params: VectorsMeanParams, n_words: int, n_classes: int) -> shapes.Shapes:
        width = None if params.vectors else params.embedding_dim
        found: shapes.Shapes = {"embedding": (n_words, width), "weight": (n_words,)}
        return found | shapes.head(width, params.hidden, n_classes)

    @staticmethod
    def _bytes_per_token(params: VectorsMeanParams) -> int:
        return 4 * 8 * params.embedding_dim

    def _portable(self) -> VectorsMeanParams:
        return replace(self.params, vectors=Path(self.params.vectors).name)

    @staticmethod
    def space(suggest: Suggest) -> VectorsMeanParams:
        """Draw settings; see `Classifier.space`."""
        return VectorsMeanParams(
            embedding_dim=suggest("embedding_dim", [50, 100, 200]),
            dropout=suggest("dropout", (0.0, 0.5)),
            learning_rate=suggest("learning_rate", (1e-3, 2e-2)),
        )


def _idf(sequences: Sequences, n_words: int) -> Floats:
    """Inverse document frequency of each word, 0 for what is no word; shape ``(n_words,)``."""
    n = sequences.n
    document = np.arange(n).repeat(sequences.lengths)
    distinct = np.unique(document * n_words + sequences.ids)
    df = np.bincount(distinct % n_words, minlength=n_words)
    weight = np.log((1 + n) / (1 + df)) + 1
    weight[PAD] = 0.0
    return weight.astype(np.float32)
