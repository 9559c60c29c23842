"""The classifier of family ``fewshot``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

import numpy as np

from newsdesk.errors import NotFittedError
from newsdesk.models import files
from newsdesk.models.classifier import Suggest, Valid
from newsdesk.models.history import History
from newsdesk.models.neural.checkpoints import digest
from newsdesk.models.neural.encoders import packing
from newsdesk.models.neural.encoders.encoder import Encoder
from newsdesk.models.neural.encoders.settings import cut_note
from newsdesk.models.neural.family import NetworkFamily, Prepared, Tensors, Training
from newsdesk.models.neural.fewshot.pairs import Pairs, choose, draw
from newsdesk.models.neural.fewshot.params import FewShotParams
from newsdesk.models.neural.perceptron.perceptron import Perceptron
from newsdesk.predictions import Scores
from newsdesk.types import Documents, Progress

if TYPE_CHECKING:
    from torch import Generator

__all__ = ["FewShot"]


@dataclass(frozen=True)
class _Saved:
    """What stands in ``fewshot.json``."""

    params: FewShotParams
    n_classes: int


class _Tuning(NamedTuple):
    """What the encoder is tuned on."""

    n_texts: int
    pairs: Pairs


class FewShot(NetworkFamily[FewShotParams]):
    """An encoder tuned on pairs of labelled texts, then a linear model on its vectors.

    Tunstall et al. 2022, "Efficient Few-Shot Learning Without Prompts" (SetFit): n texts make many
    more pairs than there are texts, and each pair says of two texts whether they are to lie near
    each other. Meant for 8 to 64 texts of each class.

    Parameters
    ----------
    params : FewShotParams | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = FewShotParams
    brief: ClassVar[bool] = True

    def __init__(self, params: FewShotParams | None = None) -> None:
        super().__init__(params)
        self._encoder: Encoder | None = None
        self._head = Perceptron(self.params.head)
        self._tuning: _Tuning | None = None

    def _train(
        self,
        act: str,
        training: Training,
        valid: Valid | None,
        n_steps: int | None,
        progress: Progress,
    ) -> History:
        """Tune the encoder, then fit the linear model: valid and the steps are for that one."""
        tuned = super()._train(act, training, None, None, progress)
        encoder = self.encoder
        documents = [training.documents, *([valid[0]] if valid else [])]
        encoded = [encoder.encode(part.texts.to_pylist(), progress=progress) for part in documents]
        self._head.fit(
            encoded[0].vectors,
            training.y,
            n_classes=training.n_classes,
            seed=training.seed,
            valid=(encoded[1].vectors, valid[1]) if valid else None,
            n_steps=n_steps,
            checkpoint=self.checkpoints and self.checkpoints / f"{act}-head.safetensors",
            progress=progress,
        )
        assert self._tuning is not None
        told = _told(self._tuning, len(training.y), tuned)
        self.notes = (*self.notes, told, cut_note("Texts", encoded, encoder))
        return self._head.history

    def _n_updates(self, n_rows: int) -> int:
        return self.params.head.n_updates(n_rows)

    def _prepare(
        self,
        training: Training,
        valid: Valid | None,  # noqa: ARG002  pairs are trained on as often as was asked for
        generator: Generator,
        progress: Progress,
    ) -> Prepared:
        from newsdesk.models.neural.encoders.network import EncoderNetwork
        from newsdesk.models.neural.fewshot.network import PairExamples, PairNetwork

        params = self.params
        found, what = params.encoding.open()
        architecture = found.facts.architecture
        architecture.check_frozen(params.frozen_layers, family=params.family, name=found.facts.name)
        rng = np.random.default_rng(training.seed)
        rows = choose(training.y, params.max_texts, rng)
        pieces = found.tokenizer.read(training.documents.take(rows).texts, progress)
        readable = np.flatnonzero(pieces.lengths)
        pairs = draw(training.y[rows[readable]], params.pairs_per_text, rng)
        if pairs.n_same in (0, pairs.n):
            # Pairs of one kind alone would pull all texts together, or push all apart.
            pairs = Pairs(pairs.texts[:0], pairs.same[:0])
        examples = PairExamples(found.framed(pieces.take(readable)), pairs)
        encoder = EncoderNetwork(architecture, found.packed, params.dropout, generator)
        if params.frozen_layers:
            encoder.freeze(params.frozen_layers)
        network = PairNetwork(encoder, found.facts.pooling, params.layer_decay)
        self._tuning = _Tuning(len(readable), pairs)

        def take(state: Tensors) -> None:
            tensors = {name.removeprefix("encoder."): array for name, array in state.items()}
            facts = replace(
                found.facts,
                digest=digest(*tensors.values()),
                normalise=True,  # it was tuned on angles
                precision=params.kept_precision,
            )
            packed = packing.pack(tensors, params.kept_precision)
            self._encoder = Encoder(facts, found.tokenizer, packed)

        seen = (*examples.sequences, *pairs, found.facts.pooling)
        return Prepared(network, examples, None, seen, (what,), take, n_outputs=2)

    @property
    def encoder(self) -> Encoder:
        """What makes texts vectors."""
        if self._encoder is None:
            problem = f"This {self.params.family} model is not fitted."
            raise NotFittedError(problem, remedy="Call fit or load first.")
        return self._encoder

    def decision(self, documents: Documents) -> Scores:
        """Logits of all classes; see `Classifier.decision`."""
        encoded = self.encoder.encode(documents.texts.to_pylist())
        return Scores(self._head.logits(encoded.vectors), encoded.blank)

    def plan(self, documents: Documents, n_classes: int) -> int:
        """Estimated peak memory of `fit`; see `Planned`."""
        params, architecture = self.params, self.params.encoding.find().architecture
        n_numbers = sum(map(prod, architecture.shapes.values()))
        # As read, weights, gradients, two moments; and a checkpoint of three of them, once as
        # arrays and once as a file; then as it is kept.
        weights = n_numbers * 4 * 12
        width = architecture.width
        per_token = (architecture.n_layers + 1) * 4 * (10 * width + 3 * architecture.inner_width)
        batch = 2 * params.batch_size * min(params.max_tokens, architecture.n_positions) * per_token
        return weights + batch + len(documents) * width * 4 * 2 + width * n_classes * 4 * 8

    def save(self, directory: Path) -> None:
        """See `Classifier.save`."""
        self.encoder.save(directory)
        files.write_tensors(directory / "weights.safetensors", self._head.tensors)
        portable = replace(self.params, encoder=self.encoder.facts.name)
        files.write_json(directory / "fewshot.json", _Saved(portable, self.n_classes))

    @classmethod
    def load(cls, directory: Path) -> Self:
        """See `Classifier.load`."""
        saved = files.read_json(directory / "fewshot.json", _Saved)
        model = cls(saved.params)
        model.n_classes = saved.n_classes
        model._encoder = Encoder.load(directory)
        path, width = directory / "weights.safetensors", model._encoder.width
        model._head = Perceptron.load(path, saved.params.head, width, saved.n_classes)
        return model

    @staticmethod
    def space(suggest: Suggest) -> FewShotParams:
        """Draw settings; see `Classifier.space`."""
        return FewShotParams(
            learning_rate=suggest("learning_rate", (3e-5, 3e-4)),
            layer_decay=suggest("layer_decay", (0.8, 1.0)),
            pairs_per_text=suggest("pairs_per_text", [2, 5, 10]),
            head_dropout=suggest("head_dropout", (0.0, 0.5)),
        )


def _told(tuning: _Tuning, n_rows: int, tuned: History) -> str:
    """Say what the encoder was tuned on."""
    if not tuned.epochs:
        return "The encoder is as it was: its texts make no pairs, or pairs of one kind alone."
    last = tuned.epochs[-1]
    pairs, n_texts = tuning.pairs, tuning.n_texts
    return (
        f"The encoder was tuned on {pairs.n:,} pairs of {n_texts:,} of the {n_rows:,} texts, "
        f"{pairs.n_same:,} of them of one class, in {last.step:,} steps; {last.train_accuracy:.1%} "
        "of the pairs were told apart in the last pass."
    ).replace("%", " %")
