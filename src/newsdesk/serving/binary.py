"""Binary inputs of the Open Inference Protocol: texts behind the JSON of a request."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from math import prod
from typing import Any

from newsdesk.serving.faults import ServingError, malformed

__all__ = ["split_body", "strings_of"]

_MOST_DIGITS = 12
_MOST_DIMENSIONS = 8


def split_body(body: bytes, length: str) -> tuple[bytes, bytes]:
    """Part a body into its JSON and what comes after.

    Parameters
    ----------
    body : bytes
        All of it.
    length : str
        Header ``Inference-Header-Content-Length``; empty where there is none.

    Returns
    -------
    tuple[bytes, bytes]
        JSON, and the rest.

    Raises
    ------
    ServingError
        400 if the header is no length of a part of the body.
    """
    if not length:
        return body, b""
    n = int(length) if length.isascii() and length.isdigit() and len(length) <= _MOST_DIGITS else -1
    if not 0 <= n <= len(body):
        problem = "Inference-Header-Content-Length is no length within the body."
        raise malformed(problem, "Send the bytes of the JSON part.")
    return body[:n], body[n:]


def strings_of(
    shape: list[int], data: list[Any] | None, parameters: dict[str, Any], tail: bytes
) -> tuple[list[str], bytes]:
    """Read the texts of an input.

    Parameters
    ----------
    shape : list[int]
        As the client says, ``[n]`` or ``[n, 1]``.
    data : list[Any] | None
        The texts, where they stand in the JSON.
    parameters : dict[str, Any]
        Of the input: ``binary_data_size`` where they stand behind it.
    tail : bytes
        What is behind the JSON, from this input on.

    Returns
    -------
    tuple[list[str], bytes]
        n texts, and what is left of the tail.

    Raises
    ------
    ServingError
        400 if the parts do not fit together, or a text is no UTF-8.
    """
    if not 1 <= len(shape) <= _MOST_DIMENSIONS or min(shape) < 0:
        raise _shapeless()
    size = parameters.get("binary_data_size")
    if (size is None) == (data is None):
        raise malformed("An input has no data, or has it twice.", "Send data or binary_data_size.")
    if size is None:
        texts = list(_flat(data or [], len(shape)))
    else:
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= len(tail):
            raise malformed(
                "binary_data_size is not within the body.", "Send the bytes of the input."
            )
        texts, tail = list(_unpacked(tail[:size])), tail[size:]
    if prod(shape) != len(texts):
        raise _shapeless()
    return texts, tail


def _flat(data: list[Any], depth: int) -> Iterator[str]:
    for one in data:
        if isinstance(one, list) and depth > 1:
            yield from _flat(one, depth - 1)
        elif isinstance(one, str):
            yield one
        else:
            raise malformed("An element of BYTES is no text.", "Send texts.")


def _unpacked(data: bytes) -> Iterator[str]:
    at = 0
    while at < len(data):
        if at + 4 > len(data):
            raise malformed("A binary input ends within a length.", "Check binary_data_size.")
        (n,) = struct.unpack_from("<I", data, at)
        at += 4
        if at + n > len(data):
            raise malformed("A text is longer than its binary input.", "Check its length prefix.")
        try:
            yield data[at : at + n].decode()
        except UnicodeDecodeError:
            raise malformed("A text is no UTF-8.", "Encode texts in UTF-8.") from None
        at += n


def _shapeless() -> ServingError:
    return malformed("The shape of an input is not that of its data.", "Send [n] for n texts.")
