"""Family ``nnlm-linear``: a linear model on the sum of a language model's word vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from newsdesk.models.classifier import Suggest
from newsdesk.models.neural.forward import ScoresNetwork
from newsdesk.models.neural.nnlm.words import LanguageWords
from newsdesk.models.neural.nnlm_linear.params import NnlmLinearParams
from newsdesk.models.neural.words.attribution import attributed
from newsdesk.models.neural.words.family import Plan, Tensors
from newsdesk.models.neural.words.shapes import Shapes
from newsdesk.types import Documents, Indices, Span

if TYPE_CHECKING:
    from torch import Generator, nn

__all__ = ["NnlmLinear"]


class NnlmLinear(LanguageWords[NnlmLinearParams]):
    """Word vectors of a language model, their sum over the root of their number, softmax.

    The sum of n vectors over ``sqrt(n)`` is about as long whatever n is, as long as they point
    anywhere. As nothing but a sum stands between words and logits, all that is kept of a word is
    what it adds to each logit: predicting takes neither the language model nor PyTorch.

    Parameters
    ----------
    params : NnlmLinearParams | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = NnlmLinearParams

    def _build(self, plan: Plan, generator: Generator) -> nn.Module:
        from newsdesk.models.neural.nnlm_linear.network import LinearNetwork

        embedding = self._first_vectors(plan, generator)
        return LinearNetwork(self.params, embedding, plan.n_classes, generator)

    def _saved_tensors(self, state: Tensors) -> Tensors:
        # In float32 throughout, and once for all: what is measured is what is kept.
        scores = state["embedding.weight"] @ state["head.output.weight"].T
        return {"scores": scores, "bias": state["head.output.bias"]}

    def _predictor(self, tensors: Tensors) -> ScoresNetwork:
        # Weights of Euclidean length 1, all alike, are the root of the number of words.
        weight = np.ones(len(tensors["scores"]), dtype=np.float32)
        return ScoresNetwork({**tensors, "weight": weight})

    def warm_up(self) -> None:
        """Compile what predicting takes; see `Warmable`."""
        ScoresNetwork.warm_up()

    @property
    def exact(self) -> bool:
        """Always; see `Attributing`."""
        return True

    def attribute(self, documents: Documents, classes: Indices) -> list[list[Span]]:
        """Contribution of every word, exact; see `Attributing`."""
        network = self._predictor(self.tensors)
        return attributed(self.reader, documents, classes, network.contributions)

    @staticmethod
    def _shapes(params: NnlmLinearParams, n_words: int, n_classes: int) -> Shapes:  # noqa: ARG004
        return {"scores": (n_words, n_classes), "bias": (n_classes,)}

    @staticmethod
    def _bytes_per_token(params: NnlmLinearParams) -> int:
        return 4 * 8 * params.pretraining.embedding_dim

    @staticmethod
    def space(suggest: Suggest) -> NnlmLinearParams:
        """Draw settings; see `Classifier.space`."""
        return NnlmLinearParams(
            hidden_dropout=suggest("hidden_dropout", (0.0, 0.6)),
            learning_rate=suggest("learning_rate", (5e-4, 1e-2)),
        )
