"""A pickle of a list of strings, read without running any of it.

A pickle is a program for a small machine, which can call any function that Python knows. Here its
instructions are only listed (`pickletools.genops` decodes and never runs them), and each must be
one of those that a list of strings needs. Whatever names a class or calls one is refused.
"""

from __future__ import annotations

import pickletools
from pathlib import Path
from typing import Any, Final

from newsdesk.errors import DataError

__all__ = ["read_pickled_words"]

MOST_BYTES = 1 << 27
MOST_WORDS = 10_000_000

_REMEDY = (
    "Write the words anew as a JSON list of strings, where you trust the file: "
    "json.dump(list(words), open('itos.json', 'w'))."
)
_STRINGS = frozenset({"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"})
_PUTS = frozenset({"BINPUT", "LONG_BINPUT", "MEMOIZE"})
_GETS = frozenset({"BINGET", "LONG_BINGET"})
_MARK: Final = object()
_NEWEST = 5
"""The newest protocol of pickles (PEP 574)."""


class _Refused(Exception):  # noqa: N818  it never leaves this module
    """The pickle holds something else."""


def read_pickled_words(path: Path, content: bytes) -> list[str]:
    """Read a pickle of a list of strings.

    Parameters
    ----------
    path : Path
        The file, for the error.
    content : bytes
        What it holds.

    Returns
    -------
    list[str]
        The strings.

    Raises
    ------
    DataError
        If it is too large, truncated, or holds anything but one list of strings. Nothing of it is
        run before that is known.
    """
    if len(content) > MOST_BYTES:
        problem = f"{path} has {len(content):,} bytes, more than any list of words."
        raise DataError(problem, remedy=_REMEDY)
    try:
        return _read(content)
    except _Refused as error:
        problem = f"{path} is refused: {error}; a pickle of a list of strings is needed."
        raise DataError(problem, remedy=_REMEDY) from error
    except Exception as error:  # whatever pickletools says of damaged bytes
        problem = f"{path} is a damaged pickle: {error}."
        raise DataError(problem, remedy="Fetch the file again.") from error


class _List:
    """The list that is being made."""

    def __init__(self) -> None:
        self.words: list[str] = []


class _Machine:
    """What is left of a pickle's machine: a stack of strings and lists, and what it has stored."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self._stored: dict[Any, Any] = {}

    def step(self, name: str, argument: Any) -> None:  # noqa: ANN401  of any instruction
        """Follow one instruction, or refuse it."""
        if name in _STRINGS:
            self.stack.append(argument)
        elif name in _PUTS:
            place = len(self._stored) if name == "MEMOIZE" else argument
            self._stored[place] = self.stack[-1]
        elif name in _GETS:
            self.stack.append(self._stored[argument])
        elif name == "EMPTY_LIST":
            self.stack.append(_List())
        elif name == "MARK":
            self.stack.append(_MARK)
        elif name == "APPEND":
            self._extend([self.stack.pop()])
        elif name == "APPENDS":
            items = []
            while (item := self.stack.pop()) is not _MARK:
                items.append(item)
            self._extend(items[::-1])
        elif name == "PROTO" and argument > _NEWEST:
            raise _Refused(f"it is of protocol {argument}")
        elif name not in ("PROTO", "FRAME"):
            said = f" ({argument})" if isinstance(argument, str) else ""
            raise _Refused(f"its instruction {name}{said[:80]} makes something else")

    def _extend(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if not isinstance(target, _List) or not all(isinstance(item, str) for item in items):
            raise _Refused("it holds more than one list of strings")
        target.words += items
        if len(target.words) > MOST_WORDS:
            raise _Refused(f"it holds more than {MOST_WORDS:,} words")


def _read(content: bytes) -> list[str]:
    machine = _Machine()
    for instruction, argument, at in pickletools.genops(content):
        if instruction.name == "STOP":
            if at is None or at + 1 != len(content):
                raise _Refused("something follows behind its end")
            break
        machine.step(instruction.name, argument)
    stack = machine.stack
    if len(stack) != 1 or not isinstance(stack[0], _List):
        raise _Refused("it holds no list")
    return stack[0].words
