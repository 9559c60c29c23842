"""What every family promises: the protocol, and the optional abilities beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, Self, runtime_checkable

import numpy as np

from newsdesk.models.history import History
from newsdesk.predictions import Output, Scores
from newsdesk.types import Documents, Floats, Indices, Progress, Span

__all__ = [
    "Attributing",
    "Classifier",
    "Epochal",
    "Named",
    "Planned",
    "Refittable",
    "Remembering",
    "Suggest",
    "SweepTask",
    "Sweeping",
    "Valid",
    "Warmable",
]

Valid = tuple[Documents, Indices]
"""Held-out documents and their class indices."""

Suggest = Callable[[str, Any], Any]
"""``suggest(name, choices_or_range)`` gives a value: how a family declares its search space."""


class Classifier(Protocol):
    """A model family: sees documents and class indices, never label columns, files or HTTP.

    It knows its classes by their numbers, unless it is `Named`.

    Parameters
    ----------
    params : Any
        The family's Params; None means the defaults.

    Attributes
    ----------
    output : ClassVar[Output]
        ``"logits"`` for softmax outputs, ``"margins"`` for one-vs-rest outputs; tells the
        calibrator what the scores are.
    Params : ClassVar[type]
        A frozen dataclass: the family's schema, command-line help and documentation.
    """

    output: ClassVar[Output]
    Params: ClassVar[type]

    def __init__(self, params: Any = None) -> None: ...  # noqa: ANN401  each family has its own

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
        """Train from scratch.

        Parameters
        ----------
        documents : Documents
            n clean documents.
        y : Indices
            Class indices in ``0 … n_classes-1``, shape ``(n,)``; a class may have no document.
        n_classes : int
            Number of classes, at least 2.
        valid : Valid | None
            For early stopping, never for the weights.
        rng : np.random.Generator
            Source of every random draw: the same state gives the same bits.
        progress : Progress
            Told of long work.

        Returns
        -------
        Self
            This object.
        """
        ...

    def decision(self, documents: Documents) -> Scores:
        """Uncalibrated scores.

        Parameters
        ----------
        documents : Documents
            n clean documents.

        Returns
        -------
        Scores
            Float32, shape ``(n, n_classes)``; a row depends on no other document.

        Raises
        ------
        NotFittedError
            Before `fit` or `load`.
        """
        ...

    def predict_proba(self, documents: Documents) -> Floats:
        """Uncalibrated probabilities.

        Parameters
        ----------
        documents : Documents
            n clean documents.

        Returns
        -------
        Floats
            Float32, shape ``(n, n_classes)``; rows sum to 1.
        """
        ...

    def save(self, directory: Path) -> None:
        """Write safetensors and JSON files.

        Parameters
        ----------
        directory : Path
            An existing folder.
        """
        ...

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read what `save` wrote; checks shapes and values, runs no code from the files.

        Parameters
        ----------
        directory : Path
            The folder.

        Returns
        -------
        Self
            Gives the same bits as the one that was saved.
        """
        ...

    @staticmethod
    def space(suggest: Suggest) -> Any:  # noqa: ANN401  the family's Params
        """Draw Params from the family's own search space.

        Parameters
        ----------
        suggest : Suggest
            Gives the value of one setting.

        Returns
        -------
        Any
            The family's Params.
        """
        ...


@runtime_checkable
class Refittable(Protocol):
    """A family that can take further documents after `fit`, cheaper than from scratch."""

    def refit(
        self, documents: Documents, y: Indices, *, rng: np.random.Generator, progress: Progress
    ) -> Self:
        """Fit on the documents of `fit` and these together.

        Parameters
        ----------
        documents : Documents
            Further documents.
        y : Indices
            Their class indices.
        rng : np.random.Generator
            Source of every random draw.
        progress : Progress
            Told of long work.

        Returns
        -------
        Self
            This object.

        Raises
        ------
        NotFittedError
            Without a `fit` in the same process before.
        """
        ...

    def release(self) -> None:
        """Forget what only `refit` needs."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """A family that works long on each text once, and keeps on the disk what it has found."""

    def unread(self, documents: Documents) -> int:
        """Count the texts that `Classifier.fit` would have to work on.

        Parameters
        ----------
        documents : Documents
            n clean documents.

        Returns
        -------
        int
            Distinct texts that are not known; 0 where nothing is kept.
        """
        ...

    def read(self, documents: Documents, progress: Progress) -> None:
        """Work on texts as `Classifier.fit` would, and keep what is found.

        Parameters
        ----------
        documents : Documents
            n clean documents.
        progress : Progress
            Told of long work.
        """
        ...


@runtime_checkable
class Epochal(Protocol):
    """A family that trains in epochs.

    It keeps the curves of its training, and takes an interrupted training up again. Unless its
    trainings are `brief`, it watches valid where other families would need one fit per fold, and is
    not fitted once more on train and valid.

    Attributes
    ----------
    brief : bool
        Whether a training is over so soon that it may be repeated.
    checkpoints : Path | None
        A folder of the family's own for the state of `Classifier.fit` and of `Refittable.refit`;
        set before them. A training that finds its own state there goes on from it, and ends with
        the same bytes as one that was never interrupted. None keeps no state.
    history : History
        Of the last training.
    notes : tuple[str, ...]
        What a reader of the numbers should know of the last training, in sentences.
    """

    brief: bool
    checkpoints: Path | None
    history: History
    notes: tuple[str, ...]


class SweepTask(NamedTuple):
    """One fit of a search: a setting on the training rows of a fold."""

    params: Any
    """The family's Params."""
    train: Indices
    """Rows to fit on."""
    held_out: Indices
    """Rows to score."""


@runtime_checkable
class Sweeping(Protocol):
    """A family that fits many settings on many subsets of the same documents together."""

    @classmethod
    def sweep(
        cls,
        documents: Documents,
        y: Indices,
        tasks: Sequence[SweepTask],
        *,
        n_classes: int,
        seed: int,
        progress: Progress,
    ) -> Iterator[tuple[int, Floats]]:
        """Fit every task and score its held-out rows.

        What depends on no row but its own may be shared between tasks; whatever is learnt from
        several rows (document frequencies, vocabularies) is learnt from each task's train alone.

        Parameters
        ----------
        documents : Documents
            n clean documents.
        y : Indices
            Class indices, shape ``(n,)``.
        tasks : Sequence[SweepTask]
            What to fit.
        n_classes : int
            Number of classes.
        seed : int
            Of every random draw.
        progress : Progress
            Told of long work.

        Returns
        -------
        Iterator[tuple[int, Floats]]
            Number of a task, as soon as it is done and in any order, with the uncalibrated scores
            of its held-out rows, shape ``(n_held_out, n_classes)``; NaN where the fit diverged.
            A task's scores may depend on the tasks of its chain, and on no others: those of the
            same rows whose params differ in nothing but ``C``.
        """
        ...


@runtime_checkable
class Attributing(Protocol):
    """A family that can say by itself how much each word moved a score."""

    @property
    def exact(self) -> bool:
        """Whether that is a division of the score, and no approximation."""
        ...

    def attribute(self, documents: Documents, classes: Indices) -> list[list[Span]]:
        """Contributions of words to the score of one class per document.

        Parameters
        ----------
        documents : Documents
            n documents.
        classes : Indices
            The class to explain in each, shape ``(n,)``.

        Returns
        -------
        list[list[Span]]
            For each document its words in reading order; with the bias they add up to the score.
        """
        ...


@runtime_checkable
class Named(Protocol):
    """A family that goes by what the classes are called; all others see their numbers alone."""

    def name_classes(self, names: tuple[str, ...]) -> None:
        """Hear the names, before `Classifier.fit`.

        Parameters
        ----------
        names : tuple[str, ...]
            One per class, in the order of the class indices.
        """
        ...


@runtime_checkable
class Planned(Protocol):
    """A family that knows what memory a fit takes before it starts."""

    def plan(self, documents: Documents, n_classes: int) -> int:
        """Estimate the peak memory of `fit`, on top of the documents.

        Parameters
        ----------
        documents : Documents
            The training documents.
        n_classes : int
            Number of classes.

        Returns
        -------
        int
            Bytes.
        """
        ...


@runtime_checkable
class Warmable(Protocol):
    """A family with compiled parts."""

    def warm_up(self) -> None:
        """Compile them, or read them from the disk cache."""
        ...
