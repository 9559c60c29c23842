"""The BBC's BiLSTM in Keras 3 on the torch backend."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsdesk.models.neural.lstm import LstmParams

__all__ = ["compiled"]


def compiled(params: LstmParams, n_classes: int, *, seed: int, n_threads: int) -> Any:  # noqa: ANN401
    """Build the network with Keras' own first values.

    Parameters
    ----------
    params : LstmParams
        Preset ``bbc-bilstm``, masked or not.
    n_classes : int
        Outputs.
    seed : int
        Of first values and batches.
    n_threads : int
        For PyTorch.

    Returns
    -------
    Any
        A compiled ``keras.Sequential``; it takes ids, shape ``(n, max_tokens)``.
    """
    os.environ["KERAS_BACKEND"] = "torch"
    import keras
    import torch

    torch.set_num_threads(n_threads)
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Embedding(params.vocab_size, params.embedding_dim, mask_zero=params.masking),
            layers.Bidirectional(layers.LSTM(params.units)),
            layers.Dense(params.hidden[0], activation="relu"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile(
        loss="sparse_categorical_crossentropy",
        optimizer=keras.optimizers.Adam(params.learning_rate),
    )
    return model
