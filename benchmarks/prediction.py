"""How fast newsdesk answers: in batches, one text at a time, and from a cold start.

- Batches: HuffPost's test rows, repeated up to 200,000, headlines alone and with descriptions.
- One text: different headlines one after the other, at `Bundle.predict` (a string in, calibrated
  probabilities out) and at the classifier's margins (a document in), beside scikit-learn's
  TfidfVectorizer and LinearSVC on the same headlines.
- Cold start: the whole process of ``newsdesk predict BUNDLE "text"`` and of ``newsdesk --help``.
  Once more from a copy of the package without any cache of compiled code, where it is also checked
  that no compiler and no training library is loaded.

Run: ``python benchmarks/prediction.py`` (about three minutes on two cores).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from benchmark import Benchmark, flags
from child import environment
from measuring import Rows
from scikit_learn import plain_pipeline
from show import Gate, at_least, at_most, show, show_gates

if TYPE_CHECKING:
    from newsdesk.bundle import Bundle
    from newsdesk.types import Documents

T = TypeVar("T")

N_BATCH = 200_000
N_BATCH_RUNS = 5
N_SINGLE = 2_000
N_ROUNDS = 3
N_SINGLE_PEER = 200
N_WARM = 20
N_STARTS = 7
TEXT = "Central bank raises rates for the third time this year"
HEAVY = ("llvmlite", "matplotlib", "numba", "sklearn")
PROBE = f"""
import json
import sys
import newsdesk
from newsdesk.cli.main import main
try:
    main()
finally:
    loaded = sorted(set(sys.modules) & set({HEAVY!r}))
    print(json.dumps([newsdesk.__file__, *loaded]), file=sys.stderr)
"""


def batches(bundle: Bundle, documents: Documents, n: int) -> dict[str, Any]:
    many = documents.take(np.resize(np.arange(len(documents)), n))
    found: dict[str, Any] = {"n": n}
    for n_threads, name in ((2, "per_second_2_threads"), (1, "per_second_1_thread")):
        with environment(NEWSDESK_THREADS=str(n_threads)):
            bundle.predict(documents)
            found[name] = n / median(clocked(bundle.predict, many) for _ in range(N_BATCH_RUNS))
    return found


def clocked(work: Callable[[T], object], argument: T) -> float:
    start = perf_counter()
    work(argument)
    return perf_counter() - start


def single_texts(bundle: Bundle, peer: Any, texts: list[str]) -> dict[str, Any]:  # noqa: ANN401
    from newsdesk.types import Documents

    def answer(text: str) -> object:
        return bundle.predict(Documents.from_texts([text]))

    documents = [Documents.from_texts([text]) for text in texts]
    lists = [[text] for text in texts[:N_SINGLE_PEER]]
    micros: dict[str, list[float]] = {"Bundle.predict": [], "classifier.decision": []}
    # In turns, so that neither always comes second to weights that the other has fetched.
    for _ in range(N_ROUNDS):
        micros["Bundle.predict"] += one_by_one(answer, texts)
        micros["classifier.decision"] += one_by_one(bundle.classifier.decision, documents)
    micros["scikit-learn"] = one_by_one(peer.predict, lists)
    return {
        name: {
            "n": len(values),
            "median_us": float(np.median(values)),
            "p99_us": float(np.quantile(values, 0.99)),
        }
        for name, values in micros.items()
    }


def one_by_one(work: Callable[[T], object], items: list[T]) -> list[float]:
    for item in items[:N_WARM]:
        work(item)
    return [clocked(work, item) * 1e6 for item in items]


def starts(bundle: Path, scratch: Path) -> dict[str, Any]:
    command = Path(sys.executable).with_name("newsdesk")
    program = [str(command)] if command.exists() else [sys.executable, "-m", "newsdesk"]
    predict = ["predict", str(bundle), TEXT]
    copied = copy_of_package(scratch)
    bare = {"PYTHONPATH": str(copied), "PYTHONDONTWRITEBYTECODE": "1", "NUMBA_CACHE_DIR": None}
    seconds: dict[str, list[float]] = {"predict": [], "help": [], "predict_from_bare_copy": []}
    run([*program, *predict])  # the file cache is warm from here on
    for _ in range(N_STARTS):
        seconds["predict"].append(clocked(run, [*program, *predict]))
        seconds["help"].append(clocked(run, [*program, "--help"]))
        with environment(**bare):
            cold = [sys.executable, "-m", "newsdesk", *predict]
            seconds["predict_from_bare_copy"].append(clocked(run, cold))
    with environment(**bare):
        said = run([sys.executable, "-c", PROBE, *predict]).stderr
    place, *loaded = json.loads(said.splitlines()[-1])
    assert Path(place).is_relative_to(copied), "another newsdesk was measured than the copy"
    assert not list(copied.rglob("*.pyc")), "the copy was written to"
    return {
        name: {"median_s": median(found), "all_s": found} for name, found in seconds.items()
    } | {"heavy_modules_loaded_by_predict": loaded}


def copy_of_package(scratch: Path) -> Path:
    """Copy the package without caches, for nobody to write to."""
    import newsdesk

    home = scratch / "read-only"
    source = Path(newsdesk.__file__).parent
    shutil.copytree(source, home / "newsdesk", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in [home, *(path for path in home.rglob("*") if path.is_dir())]:
        folder.chmod(0o555)
    return home


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=True, capture_output=True, text=True)


def gates(found: dict[str, Any]) -> list[Gate]:
    heavy = found["starts"]["heavy_modules_loaded_by_predict"]
    single = found["single"]
    return [
        at_least(
            "headlines per second, 2 threads",
            found["batches"]["headlines"]["per_second_2_threads"],
            100_000,
        ),
        at_most("one text, microseconds", single["classifier.decision"]["median_us"], 100),
        at_most("one text to probabilities, us", single["Bundle.predict"]["median_us"], 100),
        at_most("cold start, seconds", found["starts"]["predict"]["median_s"], 1.5),
        at_most(
            "cold start, bare copy, seconds",
            found["starts"]["predict_from_bare_copy"]["median_s"],
            1.5,
        ),
        at_most("--help, seconds", found["starts"]["help"]["median_s"], 0.3),
        at_most("heavy modules loaded by predict", len(heavy), 0),
        at_most("bundle MB", found["bundle_mb"], 100),
    ]


def main() -> None:
    benchmark = Benchmark("prediction", flags(__doc__).parse_args())
    rows = Rows.load("huffpost", benchmark.rows, labels="huffpost-34")
    n = N_BATCH if benchmark.rows is None else 10 * benchmark.rows
    print("training …", flush=True)
    bundle = rows.fit().fitted.bundle
    test = rows.documents(rows.split.test)
    headline = next(iter(test.fields))
    headlines = type(test)(ids=test.ids, fields={headline: test.fields[headline]})
    peer = plain_pipeline(tol=0.1)
    print("training scikit-learn …", flush=True)
    peer.fit(rows.strings(rows.published_train), rows.corpus.y[rows.published_train])
    found: dict[str, Any] = {
        "batches": {
            "headlines": batches(bundle, headlines, n),
            "headlines and descriptions": batches(bundle, test, n),
        },
        "single": single_texts(bundle, peer, headlines.texts.slice(0, N_SINGLE).to_pylist()),
    }
    with TemporaryDirectory() as name:
        home = Path(name) / "bundle"
        bundle.save(home)
        found["bundle_mb"] = sum(path.stat().st_size for path in home.iterdir()) / 1e6
        found["starts"] = starts(home, Path(name))
    show(found["batches"], ["n", "per_second_2_threads", "per_second_1_thread"])
    show(found["single"], ["n", "median_us", "p99_us"])
    show(
        {name: value for name, value in found["starts"].items() if isinstance(value, dict)},
        ["median_s"],
    )
    checked = gates(found)
    show_gates(checked)
    benchmark.finish(found | {"gates": checked}, data=rows.facts)


if __name__ == "__main__":
    main()
