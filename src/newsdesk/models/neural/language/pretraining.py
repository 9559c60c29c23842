"""The training of a language model, from first values or from those of another one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from torch import nn

from newsdesk.models.history import History
from newsdesk.models.neural import devices
from newsdesk.models.neural.checkpoints import Checkpoint, digest, versions
from newsdesk.models.neural.language.modelling import Modelling
from newsdesk.models.neural.language.params import PretrainParams
from newsdesk.models.neural.language.text import Text
from newsdesk.models.neural.loop import pursue
from newsdesk.types import Indices, Progress

__all__ = ["fit", "hold_out"]

_MOST_HELD_OUT = 2000


def hold_out(n_texts: int, share: float, seed: int) -> tuple[Indices, Indices]:
    """Choose the texts that a language model is not trained on.

    Parameters
    ----------
    n_texts : int
        Number of texts.
    share : float
        Share that is held out, 2,000 texts at most; at least one, unless there is only one.
    seed : int
        Of the draw.

    Returns
    -------
    tuple[Indices, Indices]
        Rows to train on, and rows to watch; both ascending.
    """
    n_held = min(max(round(share * n_texts), 1), _MOST_HELD_OUT, max(n_texts - 1, 0))
    rows = np.random.default_rng(seed).permutation(n_texts)
    return np.sort(rows[n_held:]), np.sort(rows[:n_held])


def fit(
    network: nn.Module,
    text: Text,
    held_out: Text | None,
    params: PretrainParams,
    *,
    seed: int,
    progress: Progress,
    checkpoints: Path | None = None,
    name: str = "pretrain",
    seen: Iterable[object] = (),
) -> History:
    """Train a language model; it ends on the processor, with the weights that are kept.

    Parameters
    ----------
    network : nn.Module
        A `LanguageNetwork`.
    text : Text
        To train on.
    held_out : Text | None
        To watch: for the choice of the epoch and for early stopping.
    params : PretrainParams
        Settings.
    seed : int
        Of dropout and noise, 0 to 2**63 - 1.
    progress : Progress
        Told of words.
    checkpoints : Path | None
        Folder where the state is kept; a state of the same training is gone on from.
    name : str
        Of the state's file.
    seen : Iterable[object]
        What the result depends on besides settings and seed, as `digest` takes it.

    Returns
    -------
    History
        The epochs; ``valid_loss`` is the mean surprise of held-out words in nats.

    Raises
    ------
    DivergedError
        If the loss or a weight is not finite.
    ConfigError
        If CUDA is asked for and there is none.
    StorageError
        If a checkpoint cannot be written.
    KeyboardInterrupt
        After Ctrl-C; the state is kept if there is a checkpoint.
    SystemExit
        After SIGTERM, if there is a checkpoint.
    """
    device = devices.find(params.device)
    objective = Modelling(text, held_out, params, device)
    params = params.settled_by(objective.n_updates)
    checkpoint = None
    if checkpoints is not None:
        key = digest(name, params, seed, versions(), *seen)
        checkpoint = Checkpoint(checkpoints / f"{name}.safetensors", key)
    return pursue(
        network, objective, params=params, seed=seed, progress=progress, checkpoint=checkpoint
    )
