"""How much faster an epoch of the BBC's BiLSTM is than in Keras 3 on the torch backend.

The same network (vocabulary 5,000, 64-d embedding, BiLSTM 64, dense 64, five outputs), the same
1,780 rows as the same ids, batches of 32, Adam, two threads each, in processes of their own and in
turns. Once with the published padding (200 tokens, filled up behind, read to the end), once with
masking, where both read a document up to its own end. The first epoch of each process warms up and
is not counted.

Run: ``python benchmarks/keras_peer.py`` (about five minutes on two cores; needs keras, see
requirements-peers.txt).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmark import Benchmark, flags
from measuring import Rows, params_of
from show import at_least, show, show_gates

if TYPE_CHECKING:
    from newsdesk.features.sequences import Sequences
    from newsdesk.models.neural.lstm import LstmParams
    from newsdesk.types import Indices

EPOCHS = 4
ROUNDS = 2
N_THREADS = 2


def settings(masking: bool) -> LstmParams:
    pairs = ["preset=bbc-bilstm", f"epochs={EPOCHS}", f"masking={str(masking).lower()}"]
    found: LstmParams = params_of("lstm", pairs)
    return found


def read(n_rows: int | None, *, masking: bool) -> tuple[Sequences, Indices, int]:
    """The training rows as ids, their classes, and the number of classes."""
    from newsdesk.models.neural.words.reading import Reader
    from newsdesk.types import Silent

    rows = Rows.load("bbc", n_rows)
    params = settings(masking)
    train = rows.published_train
    reader, whole = Reader.learn(rows.documents(train), params, Silent())
    return reader.seen(whole).sequences, rows.corpus.y[train], len(rows.corpus.labels)


def ours(n_rows: int | None, *, masking: bool) -> list[float]:
    """Seconds of each epoch in newsdesk."""
    from newsdesk.models.neural.waiting import wait_briefly_if_busy

    wait_briefly_if_busy()
    import torch

    from newsdesk.models.neural.layers import RowEmbedding
    from newsdesk.models.neural.loop import train
    from newsdesk.models.neural.recurrent.network import RecurrentNetwork
    from newsdesk.models.neural.words.examples import WordExamples
    from newsdesk.types import Silent

    sequences, y, n_classes = read(n_rows, masking=masking)
    params = settings(masking)
    generator = torch.Generator().manual_seed(0)
    embedding = RowEmbedding(params.vocab_size, params.embedding_dim, generator)
    history = train(
        RecurrentNetwork(params, embedding, n_classes, generator),
        WordExamples(sequences, y),
        None,
        n_classes=n_classes,
        params=params,
        seed=0,
        progress=Silent(),
    )
    return [epoch.seconds for epoch in history.epochs]


def keras(n_rows: int | None, *, masking: bool) -> list[float]:
    """Seconds of each epoch in Keras."""
    from keras_model import compiled

    sequences, y, n_classes = read(n_rows, masking=masking)
    params = settings(masking)
    model = compiled(params, n_classes, seed=0, n_threads=N_THREADS)
    filled = sequences.filled(params.max_tokens, params.padding)
    x = filled.ids.reshape(filled.n, params.max_tokens)
    seconds = []
    for _ in range(EPOCHS):
        start = perf_counter()
        model.fit(x, y, batch_size=params.batch_size, epochs=1, verbose=0)
        seconds.append(perf_counter() - start)
    return seconds


def measured(system: str, n_rows: int | None, masking: bool) -> dict[str, Any]:
    """Run one system in a process of its own."""
    command = [sys.executable, __file__, "--only", system]
    command += ["--masking"] if masking else []
    command += [] if n_rows is None else ["--rows", str(n_rows)]
    environment = os.environ | {"NEWSDESK_THREADS": str(N_THREADS)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return {"epochs": json.loads(done.stdout.splitlines()[-1])}


def main() -> None:
    parser = flags(__doc__)
    parser.add_argument("--only", choices=["newsdesk", "keras"], help=argparse.SUPPRESS)
    parser.add_argument("--masking", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        run = ours if arguments.only == "newsdesk" else keras
        print(json.dumps(run(arguments.rows, masking=arguments.masking)))
        return
    if find_spec("keras") is None:
        raise SystemExit("keras is not installed: pip install -r benchmarks/requirements-peers.txt")
    benchmark = Benchmark("keras_peer", arguments)
    systems: dict[str, dict[str, Any]] = {}
    for masking, how in ((False, "as published"), (True, "masked")):
        for system in ("newsdesk", "keras"):
            runs = [
                benchmark.once(
                    f"{system}, {how}, round {turn}",
                    partial(measured, system, benchmark.rows, masking),
                )
                for turn in range(ROUNDS)
            ]
            counted = [second for run in runs for second in run["epochs"][1:]]
            systems[f"{system}, {how}"] = {
                "epoch_seconds": median(counted),
                "all_epoch_seconds": counted,
            }
    show(systems, ["epoch_seconds"])
    ratios = {
        how: systems[f"keras, {how}"]["epoch_seconds"]
        / systems[f"newsdesk, {how}"]["epoch_seconds"]
        for how in ("as published", "masked")
    }
    gates = [at_least(f"times faster than Keras, {how}", ratios[how], 4) for how in ratios]
    show_gates(gates)
    facts = Rows.load("bbc", benchmark.rows).facts
    results = {"systems": systems, "ratios": ratios, "n_threads": N_THREADS, "gates": gates}
    benchmark.finish(results, data=facts, peers=["keras", "torch"])


if __name__ == "__main__":
    main()
