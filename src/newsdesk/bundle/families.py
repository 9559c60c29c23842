"""What the rest of the house may ask of a family by its name."""

from __future__ import annotations

import time
from typing import Any

from newsdesk.models import registry
from newsdesk.models.classifier import Epochal, Planned, Remembering, Warmable
from newsdesk.types import Documents

__all__ = [
    "default_params",
    "plan",
    "reader",
    "refits",
    "require",
    "trains_in_epochs",
    "warm_up",
]


def default_params(family: str) -> Any:  # noqa: ANN401  each family has its own
    """Settings of a family as they are when nobody sets them.

    Parameters
    ----------
    family : str
        A name of the registry.

    Returns
    -------
    Any
        The family's Params.

    Raises
    ------
    UnknownFamilyError
        If there is none of that name.
    """
    return registry.find(family).load().Params()


def warm_up(family: str) -> float:
    """Compile what a family compiles, or read it from the disk cache, before it is timed.

    Parameters
    ----------
    family : str
        A name of the registry.

    Returns
    -------
    float
        Seconds that it took.
    """
    start = time.perf_counter()
    classifier = registry.find(family).create()
    if isinstance(classifier, Warmable):
        classifier.warm_up()
    return time.perf_counter() - start


def plan(family: str, params: Any, documents: Documents, n_classes: int) -> int | None:  # noqa: ANN401
    """Estimate the memory of a fit before it starts.

    Parameters
    ----------
    family : str
        A name of the registry.
    params : Any
        The family's Params.
    documents : Documents
        The training documents.
    n_classes : int
        Number of classes.

    Returns
    -------
    int | None
        Bytes; None where the family does not tell.
    """
    classifier = registry.find(family).create(params)
    return classifier.plan(documents, n_classes) if isinstance(classifier, Planned) else None


def reader(family: str, params: Any) -> Remembering | None:  # noqa: ANN401
    """What reads texts for a family, and remembers them.

    Parameters
    ----------
    family : str
        A name of the registry.
    params : Any
        The family's Params.

    Returns
    -------
    Remembering | None
        An unfitted classifier; None where the family remembers nothing.
    """
    classifier = registry.find(family).create(params)
    return classifier if isinstance(classifier, Remembering) else None


def trains_in_epochs(family: str) -> bool:
    """Tell whether a family trains in epochs, see `Epochal`.

    Parameters
    ----------
    family : str
        A name of the registry.

    Returns
    -------
    bool
        Whether it does.
    """
    return isinstance(registry.find(family).create(), Epochal)


def refits(family: str, refit: bool | None) -> bool:
    """Tell whether a family is fitted once more on train and valid together.

    Parameters
    ----------
    family : str
        A name of the registry.
    refit : bool | None
        What was asked for; None means unless the family trains long, see `Epochal`.

    Returns
    -------
    bool
        Whether it is.
    """
    if refit is not None:
        return refit
    classifier = registry.find(family).create()
    return not isinstance(classifier, Epochal) or classifier.brief


def require(family: str) -> None:
    """Make sure that a family can be trained here.

    Parameters
    ----------
    family : str
        A name of the registry.

    Raises
    ------
    UnknownFamilyError
        If there is none of that name.
    MissingExtraError
        If what it needs is not installed.
    """
    registry.find(family).require()
