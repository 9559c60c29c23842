"""What the rest of the house may ask of a family by its name."""

from __future__ import annotations

import time
from typing import Any

from newsdesk.bundle.composed import Composed
from newsdesk.errors import ConfigError, MissingExtraError
from newsdesk.models import registry
from newsdesk.models.classifier import Epochal, Planned, Remembering, Warmable
from newsdesk.models.soft_targets import Teachable
from newsdesk.types import Documents

__all__ = [
    "default_params",
    "given_bundles",
    "plan",
    "reader",
    "refits",
    "require",
    "require_teachable",
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


def given_bundles(family: str, params: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Bundles that a family is given, trained before; see `Composed`.

    Parameters
    ----------
    family : str
        A name of the registry.
    params : Any
        The family's Params.

    Returns
    -------
    tuple[str, ...]
        Their folders; none for most families.
    """
    classifier = registry.find(family).create(params)
    return classifier.given() if isinstance(classifier, Composed) else ()


def warm_up(family: str, params: Any = None) -> float:  # noqa: ANN401
    """Compile what a family compiles, or read it from the disk cache, before it is timed.

    Parameters
    ----------
    family : str
        A name of the registry.
    params : Any
        The family's Params; None means the defaults.

    Returns
    -------
    float
        Seconds that it took.
    """
    start = time.perf_counter()
    classifier = registry.find(family).create(params)
    if isinstance(classifier, Composed):
        for member, own in classifier.trained().items():
            warm_up(member, own)
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
    if isinstance(classifier, Composed):  # one is trained after the other
        members = classifier.trained().items()
        needed = [plan(member, own, documents, n_classes) for member, own in members]
        return max((n_bytes for n_bytes in needed if n_bytes is not None), default=None)
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


def trains_in_epochs(family: str, params: Any = None) -> bool:  # noqa: ANN401
    """Tell whether a family trains in epochs, see `Epochal`, or one that it is made of.

    Parameters
    ----------
    family : str
        A name of the registry.
    params : Any
        The family's Params; None means the defaults.

    Returns
    -------
    bool
        Whether it does.
    """
    classifier = registry.find(family).create(params)
    if isinstance(classifier, Composed):
        return any(trains_in_epochs(*member) for member in classifier.trained().items())
    return isinstance(classifier, Epochal)


def refits(family: str, refit: bool | None, params: Any = None) -> bool:  # noqa: ANN401
    """Tell whether a family, or one that it is made of, is fitted once more on train and valid.

    Parameters
    ----------
    family : str
        A name of the registry.
    refit : bool | None
        What was asked for; None means unless the family trains long, see `Epochal`.
    params : Any
        The family's Params; None means the defaults.

    Returns
    -------
    bool
        Whether it is.
    """
    classifier = registry.find(family).create(params)
    if isinstance(classifier, Composed):
        members = classifier.trained().items()
        return any(refits(member, refit, own) for member, own in members)
    if refit is not None:
        return refit
    return not isinstance(classifier, Epochal) or classifier.brief


def require(family: str, params: Any = None) -> None:  # noqa: ANN401
    """Make sure that a family can be trained here, and those that it is made of.

    Parameters
    ----------
    family : str
        A name of the registry.
    params : Any
        The family's Params; None means the defaults.

    Raises
    ------
    UnknownFamilyError
        If there is none of that name.
    MissingExtraError
        If what it needs is not installed.
    """
    registry.find(family).require()
    classifier = registry.find(family).create(params)
    if isinstance(classifier, Composed):
        for member, own in classifier.trained().items():
            require(member, own)


def require_teachable(family: str, params: Any = None) -> None:  # noqa: ANN401
    """Make sure that a family can learn from a teacher.

    Parameters
    ----------
    family : str
        A name of the registry.
    params : Any
        The family's Params; None means the defaults.

    Raises
    ------
    UnknownFamilyError
        If there is none of that name.
    ConfigError
        If it learns classes alone.
    """
    if isinstance(registry.find(family).create(params), Teachable):
        return
    problem = f"Family {family} cannot be taught: it learns one class per text."
    known = [name for name in registry.families() if _is_teachable(name)]
    remedy = f"Families that can: {', '.join(known)}."
    raise ConfigError(problem, remedy=remedy)


def _is_teachable(family: str) -> bool:
    try:
        return isinstance(registry.find(family).create(), Teachable)
    except MissingExtraError:  # it cannot be trained here anyway
        return False
