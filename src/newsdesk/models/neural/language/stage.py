"""What a report says of the training of a language model."""

from __future__ import annotations

from math import exp

from newsdesk.models.history import History, Stage

__all__ = ["perplexities_of", "stage_of"]


_LARGEST = 50.0
"""A model that has gone astray has a larger loss than numbers can be the exponential of."""


def perplexities_of(history: History) -> tuple[float, ...]:
    """Perplexity on held-out text after each epoch.

    Parameters
    ----------
    history : History
        The training of a language model.

    Returns
    -------
    tuple[float, ...]
        At least 1; none without held-out text.
    """
    losses = [epoch.valid_loss for epoch in history.epochs if epoch.valid_loss is not None]
    return tuple(_perplexity(loss) for loss in losses)


def stage_of(history: History, title: str, n_words: int, unigram: float | None) -> Stage:
    """Tell the epochs of a language model.

    Parameters
    ----------
    history : History
        Its training.
    title : str
        Of the stage.
    n_words : int
        Words to predict in an epoch.
    unigram : float | None
        Perplexity on the held-out text of a model that knows how frequent words are and no more;
        None without such text.

    Returns
    -------
    Stage
        A row per epoch.
    """
    rows = tuple(
        (
            epoch.number,
            None if epoch.valid_loss is None else _perplexity(epoch.valid_loss),
            epoch.train_loss,
            epoch.learning_rate,
            n_words / max(epoch.seconds, 1e-9),
            epoch.seconds,
        )
        for epoch in history.epochs
    )
    columns = (
        "epoch",
        "held-out perplexity",
        "train loss",
        "learning rate",
        "words per second",
        "seconds",
    )
    notes = [f"Epoch {history.chosen} was kept."]
    if unigram is not None:
        notes.append(f"A model that knows only how frequent words are has {unigram:,.0f}.")
    return Stage(title, columns, rows, tuple(notes))


def _perplexity(loss: float) -> float:
    return exp(min(loss, _LARGEST))
