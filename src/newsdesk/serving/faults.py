"""What goes wrong with a request, as the client is told of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from newsdesk.errors import (
    DocumentTooLargeError,
    FitError,
    InputError,
    NewsdeskError,
    StorageError,
)

__all__ = ["ServingError", "body_of", "client_gone", "failed", "malformed", "translated"]


class ServingError(Exception):
    """A refusal.

    Parameters
    ----------
    status : int
        HTTP status, 400 to 599.
    code : str
        What programs tell it by; stable.
    problem : str
        What is wrong; holds nothing of the request but what is harmless in a log.
    hint : str
        What to do.
    headers : Mapping[str, str] | None
        Further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        problem: str,
        hint: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(problem)
        self.status = status
        self.code = code
        self.problem = problem
        self.hint = hint
        self.headers = dict(headers or {})
        self.aliases: tuple[str, ...] = ()
        """Keys besides ``code`` under which a dialect looks for the code."""


def body_of(error: ServingError) -> bytes:
    """Write the body that every refusal has.

    Parameters
    ----------
    error : ServingError
        The refusal.

    Returns
    -------
    bytes
        JSON with ``error``, ``code`` and ``hint``, and what a dialect looks for besides.
    """
    said = {"error": error.problem, "code": error.code, "hint": error.hint}
    return msgspec.json.encode(said | dict.fromkeys(error.aliases, error.code))


def translated(error: NewsdeskError) -> ServingError:
    """Turn an error of the rooms below into a refusal.

    Parameters
    ----------
    error : NewsdeskError
        What was raised.

    Returns
    -------
    ServingError
        4xx where the request is at fault, 503 where the disk or a database is.
    """
    if isinstance(error, DocumentTooLargeError):
        return ServingError(413, "document_too_large", error.problem, error.remedy)
    if isinstance(error, InputError):
        return ServingError(422, "invalid_input", error.problem, error.remedy)
    if isinstance(error, FitError):  # a family that cannot explain itself
        return ServingError(422, "cannot_explain", error.problem, error.remedy)
    if isinstance(error, StorageError):
        hint = "Try again in some seconds; predictions go on."
        wait = {"Retry-After": "2"}
        return ServingError(503, "storage_unavailable", "The storage is not available.", hint, wait)
    return failed()


def failed() -> ServingError:
    """Refuse after an error that nobody foresaw.

    Returns
    -------
    ServingError
        500; what it was is in the log alone.
    """
    return ServingError(500, "internal_error", "The server failed.", "Tell whoever runs it.")


def client_gone() -> ServingError:
    """Give a request up whose client has gone; nobody reads the answer.

    Returns
    -------
    ServingError
        499, as nginx counts it.
    """
    return ServingError(499, "client_gone", "The client has gone.", "Send the request again.")


def malformed(problem: str, hint: str) -> ServingError:
    """Refuse a request whose parts do not fit together.

    Parameters
    ----------
    problem : str
        What is wrong.
    hint : str
        What to do.

    Returns
    -------
    ServingError
        400.
    """
    return ServingError(400, "invalid_request", problem, hint)
