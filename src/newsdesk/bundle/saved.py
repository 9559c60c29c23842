"""What stands in ``bundle.json``: everything of a bundle but its classifier."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa

from newsdesk.bundle.composed import Composed
from newsdesk.config import field_names
from newsdesk.errors import BundleFormatError
from newsdesk.features.clean import Cleaner
from newsdesk.models.classifier import Classifier
from newsdesk.models.files import read_json, write_json
from newsdesk.predictions import Calibrator
from newsdesk.types import Documents

if TYPE_CHECKING:
    from newsdesk.bundle.door import Bundle

__all__ = ["SAVED", "Saved", "check_fit", "read_saved", "write_parts"]

SAVED = "bundle.json"
_REMEDY = "Train the bundle again."


@dataclass(frozen=True)
class Saved:
    """The content of the file; see `Bundle` and `Calibrator` for the meaning of each value."""

    family: str
    fields: tuple[str, ...]
    labels: tuple[str, ...]
    prior: tuple[float, ...]
    cleaner: Cleaner
    slope: tuple[float, ...]
    offset: tuple[float, ...]
    temperature: float
    threshold: float | None

    @classmethod
    def of(cls, bundle: Bundle) -> Self:
        """What the file of a bundle says."""
        calibrator = bundle.calibrator
        return cls(
            family=bundle.family,
            fields=bundle.fields,
            labels=bundle.labels.names,
            prior=tuple(bundle.prior.tolist()),
            cleaner=bundle.cleaner,
            slope=tuple(calibrator.slope.tolist()),
            offset=tuple(calibrator.offset.tolist()),
            temperature=calibrator.temperature,
            threshold=calibrator.threshold,
        )

    @property
    def calibrator(self) -> Calibrator:
        """The bundle's calibrator."""
        slope, offset = (np.asarray(part, dtype=np.float32) for part in (self.slope, self.offset))
        return Calibrator(slope, offset, self.temperature, self.threshold)


def write_parts(bundle: Bundle, directory: Path) -> None:
    """Write a bundle's files and seal nothing, as part of a larger bundle.

    Parameters
    ----------
    bundle : Bundle
        The bundle.
    directory : Path
        An empty folder.
    """
    bundle.classifier.save(directory)
    write_json(directory / SAVED, Saved.of(bundle))


def read_saved(directory: Path, family: str) -> Saved:
    """Read the file and refuse what no bundle writes.

    Parameters
    ----------
    directory : Path
        The bundle's folder, verified.
    family : str
        The family that the manifest names.

    Returns
    -------
    Saved
        Consistent in itself.

    Raises
    ------
    BundleFormatError
        If there is no such file, or its values cannot be.
    """
    if not (directory / SAVED).is_file():
        problem = f"{directory} holds no {SAVED}."
        raise BundleFormatError(problem, remedy="Give the folder that train wrote.")
    _refuse_unknown_steps(directory)
    saved = read_json(directory / SAVED, Saved)
    if saved.family != family or not _consistent(saved):
        problem = f"{directory}: {SAVED} does not fit its own {len(saved.labels)} classes."
        raise BundleFormatError(problem, remedy=_REMEDY)
    return saved


@dataclass(frozen=True)
class _Steps:
    """What a bundle does to its texts, known to this build or not."""

    cleaner: dict[str, Any]


def _refuse_unknown_steps(directory: Path) -> None:
    steps = read_json(directory / SAVED, _Steps).cleaner
    for name in sorted(steps.keys() - set(field_names(Cleaner))):
        if steps[name] is not False:  # a step that is off changes nothing
            problem = f"{directory}: {SAVED} cleans texts by {name!r}, which this build cannot do."
            raise BundleFormatError(problem, remedy="Upgrade newsdesk.")


def check_fit(classifier: Classifier, saved: Saved, directory: Path) -> None:
    """Check that a classifier takes the bundle's fields and answers with its classes.

    Parameters
    ----------
    classifier : Classifier
        Loaded from the same folder.
    saved : Saved
        The rest of the bundle.
    directory : Path
        The folder, for the error text.

    Raises
    ------
    BundleFormatError
        If it does not.
    """
    nothing = pa.array([], pa.large_string())
    documents = Documents(nothing, dict.fromkeys(saved.fields, nothing))
    if classifier.decision(documents).values.shape != (0, len(saved.labels)):
        problem = f"{directory}: the classifier does not answer with {len(saved.labels)} classes."
        raise BundleFormatError(problem, remedy=_REMEDY)
    if isinstance(classifier, Composed) and classifier.labels.names != saved.labels:
        problem = f"{directory}: the classifier answers with other classes than {SAVED} names."
        raise BundleFormatError(problem, remedy=_REMEDY)


def _consistent(saved: Saved) -> bool:
    """Check what a saved bundle says of itself, short of its classifier."""
    k = len(saved.labels)
    numbers = (*saved.prior, *saved.slope, *saved.offset, saved.temperature)
    largest = float(np.finfo(np.float32).max)
    return (
        len(saved.fields) == len(set(saved.fields)) > 0
        and len(set(saved.labels)) == len(saved.prior) == k > 1
        and len(saved.slope) == len(saved.offset)
        and len(saved.slope) in (0, k)
        and all(abs(number) <= largest for number in numbers)
        and saved.temperature > 0
        and min(saved.prior) >= 0
        and abs(sum(saved.prior) - 1) < 1e-3
    )
