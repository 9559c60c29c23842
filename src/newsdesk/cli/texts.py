"""Texts from the command line or from stdin, one a line."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import typer

from newsdesk.errors import DocumentTooLargeError, InputError

__all__ = ["MAX_LINE_BYTES", "chunks", "given"]

MAX_LINE_BYTES = 10 * 2**20
"""Longest text that is read from stdin: 10 MiB, as in tables."""
_READ_BYTES = 1 << 20


def given(texts: Sequence[str] | None) -> list[str] | None:
    """Tell whether texts were typed or are to be read from stdin.

    Parameters
    ----------
    texts : Sequence[str] | None
        The arguments.

    Returns
    -------
    list[str] | None
        The texts; None for stdin: without an argument, or with the one argument ``-``.

    Raises
    ------
    typer.BadParameter
        If there is no text and stdin is a terminal.
    """
    if texts and list(texts) != ["-"]:
        return list(texts)
    if not texts and sys.stdin.isatty():
        message = "Give a text, or send texts through a pipe, one a line."
        raise typer.BadParameter(message)
    return None


def chunks(stream: BinaryIO, name: str = "stdin") -> Iterator[list[str]]:
    r"""Read texts as they come, so that a slow writer is answered at once.

    Parameters
    ----------
    stream : BinaryIO
        UTF-8; ``\n`` or ``\r\n`` ends a text, and an empty line is an empty text.
    name : str
        What to call it in errors.

    Yields
    ------
    list[str]
        At least one text.

    Raises
    ------
    InputError
        If a line is no UTF-8.
    DocumentTooLargeError
        If a line is longer than `MAX_LINE_BYTES`.
    """
    read = getattr(stream, "read1", stream.read)
    n_before, rest = 0, b""
    while block := read(_READ_BYTES):
        *lines, rest = (rest + block).split(b"\n") if b"\n" in block else [rest + block]
        yield from _decoded(lines, n_before, name)
        n_before += len(lines)
        if len(rest) > MAX_LINE_BYTES:
            raise _too_long(name, n_before + 1)
    if rest:
        yield from _decoded([rest], n_before, name)


def _decoded(lines: list[bytes], n_before: int, name: str) -> Iterator[list[str]]:
    """The texts before the first bad line, then its error."""
    texts: list[str] = []
    fault: InputError | None = None
    for number, line in enumerate(lines, n_before + 1):
        if len(line) > MAX_LINE_BYTES:
            fault = _too_long(name, number)
            break
        try:
            text = line.removesuffix(b"\r").decode()
        except UnicodeDecodeError as error:
            fault = _undecodable(name, number, error)
            break
        texts.append(text.removeprefix("\ufeff") if number == 1 else text)
    if texts:
        yield texts
    if fault is not None:
        raise fault


def _undecodable(name: str, number: int, error: UnicodeDecodeError) -> InputError:
    value = error.object[error.start]
    problem = f"{name}, line {number}: byte {error.start + 1} is 0x{value:02x}, no UTF-8."
    return InputError(problem, remedy="Convert it first, for example: iconv -f latin1 -t utf-8.")


def _too_long(name: str, number: int) -> DocumentTooLargeError:
    problem = f"{name}, line {number}: longer than {MAX_LINE_BYTES:,} bytes."
    return DocumentTooLargeError(problem, remedy="Send one text a line, each below that size.")
