"""The kinds of language models by name: how each is set and trained."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Protocol

from newsdesk import optional
from newsdesk.models.history import Stage
from newsdesk.models.neural.language.folder import Encoder
from newsdesk.models.neural.language.params import PretrainParams
from newsdesk.types import Documents, Progress

__all__ = ["KINDS", "Pretrain", "Pretrained", "default_params", "pretrainer"]

KINDS = ("nnlm", "elmo", "awd-lstm")
"""What `default_params` and `pretrainer` know."""

_ROOM = "newsdesk.models.neural"
_PARAMS = {
    "nnlm": "nnlm.params:NnlmParams",
    "elmo": "elmo.params:ElmoParams",
    "awd-lstm": "awd_lstm.params:AwdLstmParams",
}
_PRETRAIN = {
    "nnlm": "nnlm.pretraining:from_texts",
    "elmo": "elmo.pretraining:from_texts",
    "awd-lstm": "awd_lstm.pretraining:from_texts",
}


class Pretrained(NamedTuple):
    """A language model and how it was trained."""

    encoder: Encoder[object]  # type: ignore[type-var]  # each kind has its own sizes
    """The model."""
    stage: Stage
    """Its epochs, for people."""


class Pretrain(Protocol):
    """Trains a language model on texts, from first values."""

    def __call__(
        self,
        documents: Documents,
        params: PretrainParams,
        *,
        seed: int,
        progress: Progress,
        checkpoints: Path | None = None,
        source: str = "",
    ) -> Pretrained:
        """Train one.

        Parameters
        ----------
        documents : Documents
            Clean texts.
        params : PretrainParams
            Settings of the kind.
        seed : int
            Of all draws, 0 to 2**63 - 1.
        progress : Progress
            Told of documents, then of words.
        checkpoints : Path | None
            Folder where the state is kept; a state of the same training is gone on from.
        source : str
            What the texts are called.

        Returns
        -------
        Pretrained
            The model.
        """
        ...


def default_params(kind: str) -> PretrainParams:
    """Settings of a kind.

    Parameters
    ----------
    kind : str
        One of `KINDS`.

    Returns
    -------
    PretrainParams
        With their defaults.
    """
    params: PretrainParams = optional.load(f"{_ROOM}.{_PARAMS[kind]}", extra="torch")()
    return params


def pretrainer(kind: str) -> Pretrain:
    """What trains a kind.

    Parameters
    ----------
    kind : str
        One of `KINDS`.

    Returns
    -------
    Pretrain
        To be called with texts.

    Raises
    ------
    MissingExtraError
        If torch is not installed.
    """
    optional.require("torch", extra="torch")
    found: Pretrain = optional.load(f"{_ROOM}.{_PRETRAIN[kind]}", extra="torch")
    return found
