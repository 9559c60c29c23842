"""Why a bundle answers as it does: in the family's own words, or by occlusion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from newsdesk.bundle.fields import in_order
from newsdesk.bundle.occlusion import Values, Weighed, occlusions
from newsdesk.bundle.places import located, read_words
from newsdesk.bundle.results import Explanation, Method, answers
from newsdesk.errors import InputError
from newsdesk.features.stretches import Stretch
from newsdesk.models.classifier import Attributing, Classifier
from newsdesk.predictions import Scores
from newsdesk.types import Documents, Indices

if TYPE_CHECKING:
    from newsdesk.bundle.door import Bundle

__all__ = ["explain", "explain_classes", "method_of"]


def method_of(classifier: Classifier) -> Method:
    """Tell how a classifier's answers are explained.

    Parameters
    ----------
    classifier : Classifier
        Fitted.

    Returns
    -------
    Method
        ``"exact"`` where it says itself what each word adds, else ``"occlusion"``.
    """
    own = isinstance(classifier, Attributing) and classifier.exact
    return "exact" if own else "occlusion"


def explain(bundle: Bundle, documents: Documents, label: str | None) -> list[Explanation]:
    """Explain a class, or the likeliest; see `Bundle.explain`.

    Parameters
    ----------
    bundle : Bundle
        Fitted.
    documents : Documents
        n raw documents.
    label : str | None
        The class; None means the likeliest of each.

    Returns
    -------
    list[Explanation]
        One per document.

    Raises
    ------
    InputError
        If there is no such class.
    """
    classes = None
    if label is not None:
        index = bundle.labels.find(label)
        if index < 0:
            remedy = f"Known: {', '.join(bundle.labels)}."
            raise InputError(f"There is no class {label!r}.", remedy=remedy)
        classes = np.full((len(documents), 1), index)
    return [own for (own,) in _explained(bundle, documents, classes)]


def explain_classes(
    bundle: Bundle, documents: Documents, classes: Indices
) -> list[list[Explanation]]:
    """Explain several classes; see `Bundle.explain_classes`.

    Parameters
    ----------
    bundle : Bundle
        Fitted.
    documents : Documents
        n raw documents.
    classes : Indices
        The k classes to explain in each, shape ``(n, k)``.

    Returns
    -------
    list[list[Explanation]]
        For each document k explanations.

    Raises
    ------
    InputError
        If that is not the shape, or a number is that of no class.
    """
    if classes.ndim != 2 or len(classes) != len(documents):
        problem = f"Classes of shape {classes.shape} were given for {len(documents)} documents."
        raise InputError(problem, remedy="Give one row of class indices for each document.")
    if classes.size and not 0 <= classes.min() <= classes.max() < len(bundle.labels):
        problem = f"Class indices from {classes.min()} to {classes.max()} were given."
        raise InputError(problem, remedy=f"Give numbers from 0 to {len(bundle.labels) - 1}.")
    return _explained(bundle, documents, classes)


def _explained(
    bundle: Bundle, documents: Documents, classes: Indices | None
) -> list[list[Explanation]]:
    raw = in_order(documents, bundle.fields)
    clean = bundle.cleaner.apply_all(raw)
    scores = bundle.classifier.decision(clean)
    predictions = answers(bundle, clean.ids, scores)
    if classes is None:
        classes = predictions.y[:, None]
    method = method_of(bundle.classifier)
    if method == "exact":
        found = _exact(bundle, raw, clean, classes)
    else:
        found = _occluded(bundle, raw, scores, classes)
    return [
        [
            Explanation(
                label=bundle.labels[index],
                proba=float(predictions.proba[row, index]),
                # Words that are all unknown moved nothing: the answer is the class frequencies.
                spans=() if scores.low_evidence[row] else tuple(spans),
                low_evidence=bool(scores.low_evidence[row]),
                method=method,
                n_variants=own.n_variants,
            )
            for index, spans in zip(classes[row].tolist(), own.spans, strict=True)
        ]
        for row, own in enumerate(found)
    ]


def _exact(bundle: Bundle, raw: Documents, clean: Documents, classes: Indices) -> list[Weighed]:
    classifier = bundle.classifier
    assert isinstance(classifier, Attributing), "asked only then"
    columns = [classifier.attribute(clean, column) for column in classes.T]
    if clean is not raw:
        columns = [located(raw, spans, bundle.cleaner) for spans in columns]
    return [Weighed([spans[row] for spans in columns], 0) for row in range(len(raw))]


def _occluded(bundle: Bundle, raw: Documents, scores: Scores, classes: Indices) -> list[Weighed]:
    """Leave stretches out of documents that hold something known; the others have no words."""

    def answer(variants: Documents) -> Values:
        clean = bundle.cleaner.apply_all(variants)
        return _log_odds(bundle, bundle.classifier.decision(clean))

    def cut(document: Documents) -> list[Stretch]:
        return read_words(document, bundle.cleaner)

    rows = np.flatnonzero(~scores.low_evidence)
    whole = _log_odds(bundle, scores)[rows]
    found = iter(occlusions(answer, cut, raw.take(rows), whole, classes[rows]))
    nothing = Weighed([[]] * classes.shape[1], 0)
    return [nothing if low else next(found) for low in scores.low_evidence.tolist()]


def _log_odds(bundle: Bundle, scores: Scores) -> Values:
    odds = bundle.calibrator.log_odds(scores.values)
    prior = bundle.prior.astype(np.float64)
    odds[scores.low_evidence] = np.log(prior / (1 - prior))
    return odds
