"""Which families are climbed, and in which order."""

from __future__ import annotations

from collections.abc import Container, Sequence

from newsdesk import bundle as door
from newsdesk.errors import MissingExtraError, UnknownFamilyError

__all__ = ["FLOOR", "of_its_kind", "rungs"]

FLOOR = "prior"
"""What is trained where nothing else fits."""

_CLIMBED = (
    "prior",
    "linear",
    "static",
    "tfidf-nb",
    "hybrid",
    "embedding",
    "transformer",
)
"""The families that are climbed unasked, as far as they are installed; ``ensemble`` is not, because
its members would be trained a second time."""

_ORDER = (
    "prior",
    "linear",
    "static",
    "tfidf-nb",
    "tfidf-svm",
    "tfidf-logreg",
    "vectors-mean",
    "tfidf-mlp",
    "cnn-text",
    # Most of what these two take is reading the texts, which they do once for both. The better one
    # goes first: the other shall not take the time that it needs.
    "hybrid",
    "embedding",
    "nnlm-linear",
    "lstm-vectors",
    "lstm",
    "nnlm-lstm",
    "ulmfit",
    "elmo-lstm",
    "transformer",
    "ensemble",
)
"""From cheap to dear, as a rule; what is not named here comes last."""


_ENCODER = frozenset({"embedding", "ensemble", "fewshot", "hybrid", "transformer", "zeroshot"})
"""The families that answer by a pretrained encoder. That others, which know the words of the train
rows alone, bring nothing any more says little about what these would bring."""


class _Others:
    """Every family that answers by words."""

    def __contains__(self, family: object) -> bool:
        return family not in _ENCODER


def of_its_kind(family: str) -> Container[str]:
    """The families that know texts by the same things as another.

    Parameters
    ----------
    family : str
        Name of a family.

    Returns
    -------
    Container[str]
        Their names, its own among them.
    """
    return _ENCODER if family in _ENCODER else _Others()


def rungs(named: Sequence[str] | None) -> list[str]:
    """Order the families of a climb.

    Parameters
    ----------
    named : Sequence[str] | None
        Families that were asked for; None means what is usually worth its time, as far as its
        extras are installed.

    Returns
    -------
    list[str]
        From cheap to dear; families that nothing is known of last, in the order given.
    """
    if named is None:
        return [name for name in _CLIMBED if _is_here(name)]
    return sorted(named, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))


def _is_here(name: str) -> bool:
    try:
        door.require(name)
    except (MissingExtraError, UnknownFamilyError):
        return False
    return True
