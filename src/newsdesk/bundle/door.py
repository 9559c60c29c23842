"""The one door: raw documents go in, calibrated probabilities come out.

Fit and predict stand side by side here, so that whatever is done to a document in training is
done to it everywhere. The report, the command line, the API and the batch job all come through
`Bundle.predict`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from newsdesk import store
from newsdesk.bundle.composed import Composed, Material
from newsdesk.bundle.explaining import explain, explain_classes, method_of
from newsdesk.bundle.families import require_teachable
from newsdesk.bundle.fields import in_order
from newsdesk.bundle.holdout import Task
from newsdesk.bundle.results import Explanation, Fitted, Method, answers
from newsdesk.bundle.saved import check_fit, read_saved, write_parts
from newsdesk.bundle.teaching import Teaching
from newsdesk.errors import ConfigError, LabelError
from newsdesk.features.clean import Cleaner
from newsdesk.models import registry
from newsdesk.models.classifier import Classifier, Epochal, Refittable, Valid
from newsdesk.predictions import Calibrator, Predictions
from newsdesk.types import Documents, Floats, Indices, LabelSet, Progress, Silent

__all__ = ["SMALL", "Bundle"]

SMALL = 2000
"""Below so many rows choice and calibration use out-of-fold predictions instead of one valid."""
_STEP = 1 << 16


@dataclass(frozen=True, eq=False)
class Bundle:
    """Cleaner → Classifier → Calibrator, with the LabelSet: everything that predicting needs.

    Parameters
    ----------
    family : str
        Name of the model family.
    classifier : Classifier
        Fitted.
    calibrator : Calibrator
        Fitted on rows that the classifier had not seen.
    labels : LabelSet
        Class names in column order.
    fields : tuple[str, ...]
        Names of the text fields, in the order of training.
    prior : Floats
        Class frequencies of the training rows, shape ``(n_classes,)``: the answer to a document
        that holds nothing known.
    cleaner : Cleaner
        Text steps.
    fingerprint : str
        Fingerprint of the training data.
    digest : str | None
        Digest of the saved folder; None before it is saved.
    """

    family: str
    classifier: Classifier
    calibrator: Calibrator
    labels: LabelSet
    fields: tuple[str, ...]
    prior: Floats
    cleaner: Cleaner = field(default_factory=Cleaner)
    fingerprint: str = ""
    digest: str | None = None

    @classmethod
    def fit(
        cls,
        documents: Documents,
        y: Indices,
        *,
        labels: LabelSet,
        valid: Valid | None = None,
        groups: Indices | None = None,
        family: str = "linear",
        params: Any = None,  # noqa: ANN401  each family has its own
        cleaner: Cleaner | None = None,
        seed: int = 0,
        refit: bool | None = None,
        fingerprint: str = "",
        checkpoints: Path | None = None,
        small: int = SMALL,
        progress: Progress | None = None,
        teaching: Teaching | None = None,
        release: bool = True,
    ) -> Fitted:
        """Train a classifier and calibrate it on rows that it has not seen.

        Parameters
        ----------
        documents : Documents
            n training documents.
        y : Indices
            Class indices, shape ``(n,)``.
        labels : LabelSet
            Class names.
        valid : Valid | None
            Documents and class indices held out of training. Out-of-fold predictions of all rows
            take their place where none are held out; and with fewer than ``small`` rows in all,
            unless the family trains long: it watches valid.
        groups : Indices | None
            Rows of train followed by valid that share a number stay in one fold; shape
            ``(n + n_valid,)``.
        family : str
            A name of the registry.
        params : Any
            The family's Params; None means the defaults.
        cleaner : Cleaner | None
            Text steps; None means the defaults.
        seed : int
            Of every random draw.
        refit : bool | None
            Whether the classifier is fitted once more on train and valid together, with the
            calibrator kept; None means unless the family trains long, for which that would take
            as long again.
        fingerprint : str
            Of the training data, for the manifest.
        checkpoints : Path | None
            Folder for the state of an unfinished training, for families that keep one.
        small : int
            Below so many rows predictions are out of fold; a trial on few rows asks for less.
        progress : Progress | None
            Told of the stages.
        teaching : Teaching | None
            What is learnt besides the labels, by a family that is `Teachable`; valid is then held
            out however few the rows are.
        release : bool
            Whether the classifier forgets what only a further training needs. Until then, families
            that read by an encoder remember the texts that they are asked for.

        Returns
        -------
        Fitted
            The bundle and its held-out predictions.

        Raises
        ------
        LabelError
            With fewer than two classes.
        ConfigError
            With a negative seed, or if the family cannot be taught.
        DataError
            If rows cannot be held out, see `Task.hold_out`.
        """
        if len(labels) < 2:
            problem = f"There is one class only: {', '.join(labels)}."
            raise LabelError(problem, remedy="Give rows of at least two classes.")
        if seed < 0:
            problem = f"The seed is {seed}."
            raise ConfigError(problem, remedy="Give a whole number from 0 on.")
        cleaner, progress = cleaner or Cleaner(), progress or Silent()
        valid = valid if valid and len(valid[1]) else None
        if teaching is not None:
            require_teachable(family, params)
        composed = registry.find(family).create(params)
        if isinstance(composed, Composed):
            material = Material(
                train=(documents, y),
                valid=valid,
                labels=labels,
                groups=groups,
                cleaner=cleaner,
                seed=seed,
                refit=refit,
                fingerprint=fingerprint,
                checkpoints=checkpoints,
                small=small,
                progress=progress,
                release=release,
            )
            return composed.compose(material)
        teaching = teaching and teaching.cleaned(cleaner)
        task = Task(registry.find(family), params, labels, seed, progress, checkpoints, teaching)
        seconds = {}
        start = time.perf_counter()
        train = cleaner.apply_all(documents), y
        held = None if valid is None else (cleaner.apply_all(valid[0]), valid[1])
        found = task.hold_out(train, held, groups, small)
        out_of_fold = found.out_of_fold
        seconds["fit"] = time.perf_counter() - start

        start = time.perf_counter()
        calibrator = Calibrator.fit(found.scores, found.y, found.classifier.output)
        seconds["calibrate"] = time.perf_counter() - start

        start = time.perf_counter()
        classifier, seen = found.classifier, found.y if out_of_fold else y
        refit = not task.is_long if refit is None else refit
        if held is not None and refit and not out_of_fold:
            classifier = task.refit(classifier, train, held)
            seen = np.concatenate([y, held[1]])
        if isinstance(classifier, Refittable) and release:
            classifier.release()
        seconds["refit"] = time.perf_counter() - start

        start = time.perf_counter()
        proba = Calibrator.cross_apply(found.scores, found.y, found.classifier.output)
        seconds["cross_calibrate"] = time.perf_counter() - start
        counts = np.bincount(seen, minlength=len(labels)) + 1.0
        bundle = cls(
            family=family,
            classifier=classifier,
            calibrator=calibrator,
            labels=labels,
            fields=tuple(documents.fields),
            prior=(counts / counts.sum()).astype(np.float32),
            cleaner=cleaner,
            fingerprint=fingerprint,
        )
        fitted = Fitted(bundle, proba, found.scores, found.rows, out_of_fold, seconds)
        if isinstance(classifier, Epochal):
            fitted = replace(fitted, history=classifier.history, notes=classifier.notes)
        return fitted

    def predict(self, documents: Documents, *, progress: Progress | None = None) -> Predictions:
        """Classify raw documents.

        Parameters
        ----------
        documents : Documents
            n documents with the fields of training; bare texts are taken as the first field, and
            a missing field as empty.
        progress : Progress | None
            Told of every 65,536 documents.

        Returns
        -------
        Predictions
            n rows in the order of the documents; none depends on another.

        Raises
        ------
        InputError
            If the documents share no field with the training documents.
        """
        documents = in_order(documents, self.fields)
        n = len(documents)
        if n <= _STEP and progress is None:
            return self._predict(documents)
        parts = []
        with (progress or Silent()).task("predicting", n, "documents") as done:
            for first in range(0, max(n, 1), _STEP):
                parts.append(self._predict(documents.slice(first, min(first + _STEP, n))))
                done(len(parts[-1]))
        proba = np.concatenate([part.proba for part in parts])
        low_evidence = np.concatenate([part.low_evidence for part in parts])
        return Predictions(proba, self.labels, documents.ids, low_evidence)

    def _predict(self, raw: Documents) -> Predictions:
        return answers(self, raw.ids, self.classifier.decision(self.cleaner.apply_all(raw)))

    @property
    def explains(self) -> Method:
        """How `explain` finds weights: ``"exact"`` parts of the score, or by ``"occlusion"``."""
        return method_of(self.classifier)

    def explain(self, documents: Documents, label: str | None = None) -> list[Explanation]:
        """Say how much each word spoke for a class.

        Parameters
        ----------
        documents : Documents
            n documents, as for `predict`.
        label : str | None
            The class to explain; by default each document's likeliest.

        Returns
        -------
        list[Explanation]
            n explanations; the offsets of their spans are those of the raw texts.

        Raises
        ------
        InputError
            If there is no such class.
        """
        return explain(self, documents, label)

    def explain_classes(self, documents: Documents, classes: Indices) -> list[list[Explanation]]:
        """Say how much each word spoke for several classes, at hardly more than the cost of one.

        Parameters
        ----------
        documents : Documents
            n documents, as for `predict`.
        classes : Indices
            The k classes to explain in each, shape ``(n, k)``, such as `Predictions.top_k` gives.

        Returns
        -------
        list[list[Explanation]]
            For each document k explanations, the same that `explain` gives of one class.

        Raises
        ------
        InputError
            If that is not the shape, or a number is that of no class.
        """
        return explain_classes(self, documents, classes)

    def save(self, directory: Path | str, *, replace: bool = False) -> str:
        """Publish the bundle as a folder, at once or not at all.

        Parameters
        ----------
        directory : Path | str
            The folder.
        replace : bool
            Whether a bundle that stands there is exchanged for this one.

        Returns
        -------
        str
            The digest of the folder: equal training gives equal bytes.

        Raises
        ------
        BundleExistsError
            If something stands there and `replace` is false.
        StorageError
            If the disk refuses.
        """
        with store.staged(Path(directory), replace=replace) as staging:
            return self.write(staging)

    def write(self, directory: Path) -> str:
        """Write and seal the bundle's files in an existing folder; see `save`.

        Parameters
        ----------
        directory : Path
            An empty folder.

        Returns
        -------
        str
            The digest.
        """
        write_parts(self, directory)
        composed = self.classifier.libraries() if isinstance(self.classifier, Composed) else ()
        versions = store.versions(("numpy", "scipy", "pyarrow", *self.cleaner.libraries, *composed))
        manifest = store.Manifest(store.FORMAT, self.family, versions, self.fingerprint)
        return store.seal(directory, manifest)

    @classmethod
    def load(cls, directory: Path | str, *, expect_digest: str | None = None) -> Self:
        """Verify a saved bundle to the byte, then read it.

        Parameters
        ----------
        directory : Path | str
            The folder; or a home of versions, of which the served one is read.
        expect_digest : str | None
            Digest that the folder must have.

        Returns
        -------
        Self
            The bundle; it predicts the same bits as the one that was saved.

        Raises
        ------
        BundleFormatError
            If it is no bundle, or one that this build cannot read.
        BundleIntegrityError
            If its bytes differ from the manifest.
        """
        return store.read(Path(directory), cls._load, expect_digest=expect_digest)

    @classmethod
    def _load(cls, directory: Path, manifest: store.Manifest, digest: str) -> Self:
        bundle = cls.read_parts(directory, manifest.family)
        return replace(bundle, fingerprint=manifest.fingerprint, digest=digest)

    @classmethod
    def read_parts(cls, directory: Path, family: str) -> Self:
        """Read what `saved.write_parts` wrote, from a verified folder; see `load`."""
        saved = read_saved(directory, family)
        classifier = registry.find(saved.family).load().load(directory)
        check_fit(classifier, saved, directory)
        return cls(
            family=saved.family,
            classifier=classifier,
            calibrator=saved.calibrator,
            labels=LabelSet(saved.labels),
            fields=saved.fields,
            prior=np.asarray(saved.prior, dtype=np.float32),
            cleaner=saved.cleaner,
        )
