"""Write what a benchmark found, with the machine, the versions and the date beside it."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from newsdesk._version import __version__

RESULTS = Path(__file__).parent / "results"
LIBRARIES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "numba": "numba",
    "pyarrow": "pyarrow",
}
_VECTORS = ("avx512_vnni", "avx_vnni", "avx512f", "avx2")


def record(name: str, results: object, *, data: object = None, peers: Sequence[str] = ()) -> Path:
    """Write one benchmark's results as ``results/NAME.json``.

    Parameters
    ----------
    name : str
        The benchmark's file name without its ending.
    results : object
        Numbers, in lists and mappings.
    data : object
        What the numbers were measured on.
    peers : Sequence[str]
        Further distributions that took part, whose versions stand beside newsdesk's own.

    Returns
    -------
    Path
        The file.
    """
    facts = {
        "name": name,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "versions": {"python": platform.python_version(), "newsdesk": __version__}
        | {name: _version(package) for name, package in LIBRARIES.items()}
        | {name: _version(name) for name in peers},
        "data": data,
        "results": results,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    text = msgspec.json.format(msgspec.json.encode(facts), indent=2)
    path.write_bytes(text + b"\n")
    return path


def machine() -> dict[str, Any]:
    """Describe the machine by its kind, never by its name.

    Returns
    -------
    dict[str, Any]
        Processor model, generation and vector instructions, cores, memory in GiB and system.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        **_cpu(),
        "cores": cores,
        "memory_gib": _memory_gib(),
        "os": f"{platform.system()} {platform.machine()}",
    }


def _cpu() -> dict[str, str]:
    """Model, generation and the widest instructions for vectors of integers.

    Clouds give several generations of processors the same name, and one of them may have twice the
    speed of another.
    """
    table = Path("/proc/cpuinfo")
    if not table.exists():
        return {"cpu": platform.processor() or "unknown"}
    lines = [line.partition(":") for line in table.read_text(encoding="utf-8").splitlines()]
    said = {key.strip(): value.strip() for key, _, value in lines}  # all cores are alike
    found = {"cpu": said.get("model name", "unknown")}
    if "cpu family" in said:
        found["generation"] = f"family {said['cpu family']}, model {said.get('model', '?')}"
    flags = said.get("flags", "").split()
    if widest := next((one for one in _VECTORS if one in flags), None):
        found["vectors"] = widest
    return found


def _memory_gib() -> float | None:
    if "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
