"""The classifier of family ``elmo-lstm``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self, cast

import numpy as np

from newsdesk.errors import NotFittedError
from newsdesk.models import files
from newsdesk.models.classifier import Suggest, Valid
from newsdesk.models.history import History, Stage
from newsdesk.models.neural.elmo.architecture import ElmoArchitecture
from newsdesk.models.neural.elmo_lstm.params import ElmoLstmParams
from newsdesk.models.neural.elmo_lstm.reading import Reader, Sight
from newsdesk.models.neural.family import NetworkFamily, Prepared, Tensors, Training
from newsdesk.models.neural.forward.contextual import ContextualNetwork
from newsdesk.models.neural.language import folder
from newsdesk.models.neural.language.folder import Encoder, Origin
from newsdesk.models.neural.recurrent.family import reading_shapes
from newsdesk.models.neural.words.family import saved_name
from newsdesk.models.neural.words.shapes import Shapes
from newsdesk.predictions import Scores
from newsdesk.types import Documents, Progress

if TYPE_CHECKING:
    from torch import Generator

__all__ = ["ElmoLstm"]


@dataclass(frozen=True)
class _Saved:
    """What stands in ``network.json``."""

    params: ElmoLstmParams
    n_classes: int
    architecture: ElmoArchitecture
    origin: Origin


class ElmoLstm(NetworkFamily[ElmoLstmParams]):
    """Words in their context by a frozen ELMo, a learnt mix of its layers, LSTM, dense layers.

    Peters et al. 2018, "Deep contextualized word representations". Training takes torch. Predicting
    does not, and the answer for a text depends on no other.

    Parameters
    ----------
    params : ElmoLstmParams | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = ElmoLstmParams

    def __init__(self, params: ElmoLstmParams | None = None) -> None:
        super().__init__(params)
        self.tensors: Tensors = {}
        self._reader: Reader | None = None
        self._stage: Stage | None = None

    def _begin_anew(self) -> None:
        self._reader = self._stage = None

    def _prepare(
        self, training: Training, valid: Valid | None, generator: Generator, progress: Progress
    ) -> Prepared:
        from newsdesk.models.neural.elmo_lstm.examples import ElmoExamples
        from newsdesk.models.neural.elmo_lstm.network import ElmoLstmNetwork

        reader = self._reader or self._open(training, progress)
        self._reader = reader
        notes = [_told(reader.encoder)]
        examples = []
        for name, own in (("Training", (training.documents, training.y)), ("Valid", valid)):
            if own is not None:
                documents, y = own
                sight = reader.see(documents, progress)
                notes.append(f"{name} words: {_cut(sight)}")
                examples.append(ElmoExamples(reader.activate(documents, sight, progress), y))
        encoder, params = reader.encoder, self.params
        network = ElmoLstmNetwork(
            params.network,
            encoder.architecture.layers + 1,
            reader.network.width,
            training.n_classes,
            generator,
            norm=params.layer_norm,
        )

        def take(state: Tensors) -> None:
            self._take({saved_name(name): array for name, array in state.items()})

        seen: list[object] = [reader.digest]
        for part in examples:
            sequences = part.activations.sequences
            # What the language model says follows from it and from the words.
            seen += [part.activations.vectors, *sequences, part.y]
        held_out = examples[1] if valid is not None else None
        return Prepared(network, examples[0], held_out, tuple(seen), tuple(notes), take)

    def _open(self, training: Training, progress: Progress) -> Reader:
        """Read the language model, or train one."""
        params = self.params
        if params.encoder:
            given = self._given()
            if params.pretrained:
                return given
        from newsdesk.models.neural.elmo.pretraining import from_texts, untrained

        if not params.pretrained:
            sizes = given.encoder if params.encoder else params.pretraining
            return self._reader_of(untrained(sizes.architecture, training.documents, training.seed))
        made = from_texts(
            training.documents,
            params.pretraining,
            seed=training.seed,
            progress=progress,
            source="the train rows",
            checkpoints=self.checkpoints,
        )
        self._stage = made.stage
        return self._reader_of(cast("Encoder[ElmoArchitecture]", made.encoder))

    def _stages(self, history: History) -> tuple[Stage, ...]:  # noqa: ARG002  it tells of what came before
        mixed = self._network.shares
        names = ["words", *(f"layer {number + 1}" for number in range(len(mixed) - 1))]
        rows = tuple((name, float(share)) for name, share in zip(names, mixed, strict=True))
        gamma = float(self.tensors["mix.gamma"][0])
        mix = Stage("Mix of layers", ("layer", "share"), rows, (f"The scale is {gamma:.3f}.",))
        return (mix,) if self._stage is None else (self._stage, mix)

    def release(self) -> None:
        """Forget what only a refit needs; see `Refittable`."""
        super().release()
        if self._reader is not None and not self._remembers:
            self._reader.kept.forget()

    def unread(self, documents: Documents) -> int:
        """Texts that the language model is yet to read; see `Remembering`.

        Parameters
        ----------
        documents : Documents
            n clean documents.

        Returns
        -------
        int
            How many of them; 0 where each training has a language model of its own.
        """
        return self._given().unread(documents) if self._remembers else 0

    def read(self, documents: Documents, progress: Progress) -> None:
        """Run the language model over texts, and keep what it says; see `Remembering`.

        Parameters
        ----------
        documents : Documents
            n clean documents.
        progress : Progress
            Told of words.
        """
        if self._remembers:
            reader = self._given()
            reader.activate(documents, reader.see(documents, progress), progress)

    @property
    def _remembers(self) -> bool:
        params = self.params
        # Nobody will have the same language model again where each training makes one.
        return bool(params.encoder) and params.pretrained and params.remember

    def _given(self) -> Reader:
        return self._reader_of(folder.read(self.params.encoder, "elmo", ElmoArchitecture))

    def _reader_of(self, encoder: Encoder[ElmoArchitecture]) -> Reader:
        return Reader(encoder, self.params.max_tokens, self.params.truncate)

    def _take(self, tensors: Tensors) -> None:
        self.tensors = tensors
        self.__dict__.pop("_network", None)

    @property
    def reader(self) -> Reader:
        """How documents are read."""
        if self._reader is None or not self.tensors:
            problem = f"This {self.params.family} model is not fitted."
            raise NotFittedError(problem, remedy="Call fit or load first.")
        return self._reader

    @cached_property
    def _network(self) -> ContextualNetwork:
        params = self.params
        return ContextualNetwork(
            self.reader.network, self.tensors, pooling=params.pooling, norm=params.layer_norm
        )

    def decision(self, documents: Documents) -> Scores:
        """Logits of all classes; see `Classifier.decision`."""
        sight = self.reader.see(documents)
        return Scores(self._network.logits(sight.words, sight.sequences), sight.blank)

    @staticmethod
    def _shapes(params: ElmoLstmParams, architecture: ElmoArchitecture, n_classes: int) -> Shapes:
        mix: Shapes = {"mix.weights": (architecture.layers + 1,), "mix.gamma": (1,)}
        width = 2 * architecture.projection_dim
        return {**mix, **reading_shapes(params.network, width, n_classes)}

    def warm_up(self) -> None:
        """Compile what predicting takes; see `Warmable`."""
        ContextualNetwork.warm_up()

    def plan(self, documents: Documents, n_classes: int) -> int:
        """Estimated peak memory of `fit`; see `Planned`."""
        params = self.params
        architecture = params.pretraining.architecture
        n_characters: int = sum(column.nbytes for column in documents.fields.values())
        n_tokens = n_characters // 5  # a word and its space
        shapes = architecture.shapes(0)
        n_weights = sum(int(np.prod([size or 0 for size in shape])) for shape in shapes.values())
        n_weights += params.pretraining.vocab_size * architecture.projection_dim
        own = self._shapes(params, architecture, n_classes).values()
        n_weights += sum(int(np.prod([size or 0 for size in shape])) for shape in own)
        layers, width = architecture.layers + 1, 2 * architecture.projection_dim
        longest = min(params.max_tokens, n_tokens // max(len(documents), 1) * 8)
        batch = params.batch_size * longest * 4 * (layers * width * 2 + params.units * 48)
        window = params.pretraining.batch_size * params.pretraining.window
        # Gates, cells and states of both directions, and their gradients.
        pretraining = window * 4 * 2 * architecture.layers * architecture.units * 14
        # Weights, two moments and the best ones, and a checkpoint of all of them.
        return n_tokens * 40 + n_weights * 4 * 8 + max(batch, pretraining)

    def save(self, directory: Path) -> None:
        """See `Classifier.save`."""
        encoder = self.reader.encoder
        files.write_tensors(directory / "encoder.safetensors", encoder.tensors)
        files.write_tensors(directory / "weights.safetensors", self.tensors)
        portable = replace(self.params, encoder=Path(self.params.encoder).name)
        saved = _Saved(portable, self.n_classes, encoder.architecture, encoder.origin)
        files.write_json(directory / "network.json", saved)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """See `Classifier.load`."""
        saved = files.read_json(directory / "network.json", _Saved)
        model = cls(saved.params)
        model.n_classes = saved.n_classes
        architecture = saved.architecture
        shapes = architecture.shapes(0), cls._shapes(saved.params, architecture, saved.n_classes)
        language, network = (
            files.read_tensors(
                directory / f"{name}.safetensors",
                {tensor: (np.float32, shape) for tensor, shape in own.items()},
            )
            for name, own in zip(("encoder", "weights"), shapes, strict=True)
        )
        encoder = Encoder("elmo", architecture, language, None, saved.origin)
        model._reader = Reader(encoder, saved.params.max_tokens, saved.params.truncate)
        model._take(network)
        model._network  # noqa: B018  refuses tensors that do not fit together
        return model

    @staticmethod
    def space(suggest: Suggest) -> ElmoLstmParams:
        """Draw settings; see `Classifier.space`."""
        return ElmoLstmParams(
            units=suggest("units", [64, 128, 256]),
            pooling=suggest("pooling", ["last", "max", "mean", "attention"]),
            dropout=suggest("dropout", (0.1, 0.6)),
            hidden_dropout=suggest("hidden_dropout", (0.1, 0.6)),
            learning_rate=suggest("learning_rate", (1e-3, 1e-2)),
        )


def _told(encoder: Encoder[ElmoArchitecture]) -> str:
    origin = encoder.origin
    if origin.how == "imported":
        return "The language model was imported."
    if not origin.n_tokens:
        return "The language model has its first values: it was not trained."
    last = f", perplexity {origin.perplexities[-1]:,.1f}" if origin.perplexities else ""
    return (
        f"The language model was trained on {origin.n_tokens:,} words of "
        f"{origin.n_texts:,} texts{last}."
    )


def _cut(sight: Sight) -> str:
    n_words = len(sight.sequences.ids) + sight.n_cut
    return f"{sight.n_cut / max(n_words, 1):.1%} are cut off.".replace("%", " %")
