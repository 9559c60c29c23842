"""The classifier of family ``ensemble``: its members are whole bundles.

It stands on the floor of the bundle, since that is what it is made of, and is reached by its name,
as every family is.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from newsdesk.bundle.columns import columns_of
from newsdesk.bundle.composed import Material
from newsdesk.bundle.door import SMALL, Bundle
from newsdesk.bundle.ensemble.members import load_given, train_member
from newsdesk.bundle.ensemble.params import NAME, EnsembleParams
from newsdesk.bundle.families import require
from newsdesk.bundle.mixing import LEAST_WEIGHT, Held, cross_pool, mix, pool
from newsdesk.bundle.results import Fitted
from newsdesk.bundle.saved import write_parts
from newsdesk.errors import BundleFormatError, ConfigError, LabelError, NotFittedError
from newsdesk.features.clean import Cleaner
from newsdesk.models.classifier import Suggest, Valid
from newsdesk.models.files import read_json, write_json
from newsdesk.predictions import Calibrator, Output, Predictions, Scores, softmax
from newsdesk.types import Documents, Floats, Indices, LabelSet, Progress

__all__ = ["Ensemble", "Member"]

_SAVED = "ensemble.json"
_HOME = "members"
_UNTOUCHED = Cleaner(max_chars=(1 << 31) - 1)
"""Members clean the raw texts themselves, each in its own way."""


@dataclass(frozen=True, eq=False)
class Member:
    """A bundle and what it contributes.

    Parameters
    ----------
    bundle : Bundle
        Whole: with cleaner, classifier and calibrator.
    columns : Indices
        Its column for each class of the ensemble, shape ``(n_classes,)``.
    weight : float
        Above 0; the weights of all members add up to 1.
    """

    bundle: Bundle
    columns: Indices
    weight: float


@dataclass(frozen=True)
class _SavedMember:
    """A member in ``ensemble.json``; its files stand in ``members/0``, ``members/1`` and so on."""

    family: str
    weight: float
    fingerprint: str
    digest: str | None


@dataclass(frozen=True)
class _Saved:
    """What stands in ``ensemble.json``."""

    labels: tuple[str, ...]
    members: tuple[_SavedMember, ...]


class Ensemble:
    """Several bundles, whose calibrated probabilities are mixed.

    Parameters
    ----------
    params : EnsembleParams | None
        Settings; None means the defaults.
    """

    output: ClassVar[Output] = "logits"
    Params: ClassVar[type] = EnsembleParams

    def __init__(self, params: EnsembleParams | None = None) -> None:
        self.params = params or EnsembleParams()
        self.labels = LabelSet([])
        self.members: tuple[Member, ...] = ()

    def trained(self) -> Mapping[str, Any]:
        """See `Composed.trained`."""
        return self.params.trained()

    def given(self) -> tuple[str, ...]:
        """See `Composed.given`."""
        return self.params.bundles

    def libraries(self) -> tuple[str, ...]:
        """See `Composed.libraries`."""
        own = {name for member in self.members for name in member.bundle.cleaner.libraries}
        return tuple(sorted(own))

    def compose(self, material: Material) -> Fitted:
        """Train or load the members, weigh them, and make one bundle of them; see `Composed`.

        Bundles are refused that nobody vouches for, for which there are no valid rows, or that
        have other classes.
        """
        if self.params.bundles and not self.params.trust:
            problem = "Whether given bundles have seen the valid rows is not known here."
            raise ConfigError(problem, remedy="If you know that they have not, set trust=true.")
        require(NAME, self.params)
        seconds = {}
        start = time.perf_counter()
        given = [load_given(folder, material) for folder in self.params.bundles]
        trained = [train_member(*item, material) for item in self.trained().items()]
        candidates = [*trained, *given]
        rows = reduce(np.intersect1d, [candidate.rows for candidate in candidates])
        held = [
            Held(own.held.scores[np.searchsorted(own.rows, rows)], own.held.output)
            for own in candidates
        ]
        y = material.y[rows]
        weights, calibrator = pool(held, y)
        seconds["fit"] = time.perf_counter() - start
        self.labels = material.labels
        self.members = tuple(
            Member(own.bundle, columns_of(own.bundle.labels, self.labels, own.name), float(weight))
            for own, weight in zip(candidates, weights, strict=True)
            if weight
        )
        start = time.perf_counter()
        crossed = cross_pool(held, y)
        told = _told([own.name for own in candidates], weights.tolist(), held, crossed, y)
        seconds["cross_calibrate"] = time.perf_counter() - start
        counts = np.bincount(material.y, minlength=len(self.labels)) + 1.0
        bundle = Bundle(
            family=NAME,
            classifier=self,
            calibrator=calibrator,
            labels=self.labels,
            fields=tuple(material.train[0].fields),
            prior=(counts / counts.sum()).astype(np.float32),
            cleaner=_UNTOUCHED,
            fingerprint=material.fingerprint,
        )
        return Fitted(
            bundle,
            crossed,
            mix([crossed], [1.0]),
            rows,
            out_of_fold=all(own.out_of_fold for own in candidates),
            seconds=seconds,
            notes=(*(note for own in candidates for note in own.notes), *told),
        )

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
        """Train the members on clean documents; see `Classifier.fit`.

        `Bundle.fit` composes an ensemble instead, whose classes have names. Without those, given
        bundles are refused.
        """
        if self.params.bundles:
            problem = "Given bundles cannot be mixed where classes have no names."
            raise ConfigError(problem, remedy="Train the ensemble with newsdesk train.")
        material = Material(
            train=(documents, y),
            valid=valid,
            labels=LabelSet(map(str, range(n_classes))),
            groups=None,
            cleaner=_UNTOUCHED,
            seed=int(rng.integers(1 << 31)),
            refit=False,
            fingerprint="",
            checkpoints=None,
            small=SMALL,
            progress=progress,
        )
        self.compose(material)
        return self

    def decision(self, documents: Documents) -> Scores:
        """Logarithms of the mixed probabilities; see `Classifier.decision`.

        Evidence is low where no member knows anything.
        """
        self._check_fitted()
        answers = [member.bundle.predict(documents) for member in self.members]
        proba = [_columns(own, member) for own, member in zip(answers, self.members, strict=True)]
        low_evidence = np.logical_and.reduce([own.low_evidence for own in answers])
        return Scores(mix(proba, [member.weight for member in self.members]), low_evidence)

    def predict_proba(self, documents: Documents) -> Floats:
        """See `Classifier.predict_proba`."""
        return softmax(self.decision(documents).values)

    def save(self, directory: Path) -> None:
        """Write each member into a folder of its own; see `Classifier.save`."""
        self._check_fitted()
        for number, member in enumerate(self.members):
            home = directory / _HOME / str(number)
            home.mkdir(parents=True)
            write_parts(member.bundle, home)
        saved = tuple(
            _SavedMember(own.bundle.family, own.weight, own.bundle.fingerprint, own.bundle.digest)
            for own in self.members
        )
        write_json(directory / _SAVED, _Saved(self.labels.names, saved))

    @classmethod
    def load(cls, directory: Path) -> Self:
        """See `Classifier.load`; members of other classes are refused, and ensembles within."""
        saved = read_json(directory / _SAVED, _Saved)
        weights = [member.weight for member in saved.members]
        sound = all(0 < weight <= 1 for weight in weights) and abs(math.fsum(weights) - 1) < 1e-6
        if not sound or any(member.family == NAME for member in saved.members):
            raise _broken(directory, "its members cannot be")
        model = cls()
        try:
            model.labels = LabelSet(saved.labels)
            model.members = tuple(
                _load_member(directory / _HOME / str(number), member, model.labels)
                for number, member in enumerate(saved.members)
            )
        except LabelError as error:
            raise _broken(directory, error.problem) from error
        return model

    @staticmethod
    def space(suggest: Suggest) -> EnsembleParams:
        """See `Classifier.space`."""
        return EnsembleParams(
            members=suggest("members", [("linear", "tfidf-nb"), ("linear", "hybrid")])
        )

    def _check_fitted(self) -> None:
        if not self.members:
            raise NotFittedError("This ensemble is not fitted.", remedy="Call fit or load first.")


def _load_member(home: Path, saved: _SavedMember, labels: LabelSet) -> Member:
    bundle = Bundle.read_parts(home, saved.family)
    bundle = replace(bundle, fingerprint=saved.fingerprint, digest=saved.digest)
    return Member(bundle, columns_of(bundle.labels, labels, home.name), saved.weight)


def _broken(directory: Path, why: str) -> BundleFormatError:
    return BundleFormatError(f"{directory}: {_SAVED}: {why}.", remedy="Train the bundle again.")


def _columns(answers: Predictions, member: Member) -> Floats:
    return answers.proba[:, member.columns]


def _told(
    names: Sequence[str],
    weights: Sequence[float],
    held: Sequence[Held],
    crossed: Floats,
    y: Indices,
) -> list[str]:
    """Say who got which weight, who is left out, and what the mixture gains."""
    alone = [_log_loss(Calibrator.cross_apply(*own.on(y)), y) for own in held]
    best = min(range(len(names)), key=alone.__getitem__)
    shares = [
        f"{weight:.0%} of {name}" for name, weight in zip(names, weights, strict=True) if weight
    ]
    said = [
        f"{len(y):,} held-out rows chose {' and '.join(shares)}; their log loss is "
        f"{_log_loss(crossed, y):.3f}, with {names[best]} alone {alone[best]:.3f}."
    ]
    left_out = [name for name, weight in zip(names, weights, strict=True) if not weight]
    if left_out:
        said.append(f"Left out, as they got less than {LEAST_WEIGHT:.0%}: {', '.join(left_out)}.")
    return said


def _log_loss(proba: Floats, y: Indices) -> float:
    return float(-mix([proba], [1.0])[np.arange(len(y)), y].mean())
