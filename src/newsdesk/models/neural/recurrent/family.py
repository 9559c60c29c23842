"""What the families of recurrent networks share."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, TypeVar

from newsdesk.models.neural.forward.recurrent import RecurrentNetwork as Forward
from newsdesk.models.neural.recurrent.params import RecurrentParams
from newsdesk.models.neural.words import shapes
from newsdesk.models.neural.words.family import Plan, Predictor, Tensors, WordNetwork

if TYPE_CHECKING:
    from torch import Generator, nn

    from newsdesk.models.neural.layers import RowEmbedding

__all__ = ["Recurrent", "reading_shapes"]

R = TypeVar("R", bound=RecurrentParams)


class Recurrent(WordNetwork[R]):
    """Word vectors, long short-term memory, pooling, dense layers; a family says which vectors.

    Parameters
    ----------
    params : R | None
        Settings; None means the defaults.
    """

    @abstractmethod
    def _embedding(self, plan: Plan, generator: Generator) -> RowEmbedding:
        """Make the vectors of the words."""

    def _build(self, plan: Plan, generator: Generator) -> nn.Module:
        from newsdesk.models.neural.recurrent.network import RecurrentNetwork

        embedding = self._embedding(plan, generator)
        return RecurrentNetwork(self.params, embedding, plan.n_classes, generator)

    def _predictor(self, tensors: Tensors) -> Predictor:
        return Forward(tensors, pooling=self.params.pooling)

    def warm_up(self) -> None:
        """Compile what predicting takes; see `Warmable`."""
        Forward.warm_up()

    @staticmethod
    def _network_shapes(
        params: R, width: int | None, n_words: int, n_classes: int
    ) -> shapes.Shapes:
        return {"embedding": (n_words, width), **reading_shapes(params, width, n_classes)}

    @staticmethod
    def _bytes_per_token(params: R) -> int:
        # Gates, cells and states of each direction and layer, and their gradients.
        return 4 * params.units * 24 * (1 + params.bidirectional) * params.layers


def reading_shapes(params: RecurrentParams, width: int | None, n_classes: int) -> shapes.Shapes:
    """Tensors of a recurrent network but for the vectors of words.

    Parameters
    ----------
    params : RecurrentParams
        Settings.
    width : int | None
        Numbers per word; None means any.
    n_classes : int
        Number of outputs.

    Returns
    -------
    shapes.Shapes
        By name.
    """
    found: shapes.Shapes = {}
    units = params.units
    state = units * (1 + params.bidirectional)
    for layer in range(params.layers):
        for direction in ("forward", "backward")[: 1 + params.bidirectional]:
            name = f"lstm.{layer}.{direction}"
            found[f"{name}.input"] = 4 * units, state if layer else width
            found[f"{name}.recurrent"] = 4 * units, units
            found[f"{name}.bias"] = (4 * units,)
    if params.pooling == "attention":
        found |= {"attention.projection": (state, state)}
        found |= {"attention.bias": (state,), "attention.query": (state,)}
    return found | shapes.head(state, params.hidden, n_classes)
