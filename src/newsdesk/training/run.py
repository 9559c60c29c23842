"""A run: what its families share, what comes out, and how that is published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from newsdesk import bundle as door
from newsdesk import store
from newsdesk.bundle import Bundle, Cleaner
from newsdesk.data import split as splits
from newsdesk.data.corpus import Corpus
from newsdesk.data.split import Split
from newsdesk.evaluation.metrics import Metrics
from newsdesk.training import folder
from newsdesk.training import tensorboard as events
from newsdesk.training.fitting import Fitting
from newsdesk.training.leaks import find_leaks
from newsdesk.training.notes import Note
from newsdesk.training.result import Result
from newsdesk.training.rows import Rows
from newsdesk.training.unfinished import unfinished
from newsdesk.types import Indices, Progress

__all__ = ["Common", "Run", "opened", "publish"]


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
        One per family. The first is delivered: the best by valid macro-F1, unless a climb within a
        budget was to prefer another; the others follow, best first.
    settings : dict[str, Any]
        Every setting of the run, as ``run.toml`` has it.
    notes : tuple[str, ...]
        What a reader of the numbers should know.
    taught : tuple[str, ...]
        Those of the notes that tell of a teacher.
    out : Path | None
        The run folder, if one was written.
    """

    name: str
    corpus: Corpus
    split: Split
    results: tuple[Result, ...]
    settings: dict[str, Any]
    notes: tuple[str, ...]
    taught: tuple[str, ...] = ()
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
        """One line per family, in their order; ``test_*`` are reported only."""
        return [result.row(chosen=not place) for place, result in enumerate(self.results)]


@dataclass(frozen=True, eq=False)
class Common:
    """What is asked for all families of a run alike.

    Parameters
    ----------
    cleaner : Cleaner
        Text steps of the bundles.
    refit : bool | None
        Whether the final classifier is fitted on train and valid together, see `Bundle.fit`.
    forbid_leaks : bool
        Whether leaked test rows are an error.
    tensorboard : bool
        Whether TensorBoard's events are written.
    progress : Progress
        Told of long work.
    """

    cleaner: Cleaner
    refit: bool | None
    forbid_leaks: bool
    tensorboard: bool
    progress: Progress

    def settings(self, rows: Rows, params: Mapping[str, Any]) -> dict[str, Any]:
        """Gather every setting of a run.

        Parameters
        ----------
        rows : Rows
            Corpus and split.
        params : Mapping[str, Any]
            Params of each family by its name.

        Returns
        -------
        dict[str, Any]
            As ``run.toml`` has them.
        """
        source = rows.source
        data = source.data
        return {
            "data": str(data) if isinstance(data, str | Path) else rows.corpus.name,
            "test": source.test,
            "families": list(params),
            "split": rows.split.spec,
            "seed": source.seed,
            "refit": [name for name, own in params.items() if door.refits(name, self.refit, own)],
            **source.choosing,
            **source.reading,
            "cleaner": asdict(self.cleaner),
            "near_duplicates": source.near_duplicates,
            "forbid_leaks": self.forbid_leaks,
            "tensorboard": self.tensorboard,
            **({} if rows.feedback is None else {"feedback": rows.feedback}),
            "params": dict(params),
        }


@contextmanager
def opened(
    rows: Rows,
    common: Common,
    params: Mapping[str, Any],
    said: Note,
    *,
    out: str | Path | None,
    keep: bool = False,
) -> Iterator[Fitting]:
    """Look for leaks, and keep the state of unfinished trainings until the run is published.

    Parameters
    ----------
    rows : Rows
        Corpus and split.
    common : Common
        What is asked for all families.
    params : Mapping[str, Any]
        Params of each family that may be fitted, by its name.
    said : Note
        Receives what a reader of the numbers should know.
    out : str | Path | None
        The run folder to come; None keeps no state.
    keep : bool
        Whether state is kept even if no family trains in epochs.

    Yields
    ------
    Fitting
        Fits one family after the other.

    Raises
    ------
    LeakageError
        If exact copies of test rows stand in train or valid and that is forbidden.
    MissingExtraError
        If TensorBoard's events cannot be written.
    StorageError
        If another process trains for the same folder.
    """
    if common.tensorboard:
        events.require()
    corpus, split, progress = rows.corpus, rows.split, common.progress
    near = rows.source.near_duplicates
    if not near:
        said("near-duplicates were not looked for: only exact copies are known")
    leaks = find_leaks(corpus, split, near=near, forbid=common.forbid_leaks, progress=progress)
    if leaks.near.any():
        note = splits.leak_note(leaks.exact, leaks.near)
        said(f"{note}; every metric is also given without them")
    with ExitStack() as stack:
        checkpoints = None
        in_epochs = any(door.trains_in_epochs(*item) for item in params.items())
        if out is not None and (keep or in_epochs):
            checkpoints = stack.enter_context(unfinished(Path(out)))
        yield Fitting(rows, leaks, common.cleaner, common.refit, checkpoints, progress, said)


def publish(run: Run, out: Path, *, overwrite: bool) -> Run:
    """Write the run folder, at once or not at all.

    Parameters
    ----------
    run : Run
        Finished.
    out : Path
        The folder.
    overwrite : bool
        Whether a run folder that stands there is replaced.

    Returns
    -------
    Run
        With the digests and sizes of its bundles, and where it lies.

    Raises
    ------
    BundleExistsError
        If the folder exists and is not to be replaced.
    StorageError
        If the disk refuses.
    """
    with ExitStack() as stack:
        staging = stack.enter_context(store.staged(out, replace=overwrite, marker=folder.SETTINGS))
        results = []
        for place, result in enumerate(run.results):
            home = (
                staging / "bundle" if not place else staging / "families" / result.family / "bundle"
            )
            home.mkdir(parents=True)
            digest = result.bundle.write(home)
            size = sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) / 1e6
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
