"""What a reader gives: a language model, and what there is to say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from newsdesk.models.neural.importing.formats import Request
from newsdesk.models.neural.language.folder import Encoder, Origin

__all__ = ["Found", "origin"]


class Found(NamedTuple):
    """What was read."""

    encoder: Encoder[Any]
    """The language model."""
    notes: tuple[str, ...] = ()
    """What was left out or guessed, as sentences without an end."""


def origin(request: Request) -> Origin:
    """Say where imported weights come from.

    Parameters
    ----------
    request : Request
        What was asked for.

    Returns
    -------
    Origin
        Format and names of the files, without their folders.
    """
    names = ", ".join(Path(name).name for name in request.files)
    return Origin("imported", names, settings={"format": request.format})
