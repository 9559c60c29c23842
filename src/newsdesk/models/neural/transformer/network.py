"""The network of family ``transformer``."""

from __future__ import annotations

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.encoders.architecture import Pooling
from newsdesk.models.neural.encoders.network import EncoderNetwork
from newsdesk.models.neural.encoders.tuning import tuning_wishes
from newsdesk.models.neural.layers import Dense

__all__ = ["TransformerNetwork"]


class TransformerNetwork(nn.Module):
    """An encoder, pooling, dropout, and one output per class (Devlin et al. 2019, section 4.1).

    The logits of a text are the mean of those of its windows.

    Parameters
    ----------
    encoder : EncoderNetwork
        The encoder.
    pooling : Pooling
        How the states of a window become its vector.
    n_classes : int
        Number of outputs.
    dropout : float
        Share of the numbers of the vector that are left out while training.
    layer_decay : float
        Share of the learning rate of a layer that the layer below it has.
    generator : Generator
        Source of the first values of the outputs.
    """

    def __init__(
        self,
        encoder: EncoderNetwork,
        pooling: Pooling,
        n_classes: int,
        dropout: float,
        layer_decay: float,
        generator: Generator,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.pooling: Pooling = pooling
        self.dropout = dropout
        self.output = Dense(encoder.architecture.width, n_classes, generator)
        top = encoder.architecture.n_own + 1
        self.wishes = tuning_wishes(self, encoder, layer_decay, top=top)

    def forward(self, ids: Tensor, lengths: Tensor, n_windows: Tensor) -> Tensor:
        """Answer.

        Parameters
        ----------
        ids : Tensor
            Pieces of the windows of all texts, one text behind the other, shape ``(m, t)``.
        lengths : Tensor
            Pieces of each window, shape ``(m,)``.
        n_windows : Tensor
            Windows of each text, at least 1, shape ``(b,)``.

        Returns
        -------
        Tensor
            Logits, shape ``(b, n_classes)``.
        """
        states = self.encoder(ids, lengths)
        pooled = self.encoder.pooled(states, lengths, self.pooling)
        pooled = F.dropout(pooled, self.dropout, self.training)
        with torch.autocast(ids.device.type, enabled=False):  # the loss sees every bit of a logit
            logits: Tensor = self.output(pooled.float())
        if len(logits) == len(n_windows):
            return logits
        text = torch.arange(len(n_windows), device=ids.device).repeat_interleave(n_windows)
        nothing = logits.new_zeros(len(n_windows), logits.shape[1])
        return nothing.index_add(0, text, logits) / n_windows[:, None]
