"""The settings of family ``elmo-lstm``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from newsdesk.features.sequences import Side
from newsdesk.models.neural.elmo.params import ElmoParams
from newsdesk.models.neural.params import TrainingParams
from newsdesk.models.neural.recurrent.params import RecurrentParams
from newsdesk.models.neural.schedules import Schedule

__all__ = ["ElmoLstmParams"]


@dataclass(frozen=True)
class ElmoLstmParams(TrainingParams):
    """Settings of family ``elmo-lstm``.

    Parameters
    ----------
    encoder : str
        Folder of an ELMo language model, as ``newsdesk pretrain elmo`` or ``newsdesk
        import-weights`` writes it. Without one, a model is trained on the texts of the train rows
        first.
    pretraining : ElmoParams
        Settings of that training: ``--set pretraining.epochs=5``; all of them are listed by
        ``newsdesk pretrain elmo --settings``.
    pretrained : bool
        Without, the language model has its first values, in the sizes of ``encoder`` or of
        ``pretraining``: to see what its training brings.
    remember : bool
        Whether what the language model of a folder says of training texts is kept on the disk
        (``NEWSDESK_CACHE``) after the training, so that a later one reads only new texts.
    max_tokens : int
        Longer documents are cut, 1 to 10,000 words; punctuation counts.
    truncate : Side
        Which end is cut off: ``pre`` the beginning, ``post`` the end.
    layer_norm : bool
        Whether the vectors of each layer are brought to mean 0 and variance 1 before they are
        mixed, which helps where layers are of very different sizes (Peters et al. 2018, section
        3.2; Ba, Kiros & Hinton 2016, equation 3).
    units : int
        Size of the state of each direction, 1 to 2,048.
    layers : int
        Recurrent layers over the language model, 1 to 4.
    bidirectional : bool
        Whether documents are read from both ends.
    pooling : Literal["last", "max", "mean", "attention"]
        What the dense layers see: the state after the last word (of each direction), or the
        largest, the mean or an attentive sum of the states of all words.
    dropout : float
        Share of the numbers of the language model's vectors that are left out while training; 0 up
        to below 1.
    recurrent_dropout : float
        Share of the recurrent weights that are left out for a batch while training; 0 up to below
        1.
    hidden : tuple[int, ...]
        Units of each dense layer before the last, none or up to five layers of 1 to 4,096.
    hidden_dropout : float
        Share of the inputs of dense layers that are left out while training; 0 up to below 1.
    """

    family: ClassVar[str] = "elmo-lstm"
    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        name: {"pretraining": sizes} for name, sizes in ElmoParams.PRESETS.items()
    }

    encoder: str = ""
    pretraining: ElmoParams = field(default_factory=ElmoParams)
    pretrained: bool = True
    remember: bool = True
    max_tokens: int = 200
    truncate: Side = "post"
    layer_norm: bool = False
    units: int = 128
    layers: int = 1
    bidirectional: bool = True
    pooling: Literal["last", "max", "mean", "attention"] = "max"
    dropout: float = 0.15
    recurrent_dropout: float = 0.0
    hidden: tuple[int, ...] = ()
    hidden_dropout: float = 0.3
    learning_rate: float = 1e-2
    epochs: int = 16
    schedule: Schedule = "slanted-triangular"
    min_updates: int = 300
    patience: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(1 <= self.max_tokens <= 10_000, "max_tokens", "1 to 10,000")
        self._require(1 <= self.units <= 2048, "units", "1 to 2,048")
        self._require(1 <= self.layers <= 4, "layers", "1 to 4")
        for name in ("dropout", "recurrent_dropout", "hidden_dropout"):
            self._require(0 <= getattr(self, name) < 1, name, "0 up to below 1")
        sizes = len(self.hidden) <= 5 and all(1 <= size <= 4096 for size in self.hidden)
        self._require(sizes, "hidden", "none or up to five sizes of 1 to 4,096")

    @property
    def network(self) -> RecurrentParams:
        """Settings of the network over the language model."""
        return RecurrentParams(
            units=self.units,
            layers=self.layers,
            bidirectional=self.bidirectional,
            pooling=self.pooling,
            dropout=self.dropout,
            recurrent_dropout=self.recurrent_dropout,
            hidden=self.hidden,
            hidden_dropout=self.hidden_dropout,
        )
