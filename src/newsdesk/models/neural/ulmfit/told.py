"""What a report says of how a classifier was made of a language model."""

from __future__ import annotations

from newsdesk.models.history import History, Stage
from newsdesk.models.neural.ulmfit.params import UlmfitParams

__all__ = ["told"]


def told(params: UlmfitParams, n_layers: int, history: History) -> Stage:
    """Tell what moved when, and how fast.

    Parameters
    ----------
    params : UlmfitParams
        Settings.
    n_layers : int
        Recurrent layers.
    history : History
        Epochs of the classifier.

    Returns
    -------
    Stage
        A row per epoch.
    """
    groups = ["dense blocks", *(f"layer {at}" for at in range(n_layers, 0, -1)), "word vectors"]
    gradual = params.pretrained and params.unfreeze
    decay = params.rate_decay if params.pretrained else 1.0
    rows = []
    for epoch in history.epochs:
        n_moving = min(epoch.number, len(groups)) if gradual else len(groups)
        rates = [f"{params.learning_rate * decay**-depth:.2g}" for depth in range(n_moving)]
        rows.append(
            (
                epoch.number,
                ", ".join(groups[:n_moving]),
                ", ".join(groups[n_moving:]) or None,
                ", ".join(rates),
                epoch.seconds,
            )
        )
    columns = ("epoch", "moving", "frozen", "peak rates in this order", "seconds")
    notes = () if params.pretrained else ("Without a language model: all from first values.",)
    return Stage("Classifier", columns, tuple(rows), notes)
