"""The settings of family ``ulmfit``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from newsdesk.models.neural.awd_lstm.params import AwdLstmParams
from newsdesk.models.neural.schedules import Schedule
from newsdesk.models.neural.words.params import WordParams

__all__ = ["UlmfitParams"]

_PAPER: dict[str, Any] = {
    "pretraining": AwdLstmParams.PRESETS["paper"],
    "hidden": (50,),
    "embedding_dropout": 0.05,
    "dropout": 0.4,
    "weight_dropout": 0.5,
    "layer_dropout": 0.3,
    "hidden_dropout": 0.4,
    "betas": (0.7, 0.99),
    "rate_decay": 2.6,
}


@dataclass(frozen=True)
class UlmfitParams(WordParams):
    """Settings of family ``ulmfit``.

    The letters are those of Howard & Ruder 2018, "Universal Language Model Fine-tuning for Text
    Classification".

    Parameters
    ----------
    encoder : str
        Folder of a language model of kind ``awd-lstm``, which is tuned to the training texts
        first. Without one, a language model is trained on them from first values.
    pretraining : AwdLstmParams
        Settings of the language model: ``--set pretraining.epochs=4``; all of them are listed by
        ``newsdesk pretrain awd-lstm --settings``. Its words are those of the family's own
        ``vocab_size`` and ``min_count``; with ``encoder``, its sizes are the encoder's.
    pretrained : bool
        Without, the same network learns the classes from first values: to see what the language
        model brings.
    unfreeze : bool
        Whether one more layer begins to move in each epoch, the last first (section 3.3).
    rate_decay : float
        How much slower each layer moves than the next one, 1 to 10; published is 2.6 (section
        3.2), after a language model of 100 million words. One of the train rows alone knows less
        that should be kept.
    window : int
        Words through which gradients go back (BPT3C, section 3.3), 2 to 10,000; published is 70.
    embedding_dropout : float
        p_e: share of the words of the vocabulary that a batch reads as zeros; 0 up to below 1.
        ``dropout`` is p_i, that of the numbers of word vectors.
    weight_dropout : float
        p_w: share of the recurrent weights left out for a batch (DropConnect).
    layer_dropout : float
        p_h: share of the numbers between layers left out, the same at each step of a text.
    """

    family: ClassVar[str] = "ulmfit"
    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "small": {},
        "base": {"pretraining": AwdLstmParams.PRESETS["base"]},
        "paper": _PAPER,
    }

    encoder: str = ""
    pretraining: AwdLstmParams = field(default_factory=AwdLstmParams)
    pretrained: bool = True
    unfreeze: bool = True
    rate_decay: float = 1.2
    window: int = 70
    embedding_dropout: float = 0.05
    dropout: float = 0.25
    weight_dropout: float = 0.2
    layer_dropout: float = 0.15
    hidden: tuple[int, ...] = (50,)
    hidden_dropout: float = 0.2
    vocab_size: int = 60_000
    learning_rate: float = 5e-3
    schedule: Schedule = "slanted-triangular"
    betas: tuple[float, float] = (0.8, 0.99)
    epochs: int = 8
    min_updates: int = 400
    patience: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(1 <= self.rate_decay <= 10, "rate_decay", "1 to 10")
        self._require(2 <= self.window <= 10_000, "window", "2 to 10,000")
        self._require(self.vocab_size >= 3, "vocab_size", "3 to 2,000,000")
        # A language model reads texts as they are written, each by itself.
        self._require(self.stop_words == "none", "stop_words", "none")
        self._require(self.masking, "masking", "true")
        for part in ("embedding", "weight", "layer"):
            name = f"{part}_dropout"
            self._require(0 <= getattr(self, name) < 1, name, "0 up to below 1")
