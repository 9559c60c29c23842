"""What training an encoder asks of the training loop, whatever stands on the encoder."""

from __future__ import annotations

from torch import nn

from newsdesk.models.neural.encoders.network import EncoderNetwork
from newsdesk.models.neural.wishes import Wishes

__all__ = ["tuning_wishes"]

_PREFIX = "encoder"
_TOKENS_TOGETHER = 16_384


def tuning_wishes(
    network: nn.Module, encoder: EncoderNetwork, layer_decay: float, *, top: int
) -> Wishes:
    """Slow lower layers down, and spare norms, biases and embeddings the decay.

    Parameters
    ----------
    network : nn.Module
        Holds the encoder under the name ``encoder``, and perhaps other weights.
    encoder : EncoderNetwork
        The encoder.
    layer_decay : float
        Share of the learning rate of a layer that the layer below it has (Howard & Ruder 2018,
        section 3.2).
    top : int
        Number of the layer that learns at the whole rate, as `EncoderNetwork.height` counts.

    Returns
    -------
    Wishes
        What the network is to ask for.
    """
    named = dict(encoder.named_parameters(prefix=_PREFIX))
    embeddings = {f"{_PREFIX}.{name}" for name in ("pieces", "positions", "places.distances")}
    # Decay and penalties are for maps: a norm of weight 0 would say nothing, and pieces that a
    # batch does not hold have no gradient to stand against it.
    exempt = {name for name, weight in network.named_parameters() if weight.ndim == 1} | embeddings
    return Wishes(
        rate_factors={
            name: layer_decay ** (top - encoder.height(name.removeprefix(f"{_PREFIX}.")))
            for name in named
        },
        exempt=frozenset(exempt),
        bfloat16=True,
        fused=True,
        tokens_together=_TOKENS_TOGETHER,
    )
