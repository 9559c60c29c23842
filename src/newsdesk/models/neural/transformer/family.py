"""Family ``transformer``: a pretrained encoder, all of which is trained on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

import numpy as np

from newsdesk.errors import BundleFormatError, ConfigError, NotFittedError
from newsdesk.models import files
from newsdesk.models.classifier import Suggest, Valid
from newsdesk.models.neural.encoders import packing
from newsdesk.models.neural.encoders.architecture import Architecture, Pooling
from newsdesk.models.neural.encoders.pretrained import Pretrained, find
from newsdesk.models.neural.encoders.tokenizer import Tokenizer
from newsdesk.models.neural.family import NetworkFamily, Prepared, Tensors, Training
from newsdesk.models.neural.transformer.params import TransformerParams
from newsdesk.models.neural.transformer.predicting import OUTPUT, Predictor
from newsdesk.models.neural.transformer.windows import Cutter, Windows
from newsdesk.predictions import Scores
from newsdesk.types import Documents, Progress, Silent

if TYPE_CHECKING:
    from torch import Generator

__all__ = ["Transformer"]

_BYTES_PER_PIECE = 4
"""Of English text, about."""
_MANY_LAYERS = 1000


@dataclass(frozen=True)
class _Saved:
    """What stands in ``network.json``."""

    params: TransformerParams
    architecture: Architecture
    pooling: Pooling
    n_classes: int


class _Reader(NamedTuple):
    """Turns documents into windows."""

    content: bytes
    tokenizer: Tokenizer
    cutter: Cutter

    @classmethod
    def of(cls, content: bytes, params: TransformerParams) -> _Reader:
        tokenizer = Tokenizer(content)
        around = tokenizer.prefix, tokenizer.suffix
        cutter = Cutter(*around, params.max_tokens, params.stride, params.max_windows)
        return cls(content, tokenizer, cutter)

    def read(self, documents: Documents, progress: Progress) -> Windows:
        return self.cutter.cut(self.tokenizer.read(documents.texts, progress))


class Transformer(NetworkFamily[TransformerParams]):
    """Word pieces, a pretrained encoder, pooling, softmax; everything is trained on.

    Devlin et al. 2019, "BERT", section 3.2; with slower lower layers (Howard & Ruder 2018). A text
    that is longer than a window is read in several that overlap, and has the mean of their logits,
    in training as in answering.

    Parameters
    ----------
    params : TransformerParams | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = TransformerParams

    def __init__(self, params: TransformerParams | None = None) -> None:
        super().__init__(params)
        self.tensors: Tensors = {}
        self._reader: _Reader | None = None
        self._saved: _Saved | None = None

    def _prepare(
        self, training: Training, valid: Valid | None, generator: Generator, progress: Progress
    ) -> Prepared:
        from newsdesk.models.neural.encoders.network import EncoderNetwork
        from newsdesk.models.neural.transformer.examples import WindowExamples
        from newsdesk.models.neural.transformer.network import TransformerNetwork

        params = self.params
        pretrained = find(params.encoder)
        self._check(pretrained)
        reader = _Reader.of(pretrained.tokenizer, params)
        notes = [f"The encoder is {pretrained.name}, from {pretrained.origin}."]
        examples = WindowExamples(reader.read(training.documents, progress), training.y)
        notes.append(f"Training texts: {examples.windows.sentence()}")
        held_out = None
        if valid is not None:
            held_out = WindowExamples(reader.read(valid[0], progress), valid[1])
            notes.append(f"Valid texts: {held_out.windows.sentence()}")
        architecture = pretrained.architecture
        pooling = pretrained.pooling if params.pooling == "encoder" else params.pooling
        encoder = EncoderNetwork(
            architecture,
            pretrained.tensors(),
            params.dropout,
            generator,
            recompute=params.recompute,
        )
        if params.frozen_layers:
            encoder.freeze(params.frozen_layers)
        n_classes = training.n_classes
        network = TransformerNetwork(
            encoder, pooling, n_classes, params.head_dropout, params.layer_decay, generator
        )
        seen = [pretrained.digest.encode(), pooling.encode()]
        arrays = [
            array
            for part in (examples, held_out)
            if part is not None
            for array in (part.windows.indptr, *part.windows.sequences, part.y)
        ]

        def take(state: Tensors) -> None:
            folder = Path(params.encoder)
            named = folder.name if folder.is_dir() else pretrained.name
            portable = replace(params, encoder=named)
            self._reader = reader
            self._saved = _Saved(portable, architecture, pooling, n_classes)
            tensors = {name.removeprefix("encoder."): array for name, array in state.items()}
            own = {name: tensors.pop(name) for name in OUTPUT}
            self._take(packing.pack(tensors, params.kept_precision) | own)

        return Prepared(network, examples, held_out, (*seen, *arrays), tuple(notes), take)

    def _check(self, pretrained: Pretrained) -> None:
        """Refuse settings that the encoder cannot follow."""
        params, architecture = self.params, pretrained.architecture
        longest = architecture.n_positions
        if params.max_tokens > longest:
            problem = (
                f"Family {params.family}: max_tokens is {params.max_tokens}, but {pretrained.name} "
                f"reads {longest} at the most."
            )
            raise ConfigError(problem, remedy=f"Set max_tokens to {longest} or less.")
        architecture.check_frozen(params.frozen_layers, family=params.family, name=pretrained.name)

    def _take(self, tensors: Tensors) -> None:
        self.tensors = tensors
        self.__dict__.pop("_predictor", None)

    @cached_property
    def _predictor(self) -> Predictor:
        saved = self._fitted
        return Predictor(saved.architecture, saved.pooling, self.tensors)

    @property
    def _fitted(self) -> _Saved:
        if self._saved is None:
            problem = f"This {self.params.family} model is not fitted."
            raise NotFittedError(problem, remedy="Call fit or load first.")
        return self._saved

    def decision(self, documents: Documents) -> Scores:
        """Logits of all classes; see `Classifier.decision`."""
        predictor = self._predictor
        assert self._reader is not None
        windows = self._reader.read(documents, Silent())
        return Scores(predictor.logits(windows), windows.blank)

    def plan(self, documents: Documents, n_classes: int) -> int:
        """Estimated peak memory of `fit`; see `Planned`."""
        params, architecture = self.params, find(self.params.encoder).architecture
        n_numbers = sum(map(prod, architecture.shapes.values())) + architecture.width * n_classes
        # As read, weights, gradients, two moments, the best weights; and a checkpoint of four of
        # them, once as arrays and once as a file.
        weights = n_numbers * 4 * 14
        n_bytes: int = sum(column.nbytes for column in documents.fields.values())
        n_pieces = n_bytes // _BYTES_PER_PIECE
        longest = min(
            params.max_tokens * params.max_windows, n_pieces // max(len(documents), 1) * 8 + 8
        )
        width, inner = architecture.width, architecture.inner_width
        layer = 4 * (10 * width + 3 * inner)
        kept = 4 * width if params.recompute else layer
        per_token = architecture.n_layers * kept + layer
        return n_pieces * 24 + weights + params.batch_size * longest * per_token

    def save(self, directory: Path) -> None:
        """See `Classifier.save`."""
        files.write_json(directory / "network.json", self._fitted)
        files.write_tensors(directory / "weights.safetensors", self.tensors)
        assert self._reader is not None
        (directory / "tokenizer.json").write_bytes(self._reader.content)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """See `Classifier.load`."""
        saved = files.read_json(directory / "network.json", _Saved)
        model = cls(saved.params)
        model.n_classes, model._saved = saved.n_classes, saved
        content = (directory / "tokenizer.json").read_bytes()
        model._reader = _Reader.of(content, saved.params)
        architecture = saved.architecture
        fits = (
            architecture.n_layers <= _MANY_LAYERS
            and model._reader.tokenizer.n_pieces <= architecture.n_pieces
            and saved.params.max_tokens <= architecture.n_positions
        )
        if not fits:
            problem = "network.json and tokenizer.json do not make an encoder."
            remedy = "Train the bundle again, or fetch an intact copy."
            raise BundleFormatError(problem, remedy=remedy)
        expected = packing.expected(architecture, saved.params.kept_precision)
        weight, bias = OUTPUT
        expected |= {
            weight: (np.float32, (saved.n_classes, architecture.width)),
            bias: (np.float32, (saved.n_classes,)),
        }
        model._take(files.read_tensors(directory / "weights.safetensors", expected))
        return model

    @staticmethod
    def space(suggest: Suggest) -> TransformerParams:
        """Draw settings; see `Classifier.space`."""
        return TransformerParams(
            learning_rate=suggest("learning_rate", (3e-5, 3e-4)),
            layer_decay=suggest("layer_decay", (0.7, 1.0)),
            dropout=suggest("dropout", (0.0, 0.3)),
            head_dropout=suggest("head_dropout", (0.0, 0.5)),
            epochs=suggest("epochs", [2, 3, 4]),
        )
