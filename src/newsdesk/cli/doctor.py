"""Say what is installed, and warm it up.

Versions, threads, memory, families, data sets. With --warm what is compiled (parts of
families, the search for near-duplicates) is compiled now, or loaded if it has been before, so that
no training waits for that.

For example:
  newsdesk doctor
  newsdesk doctor --warm
"""

from __future__ import annotations

import os
import platform
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsdesk._version import __version__
from newsdesk.cli import console, options

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["doctor"]

_LIBRARIES = (
    *("numpy", "scipy", "scikit-learn", "numba", "pyarrow", "msgspec", "safetensors", "typer"),
    *("rich", "jinja2", "matplotlib", "torch", "huggingface-hub", "spacy", "ftfy"),
)


def doctor(
    warm: Annotated[
        bool, typer.Option("--warm", help="Compile what is compiled, or load it.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Describe the installation."""
    facts = _facts(warm=warm)
    if as_json:
        console.write_json(facts)
        return
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for heading, text in _lines(facts):
        grid.add_row(heading, console.printable(text))
    console.say(grid)


def _facts(*, warm: bool) -> dict[str, Any]:
    from newsdesk.bundle.families import warm_up
    from newsdesk.cli.families import available
    from newsdesk.config import available_memory, n_threads
    from newsdesk.data import known

    families = []
    for family, missing in available():
        ready = warm and missing is None
        families.append(
            {
                "name": family.name,
                "extra": family.extra,
                "available": missing is None,
                "warm_seconds": warm_up(family.name) if ready else None,
            }
        )
    sets = {name: known.find(name) for name in known.NAMES if name != "sample"}
    return {
        "newsdesk": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "threads": n_threads(),
        "available_memory_bytes": available_memory(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "families": families,
        "near_duplicates_warm_seconds": _warm_search() if warm else None,
        "data_folder": os.environ.get(known.ENVIRONMENT),
        "data_sets": {name: path and str(path) for name, path in sets.items()},
    }


def _warm_search() -> float:
    from newsdesk.features import near_duplicates

    start = time.perf_counter()
    near_duplicates.warm_up()
    return time.perf_counter() - start


def _version(library: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(library)
    except PackageNotFoundError:
        return None


def _lines(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "newsdesk", f"{facts['newsdesk']}, Python {facts['python']}, {facts['system']}"
    memory = facts["available_memory_bytes"]
    free = "" if memory is None else f", {memory / 1e9:.1f} GB of memory available"
    yield "machine", f"threads: {facts['threads']}{free}"
    installed = facts["libraries"].items()
    yield "libraries", ", ".join(f"{name} {number}" for name, number in installed if number)
    lacking = [name for name, number in installed if not number]
    if lacking:
        yield "not installed", ", ".join(lacking)
    for family in facts["families"]:
        yield f"family {family['name']}", _state(family)
    seconds = facts["near_duplicates_warm_seconds"]
    if seconds is not None:
        yield "near-duplicates", f"ready after {seconds:.1f} s"
    folder = facts["data_folder"]
    for name, place in facts["data_sets"].items():
        lacking_at = f"not in {folder}" if folder else "NEWSDESK_DATA is not set"
        yield f"data {name}", place or lacking_at


def _state(family: dict[str, Any]) -> str:
    if not family["available"]:
        return f"needs: pip install 'newsdesk[{family['extra']}]'"
    seconds = family["warm_seconds"]
    return "available" if seconds is None else f"available, ready after {seconds:.1f} s"
