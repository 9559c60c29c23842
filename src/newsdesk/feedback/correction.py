"""What a correction is, and which ones are taken."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import msgspec

from newsdesk.errors import DocumentTooLargeError, EmptyDocumentError, InputError

__all__ = [
    "MOST_BYTES",
    "MOST_COMMENT",
    "MOST_NAME",
    "Added",
    "Correction",
    "Entry",
    "Page",
    "Stats",
    "Status",
    "check_text",
]

Status = Literal["waiting", "accepted", "rejected"]
"""What has become of a correction."""

MOST_BYTES = 1_000_000
"""Of the texts of one correction together, with the names of their fields, in UTF-8."""
MOST_NAME = 200
"""Characters of a label, of a name and of an idempotency key."""
MOST_COMMENT = 2_000
"""Characters of a comment."""


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What somebody says that a document is.

    Parameters
    ----------
    fields : Mapping[str, str]
        Raw text of each field; at least one that is not blank, 1 MB together.
    label : str
        The right label, which need not be a class of any model; at most 200 characters.
    model : str | None
        Name of the model that was wrong.
    digest : str | None
        Its digest.
    predicted : str | None
        What it said.
    score : float | None
        The probability that it gave, in [0, 1].
    comment : str | None
        What else there is to say; at most 2,000 characters.
    source : str | None
        Where the correction came from, such as ``web``.

    Raises
    ------
    EmptyDocumentError
        If no field holds a text.
    DocumentTooLargeError
        If the texts are longer than the limit.
    InputError
        If anything else is out of its limits, holds a NUL, or is no valid Unicode.
    """

    fields: Mapping[str, str]
    label: str
    model: str | None = None
    digest: str | None = None
    predicted: str | None = None
    score: float | None = None
    comment: str | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        size = 0
        for name, text in self.fields.items():
            check_text(name, "the name of a field", most=MOST_NAME)
            check_text(text, f"the field {name!r}")
            size += len(name.encode()) + len(text.encode())
        if not any(text.strip() for text in self.fields.values()):
            problem = "The correction has no text."
            raise EmptyDocumentError(problem, remedy="Give the text that the label is of.")
        if size > MOST_BYTES:
            problem = f"The texts have {size:,} bytes; a correction may have {MOST_BYTES:,}."
            raise DocumentTooLargeError(problem, remedy="Give the part that the label is of.")
        check_text(self.label, "the label", most=MOST_NAME)
        if not self.label.strip():
            raise InputError("The label is empty.", remedy="Name the right label.")
        for what in ("model", "digest", "predicted", "source"):
            check_text(getattr(self, what), f"the {what}", most=MOST_NAME)
        check_text(self.comment, "the comment", most=MOST_COMMENT)
        # A NaN is in no range.
        if self.score is not None and not 0 <= self.score <= 1:
            problem = f"The score {self.score} is no probability."
            raise InputError(problem, remedy="Give a number from 0 to 1, or none.")

    @property
    def content(self) -> str:
        """Sha256 of everything that it says, hexadecimal; the order of the fields is no content."""
        everything = asdict(self) | {"fields": dict(self.fields)}
        return hashlib.sha256(msgspec.json.encode(everything, order="sorted")).hexdigest()


def check_text(text: object, what: str, *, most: int | None = None) -> None:
    """Refuse what is no text that every database keeps as it is.

    Parameters
    ----------
    text : object
        A text, or None where none is needed.
    what : str
        What it is, for the error.
    most : int | None
        Most characters; None for any number.

    Raises
    ------
    InputError
        If it is no text, too long, holds a NUL, or holds a lone surrogate.
    """
    if text is None:
        return
    if not isinstance(text, str):
        problem = f"There is a value of type {type(text).__name__} where {what} is needed."
        raise InputError(problem, remedy="Give a text.")
    if most is not None and len(text) > most:
        problem = f"In a correction, {what} has {len(text):,} characters; {most:,} are allowed."
        raise InputError(problem, remedy="Shorten it.")
    if "\0" in text:
        problem = f"In a correction, {what} holds a NUL character."
        raise InputError(problem, remedy="Leave it out: databases cannot keep one.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        problem = f"In a correction, {what} holds a lone surrogate, which is no valid Unicode text."
        remedy = "Decode the text again, or replace it: text.encode('utf-8', 'replace')."
        raise InputError(problem, remedy=remedy) from error


@dataclass(frozen=True)
class Added:
    """What has become of a correction that was handed in.

    Parameters
    ----------
    id : str
        Its id, a UUID.
    undo : str | None
        The token that takes it back; None where it was known already, since only a hash is kept.
    is_new : bool
        Whether it was not known before.
    """

    id: str
    undo: str | None
    is_new: bool


@dataclass(frozen=True)
class Entry:
    """A correction as the store has it.

    Parameters
    ----------
    id : str
        A UUID.
    correction : Correction
        What was handed in.
    status : Status
        ``"waiting"``, ``"accepted"`` or ``"rejected"``.
    created_at : dt.datetime
        When it came, in UTC.
    decided_at : dt.datetime | None
        When it was accepted or rejected, in UTC.
    """

    id: str
    correction: Correction
    status: Status
    created_at: dt.datetime
    decided_at: dt.datetime | None


@dataclass(frozen=True)
class Page:
    """Some of many corrections.

    Parameters
    ----------
    entries : tuple[Entry, ...]
        In the order that was asked for.
    after : str | None
        Where the next page begins; None at the end.
    """

    entries: tuple[Entry, ...]
    after: str | None


@dataclass(frozen=True)
class Stats:
    """How many corrections there are.

    Parameters
    ----------
    n : int
        All of them.
    by_status : dict[str, int]
        Of each status, 0 too.
    by_label : dict[str, int]
        Of each corrected label, the commonest first.
    by_digest : dict[str, int]
        Of each digest of a model, the commonest first; of none under the empty string.
    by_day : dict[str, int]
        Of each day in UTC, such as ``2026-11-30``, the earliest first.
    """

    n: int
    by_status: dict[str, int]
    by_label: dict[str, int]
    by_digest: dict[str, int]
    by_day: dict[str, int]
