"""What `Bundle.fit` and `Bundle.explain` give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pyarrow as pa

from newsdesk.models.history import History
from newsdesk.predictions import Predictions, Scores
from newsdesk.types import Floats, Indices, Span

if TYPE_CHECKING:
    from newsdesk.bundle.door import Bundle

__all__ = ["Explanation", "Fitted", "Method", "answers"]

Method = Literal["exact", "occlusion"]
"""How weights were found: as parts of the score, or by leaving stretches of the text out."""


def answers(bundle: Bundle, ids: pa.LargeStringArray, scores: Scores) -> Predictions:
    """Turn a classifier's scores into a bundle's answers.

    Parameters
    ----------
    bundle : Bundle
        Fitted.
    ids : pa.LargeStringArray
        Of n documents.
    scores : Scores
        What the bundle's classifier says of them.

    Returns
    -------
    Predictions
        Calibrated; the class frequencies of the training rows where nothing was known.
    """
    proba = bundle.calibrator.apply(scores.values)
    if scores.low_evidence.any():
        proba[scores.low_evidence] = bundle.prior
    return Predictions(proba, bundle.labels, ids, scores.low_evidence)


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
        Words in reading order with what each adds to the class's score; in a long text that was
        explained by occlusion also passages, see `newsdesk.bundle.occlusion`. What weighs nothing
        may be left out.
    low_evidence : bool
        True where nothing in the document was known.
    method : Method
        How the weights were found: ``"exact"`` or ``"occlusion"``.
    n_variants : int
        How many variants of the text were answered for it; 0 unless by occlusion.
    """

    label: str
    proba: float
    spans: tuple[Span, ...]
    low_evidence: bool
    method: Method = "exact"
    n_variants: int = 0


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
