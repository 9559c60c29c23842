"""Family ``ulmfit``: a language model of the training texts, tuned to tell classes apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from newsdesk.features.sequences import Sequences
from newsdesk.features.vocab import Vocab
from newsdesk.models.classifier import Suggest, Valid
from newsdesk.models.history import History, Stage
from newsdesk.models.neural.awd_lstm.architecture import AwdLstmArchitecture
from newsdesk.models.neural.awd_lstm.reading import SeparatedReader, learn_vocab
from newsdesk.models.neural.family import Tensors, Training
from newsdesk.models.neural.forward.recurrent import RecurrentNetwork as Forward
from newsdesk.models.neural.language import folder
from newsdesk.models.neural.ulmfit.params import UlmfitParams
from newsdesk.models.neural.words import shapes
from newsdesk.models.neural.words.family import Plan, Predictor, WordNetwork
from newsdesk.models.neural.words.reading import Reader
from newsdesk.types import Documents, Indices, Progress

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

    def fit(
        self,
        documents: Documents,
        y: Indices,
        *,
        n_classes: int,
        valid: Valid | None,
        rng: np.random.Generator,
        progress: Progress,
    ) -> Self:
        """Train the language model, then the classifier; see `Classifier.fit`."""
        self._language = None
        return super().fit(
            documents, y, n_classes=n_classes, valid=valid, rng=rng, progress=progress
        )

    def release(self) -> None:
        """Forget what only `refit` needs; see `Refittable`."""
        super().release()
        self._language = self._start = None

    def _learn_reader(self, training: Training, progress: Progress) -> tuple[Reader, Sequences]:
        params = self.params
        language = self._pretraining
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
                language,
                start=self._start,
                seed=training.seed,
                progress=progress,
                checkpoints=self.checkpoints,
            )
        return self._reader_of(vocab), sequences

    @property
    def _pretraining(self) -> Any:  # noqa: ANN401  AwdLstmParams
        """Settings of the language model, with the sizes of the encoder if there is one."""
        params = self.params
        if params.encoder and self._start is None:
            self._start = folder.read(params.encoder, "awd-lstm", AwdLstmArchitecture)
        if self._start is None:
            return params.pretraining
        sizes = self._start.architecture
        return replace(
            params.pretraining,
            embedding_dim=sizes.embedding_dim,
            units=sizes.units,
            layers=sizes.layers,
            direction=sizes.direction,
        )

    def _reader_of(self, vocab: Vocab) -> Reader:
        return SeparatedReader(vocab, self.params, self.params.pretraining.direction)

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
