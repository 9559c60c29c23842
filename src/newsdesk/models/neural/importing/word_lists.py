"""Lists of words as files: a pickle of a list, a JSON list, or one word on each line."""

from __future__ import annotations

from pathlib import Path

import msgspec

from newsdesk.errors import DataError, StorageError
from newsdesk.models.neural.importing.pickled_words import MOST_BYTES, read_pickled_words

__all__ = ["read_words"]


def read_words(path: Path) -> list[str]:
    """Read a list of words; what it is is told from its first byte.

    Parameters
    ----------
    path : Path
        A pickle of a list of strings, a JSON list of strings, or UTF-8 with a word on each line.

    Returns
    -------
    list[str]
        The words in their order, equal ones included.

    Raises
    ------
    DataError
        If it holds anything else, or a word is no Unicode text.
    StorageError
        If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        problem = f"{path} cannot be read: {error.strerror or error}."
        remedy = "Check the file and its permissions."
        raise StorageError(problem, remedy=remedy) from error
    if content.startswith(b"\x80"):
        words = read_pickled_words(path, content)
    elif len(content) > MOST_BYTES:
        problem = f"{path} has more than {MOST_BYTES:,} bytes: it is no list of words."
        raise DataError(problem, remedy="Name the file of words that belongs to the weights.")
    elif content.lstrip().startswith(b"["):
        words = _json(path, content)
    else:
        words = _lines(path, content)
    for number, word in enumerate(words):
        if not word.isascii() and any("\ud800" <= letter <= "\udfff" for letter in word):
            problem = f"{path}: word {number + 1:,} is {word!a}, which is no Unicode text."
            raise DataError(problem, remedy="Write the words anew as UTF-8.")
    return words


def _json(path: Path, content: bytes) -> list[str]:
    try:
        return msgspec.json.decode(content, type=list[str])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problem = f"{path} is no JSON list of strings: {error}."
        raise DataError(problem, remedy="Write the words anew.") from error


def _lines(path: Path, content: bytes) -> list[str]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"{path} is no UTF-8 text: byte {error.start:,} is {content[error.start]:#04x}."
        raise DataError(problem, remedy="Write the words anew as UTF-8, one a line.") from error
    words = text.split("\n")
    if words[-1] == "":
        words.pop()
    return [word.removesuffix("\r") for word in words]
