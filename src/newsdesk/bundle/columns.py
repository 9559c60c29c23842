"""The same classes in another order."""

from __future__ import annotations

from newsdesk.errors import LabelError
from newsdesk.types import Indices, LabelSet

__all__ = ["columns_of"]


def columns_of(own: LabelSet, wanted: LabelSet, who: str) -> Indices:
    """Find the classes of a bundle by their names.

    Parameters
    ----------
    own : LabelSet
        Classes of the bundle.
    wanted : LabelSet
        Those of the rows that it is to answer for.
    who : str
        The bundle, for the error text.

    Returns
    -------
    Indices
        Column of the bundle for each of the wanted classes, shape ``(n_classes,)``.

    Raises
    ------
    LabelError
        If one has a class that the other has not.
    """
    missing, more = sorted(set(wanted) - set(own)), sorted(set(own) - set(wanted))
    if missing or more:
        said = [f"it lacks {', '.join(missing[:5])}"] if missing else []
        said += [f"it has {', '.join(more[:5])} besides"] if more else []
        problem = f"{who} was trained on other classes: {'; '.join(said)}."
        raise LabelError(problem, remedy="Take a bundle of the same classes, whatever their order.")
    return own.encode(wanted.names)
