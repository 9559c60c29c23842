"""How long a newcomer waits for the first model.

Clones the repository into an empty folder, fetches the packages of the base install (timed apart:
that depends on the network), and then runs what the README says, without the network: ``make
setup`` (environment, install, compilation) and ``make demo`` (train, leaderboard, report, three
headlines). What is not committed is not cloned.

Run: ``python benchmarks/demo.py`` (about three minutes); needs git and make.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from benchmark import Benchmark, flags
from show import at_most, show, show_gates

ROOT = Path(__file__).parents[1]
FOREIGN = ("PYTHONPATH", "VIRTUAL_ENV", "NEWSDESK_DATA", "NUMBA_CACHE_DIR", "MAKEFLAGS")


def timed(command: list[str], folder: Path, **variables: str) -> float:
    surroundings = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    start = perf_counter()
    subprocess.run(command, cwd=folder, env=surroundings | variables, check=True)
    return perf_counter() - start


def download(clone: Path, wheels: Path) -> float:
    project = tomllib.loads((clone / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(wheels)]
    wanted = ["--constraint", "constraints.txt", "setuptools", *project["dependencies"]]
    return timed([*pip, *wanted], clone)


def first_model(repository: str) -> dict[str, Any]:
    with TemporaryDirectory() as name:
        clone, wheels = Path(name, "newsdesk"), Path(name, "wheels")
        found = {
            "clone": timed(["git", "clone", "--quiet", repository, str(clone)], Path(name)),
            "download": download(clone, wheels),
        }
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
        found["make setup"] = timed(["make", "setup"], clone, **offline)
        found["make demo"] = timed(["make", "demo"], clone, **offline)
        assert (clone / "runs" / "demo" / "report.html").exists(), "the demo wrote no report"
    return {"seconds": found}


def main() -> None:
    parser = flags(__doc__, rows=False)
    parser.add_argument("--repository", default=str(ROOT), help="what to clone")
    arguments = parser.parse_args()
    benchmark = Benchmark("demo", arguments)
    for tool in ("git", "make"):
        if shutil.which(tool) is None:
            raise SystemExit(f"{tool} is not installed")
    found = benchmark.once("demo", lambda: first_model(arguments.repository))
    seconds = found["seconds"]
    show({name: {"seconds": value} for name, value in seconds.items()}, ["seconds"])
    after_download = seconds["make setup"] + seconds["make demo"]
    gates = [at_most("make setup and make demo after download, seconds", after_download, 120)]
    show_gates(gates)
    benchmark.finish(found | {"gates": gates})


if __name__ == "__main__":
    main()
