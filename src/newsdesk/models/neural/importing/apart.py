"""Reading foreign files in a process of their own, within bounds of memory and time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from newsdesk import optional
from newsdesk.errors import BundleError, DataError
from newsdesk.models.neural.importing.child import ENCODER, ERRORS, Order, Told
from newsdesk.models.neural.importing.formats import FORMATS, Request
from newsdesk.models.neural.importing.found import Found
from newsdesk.models.neural.language import folder

__all__ = ["READER", "read_apart"]

READER = (sys.executable, "-P", "-m", "newsdesk.models.neural.importing.child")

_LEAST_BYTES = 4 << 30
"""What the libraries take themselves, with room."""
_TIMES = 8
"""Memory per byte of the files: what was read, its float32 copy and the file that is written, of
files that may be of 16 bits or packed."""
_MOST_SECONDS = 3600
_REMEDY = "Fetch the files again; nothing was written."


def read_apart(
    request: Request,
    place: Path,
    *,
    command: Sequence[str] = READER,
    most_seconds: int = _MOST_SECONDS,
) -> Found:
    """Read foreign weights in a process of their own, and check what it gives.

    Parameters
    ----------
    request : Request
        Format and files.
    place : Path
        An empty folder that the process writes into; it is to be removed afterwards.
    command : Sequence[str]
        Starts the process; the folder is added.
    most_seconds : int
        Time that it may take.

    Returns
    -------
    Found
        The language model: arrays of float32 of the shapes that its sizes say, all finite.

    Raises
    ------
    DataError
        If a file is not what the format wants, or reading it takes too much or ends the process.
    MissingExtraError
        If the library of the format is not installed.
    """
    format_ = FORMATS[request.format]
    if format_.extra is not None:
        library, extra = format_.extra
        optional.require(library, extra=extra)
    size = sum(Path(name).stat().st_size for name in request.files)
    order = Order(request, _LEAST_BYTES + _TIMES * size, most_seconds)
    told = _run([*command, str(place)], order, _environment(place), _named(request))
    if told.error is not None:
        raise ERRORS[told.error](told.problem, remedy=told.remedy)
    try:
        encoder: Any = folder.read(place / ENCODER, format_.kind, format_.architecture)
    except BundleError as error:
        problem = f"What was read of {_named(request)} is not whole: {error.problem}"
        raise DataError(problem, remedy=_REMEDY) from error
    return Found(encoder, tuple(told.notes))


def _named(request: Request) -> str:
    return ", ".join(Path(name).name for name in request.files)


def _environment(place: Path) -> dict[str, str]:
    """Variables of the process: nothing on an accelerator, no plug-ins, its own temporary files."""
    own = {"CUDA_VISIBLE_DEVICES": "", "HDF5_PLUGIN_PRELOAD": "::", "TMPDIR": str(place)}
    return os.environ | own


def _run(command: list[str], order: Order, environment: dict[str, str], named: str) -> Told:
    """Run the process to its end; whatever happens, it does not outlive this call."""
    with subprocess.Popen(  # noqa: S603  our own interpreter and a folder
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as process:
        try:
            answer, said = process.communicate(
                msgspec.json.encode(order), timeout=order.most_seconds
            )
        except subprocess.TimeoutExpired as error:
            problem = f"Reading {named} took longer than {order.most_seconds:,} seconds."
            raise DataError(problem, remedy=_REMEDY) from error
        finally:
            process.kill()
    if process.returncode < 0:
        why = f"ended by signal {signal.Signals(-process.returncode).name}"
    elif process.returncode:
        last = said.decode("utf-8", "replace").strip().rpartition("\n")[2][:300].rstrip(".")
        why = f"ended by {last or 'no reason said'}"
    else:
        try:
            return msgspec.json.decode(answer, type=Told)
        except (msgspec.DecodeError, UnicodeDecodeError):
            why = "ended without a word"
    raise DataError(f"Reading {named} {why}.", remedy=_REMEDY)
