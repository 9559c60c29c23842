"""A request whose body is there, and its answer: what routes take and give."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Receive, Scope

from newsdesk.serving.faults import ServingError

__all__ = ["JSON", "Call", "Handler", "Reply", "decoded", "said"]

JSON = b"application/json"
"""Exactly so: a client of KServe drops the text of an error if a charset follows."""

T = TypeVar("T")


class Call:
    """One request.

    Parameters
    ----------
    scope : Scope
        Of ASGI.
    body : bytes
        All of it.
    receive : Receive
        Tells when the client has gone.
    """

    __slots__ = ("body", "receive", "scope")

    def __init__(self, scope: Scope, body: bytes, receive: Receive) -> None:
        self.scope = scope
        self.body = body
        self.receive = receive

    @property
    def path_params(self) -> Mapping[str, str]:
        """What the route's path names, decoded once."""
        found: Mapping[str, str] = self.scope["path_params"]
        return found

    @property
    def query(self) -> dict[str, str]:
        """Query parameters; of a repeated one the last."""
        text = self.scope["query_string"].decode("latin-1")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=20))

    def header(self, name: bytes) -> str:
        """Value of a header, empty where there is none.

        Parameters
        ----------
        name : bytes
            In lower case.

        Returns
        -------
        str
            The first of that name.
        """
        for key, value in self.scope["headers"]:
            if key == name:
                text: str = value.decode("latin-1")
                return text
        return ""


class Reply(NamedTuple):
    """An answer."""

    body: bytes
    status: int = 200
    content_type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


Handler = Callable[[Call], Awaitable[Reply]]


_ENCODER = msgspec.json.Encoder()


def said(value: object, status: int = 200) -> Reply:
    """Answer in JSON.

    Parameters
    ----------
    value : object
        What is said.
    status : int
        Of the answer.

    Returns
    -------
    Reply
        The answer.
    """
    return Reply(_ENCODER.encode(value), status)


def decoded(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Read the JSON of a request.

    Parameters
    ----------
    body : bytes
        What the client sent.
    decoder : msgspec.json.Decoder[T]
        Of what is expected.

    Returns
    -------
    T
        The request.

    Raises
    ------
    ServingError
        400 if it is no JSON, 422 if it is not what is expected.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        hint = "The documentation at /docs shows what is expected."
        raise ServingError(422, "invalid_request", _told(error), hint) from None
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        problem = (
            "The body is no valid JSON." if isinstance(error, RecursionError) else _told(error)
        )
        hint = "Send one JSON object in UTF-8."
        raise ServingError(400, "malformed_json", problem, hint) from None


def _told(error: Exception) -> str:
    # What msgspec says names places and types, and of the body no more than unknown keys.
    return str(error)[:300].encode("utf-8", "replace").decode()
