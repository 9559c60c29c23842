"""How fast the server answers, what it does when asked for too much, and what new versions cost.

``newsdesk serve`` runs in a process of its own, and is asked by wrk (as fast as answers come) and
by h2load (at a constant rate). Rates are per second of the server's own processor time, so that the
generators, which share the machine, count for nothing. ``linear`` is trained on HuffPost-34,
``embedding`` on some of its rows, with an encoder in int8. Beside them stand the app as it was
published (Flask, scikit-learn) and a server without a model, which says what the machine gives.

Run: ``python benchmarks/serving.py`` (about half an hour on two cores; needs wrk, h2load, the
extras ``serve`` and ``encoders``, and Flask and Gunicorn of requirements-peers.txt).
``--rows 4000`` tries every part for a second or two.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Thread
from time import sleep
from typing import Any

from benchmark import Benchmark, flags
from child import environment, in_child
from loading import Running, at_rate, flood, needed, running, serving, slow_clients
from peer_apps import COMMANDS, PIPELINE, PREDICT, fit
from prediction import copy_of_package
from show import Gate, at_least, at_most, show, show_gates

TEXT = "Central bank raises interest rates to slow inflation after a month of rising prices"
# 32 pieces for the encoder.
LONGER = (
    f"{TEXT}, and the markets fall as many investors fear that households will spend less this "
    "winter"
)
N_LEARNT = 5_000
N_SMALL, SMALL = 4_000, 20_000
N_REQUESTS, N_WARM = 1_000_000, 50_000
N_RELOADS, N_SLOW, N_STARTS = 20, 500, 5


def body(*texts: str, **more: object) -> bytes:
    return json.dumps({"texts": texts, "top_k": 3, **more}).encode()


ONE, WORDS, BATCH = body(TEXT), body(TEXT, explain=True), body(*[TEXT] * 32)
LONG = body(LONGER)


def train(family: str, rows: int | None, out: str) -> float:
    """Train a bundle; seconds of its fit."""
    import newsdesk

    result = newsdesk.train(
        "huffpost", family=family, labels="huffpost-34", rows=rows, out=out, overwrite=True
    )
    return float(result.results[0].costs.fit_seconds)


def peak(bundle: Path, asked: bytes, seconds: float, n_texts: int = 1) -> dict[str, Any]:
    """Requests per core-second where as many come as can be answered, in three rounds."""
    with serving(bundle) as server:
        flood(server, PREDICT, asked, seconds=min(seconds, 2))
        rounds = [flood(server, PREDICT, asked, seconds=seconds) for _ in range(3)]
    best = sorted(rounds, key=lambda one: one["per_core_second"])[1]
    return best | {"texts_per_core_second": n_texts * best["per_core_second"], "rounds": rounds}


def beside_peers(bundle: Path, pipeline: Path, seconds: float) -> dict[str, Any]:
    """What other servers answer of the same requests, in turns with this one."""
    found: dict[str, list[dict[str, Any]]] = {}
    with ExitStack() as stack:
        servers = {"newsdesk": stack.enter_context(serving(bundle))}
        for name, command in COMMANDS.items():
            servers[name] = stack.enter_context(running(command, **{PIPELINE: str(pipeline)}))
        for server in servers.values():
            flood(server, PREDICT, ONE, seconds=min(seconds, 2))
        for _ in range(3):
            for name, server in servers.items():
                found.setdefault(name, []).append(flood(server, PREDICT, ONE, seconds=seconds))
    rates = {name: median(r["per_core_second"] for r in rounds) for name, rounds in found.items()}
    return {
        "per_core_second": rates,
        "times": {name: rates["newsdesk"] / rates[name] for name in COMMANDS},
        "rounds": found,
    }


def part_load(
    bundle: Path, asked: bytes, peak_per_second: float, share: float, seconds: float
) -> dict[str, Any]:
    """Latency at a share of what can be answered."""
    with serving(bundle) as server:
        flood(server, PREDICT, asked, seconds=min(seconds, 2))
        rate = share * peak_per_second
        rounds = [
            at_rate(server, PREDICT, asked, per_second=rate, seconds=seconds) for _ in range(3)
        ]
    return sorted(rounds, key=lambda one: one["p99_ms"] or 0.0)[1] | {"rounds": rounds}


def overload(
    bundle: Path, asked: bytes, times: float, seconds: float, n_connections: int
) -> dict[str, Any]:
    """What is answered of far more requests than can be, against the most that can be.

    Medians of three rounds, each with a peak of its own before it.
    """
    with serving(bundle) as server:
        flood(server, PREDICT, asked, seconds=min(seconds, 2))
        rounds = [_overloaded(server, asked, times, seconds, n_connections) for _ in range(3)]
        memory = server.memory()
    names = ("goodput", "goodput_per_core_second", "good_per_second", "p99_ms", "refused_p99_ms")
    return {
        **{name: median(one[name] or 0.0 for one in rounds) for name in names},
        "rounds": rounds,
        "memory_mb": memory / 1e6,
    }


def _overloaded(
    server: Running, asked: bytes, times: float, seconds: float, n_connections: int
) -> dict[str, Any]:
    most = flood(server, PREDICT, asked, seconds=seconds, n_connections=16)
    found = at_rate(
        server,
        PREDICT,
        asked,
        per_second=times * most["per_second"],
        seconds=seconds,
        n_connections=n_connections,
    )
    return found | {
        "peak_per_second": most["per_second"],
        "goodput": found["good_per_second"] / most["per_second"],
        # With generators on the same processors a second is shorter for the server.
        "goodput_per_core_second": (found["n_good"] / found["server_cpu_s"])
        / most["per_core_second"],
    }


def reloads(bundles: tuple[Path, Path], scratch: Path, seconds: float) -> dict[str, Any]:
    """New versions while requests come over connections that stay."""
    folder = scratch / "served"
    folder.symlink_to(bundles[0])
    with serving(folder, workers=2) as server:
        found: list[dict[str, Any]] = []

        def ask() -> None:
            found.append(flood(server, PREDICT, ONE, seconds=seconds))

        asking = Thread(target=ask)
        asking.start()
        digests = []
        for n in range(1, N_RELOADS + 1):
            sleep(0.5 * seconds / N_RELOADS)
            fresh = scratch / "fresh"
            fresh.symlink_to(bundles[n % 2])
            fresh.replace(folder)
            digests.append(server.ask("POST", "/v2/repository/models/news/load")["digest"])
        n_before_the_end = int(asking.is_alive())
        asking.join()
    folder.unlink()
    changed = sum(one != other for one, other in pairwise(digests))
    return found[0] | {
        "n_reloads": 1 + changed,
        "ended_under_load": n_before_the_end,
        "failed": found[0]["refused"] + found[0]["broken"],
    }


def growth(bundle: Path, n_warm: int, n: int) -> dict[str, Any]:
    """Memory after many requests, against that after some."""
    with serving(bundle) as server:
        _ask_for(server, n_warm)
        before = server.memory()
        asked = _ask_for(server, n)
        after = server.memory()
    return {
        "n": asked,
        "before_mb": before / 1e6,
        "after_mb": after / 1e6,
        "growth": after / before - 1,
    }


def _ask_for(server: Running, n: int) -> int:
    asked = 0
    while asked < n:
        asked += flood(server, PREDICT, ONE, seconds=20 if n > N_WARM else 2)["n"]
    return asked


def cold_starts(bundle: Path, scratch: Path, n: int) -> dict[str, Any]:
    """Seconds to the first answer, from a copy without caches that nobody can write to."""
    copied = copy_of_package(scratch)
    bare = {"PYTHONPATH": str(copied), "PYTHONDONTWRITEBYTECODE": "1", "NUMBA_CACHE_DIR": None}
    seconds = []
    with environment(**bare):
        for _ in range(n):
            with serving(bundle) as server:
                seconds.append(server.ready_s)
    assert not list(copied.rglob("*.pyc")), "the copy was written to"
    return {"median_s": median(seconds), "all_s": seconds}


def beside_slow_clients(bundle: Path, peak_per_second: float, seconds: float) -> dict[str, Any]:
    """Latency of others, without and with clients that hold connections, in turns."""
    found: dict[str, list[float]] = {"without": [], "with": []}
    with serving(bundle) as server:
        flood(server, PREDICT, ONE, seconds=min(seconds, 2))
        ask = partial(
            at_rate, server, PREDICT, ONE, per_second=0.5 * peak_per_second, seconds=seconds
        )
        for _ in range(3):
            found["without"].append(ask()["p99_ms"])
            with slow_clients(server.port, N_SLOW):
                found["with"].append(ask()["p99_ms"])
    p99 = {name: median(values) for name, values in found.items()}
    return {"p99_ms": p99, "rounds": found, "times": p99["with"] / p99["without"]}


def gates(found: dict[str, dict[str, Any]]) -> list[Gate]:
    linear, slow = found["linear, overload"], found["int8, overload"]
    return [
        at_least("linear, requests per core-second", found["linear"]["per_core_second"], 4_000),
        at_most("linear at half load, p99 ms", found["linear, half load"]["p99_ms"], 10),
        at_least("with highlights, per core-second", found["highlights"]["per_core_second"], 2_000),
        at_least("batch of 32, texts per core-s", found["batch"]["texts_per_core_second"], 12_000),
        at_least("int8, requests per core-second", found["int8"]["per_core_second"], 200),
        at_most("int8 at 70 % load, p99 ms", found["int8, 70 % load"]["p99_ms"], 50),
        at_least("linear at 2x, share of peak", linear["goodput"], 0.75),
        at_least("int8 at 10x, share of peak", slow["goodput"], 0.85),
        at_most("linear at 2x, refusals' p99 ms", linear["refused_p99_ms"], 50),
        at_most("int8 at 10x, refusals' p99 ms", slow["refused_p99_ms"], 50),
        at_most("failed requests in 20 reloads", found["reloads"]["failed"], 0),
        at_least("requests in 20 reloads", found["reloads"]["n"], 5_000),
        at_least("reloads that changed the version", found["reloads"]["n_reloads"], N_RELOADS),
        at_most("memory growth", found["growth"]["growth"], 0.05),
        at_most("cold start, seconds", found["cold start"]["median_s"], 2),
        at_most("p99 beside slow clients, times", found["slow clients"]["times"], 2),
    ]


def parts(
    scratch: Path, quick: bool
) -> dict[str, Callable[[dict[str, dict[str, Any]]], dict[str, Any]]]:
    linear, other, int8 = (scratch / name / "bundle" for name in ("linear", "other", "int8"))
    seconds = 1.0 if quick else 10.0
    return {
        "linear": lambda _: peak(linear, ONE, seconds),
        "peers": lambda _: beside_peers(linear, scratch / "pipeline", seconds),
        "linear, half load": lambda found: part_load(
            linear, ONE, found["linear"]["per_second"], 0.5, seconds
        ),
        "highlights": lambda _: peak(linear, WORDS, seconds),
        "batch": lambda _: peak(linear, BATCH, seconds, 32),
        "int8": lambda _: peak(int8, LONG, seconds),
        "int8, 70 % load": lambda found: part_load(
            int8, LONG, found["int8"]["per_second"], 0.7, seconds
        ),
        "linear, overload": lambda _: overload(linear, ONE, 2, seconds, 512),
        "int8, overload": lambda _: overload(int8, LONG, 10, seconds, 512),
        "reloads": lambda _: reloads((linear, other), scratch, 5 if quick else 30),
        "growth": lambda _: (
            growth(linear, 1_000, 2_000) if quick else growth(linear, N_WARM, N_REQUESTS)
        ),
        "cold start": lambda _: cold_starts(linear, scratch, 1 if quick else N_STARTS),
        "slow clients": lambda found: beside_slow_clients(
            linear, found["linear"]["per_second"], seconds
        ),
    }


def main() -> None:
    arguments = flags(__doc__)
    arguments.add_argument("--only", metavar="PART", help="with --rows: this part, and its needs")
    said = arguments.parse_args()
    needed()
    benchmark = Benchmark("serving", said)
    quick = benchmark.rows is not None
    if said.only and not quick:
        sys.exit("--only needs --rows: results are recorded together.")
    with TemporaryDirectory() as folder:
        scratch = Path(folder)
        for name, family, rows in (
            ("linear", "linear", benchmark.rows),
            ("other", "linear", benchmark.rows or SMALL),
            ("int8", "embedding", min(benchmark.rows or N_LEARNT, N_LEARNT)),
        ):
            print(f"training {family} on {rows or 'all'} rows …", flush=True)
            in_child(train, family, rows, str(scratch / name))
        print("training the published pipeline …", flush=True)
        in_child(fit, benchmark.rows, str(scratch / "pipeline"))
        if benchmark.rows is not None:  # the same rows make the same bundle
            shutil.rmtree(scratch / "other")
            in_child(train, "linear", benchmark.rows // 2, str(scratch / "other"))
        found: dict[str, dict[str, Any]] = {}
        for name, measure in parts(scratch, quick).items():
            if said.only in (None, name) or name in ("linear", "int8"):
                found[name] = benchmark.once(name, partial(measure, found))
                print(json.dumps({k: v for k, v in found[name].items() if k != "rounds"}))
    columns = ["per_core_second", "per_second", "good_per_second", "p99_ms", "goodput"]
    show(
        {name: one for name, one in found.items() if name not in ("peers", "slow clients")}, columns
    )
    if said.only:
        return
    own = gates(found)
    show_gates(own)
    benchmark.finish(
        {"parts": found, "gates": own},
        peers=["uvicorn", "starlette", "uvloop", "flask", "gunicorn", "scikit-learn"],
    )


if __name__ == "__main__":
    main()
