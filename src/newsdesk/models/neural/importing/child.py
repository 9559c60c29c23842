"""The process that reads foreign files, started as ``python -m`` with this module and a folder.

It is told what to read on its standard input, writes an encoder folder into that folder and what
there is to say to its standard output, and has no other say: who started it checks all of it again.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from newsdesk.errors import (
    ConfigError,
    DataError,
    MissingExtraError,
    NewsdeskError,
    StorageError,
)
from newsdesk.models.neural.importing.formats import Request
from newsdesk.models.neural.importing.reading import read
from newsdesk.models.neural.language import folder

__all__ = ["ENCODER", "ERRORS", "Order", "Told", "main"]

ENCODER = "encoder"
"""The encoder folder in the folder of the process."""

Failure = Literal["ConfigError", "DataError", "MissingExtraError", "StorageError"]
ERRORS: dict[Failure, type[NewsdeskError]] = {
    "ConfigError": ConfigError,
    "DataError": DataError,
    "MissingExtraError": MissingExtraError,
    "StorageError": StorageError,
}
"""The errors that readers raise, by name."""


@dataclass(frozen=True)
class Order:
    """What the process is told.

    Parameters
    ----------
    request : Request
        What to read.
    most_bytes : int
        Memory that it may take for its data.
    most_seconds : int
        Time on a processor that it may take.
    """

    request: Request
    most_bytes: int
    most_seconds: int


@dataclass(frozen=True)
class Told:
    """What the process says.

    Parameters
    ----------
    notes : list[str]
        What was left out or guessed.
    error : Failure | None
        The name of an error; None where all went well.
    problem : str
        Of the error.
    remedy : str
        Of the error.
    """

    notes: list[str] = field(default_factory=list)
    error: Failure | None = None
    problem: str = ""
    remedy: str = ""


def main(content: bytes, place: Path) -> Told:
    """Read, and write what was read.

    Parameters
    ----------
    content : bytes
        An `Order` as JSON.
    place : Path
        An empty folder.

    Returns
    -------
    Told
        What there is to say; without an error an encoder folder was written.
    """
    order = msgspec.json.decode(content, type=Order)
    _limit(order)
    try:
        found = read(order.request)
        _write(found.encoder, place / ENCODER)
        return Told(list(found.notes))
    except (ConfigError, DataError, MissingExtraError, StorageError) as error:
        name = next(name for name, cls in ERRORS.items() if isinstance(error, cls))
        return Told(error=name, problem=error.problem, remedy=error.remedy)
    except MemoryError:
        problem = f"Reading took more than {order.most_bytes >> 20:,} MiB of memory."
        remedy = "Fetch the files again: they promise more than such files hold."
        return Told(error="DataError", problem=problem, remedy=remedy)


def _write(encoder: folder.Encoder[Any], place: Path) -> None:
    try:
        place.mkdir()
        folder.write(encoder, place)
    except OSError as error:
        problem = f"Writing the encoder folder failed: {error.strerror or error}."
        raise StorageError(problem, remedy="Free some space, then run again.") from error


def _limit(order: Order) -> None:
    """Bound memory and time, where the system can."""
    if importlib.util.find_spec("resource") is None:
        return
    import resource

    for kind, most in (
        (resource.RLIMIT_DATA, order.most_bytes),
        (resource.RLIMIT_CPU, order.most_seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))


if __name__ == "__main__":
    told = main(sys.stdin.buffer.read(), Path(sys.argv[1]))
    sys.stdout.buffer.write(msgspec.json.encode(told))
