"""Members of an ensemble: trained or given, and what they say of rows that they have not seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from newsdesk.bundle.columns import columns_of
from newsdesk.bundle.composed import Material
from newsdesk.bundle.door import Bundle
from newsdesk.bundle.fields import in_order
from newsdesk.bundle.mixing import Held
from newsdesk.errors import DataError
from newsdesk.predictions import Calibrator
from newsdesk.types import Indices

__all__ = ["Candidate", "load_given", "train_member"]


@dataclass(frozen=True, eq=False)
class Candidate:
    """Who may become a member.

    Parameters
    ----------
    name : str
        For notes: a family, or a folder.
    bundle : Bundle
        Whole: with cleaner, classifier and calibrator.
    held : Held
        Held-out scores; their columns are in the order of the ensemble.
    rows : Indices
        Which rows of train followed by valid they are of, ascending.
    out_of_fold : bool
        Whether they are out of fold.
    notes : tuple[str, ...]
        What was said of the training.
    """

    name: str
    bundle: Bundle
    held: Held
    rows: Indices
    out_of_fold: bool
    notes: tuple[str, ...] = ()


def train_member(family: str, params: Any, material: Material) -> Candidate:  # noqa: ANN401
    """Train a family as it would be trained alone.

    Parameters
    ----------
    family : str
        A name of the registry.
    params : Any
        Its Params.
    material : Material
        What to learn from.

    Returns
    -------
    Candidate
        Its held-out rows are the valid rows, or all, see `Bundle.fit`.
    """
    checkpoints = material.checkpoints
    fitted = Bundle.fit(
        *material.train,
        labels=material.labels,
        valid=material.valid,
        groups=material.groups,
        family=family,
        params=params,
        cleaner=material.cleaner,
        seed=material.seed,
        refit=material.refit,
        fingerprint=material.fingerprint,
        checkpoints=None if checkpoints is None else checkpoints / family,
        small=material.small,
        progress=material.progress,
        release=material.release,
    )
    notes = tuple(f"{family}: {note}" for note in fitted.notes)
    held = Held(fitted.valid_scores, fitted.bundle.classifier.output)
    return Candidate(family, fitted.bundle, held, fitted.held_out, fitted.out_of_fold, notes)


def load_given(folder: str, material: Material) -> Candidate:
    """Load a bundle, and calibrate it anew on the valid rows.

    Its own calibrator was fitted on rows that may be other ones, of other class frequencies, or the
    same, on which it would look too good.

    Parameters
    ----------
    folder : str
        Where it stands.
    material : Material
        What the ensemble learns from.

    Returns
    -------
    Candidate
        Its held-out rows are the valid rows.

    Raises
    ------
    DataError
        If there are no valid rows.
    LabelError
        If it has other classes.
    """
    if material.valid is None:
        problem = (
            f"There are no valid rows to weigh {folder} by: it cannot be trained without some."
        )
        raise DataError(problem, remedy="Split some off, or name families (members=…) instead.")
    bundle = Bundle.load(folder)
    columns = columns_of(bundle.labels, material.labels, folder)
    documents, y = material.valid
    own, output = columns[y], bundle.classifier.output
    clean = bundle.cleaner.apply_all(in_order(documents, bundle.fields))
    scores = bundle.classifier.decision(clean).values
    n_train = len(material.train[1])
    return Candidate(
        name=folder,
        bundle=replace(bundle, calibrator=Calibrator.fit(scores, own, output)),
        held=Held(scores[:, columns], output),
        rows=np.arange(n_train, n_train + len(y)),
        out_of_fold=False,
    )
