"""Family ``ulmfit``: a language model of the training texts, tuned to tell classes apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from newsdesk.features.sequences import Sequences
from newsdesk.features.vocab import Vocab
from newsdesk.models.classifier import Suggest
from newsdesk.models.history import History, Stage
from newsdesk.models.neural.awd_lstm.architecture import AwdLstmArchitecture
from newsdesk.models.neural.awd_lstm.params import AwdLstmParams
from newsdesk.models.neural.awd_lstm.reading import SeparatedReader, learn_vocab
from newsdesk.models.neural.family import Tensors, Training
from newsdesk.models.neural.forward.recurrent import RecurrentNetwork as Forward
from newsdesk.models.neural.language import folder
from newsdesk.models.neural.ulmfit.params import UlmfitParams
from newsdesk.models.neural.words import shapes
from newsdesk.models.neural.words.family import Plan, Predictor, WordNetwork
from newsdesk.models.neural.words.reading import Reader
from newsdesk.types import Documents, Progress

if TYPE_CHECKING:
    from torch import Generator, nn

    from newsdesk.models.neural.language.kinds import Pretrained

__all__ = ["Ulmfit"]


class Ulmfit(WordNetwork[UlmfitParams]):
    """Language model, concat pooling, dense blocks, softmax.

    The language model reads the training texts and no others, and never a label. A bundle carries
    all that predicting takes.

    Parameters
    ----------
    params : UlmfitParams | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = UlmfitParams

    def __init__(self, params: UlmfitParams | None = None) -> None:
        super().__init__(params)
        self._language: Pretrained | None = None
        self._start: folder.Encoder[AwdLstmArchitecture] | None = None
        self._settled: AwdLstmParams | None = None

    def _begin_anew(self) -> None:
        self._language = self._start = None
        if self.params.encoder:
            self._start = folder.read(self.params.encoder, "awd-lstm", AwdLstmArchitecture)
        self._settled = self._settle()

    def release(self) -> None:
        """Forget what only `refit` needs; see `Refittable`."""
        super().release()
        self._language = self._start = None

    def _learn_reader(self, training: Training, progress: Progress) -> tuple[Reader, Sequences]:
        params = self.params
        if self._language is not None:  # refitted: the language model stays that of the fit
            assert self._language.encoder.vocab is not None
            reader = self._reader_of(self._language.encoder.vocab)
            return reader, reader.vocab.encode(training.documents)
        vocab, sequences = learn_vocab(
            training.documents, params.vocab_size, params.min_count, progress
        )
        if params.pretrained:
            from newsdesk.models.neural.awd_lstm.pretraining import pretrain

            self._language = pretrain(
                vocab,
                sequences,
                self._pretraining,
                start=self._start,
                seed=training.seed,
                progress=progress,
                checkpoints=self.checkpoints,
            )
        return self._reader_of(vocab), sequences

    def _settle(self) -> AwdLstmParams:
        own = self.params.pretraining
        if self._start is None:
            return own
        sizes = self._start.architecture
        return replace(
            own,
            embedding_dim=sizes.embedding_dim,
            units=sizes.units,
            layers=sizes.layers,
            direction=sizes.direction,
        )

    @property
    def _pretraining(self) -> AwdLstmParams:
        """Settings of the language model, with the sizes of the encoder if there was one."""
        # A bundle holds them so, and knows no folder of an encoder.
        return self._settled or self.params.pretraining

    def _reader_of(self, vocab: Vocab) -> Reader:
        return SeparatedReader(vocab, self.params, self._pretraining.direction)

    def _build(self, plan: Plan, generator: Generator) -> nn.Module:
        from newsdesk.models.neural.awd_lstm.network import AwdLstm, Dropouts
        from newsdesk.models.neural.ulmfit.network import UlmfitNetwork

        params = self.params
        dropouts = Dropouts(
            embedding=params.embedding_dropout,
            input=params.dropout,
            weight=params.weight_dropout,
            hidden=params.layer_dropout,
            output=0.0,
        )
        start = None if self._language is None else self._language.encoder.tensors
        sizes = self._pretraining.architecture
        encoder = AwdLstm(sizes, len(plan.vocab.words), dropouts, generator, start)
        return UlmfitNetwork(params, encoder, plan.n_classes, generator)

    def _saved_tensors(self, state: Tensors) -> Tensors:
        from newsdesk.models.neural.ulmfit.network import folded

        plain = folded(state, len(self.params.hidden))
        return {_saved_name(name): array for name, array in plain.items()}

    def _predictor(self, tensors: Tensors) -> Predictor:
        return Forward(tensors, pooling="concat")

    def warm_up(self) -> None:
        """Compile what predicting takes; see `Warmable`."""
        Forward.warm_up()

    @staticmethod
    def _shapes(params: UlmfitParams, n_words: int, n_classes: int) -> shapes.Shapes:
        found = params.pretraining.architecture.shapes(n_words)
        del found["decoder.bias"]
        return found | shapes.head(3 * params.pretraining.embedding_dim, params.hidden, n_classes)

    @staticmethod
    def _bytes_per_token(params: UlmfitParams) -> int:
        # Gates, cells and states of each layer, and their gradients.
        return 4 * 24 * sum(params.pretraining.architecture.widths)

    def plan(self, documents: Documents, n_classes: int) -> int:
        """Estimated peak memory of `fit`; see `Planned`."""
        language = self.params.pretraining
        n_words = min(self.params.vocab_size, sum(c.nbytes for c in documents.fields.values()) // 5)
        # The logits of a window, their softmax and its gradient.
        window = language.batch_size * language.window
        logits = window * min(language.n_samples or n_words, n_words) * 4 * 3
        return super().plan(documents, n_classes) + (logits if self.params.pretrained else 0)

    def _portable(self) -> UlmfitParams:
        name = Path(self.params.encoder).name if self.params.encoder else ""
        return replace(self.params, encoder=name, pretraining=self._pretraining)

    def _stages(self, history: History) -> tuple[Stage, ...]:
        from newsdesk.models.neural.ulmfit.told import told

        before = () if self._language is None else (self._language.stage,)
        n_layers = self._pretraining.layers
        return (*before, told(self.params, n_layers, history))

    @staticmethod
    def space(suggest: Suggest) -> UlmfitParams:
        """Draw settings; see `Classifier.space`."""
        return UlmfitParams(
            dropout=suggest("dropout", (0.05, 0.5)),
            weight_dropout=suggest("weight_dropout", (0.05, 0.5)),
            hidden_dropout=suggest("hidden_dropout", (0.1, 0.5)),
            learning_rate=suggest("learning_rate", (1e-3, 2e-2)),
        )


def _saved_name(name: str) -> str:
    """Name of a saved tensor: ``encoder.lstm.0.input`` is that of ``lstm.0.forward.input``."""
    name = name.removeprefix("encoder.").removeprefix("head.")
    if name.startswith("lstm."):
        _, layer, part = name.split(".")
        return f"lstm.{layer}.forward.{part}"
    return "embedding" if name == "embedding.weight" else name
