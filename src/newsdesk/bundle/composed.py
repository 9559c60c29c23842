"""Families that are made of whole bundles, and what they learn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from newsdesk.bundle.results import Fitted
from newsdesk.features.clean import Cleaner
from newsdesk.models.classifier import Valid
from newsdesk.types import Indices, LabelSet, Progress

__all__ = ["Composed", "Material"]


@dataclass(frozen=True, eq=False)
class Material:
    """What a bundle is to learn from and how, as `Bundle.fit` was told.

    Parameters
    ----------
    train : Valid
        Raw documents and their class indices.
    valid : Valid | None
        Held out of training; None where no rows are.
    labels : LabelSet
        Class names.
    groups : Indices | None
        Rows of train followed by valid that share a number stay in one fold.
    cleaner : Cleaner
        Text steps.
    seed : int
        Of every random draw.
    refit : bool | None
        Whether classifiers are fitted once more on train and valid together.
    fingerprint : str
        Of the training data.
    checkpoints : Path | None
        Folder for the state of unfinished trainings.
    small : int
        Below so many rows predictions are out of fold.
    progress : Progress
        Told of the stages.
    release : bool
        Whether classifiers forget what only a further training needs.
    """

    train: Valid
    valid: Valid | None
    labels: LabelSet
    groups: Indices | None
    cleaner: Cleaner
    seed: int
    refit: bool | None
    fingerprint: str
    checkpoints: Path | None
    small: int
    progress: Progress
    release: bool = True

    @property
    def y(self) -> Indices:
        """Class indices of train followed by valid."""
        own = self.train[1]
        return own if self.valid is None else np.concatenate([own, self.valid[1]])


@runtime_checkable
class Composed(Protocol):
    """A classifier that is made of whole bundles.

    It gets raw documents, since each of its bundles cleans them itself, and knows the names of its
    classes, since bundles that were trained elsewhere may have them in another order.

    Attributes
    ----------
    labels : LabelSet
        Names of its classes; empty before it is composed or loaded.
    """

    labels: LabelSet

    def trained(self) -> Mapping[str, Any]:
        """Families that are trained for it, with their Params.

        Returns
        -------
        Mapping[str, Any]
            Params by name.
        """
        ...

    def given(self) -> tuple[str, ...]:
        """Folders of bundles that were trained before.

        Returns
        -------
        tuple[str, ...]
            Paths.
        """
        ...

    def libraries(self) -> tuple[str, ...]:
        """Distributions whose versions decide what the text steps of its bundles do.

        Returns
        -------
        tuple[str, ...]
            Names.
        """
        ...

    def compose(self, material: Material) -> Fitted:
        """Train what has to be trained, and make one bundle of all.

        Parameters
        ----------
        material : Material
            What to learn from.

        Returns
        -------
        Fitted
            As of `Bundle.fit`; its bundle's classifier is this object.
        """
        ...
