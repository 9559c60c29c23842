"""Whether a class that only users know comes into the model, and can be taken out again.

All train rows of one class of HuffPost-34 are withheld. A bundle without that class is promoted
into a home and served by a process of its own. The withheld rows come in as corrections over HTTP,
each is accepted, training takes them (``--with-feedback``), the gate compares both bundles on the
published test rows, the new one is promoted, and the running server loads it. Then one command
goes back. Before, after and back again the server is asked about every test row.

Run: ``python benchmarks/feedback_loop.py`` (some minutes on two cores).
"""

from __future__ import annotations

import http.client
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from socket import create_connection
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any
from urllib.parse import quote, urlsplit

from benchmark import Benchmark, flags
from measuring import Rows
from show import Gate, at_least, at_most, show, show_gates

LABEL = "DIVORCE"
BATCH = 256
SETTINGS = ("--label", "label", "--family", "linear", "--quiet")


class Client:
    """A connection to the server that is kept open.

    Parameters
    ----------
    url : str
        Its address.
    key : str
        A management key.
    """

    def __init__(self, url: str, key: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=120)
        self._key = key

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> dict[str, Any]:
        """Send a request and decode the answer; end the script where it is no good one."""
        sent = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        self._connection.request(method, path, content, sent | headers)
        answer = self._connection.getresponse()
        raw = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path} answers {answer.status}: {raw.decode()}")
        found: dict[str, Any] = json.loads(raw)
        return found

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


def write_tables(rows: Rows, folder: Path) -> list[dict[str, str]]:
    """Write train rows without the class, and all test rows; give the withheld rows' fields."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    corpus = rows.corpus
    withheld = corpus.labels.find(LABEL)
    names = np.array(corpus.labels.names, dtype=object)
    train = rows.published_train
    kept, given = train[corpus.y[train] != withheld], train[corpus.y[train] == withheld]
    for name, part in (("train", kept), ("test", rows.split.test)):
        documents = corpus.documents.take(part)
        table = pa.table({**documents.fields, "label": pa.array(names[corpus.y[part]])})
        pq.write_table(table, folder / f"{name}.parquet")
    documents = corpus.documents.take(given)
    fields = [column.to_pylist() for column in documents.fields.values()]
    found = [dict(zip(documents.fields, texts, strict=True)) for texts in zip(*fields, strict=True)]
    return [each for each in found if any(text.strip() for text in each.values())]


def newsdesk(folder: Path, *words: str) -> float:
    """Run a verb and give its seconds."""
    start = perf_counter()
    command = [sys.executable, "-m", "newsdesk", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    print(f"$ newsdesk {' '.join(words)}\n{done.stdout}{done.stderr}", flush=True)
    if done.returncode:
        raise SystemExit(f"newsdesk {words[0]} failed")
    return perf_counter() - start


def said(folder: Path, process: subprocess.Popen[bytes]) -> str:
    """What the server has said so far; ends the script if it has ended."""
    log = (folder / "server.log").read_text()
    if process.poll() is not None:
        raise SystemExit(log)
    return log


def listens(host: str, port: int) -> bool:
    with suppress(OSError), create_connection((host, port), timeout=5):
        return True
    return False


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Serve the home, with corrections; gives the address."""
    words = ["serve", "news=home", "--port", "0", "--feedback", "sqlite:///corrections.db"]
    words += ["--management-keys", "keys", "--log-errors"]
    command = [sys.executable, "-m", "newsdesk", *words]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        while not (found := re.search(r"serving at (http://\S+?),", said(folder, process))):
            sleep(0.05)
        parts = urlsplit(found[1])
        while not listens(str(parts.hostname), int(parts.port or 0)):
            said(folder, process)
            sleep(0.05)
        yield found[1]
    finally:
        process.terminate()
        process.wait(60)


def answers(client: Client, folder: Path) -> dict[str, Any]:
    """Ask about every test row: how many are right, and a digest of all probabilities."""
    import pyarrow.parquet as pq

    table = pq.read_table(folder / "test.parquet")
    truth = table["label"].to_pylist()
    documents = table.drop_columns(["label"]).to_pylist()
    said: list[str] = []
    digest, versions = sha256(), set()
    start = perf_counter()
    for first in range(0, len(documents), BATCH):
        body = {"documents": documents[first : first + BATCH], "top_k": 100}
        answer = client.ask("POST", "/api/v1/predict", body)
        versions.add(answer["model"]["digest"])
        digest.update(json.dumps(answer["results"]).encode())
        said += [each["labels"][0]["label"] for each in answer["results"]]
    seconds = perf_counter() - start
    right = [one == other for one, other in zip(said, truth, strict=True)]
    own = [hit for hit, label in zip(right, truth, strict=True) if label == LABEL]
    named = sum(label == LABEL for label in said)
    return {
        "n": len(truth),
        "n_class": len(own),
        "accuracy": sum(right) / len(right),
        "recall": sum(own) / len(own),
        "precision": sum(own) / named if named else 0.0,
        "version": versions.pop() if len(versions) == 1 else "several",
        "sha256": digest.hexdigest(),
        "texts_per_second": len(truth) / seconds,
    }


def correct(client: Client, rows: list[dict[str, str]]) -> dict[str, float]:
    """Hand every row in as a correction, then accept what waits."""
    start = perf_counter()
    for number, fields in enumerate(rows):
        body = {"fields": fields, "label": LABEL}
        client.ask("POST", "/api/v1/feedback", body, **{"Idempotency-Key": f"row-{number}"})
    given = perf_counter()
    accepted = 0
    place = f"/api/v1/feedback?status=waiting&label={quote(LABEL)}&limit=200"
    while waiting := client.ask("GET", place)["corrections"]:
        for each in waiting:
            path = f"/api/v1/feedback/{each['id']}/decision"
            client.ask("POST", path, {"decision": "accept"})
        accepted += len(waiting)
    return {
        "n_given": len(rows),
        "n_accepted": accepted,
        "give_seconds": given - start,
        "accept_seconds": perf_counter() - given,
    }


def loop(n_rows: int | None) -> dict[str, Any]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        withheld = write_tables(Rows.load("huffpost", n_rows, labels="huffpost-34"), folder)
        key = secrets.token_urlsafe(24)
        (folder / "keys").write_text(key)
        seconds = {}
        test = ("--test", "test.parquet")
        seconds["train"] = newsdesk(
            folder, "train", "train.parquet", *test, *SETTINGS, "--out", "a"
        )
        newsdesk(folder, "promote", "a", "home")
        with server(folder) as url:
            client = Client(url, key)
            before = answers(client, folder)
            corrections = correct(client, withheld)
            client.close()
            learn = (*test, *SETTINGS, "--with-feedback", "corrections.db", "--out", "b")
            seconds["retrain"] = newsdesk(folder, "train", "train.parquet", *learn)
            told = ("--reload", url, "--management-key-file", "keys")
            # Some of the published test rows stand in train word for word.
            gate = (*test, "--label", "label", "--without-learnt", *told)
            seconds["promote"] = newsdesk(folder, "promote", "b", "home", *gate)
            client = Client(url, key)
            after = answers(client, folder)
            seconds["rollback"] = newsdesk(folder, "rollback", "home", *told)
            back = answers(client, folder)
            client.close()
        history = [
            json.loads(line)
            for line in (folder / "home" / "history.jsonl").read_text().split("\n")[:-1]
        ]
        comparison = next(step for step in history if step["numbers"])["numbers"]
        return {
            "label": LABEL,
            "systems": {"before": before, "after": after, "back": back},
            "corrections": corrections,
            "seconds": seconds,
            "comparison": comparison["lines"][:2],
            "steps": [step["step"] for step in history],
        }


def gates(found: dict[str, Any]) -> list[Gate]:
    systems, corrections = found["systems"], found["corrections"]
    before, after, back = (systems[name] for name in ("before", "after", "back"))
    return [
        at_most(f"recall of {LABEL} before", before["recall"], 0.0),
        at_least(f"recall of {LABEL} after", after["recall"], 0.4),
        at_least("accuracy after less before", after["accuracy"] - before["accuracy"], 0.0),
        at_least(
            "corrections accepted of those given",
            corrections["n_accepted"] / corrections["n_given"],
            1,
        ),
        at_least("another version after", before["version"] != after["version"], 1),
        at_least("the same bits when back", before["sha256"] == back["sha256"], 1),
        at_most("promote seconds, with comparison and reload", found["seconds"]["promote"], 120),
        at_most("rollback seconds, with reload", found["seconds"]["rollback"], 15),
    ]


def main() -> None:
    benchmark = Benchmark("feedback_loop", flags(__doc__).parse_args())
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    found = benchmark.once("loop", lambda: loop(benchmark.rows))
    show(found["systems"], ["accuracy", "recall", "precision", "texts_per_second"])
    print(
        "\nseconds: " + ", ".join(f"{name} {value:.1f}" for name, value in found["seconds"].items())
    )
    given = found["corrections"]
    rates = [given["n_given"] / given[f"{act}_seconds"] for act in ("give", "accept")]
    print(
        f"{given['n_given']:,} corrections: {rates[0]:.0f} given, {rates[1]:.0f} accepted a second"
    )
    checked = gates(found)
    show_gates(checked)
    benchmark.finish(
        {**found, "gates": checked},
        data={"name": "huffpost", "labels": "huffpost-34", "split": "published"},
        peers=["starlette", "uvicorn", "sqlalchemy"],
    )


if __name__ == "__main__":
    main()
