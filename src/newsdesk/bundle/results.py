"""What `Bundle.fit` and `Bundle.explain` give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsdesk.models.history import History
from newsdesk.predictions import Predictions
from newsdesk.types import Floats, Indices, Span

if TYPE_CHECKING:
    from newsdesk.bundle.door import Bundle

__all__ = ["Explanation", "Fitted", "explanations"]


@dataclass(frozen=True)
class Explanation:
    """Why one document got a class.

    Parameters
    ----------
    label : str
        The explained class.
    proba : float
        Its calibrated probability.
    spans : tuple[Span, ...]
        Words in reading order with what each adds to the class's score.
    low_evidence : bool
        True where nothing in the document was known.
    """

    label: str
    proba: float
    spans: tuple[Span, ...]
    low_evidence: bool


def explanations(
    predictions: Predictions, classes: Indices, spans: Sequence[Sequence[Span]]
) -> list[Explanation]:
    """Say of answers why they were given.

    Parameters
    ----------
    predictions : Predictions
        Of n documents.
    classes : Indices
        The class to explain in each, shape ``(n,)``.
    spans : Sequence[Sequence[Span]]
        What the words of each add to that class's score.

    Returns
    -------
    list[Explanation]
        One per document.
    """
    return [
        Explanation(
            label=predictions.label_set[index],
            proba=float(predictions.proba[position, index]),
            spans=tuple(spans[position]),
            low_evidence=bool(predictions.low_evidence[position]),
        )
        for position, index in enumerate(classes.tolist())
    ]


@dataclass(frozen=True, eq=False)
class Fitted:
    """A trained bundle and what was seen on the way.

    Parameters
    ----------
    bundle : Bundle
        The deliverable.
    valid_proba : Floats
        Held-out probabilities, shape ``(n_held_out, n_classes)``: of the valid rows, or of all
        rows where predictions are out of fold. Calibrated on other rows than they are of.
    valid_scores : Floats
        The same before calibration.
    held_out : Indices
        Which rows of train followed by valid they belong to.
    out_of_fold : bool
        Whether the held-out predictions are out of fold.
    seconds : dict[str, float]
        Wall time of each stage: ``fit``, ``calibrate``, ``refit``, and ``cross_calibrate``, which
        only the valid metrics need.
    history : History
        The epochs of the training; none where the family does not train in epochs.
    notes : tuple[str, ...]
        What a reader of the numbers should know of the training.
    """

    bundle: Bundle
    valid_proba: Floats
    valid_scores: Floats
    held_out: Indices
    out_of_fold: bool
    seconds: dict[str, float] = field(default_factory=dict)
    history: History = field(default_factory=History)
    notes: tuple[str, ...] = ()
