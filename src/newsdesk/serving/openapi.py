"""The OpenAPI document: what the routes take and give, from the types that they are read with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from newsdesk._version import __version__
from newsdesk.serving.board import Entry

__all__ = ["document"]

_JSON, _BYTES = "application/json", "application/octet-stream"


class Error(msgspec.Struct):
    """A refusal: what is wrong, what programs tell it by, and what to do."""

    error: str
    code: str
    hint: str


_ALWAYS = {
    400: "The request is malformed.",
    403: "This is not allowed.",
    404: "There is no such thing.",
    422: "The request is not what is expected.",
    429: "Too many requests; see Retry-After.",
    500: "The server failed.",
    503: "Overloaded, or a storage is not available; see Retry-After.",
}
_OF_BODIES = {
    408: "The body came too slowly.",
    413: "The body is too long.",
    415: "The body is not said to be JSON.",
}
_UNAUTHORIZED = "A valid key is needed."
_CONFLICT = "Something else is going on, or the key of a repetition stands for something else."
_KEYS: list[dict[str, list[str]]] = [{"bearer": []}, {"header": []}]


def document(entries: Sequence[Entry], models: Sequence[str]) -> dict[str, Any]:
    """Describe routes.

    Parameters
    ----------
    entries : Sequence[Entry]
        All of them.
    models : Sequence[str]
        Names of the served models, which stand for ``{model}`` in a path.

    Returns
    -------
    dict[str, Any]
        OpenAPI 3.1.
    """
    kinds = {repr(Error): Error}
    for entry in entries:
        for kind in (entry.act.takes, entry.act.gives):
            if kind is not None:
                kinds[repr(kind)] = kind
    found, components = msgspec.json.schema_components(
        kinds.values(), ref_template="#/components/schemas/{name}"
    )
    schemas = dict(zip(kinds, found, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for entry in entries:
        paths.setdefault(entry.path, {})[entry.method.lower()] = _operation(entry, schemas, models)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "newsdesk",
            "version": __version__,
            "description": "Text classification, in the dialects of several servers.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


def _operation(
    entry: Entry, schemas: dict[str, dict[str, Any]], models: Sequence[str]
) -> dict[str, Any]:
    act = entry.act
    answer: dict[str, Any] = {"description": act.summary}
    if act.gives is not None:
        answer["content"] = {_JSON: {"schema": schemas[repr(act.gives)]}}
    elif act.kind:
        answer["content"] = {act.kind: {}}
    refusals = dict(_ALWAYS)
    if act.takes is not None:
        refusals |= _OF_BODIES
    if entry.who != "everybody":
        refusals[401] = _UNAUTHORIZED
    if entry.method == "POST":
        refusals[409] = _CONFLICT
    error = {_JSON: {"schema": schemas[repr(Error)]}}
    operation: dict[str, Any] = {
        # A route of versions does what the route without one does.
        "operationId": entry.name + ("_of_version" if "{version}" in entry.path else ""),
        "summary": act.summary,
        "tags": [act.tag],
        "security": _security(entry),
        "responses": {str(status): answer for status in act.statuses}
        | {
            str(status): {"description": text, "content": error}
            for status, text in sorted(refusals.items())
        },
    }
    known = {"model": {"type": "string", "enum": list(models)}}
    parameters = [
        {
            "name": name,
            "in": place,
            "required": place == "path",
            "schema": known.get(name, {"type": "string"}),
        }
        for place, names in (
            ("path", re.findall(r"\{(\w+)\}", entry.path)),
            ("query", act.query),
            ("header", act.headers),
        )
        for name in names
    ]
    if parameters:
        operation["parameters"] = parameters
    if act.takes is not None:
        content: dict[str, Any] = {_JSON: {"schema": schemas[repr(act.takes)]}}
        if act.example is not None:
            content[_JSON]["example"] = act.example
        if act.binary:
            content[_BYTES] = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _security(entry: Entry) -> list[dict[str, list[str]]]:
    if entry.who == "everybody":
        return []
    return _KEYS if entry.who == "management" else [{}, *_KEYS]
