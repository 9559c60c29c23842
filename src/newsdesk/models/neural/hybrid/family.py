"""The classifier of family ``hybrid``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, NamedTuple, Self

import numpy as np

from newsdesk.errors import NotFittedError
from newsdesk.models import files
from newsdesk.models.classifier import Suggest, Valid
from newsdesk.models.hashed.machine import Machine
from newsdesk.models.history import History
from newsdesk.models.neural.encoders.encoder import Encoder
from newsdesk.models.neural.encoders.reading import EncoderReading
from newsdesk.models.neural.encoders.settings import cut_note
from newsdesk.models.neural.hybrid.fusion import Fusion, log_loss
from newsdesk.models.neural.hybrid.params import HybridParams
from newsdesk.models.neural.perceptron.perceptron import Perceptron
from newsdesk.models.soft_targets import SoftTargets
from newsdesk.predictions import Output, Scores, softmax
from newsdesk.types import Documents, Floats, Indices, Progress, Silent

__all__ = ["Hybrid"]

_FOLDS = 4


@dataclass(frozen=True)
class _Saved:
    """What stands in ``hybrid.json``."""

    params: HybridParams
    n_classes: int
    n_fields: int
    fusion: Fusion


class _Rows(NamedTuple):
    """Documents, their sentence vectors, their classes, and what layers learn in place of those."""

    documents: Documents
    vectors: Floats
    y: Indices
    soft: SoftTargets | None = None

    def take(self, rows: Indices) -> _Rows:
        soft = self.soft and self.soft.take(rows)
        return _Rows(self.documents.take(rows), self.vectors[rows], self.y[rows], soft)

    def extended(self, more: _Rows) -> _Rows:
        assert (self.soft is None) == (more.soft is None), "both are taught, or none"
        return _Rows(
            self.documents.extended(more.documents),
            np.concatenate([self.vectors, more.vectors]),
            np.concatenate([self.y, more.y]),
            self.soft and more.soft and self.soft.extended(more.soft),
        )

    @property
    def labelled(self) -> _Rows:
        if self.soft is None or self.soft.labelled.all():
            return self
        return self.take(np.flatnonzero(self.soft.labelled))


class _Parts(NamedTuple):
    """What a hybrid is made of; None is what it has not."""

    apart: Machine | None = None
    """Sees n-grams alone."""
    joint: Machine | None = None
    """Sees the sentence vector too."""
    layers: Perceptron | None = None
    """Sees the sentence vector alone."""


class _Answers(NamedTuple):
    """What the parts say of the same rows."""

    apart: Floats | None
    joint: Floats | None
    layers: Floats | None

    def fusion(self, y: Indices) -> Fusion:
        """Find the mixture with the smallest log loss."""
        found = []
        for joint, margins in ((False, self.apart), (True, self.joint)):
            if margins is not None:
                fusion = Fusion.fit(margins, self.layers, y, joint=joint)
                found.append((log_loss(fusion.apply(margins, self.layers), y), fusion))
        return min(found, key=lambda pair: pair[0])[1]


class Hybrid(EncoderReading[tuple[_Rows, int]]):
    """A linear machine on n-grams and sentence vectors, and dense layers on the vectors.

    Parameters
    ----------
    params : HybridParams | None
        Settings; None means the defaults.
    """

    output: ClassVar[Output] = "logits"
    Params: ClassVar[type] = HybridParams
    brief: ClassVar[bool] = True

    def __init__(self, params: HybridParams | None = None) -> None:
        self.params = params or HybridParams()
        super().__init__(self.params)
        self.checkpoints: Path | None = None
        self.soft_targets: SoftTargets | None = None
        self.history = History()
        self.notes: tuple[str, ...] = ()
        self.n_classes = self.n_fields = 0
        self._fusion: Fusion | None = None
        self._parts = _Parts()

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
        """Train from scratch; see `Classifier.fit`.

        Without valid, the mixture is chosen by four-fold out-of-fold answers.
        """
        seed = int(rng.integers(1 << 63))
        self.n_classes, self.n_fields = n_classes, len(documents.fields)
        self._encoder, what = self.params.encoding.open()
        encoded = [self._encode(documents, progress)]
        soft, self.soft_targets = self.soft_targets, None
        rows = _Rows(documents, encoded[0].vectors, y, soft)
        held_out = None
        if valid is not None:
            encoded.append(self._encode(valid[0], progress))
            held_out = _Rows(valid[0], encoded[1].vectors, valid[1])
        if held_out is None:
            known = rows.labelled  # the truth alone says what is good
            fusion = self._out_of_fold(known, seed).fusion(known.y)
            parts = self._fit_parts(self._needed(fusion), rows, None, seed, progress)
        else:
            parts = self._fit_parts(self._tried(), rows, held_out, seed, progress)
            fusion = self._ask(parts, held_out).fusion(held_out.y)
        needed = self._needed(fusion)
        self._parts = _Parts(**{name: getattr(parts, name) for name in needed})
        self._fusion, self._training = fusion, (rows, seed)
        self.notes = (what, cut_note("Texts", encoded, self._encoder), self._told(fusion))
        return self

    def _tried(self) -> set[str]:
        """Names of the parts that a mixture is chosen from."""
        joint, late = {"joint"}, {"apart", "layers"}
        return {"joint": joint, "late": late, "auto": joint | late}[self.params.fusion]

    @staticmethod
    def _needed(fusion: Fusion) -> set[str]:
        """Names of the parts that a mixture takes."""
        machine = {"joint" if fusion.joint else "apart"} if fusion.share < 1 else set()
        return machine | ({"layers"} if fusion.share > 0 else set())

    def _fit_parts(
        self,
        wanted: set[str],
        rows: _Rows,
        valid: _Rows | None,
        seed: int,
        progress: Progress,
        name: str = "fit",
    ) -> _Parts:
        rng = np.random.default_rng(seed)
        apart = joint = layers = None
        plain = Machine(self.params, self.n_classes, self.n_fields)
        known = rows.labelled  # a machine would be as sure of a guess as of a label
        if wanted & {"apart", "joint"}:
            counts = plain.count(known.documents, progress)  # both machines learn from the same
        if "apart" in wanted:
            apart = plain.fit(counts, known.y, rng=rng, progress=progress)
        if "joint" in wanted:
            width = known.vectors.shape[1]
            joint = Machine(self.params, self.n_classes, self.n_fields, width)
            vectors = self._weighted(known.vectors)
            joint.fit(counts, known.y, vectors=vectors, rng=rng, progress=progress)
        if "layers" in wanted:
            layers = Perceptron(self.params.layers)
            layers.fit(
                rows.vectors,
                rows.y,
                n_classes=self.n_classes,
                seed=seed,
                valid=None if valid is None else (valid.vectors, valid.y),
                checkpoint=self.checkpoints and self.checkpoints / f"{name}.safetensors",
                targets=rows.soft and rows.soft.proba,
                progress=progress,
            )
            self.history = layers.history
        return _Parts(apart, joint, layers)

    def _weighted(self, vectors: Floats) -> Floats:
        weighted: Floats = vectors * np.float32(self.params.vector_weight)
        return weighted

    def _ask(self, parts: _Parts, rows: _Rows) -> _Answers:
        apart = joint = layers = None
        if parts.apart is not None:
            apart = parts.apart.decision(rows.documents).values
        if parts.joint is not None:
            joint = parts.joint.decision(rows.documents, self._weighted(rows.vectors)).values
        if parts.layers is not None:
            layers = parts.layers.logits(rows.vectors)
        return _Answers(apart, joint, layers)

    def _out_of_fold(self, rows: _Rows, seed: int) -> _Answers:
        """Ask about every row parts that have not seen it."""
        order = np.argsort(rows.y + np.random.default_rng(seed).random(len(rows.y)))
        fold = np.empty(len(order), dtype=np.int64)
        fold[order] = np.arange(len(order)) % _FOLDS  # each class is dealt out evenly
        found: list[Floats | None] = [None] * len(_Parts._fields)
        for number in np.unique(fold).tolist():
            inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            own = rows.take(inside)
            parts = self._fit_parts(self._tried(), own, None, seed, Silent(), f"inner-{number}")
            for place, answers in enumerate(self._ask(parts, rows.take(outside))):
                if answers is not None:
                    whole = found[place]
                    if whole is None:
                        whole = found[place] = np.zeros((len(order), self.n_classes), np.float32)
                    whole[outside] = answers
        return _Answers(*found)

    def refit(
        self, documents: Documents, y: Indices, *, rng: np.random.Generator, progress: Progress
    ) -> Self:
        """Fit on all documents with the mixture that was chosen; see `Refittable`."""
        if self._training is None:
            raise NotFittedError("There is no fit to continue.", remedy="Call fit first.")
        old, seed = self._training
        soft, self.soft_targets = self.soft_targets, None
        more = _Rows(documents, self._encode(documents, progress).vectors, y, soft)
        both = old.extended(more)
        apart, joint, layers = self._parts
        if apart is not None:
            apart.refit(documents, y, rng=rng, progress=progress)
        if joint is not None:
            vectors = self._weighted(more.vectors)
            joint.refit(documents, y, vectors=vectors, rng=rng, progress=progress)
        if layers is not None:
            layers.fit(
                both.vectors,
                both.y,
                n_classes=self.n_classes,
                seed=seed,
                n_steps=self.history.chosen * layers.params.n_updates(len(both.y)),
                checkpoint=self.checkpoints and self.checkpoints / "refit.safetensors",
                targets=both.soft and both.soft.proba,
                progress=progress,
            )
        return self

    def release(self) -> None:
        """Forget what only `refit` needs; see `Refittable`."""
        super().release()
        for machine in (self._parts.apart, self._parts.joint):
            if machine is not None:
                machine.release()

    @staticmethod
    def warm_up() -> None:
        """Compile the training kernels; see `Warmable`."""
        Machine.warm_up()

    @staticmethod
    def _told(fusion: Fusion) -> str:
        machine = "n-grams and vectors" if fusion.joint else "n-grams"
        return (
            f"Held-out rows chose {1 - fusion.share:.0%} of a linear machine on {machine} and "
            f"{fusion.share:.0%} of dense layers on vectors."
        )

    @property
    def fusion(self) -> Fusion:
        """The mixture that held-out rows chose."""
        if self._fusion is None:
            problem = "This hybrid model is not fitted."
            raise NotFittedError(problem, remedy="Call fit or load first.")
        return self._fusion

    def decision(self, documents: Documents) -> Scores:
        """Logarithms of the mixed probabilities; see `Classifier.decision`."""
        fusion = self.fusion
        encoded = self._encode(documents)
        rows = _Rows(documents, encoded.vectors, np.zeros(len(documents), dtype=np.int64))
        apart, joint, layers = self._ask(self._parts, rows)
        return Scores(fusion.apply(joint if fusion.joint else apart, layers), encoded.blank)

    def predict_proba(self, documents: Documents) -> Floats:
        """The mixed probabilities, before they are calibrated; see `Classifier.predict_proba`."""
        return softmax(self.decision(documents).values)

    def save(self, directory: Path) -> None:
        """See `Classifier.save`."""
        encoder, fusion = self.encoder, self.fusion
        encoder.save(directory)
        machine = self._parts.joint or self._parts.apart
        if machine is not None:
            files.write_tensors(directory / "machine.safetensors", machine.tensors)
        if self._parts.layers is not None:
            files.write_tensors(directory / "layers.safetensors", self._parts.layers.tensors)
        portable = replace(self.params, encoder=encoder.facts.name)
        saved = _Saved(portable, self.n_classes, self.n_fields, fusion)
        files.write_json(directory / "hybrid.json", saved)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """See `Classifier.load`."""
        saved = files.read_json(directory / "hybrid.json", _Saved)
        model = cls(saved.params)
        model.n_classes, model.n_fields = saved.n_classes, saved.n_fields
        model._encoder, model._fusion = Encoder.load(directory), saved.fusion
        needed = cls._needed(saved.fusion)
        width = model._encoder.width
        machine = layers = None
        if needed & {"apart", "joint"}:
            dense = width if saved.fusion.joint else 0
            machine = Machine(saved.params, saved.n_classes, saved.n_fields, dense)
            path = directory / "machine.safetensors"
            machine.take(files.read_tensors(path, machine.expected()))
        if "layers" in needed:
            path = directory / "layers.safetensors"
            layers = Perceptron.load(path, saved.params.layers, width, saved.n_classes)
        joint = saved.fusion.joint
        model._parts = _Parts(None if joint else machine, machine if joint else None, layers)
        return model

    def plan(self, documents: Documents, n_classes: int) -> int:
        """Estimated peak memory of `fit`; see `Planned`."""
        width = 768  # the encoder is not asked
        machine = Machine(self.params, n_classes, len(documents.fields), width)
        vectors = len(documents) * width * 4 * 3
        return 400_000_000 + machine.plan(documents) + vectors

    @staticmethod
    def space(suggest: Suggest) -> HybridParams:
        """Draw settings; see `Classifier.space`."""
        return HybridParams(
            C=suggest("C", (0.05, 2.0)),
            vector_weight=suggest("vector_weight", (0.3, 3.0)),
            hidden_dropout=suggest("hidden_dropout", (0.2, 0.7)),
        )
