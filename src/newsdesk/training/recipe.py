"""Corpus → split → `Bundle.fit` for each family → metrics → the best by valid macro-F1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from newsdesk import bundle as door
from newsdesk import config, store
from newsdesk.bundle import Bundle, Cleaner, Fitted
from newsdesk.data import split as splits
from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.split import Split
from newsdesk.errors import ConfigError
from newsdesk.evaluation.metrics import Metrics, measure
from newsdesk.models.classifier import Valid
from newsdesk.predictions import Predictions
from newsdesk.training import folder
from newsdesk.training.leaks import Leaks, find_leaks, fold_groups
from newsdesk.training.notes import Note, Notes
from newsdesk.training.result import Costs, Result, peak_rss_mb, timed_predict
from newsdesk.training.settings import family_params
from newsdesk.types import Bools, Documents, Indices, Progress, Silent

__all__ = ["Run", "train"]


@dataclass(frozen=True, eq=False)
class Run:
    """A finished training run.

    Parameters
    ----------
    name : str
        Name of the run folder, or of the corpus.
    corpus : Corpus
        The rows.
    split : Split
        Which of them trained, chose and tested.
    results : tuple[Result, ...]
        One per family, best valid macro-F1 first: the first is delivered.
    settings : dict[str, Any]
        Every setting of the run, as ``run.toml`` has it.
    notes : tuple[str, ...]
        What a reader of the numbers should know.
    out : Path | None
        The run folder, if one was written.
    """

    name: str
    corpus: Corpus
    split: Split
    results: tuple[Result, ...]
    settings: dict[str, Any]
    notes: tuple[str, ...]
    out: Path | None = None

    @property
    def bundle(self) -> Bundle:
        """The delivered bundle."""
        return self.results[0].bundle

    @property
    def metrics(self) -> Metrics:
        """The delivered bundle's metrics on the test rows."""
        return self.results[0].test

    @property
    def clusters(self) -> Indices:
        """Rows with equal numbers are one text to this run, shape ``(n,)``."""
        return splits.clusters_of(self.corpus, near=self.settings["near_duplicates"])

    @property
    def leaderboard(self) -> list[dict[str, str | float | int | bool | None]]:
        """One line per family, ranked by ``valid_macro_f1``; ``test_*`` are reported only."""
        return [result.row(chosen=not place) for place, result in enumerate(self.results)]


def train(
    data: Any,  # noqa: ANN401  a path, a known name, a Corpus or any Arrow-stream table
    *,
    family: str | Sequence[str] = "linear",
    split: str | None = None,
    test: str | Path | None = None,
    text: Sequence[str] | None = None,
    label: str | None = None,
    labels: str | Path | None = None,
    classes: Sequence[str] | str | None = None,
    rows: int | None = None,
    seed: int = 0,
    settings: Sequence[str] = (),
    cleaner: Cleaner | None = None,
    refit: bool = True,
    out: str | Path | None = None,
    overwrite: bool = False,
    on_bad_row: Any = "error",  # noqa: ANN401  see read_corpus
    quarantine: Path | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    near_duplicates: bool = True,
    forbid_leaks: bool = False,
    name: str | None = None,
    progress: Progress | None = None,
    notes: Note | None = None,
) -> Run:
    """Train one or more families on one split and measure them honestly.

    Parameters
    ----------
    data : Any
        A path, a glob, a known name (``huffpost``, ``bbc``, ``sample``), an Arrow-stream table
        (pandas, polars, Hugging Face, pyarrow) or a `Corpus`.
    family : str | Sequence[str]
        Name or names of families.
    split : str | None
        How test and valid are drawn; None means the published split of a known set, else a
        stratified tenth, or fifth of fewer than 10,000 rows.
    test : str | Path | None
        A table of test rows; all of ``data`` is then for training.
    text : Sequence[str] | None
        Text columns in reading order; guessed if None.
    label : str | None
        Label column; guessed if None.
    labels : str | Path | None
        Label merge map, by name or TOML file.
    classes : Sequence[str] | str | None
        Classes to keep: names, ``"A,B"`` or ``"top5"``.
    rows : int | None
        Keep a seeded sample of so many rows.
    seed : int
        Of every random draw.
    settings : Sequence[str]
        ``key=value`` for the families' Params; each must be known to one of them at least.
    cleaner : Cleaner | None
        Text steps of the bundles; None means none but the limit of length.
    refit : bool
        Whether the final classifier is fitted on train and valid together.
    out : str | Path | None
        Run folder to write; None writes nothing.
    overwrite : bool
        Whether an existing run folder is replaced.
    on_bad_row : Any
        ``"error"``, ``"skip"`` or ``"quarantine"``.
    quarantine : Path | None
        Folder for rejected rows.
    encoding : str | None
        Of text files; found if None.
    delimiter : str | None
        Of CSV files; found if None.
    near_duplicates : bool
        Whether near-duplicates are looked for; without, only exact copies are known.
    forbid_leaks : bool
        Whether test rows of which an exact copy stands in train or valid are an error.
    name : str | None
        Heading of the report; None means that of the run folder, or of the corpus.
    progress : Progress | None
        Told of long work.
    notes : Note | None
        Receives each note as it comes up.

    Returns
    -------
    Run
        Results, best valid macro-F1 first.

    Raises
    ------
    ConfigError
        If a setting is unknown or out of range, options contradict each other, or a fit would not
        fit into memory; all of it is found out before training.
    LeakageError
        If exact copies of test rows stand in train or valid and ``forbid_leaks`` is set.
    BundleExistsError
        If the run folder exists and ``overwrite`` is not set.
    StorageError
        If the disk refuses; a read-only place is found out before training.
    """
    progress, said = progress or Silent(), Notes(notes)
    names = [family] if isinstance(family, str) else list(family)
    params = family_params(names, settings)
    cleaner = cleaner or Cleaner()
    choosing: dict[str, Any] = {"labels": labels, "classes": classes, "rows": rows}
    _refuse_contradictions(data, split, test, choosing)
    if out is not None:
        store.probe(Path(out), replace=overwrite, marker=folder.SETTINGS)
    reading: dict[str, Any] = {"on_bad_row": on_bad_row, "quarantine": quarantine}
    reading |= {"encoding": encoding, "delimiter": delimiter, "text": text, "label": label}
    corpus = data
    if not isinstance(data, Corpus):
        corpus = read_corpus(data, **choosing, seed=seed, **reading, progress=progress)
    if test is not None:
        test_corpus = read_corpus(test, labels=labels, min_classes=1, **reading, progress=progress)
        corpus, drawn = splits.concat(
            corpus, test_corpus, seed=seed, near=near_duplicates, progress=progress
        )
    else:
        spec = split or splits.default_spec(corpus)
        drawn = splits.draw(corpus, spec, seed=seed, near=near_duplicates, progress=progress)
    said.all([*corpus.steps, drawn.how, *drawn.notes])
    if not near_duplicates:
        said("near-duplicates were not looked for: only exact copies are known")
    leaks = find_leaks(corpus, drawn, near=near_duplicates, forbid=forbid_leaks, progress=progress)
    if leaks.near.any():
        note = splits.leak_note(leaks.exact, leaks.near)
        said(f"{note}; every metric is also given without them")
    recipe = _Recipe(corpus, drawn, leaks, cleaner, seed, refit, progress, said)
    for chosen in names:
        recipe.check_memory(chosen, params[chosen])
    results = [recipe.run(chosen, params[chosen]) for chosen in names]
    results.sort(key=lambda result: -result.valid.macro_f1)
    run = Run(
        name=name or (Path(out).name if out else corpus.name),
        corpus=corpus,
        split=drawn,
        results=tuple(results),
        settings={
            "data": str(data) if isinstance(data, str | Path) else corpus.name,
            "test": test,
            "families": names,
            "split": drawn.spec,
            "seed": seed,
            "refit": refit,
            **choosing,
            **reading,
            "cleaner": asdict(cleaner),
            "near_duplicates": near_duplicates,
            "forbid_leaks": forbid_leaks,
            "params": params,
        },
        notes=tuple(said.lines),
    )
    return run if out is None else _write(run, Path(out), overwrite=overwrite)


def _refuse_contradictions(
    data: object, split: str | None, test: object, choosing: Mapping[str, object]
) -> None:
    if split is not None and test is not None:
        problem = f"Both a split ({split}) and a file of test rows ({test}) are given."
        raise ConfigError(problem, remedy="Give one of them.")
    given = [name for name, value in choosing.items() if value is not None]
    if isinstance(data, Corpus) and given:
        problem = f"{' and '.join(given)} cannot be applied to a Corpus, which is read already."
        raise ConfigError(problem, remedy="Give them to read_corpus.")


@dataclass(frozen=True, eq=False)
class _Recipe:
    """What all families of a run share."""

    corpus: Corpus
    split: Split
    leaks: Leaks
    cleaner: Cleaner
    seed: int
    refit: bool
    progress: Progress
    said: Notes

    @cached_property
    def train(self) -> Documents:
        return self.corpus.documents.take(self.split.train)

    @cached_property
    def valid(self) -> Valid | None:
        rows = self.split.valid
        return (self.corpus.documents.take(rows), self.corpus.y[rows]) if len(rows) else None

    @cached_property
    def test(self) -> Documents:
        return self.corpus.documents.take(self.split.test)

    def run(self, family: str, params: Any) -> Result:  # noqa: ANN401  the family's Params
        corpus, split = self.corpus, self.split
        compile_seconds = door.warm_up(family)
        train, valid = self.train, self.valid  # selected before the clock starts
        rows = np.concatenate([split.train, split.valid])
        start = perf_counter()
        fitted = Bundle.fit(
            train,
            corpus.y[split.train],
            labels=corpus.labels,
            valid=valid,
            groups=fold_groups(corpus, split, self.leaks.clusters)[rows],
            family=family,
            params=params,
            cleaner=self.cleaner,
            seed=self.seed,
            refit=self.refit,
            fingerprint=corpus.fingerprint,
            progress=self.progress,
        )
        fit_seconds = perf_counter() - start - fitted.seconds["cross_calibrate"]
        predictions, speed = timed_predict(fitted.bundle, self.test)
        costs = Costs(fit_seconds, compile_seconds, speed, peak_rss_mb())
        return self._measured(family, fitted, rows, predictions, costs)

    def check_memory(self, family: str, params: Any) -> None:  # noqa: ANN401
        needed = door.plan(family, params, self.train, len(self.corpus.labels))
        if needed is None:
            return
        self.said(f"Fitting {family} takes about {needed / 1e9:.1f} GB of memory.")
        free = config.available_memory()
        if free is not None and needed > free:
            problem = (
                f"Fitting {family} on {len(self.train):,} documents and "
                f"{len(self.corpus.labels):,} classes takes about {needed / 1e9:.1f} GB of "
                f"memory; {free / 1e9:.1f} GB are available."
            )
            remedy = (
                "Take fewer rows (--rows), or set a higher min_df or fewer bits (--set bits=20)."
            )
            raise ConfigError(problem, remedy=remedy)

    def _measured(
        self,
        family: str,
        fitted: Fitted,
        rows: Indices,
        predictions: Predictions,
        costs: Costs,
    ) -> Result:
        corpus, split = self.corpus, self.split
        held_out = rows[fitted.held_out]
        clusters = self.leaks.clusters
        threshold = fitted.bundle.calibrator.threshold
        valid = measure(
            fitted.valid_proba,
            corpus.y[held_out],
            corpus.labels,
            clusters=clusters[held_out],
            threshold=threshold,
            seed=self.seed,
        )
        known = corpus.y[split.test] >= 0

        def on_test(chosen: Bools) -> Metrics:
            picked = split.test[chosen]
            return measure(
                predictions.proba[chosen],
                corpus.y[picked],
                corpus.labels,
                clusters=clusters[picked],
                threshold=threshold,
                seed=self.seed,
            )

        def without(leaked: Bools) -> Metrics | None:
            fresh = known & ~leaked
            return on_test(fresh) if leaked.any() and fresh.any() else None

        exact, near = self.leaks.exact, self.leaks.near
        without_leaked = without(near)
        return Result(
            family=family,
            bundle=fitted.bundle,
            valid=valid,
            test=on_test(known),
            without_leaked=without_leaked,
            n_leaked=int(near.sum()),
            without_copies=without_leaked if np.array_equal(exact, near) else without(exact),
            n_copies=int(exact.sum()),
            predictions=predictions,
            test_rows=split.test[known],
            costs=costs,
        )


def _write(run: Run, out: Path, *, overwrite: bool) -> Run:
    with ExitStack() as stack:
        staging = stack.enter_context(store.staged(out, replace=overwrite, marker=folder.SETTINGS))
        results = []
        for place, result in enumerate(run.results):
            home = (
                staging / "bundle" if not place else staging / "families" / result.family / "bundle"
            )
            home.mkdir(parents=True)
            digest = result.bundle.write(home)
            size = sum(path.stat().st_size for path in home.iterdir()) / 1e6
            results.append(
                replace(
                    result,
                    bundle=replace(result.bundle, digest=digest),
                    costs=replace(result.costs, bundle_mb=size),
                )
            )
        run = replace(run, results=tuple(results), out=out)
        folder.write(run, staging)
    return run
