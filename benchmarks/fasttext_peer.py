"""How much faster and better newsdesk is than fastText.

fastText (words and 2-grams, 100 dimensions, 2 threads) gets the learning rate and the epochs that
are best on valid rows; it is then fitted on train and valid together, as newsdesk is, and both are
measured on the published test rows of HuffPost-34. fastText on two threads is not deterministic:
the chosen setting is fitted several times. Its clock starts with the text file, already lower-cased
and cut into tokens, as newsdesk's starts with Arrow rows.

Run: ``python benchmarks/fasttext_peer.py`` (about twelve minutes on two cores); needs
``pip install -c constraints.txt -r benchmarks/requirements-peers.txt``.
"""

from __future__ import annotations

import re
from functools import partial
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

from benchmark import Benchmark, flags
from child import environment
from measuring import QUALITY, Rows, spread
from show import at_least, show, show_gates

N_RUNS = 3
N_THREADS = 2
LEARNING_RATES = (0.1, 0.25, 0.5, 1.0)
EPOCHS = (3, 5, 10, 25)
TOKEN = re.compile(r"\b\w\w+\b")
"""A word as TfidfVectorizer has it."""
LABEL = "__label__"


def tokenised(rows: Rows, chosen: Any) -> list[str]:  # noqa: ANN401
    return [" ".join(TOKEN.findall(text.lower())) for text in rows.strings(chosen)]


def write(rows: Rows, chosen: Any, path: Path) -> None:  # noqa: ANN401
    y = rows.corpus.y[chosen].tolist()
    lines = zip(y, tokenised(rows, chosen), strict=True)
    path.write_text("".join(f"{LABEL}{index} {text}\n" for index, text in lines), encoding="utf-8")


def train(path: Path, lr: float, epoch: int) -> Any:  # noqa: ANN401  untyped library
    import fasttext

    return fasttext.train_supervised(
        str(path), lr=lr, epoch=epoch, wordNgrams=2, dim=100, thread=N_THREADS, verbose=0
    )


def probabilities(model: Any, texts: list[str], n_classes: int) -> Any:  # noqa: ANN401
    # A list, because fastText 0.9.3 answers a single text by a call that NumPy 2 refuses.
    names, values = model.predict(texts, k=-1)
    proba = np.zeros((len(texts), n_classes), dtype=np.float32)
    for row, (labels, shares) in enumerate(zip(names, values, strict=True)):
        proba[row, [int(label.removeprefix(LABEL)) for label in labels]] = shares
    return proba / proba.sum(axis=1, keepdims=True)


def try_setting(rows: Rows, folder: Path, lr: float, epoch: int) -> dict[str, Any]:
    path = folder / "train.txt"
    if not path.exists():
        write(rows, rows.split.train, path)
    start = perf_counter()
    try:
        model = train(path, lr, epoch)
    except RuntimeError as error:  # it gives up where a weight is no number
        return {"lr": lr, "epoch": epoch, "diverged": str(error), "valid_accuracy": 0.0}
    seconds = perf_counter() - start
    proba = probabilities(model, tokenised(rows, rows.split.valid), len(rows.corpus.labels))
    right = proba.argmax(axis=1) == rows.corpus.y[rows.split.valid]
    return {
        "lr": lr,
        "epoch": epoch,
        "valid_accuracy": float(right.mean()),
        "seconds": seconds,
    }


def measure_setting(rows: Rows, folder: Path, lr: float, epoch: int) -> dict[str, Any]:
    path = folder / "both.txt"
    if not path.exists():
        write(rows, rows.published_train, path)
    start = perf_counter()
    model = train(path, lr, epoch)
    seconds = perf_counter() - start
    proba = probabilities(model, tokenised(rows, rows.split.test), len(rows.corpus.labels))
    return {"seconds": seconds} | rows.test_quality(proba)


def measure_newsdesk(rows: Rows) -> dict[str, Any]:
    with environment(NEWSDESK_THREADS=str(N_THREADS)):
        timed = rows.fit()
    proba = timed.fitted.bundle.predict(rows.documents(rows.split.test)).proba
    return {"seconds": timed.seconds} | rows.test_quality(proba)


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Quality of the run of median accuracy, with the median time."""
    typical = sorted(runs, key=lambda run: run["accuracy"])[len(runs) // 2]
    accuracies = {"all_accuracies": [run["accuracy"] for run in runs]}
    return typical | spread([run["seconds"] for run in runs]) | accuracies


def main() -> None:
    benchmark = Benchmark("fasttext_peer", flags(__doc__).parse_args())
    if find_spec("fasttext") is None:
        print("skipped: no fastText; pip install -r benchmarks/requirements-peers.txt brings it")
        return
    from newsdesk.bundle import warm_up

    rows = Rows.load("huffpost", benchmark.rows, labels="huffpost-34")
    compile_seconds = warm_up("linear")
    with TemporaryDirectory() as name:
        folder = Path(name)
        grid = [
            benchmark.once(
                f"fastText on valid, lr {lr}, {epoch} epochs",
                partial(try_setting, rows, folder, lr, epoch),
            )
            for lr, epoch in product(LEARNING_RATES, EPOCHS)
        ]
        best = max(grid, key=lambda found: found["valid_accuracy"])
        lr, epoch = best["lr"], best["epoch"]
        ours, theirs = [], []
        for repeat in range(1, N_RUNS + 1):
            ours.append(benchmark.once(f"newsdesk, run {repeat}", lambda: measure_newsdesk(rows)))
            theirs.append(
                benchmark.once(
                    f"fastText, run {repeat}", lambda: measure_setting(rows, folder, lr, epoch)
                )
            )
    systems = {"newsdesk": summary(ours), "fastText": summary(theirs)}
    show({f"lr {x['lr']}, {x['epoch']} epochs": x for x in grid}, ["valid_accuracy", "seconds"])
    show(systems, ["seconds", *QUALITY])
    print(f"\ncompilation, cache full: {compile_seconds:.2f} s, not counted above")
    best_of_theirs = max(run["accuracy"] for run in theirs)
    gates = [
        at_least(
            "times faster than fastText",
            systems["fastText"]["seconds"] / systems["newsdesk"]["seconds"],
            1,
        ),
        at_least(
            "points of accuracy above fastText's best run",
            100 * (systems["newsdesk"]["accuracy"] - best_of_theirs),
            4,
        ),
    ]
    show_gates(gates)
    settings = {"wordNgrams": 2, "dim": 100, "thread": N_THREADS, "lr": lr, "epoch": epoch}
    benchmark.finish(
        {
            "compile_seconds": compile_seconds,
            "grid": grid,
            "fastText": settings,
            "systems": systems,
            "gates": gates,
        },
        data=rows.facts,
        peers=["fasttext"],
    )


if __name__ == "__main__":
    main()
