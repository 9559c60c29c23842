"""One run of a benchmark: its flags, what it has finished so far, and what is recorded."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

import newsdesk
from record import RESULTS, machine, record

__all__ = ["Benchmark", "flags"]


def flags(doc: str | None, *, rows: bool = True) -> argparse.ArgumentParser:
    """Make a parser of the flags that all benchmarks share.

    Parameters
    ----------
    doc : str | None
        The script's docstring.
    rows : bool
        Whether it can run on fewer rows.

    Returns
    -------
    argparse.ArgumentParser
        To which a script may add its own.
    """
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if rows:
        parser.add_argument("--rows", type=int, metavar="N", help="a smoke run on so many rows")
    parser.add_argument(
        "--record",
        action=argparse.BooleanOptionalAction,
        help="whether results are written (default: unless --rows is given)",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="measure anew what an unfinished run has measured"
    )
    return parser


class Benchmark:
    """A run whose results are stored as they finish, so that an interrupted one goes on.

    What was kept is measured anew where the machine or the package's source has changed since.

    Parameters
    ----------
    name : str
        The script's file name without its ending.
    arguments : argparse.Namespace
        What a parser from `flags` gave.
    """

    def __init__(self, name: str, arguments: argparse.Namespace) -> None:
        self.name = name
        self.rows: int | None = getattr(arguments, "rows", None)
        smoke = self.rows is not None
        self.recorded: bool = not smoke if arguments.record is None else arguments.record
        self._path = None if smoke else RESULTS / f".partial-{name}.json"
        self._origin = {"machine": machine(), "source": _source_digest()}
        self._done: dict[str, Any] = {}
        if self._path is not None and self._path.exists() and not arguments.fresh:
            stored = msgspec.json.decode(self._path.read_bytes())
            if stored["origin"] == self._origin:
                self._done = stored["done"]

    def once(self, system: str, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Measure a system, or take what an unfinished run has measured.

        Parameters
        ----------
        system : str
            Its name, distinct within the benchmark.
        measure : Callable[[], dict[str, Any]]
            Gives plain numbers, in lists and mappings.

        Returns
        -------
        dict[str, Any]
            What it gave.
        """
        if system in self._done:
            print(f"{system}: kept from the unfinished run")
        else:
            print(f"{system} …", flush=True)
            self._done[system] = msgspec.to_builtins(measure())
            if self._path is not None:
                stored = {"origin": self._origin, "done": self._done}
                self._path.parent.mkdir(exist_ok=True)
                self._path.write_bytes(msgspec.json.encode(stored))
        found: dict[str, Any] = self._done[system]
        return found

    def finish(
        self, results: dict[str, Any], *, data: object = None, peers: Sequence[str] = ()
    ) -> None:
        """Record the results, where they are to be recorded.

        Parameters
        ----------
        results : dict[str, Any]
            Numbers, in lists and mappings.
        data : object
            What they were measured on.
        peers : Sequence[str]
            Distributions, besides newsdesk's own, whose versions matter.
        """
        if self.recorded:
            print(record(self.name, results, data=data, peers=peers).name, "is written")
        else:
            print("a smoke run: nothing is recorded, and its gates mean nothing")
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def _source_digest() -> str:
    digest = hashlib.sha256()
    for file in sorted(Path(newsdesk.__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
