"""A bundle without a labelled row: classes by what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from newsdesk import config
from newsdesk.bundle.door import Bundle
from newsdesk.errors import LabelError
from newsdesk.models import registry
from newsdesk.predictions import Calibrator
from newsdesk.types import TEXT_FIELD, Documents, LabelSet, Silent

__all__ = ["zero_shot"]

_FAMILY = "zeroshot"


def zero_shot(
    classes: Sequence[str],
    *,
    fields: Sequence[str] = (TEXT_FIELD,),
    **settings: Any,  # noqa: ANN401  of any kind
) -> Bundle:
    """Make a classifier of class names alone, without one labelled text.

    It compares the vector of a text with that of a sentence on each class. Its probabilities are
    **not calibrated**, for which labelled texts are needed, and nothing is known of its accuracy:
    with some hundred labelled texts train family ``zeroshot`` on them, which learns nothing but how
    sure to be, and measures.

    Parameters
    ----------
    classes : Sequence[str]
        A name each, or ``"NAME: description"``; the description then takes the place of the name in
        the sentence.
    fields : Sequence[str]
        Names of the text fields of the documents that it will be asked for, in reading order.
    **settings : Any
        Of the family, such as ``encoder`` and ``template``.

    Returns
    -------
    Bundle
        To predict with, and to save.

    Raises
    ------
    LabelError
        With fewer than two classes, or two of one name.
    ConfigError
        If a setting is unknown or out of range, or the encoder is found nowhere.
    MissingExtraError
        If what encoders need is not installed.
    """
    parts = [text.partition(":") for text in classes]
    labels = LabelSet(name.strip() for name, _, _ in parts)
    if len(labels) < 2:
        problem = f"There is one class at most: {', '.join(labels) or 'none'}."
        raise LabelError(problem, remedy="Name two classes or more.")
    described = {name.strip(): said.strip() for name, _, said in parts if said.strip()}
    family = registry.find(_FAMILY)
    values = {"descriptions": described, **settings}
    params: Any = config.decode(family.load().Params, values, where=f"Family {_FAMILY}")
    nothing = Documents.from_texts([])
    classifier = family.create(params, labels).fit(
        nothing,
        np.zeros(0, dtype=np.int64),
        n_classes=len(labels),
        valid=None,
        rng=np.random.default_rng(0),
        progress=Silent(),
    )
    uncalibrated = np.zeros(0, dtype=np.float32)
    return Bundle(
        family=_FAMILY,
        classifier=classifier,
        calibrator=Calibrator(uncalibrated, uncalibrated),
        labels=labels,
        fields=tuple(fields),
        prior=np.full(len(labels), 1 / len(labels), dtype=np.float32),
    )
