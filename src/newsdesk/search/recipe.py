"""Corpus → split → folds → every setting on every fold → the best setting once on test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa

from newsdesk import bundle as door
from newsdesk import store, training
from newsdesk.bundle import Cleaner
from newsdesk.data import split as splits
from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.split import Split
from newsdesk.errors import ConfigError
from newsdesk.search import folder
from newsdesk.search.fitting import Fitting
from newsdesk.search.folds import Folds
from newsdesk.search.grid import read_grid
from newsdesk.search.journal import JOURNAL, Finished, Journal, opened
from newsdesk.search.question import Question
from newsdesk.search.result import SearchResult, SettingScore, choose, leading, settled
from newsdesk.training.notes import Note, Notes
from newsdesk.types import Progress, Silent

__all__ = ["search"]


def search(
    data: Any,  # noqa: ANN401  a path, a known name, a Corpus or any Arrow-stream table
    *,
    family: str = "linear",
    grid: Sequence[str] = ("published",),
    folds: int = 5,
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
    out: str | Path | None = None,
    overwrite: bool = False,
    on_bad_row: Any = "error",  # noqa: ANN401  see read_corpus
    quarantine: Path | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    near_duplicates: bool = True,
    progress: Progress | None = None,
    notes: Note | None = None,
    best_so_far: Callable[[SettingScore], None] | None = None,
) -> SearchResult:
    """Try every setting of a grid by cross-validation, then measure the best one once.

    The rows of train and valid are dealt to folds, class by class; near-duplicates, and the groups
    of a grouped split, stay in one fold. Every setting is fitted on the rows outside of each fold
    and measured on the fold by the macro-F1 of the classes with the highest scores, as
    scikit-learn's ``GridSearchCV`` does. Everything that is learnt from several rows is learnt
    anew in each fit. The best setting is then trained as `newsdesk.training.train` does, and
    measured on the test rows, which nothing before has touched.

    Parameters
    ----------
    data : Any
        A path, a glob, a known name, an Arrow-stream table or a `Corpus`.
    family : str
        Name of the family.
    grid : Sequence[str]
        ``"published"`` alone, or one ``"key=value|value"`` per setting.
    folds : int
        At least 2.
    split : str | None
        How test and valid are drawn, see `newsdesk.training.train`.
    test : str | Path | None
        A table of test rows; all of ``data`` is then searched on.
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
        ``key=value`` for settings that are the same in all fits.
    cleaner : Cleaner | None
        Text steps; None means none but the limit of length.
    out : str | Path | None
        Folder to write; None writes nothing. An unfinished search of the same question that stands
        there is gone on with.
    overwrite : bool
        Whether a search that stands there is replaced.
    on_bad_row : Any
        ``"error"``, ``"skip"`` or ``"quarantine"``.
    quarantine : Path | None
        Folder for rejected rows.
    encoding : str | None
        Of text files; found if None.
    delimiter : str | None
        Of CSV files; found if None.
    near_duplicates : bool
        Whether near-duplicates are looked for; else folds keep exact copies alone together.
    progress : Progress | None
        Told of long work.
    notes : Note | None
        Receives each note as it comes up.
    best_so_far : Callable[[SettingScore], None] | None
        Receives, after each fit, the best setting among those with the most folds.

    Returns
    -------
    SearchResult
        Every setting's scores, and the run of the best.

    Raises
    ------
    ConfigError
        If the grid or an option is wrong, or a fit would not fit into memory.
    DataError
        If there are fewer groups of rows than folds, or the journal is damaged.
    FitError
        If every setting failed.
    BundleExistsError
        If the folder holds something else, a finished search or one of another question.
    StorageError
        If the disk refuses, or another process is searching in the folder.
    """
    if folds < 2:
        problem = f"{folds} folds are asked for."
        raise ConfigError(problem, remedy="Name a number from 2 on, such as 5.")
    space = read_grid(family, grid, settings, n_folds=folds)
    if split is not None and test is not None:
        problem = f"Both a split ({split}) and a file of test rows ({test}) are given."
        raise ConfigError(problem, remedy="Give one of them.")
    directory = None if out is None else Path(out)
    if directory is not None:
        store.probe(directory, replace=True, marker=JOURNAL)
    if hasattr(data, "__arrow_c_stream__"):
        data = pa.table(data)  # a stream can be read once, and the rows are read again for the end
    progress, said, cleaner = progress or Silent(), Notes(notes), cleaner or Cleaner()
    reading: dict[str, Any] = {"on_bad_row": on_bad_row, "quarantine": quarantine}
    reading |= {"encoding": encoding, "delimiter": delimiter, "text": text, "label": label}
    choosing: dict[str, Any] = {"labels": labels, "classes": classes, "rows": rows}
    drawing: dict[str, Any] = {"seed": seed, "near": near_duplicates, "progress": progress}
    corpus, drawn = _rows(data, split, test, choosing, reading, drawing)
    said.all([*corpus.steps, drawn.how])
    dealt = Folds.draw(corpus, drawn, n_folds=folds, **drawing)
    said.all([*drawn.notes, *dealt.notes])
    fitting = Fitting(
        grid=space,
        documents=cleaner.apply_all(corpus.documents.take(dealt.rows)),
        y=corpus.y[dealt.rows],
        fold=dealt.fold,
        n_classes=len(corpus.labels),
        seed=seed,
        progress=progress,
    )
    fitting.check_memory()
    door.warm_up(family)
    question = Question.of(
        space,
        data=corpus.fingerprint,
        split=drawn.spec,
        fold=dealt.everywhere,
        n_folds=folds,
        seed=seed,
        cleaner=cleaner,
    )
    with ExitStack() as stack:
        journal = Journal()
        if directory is not None:
            journal = stack.enter_context(opened(directory, question, fresh=overwrite))
        _fit_all(fitting, journal, said, best_so_far)
        scores = settled(space, journal.fits)
        best, simplest = choose(scores)
        before = tuple(said.lines)
        run = training.train(
            data,
            family=family,
            split=split,
            test=test,
            **choosing,
            **reading,
            seed=seed,
            settings=best.setting.pairs,
            cleaner=cleaner,
            out=None if directory is None else directory / folder.RUN,
            overwrite=True,  # what an earlier search has left there
            near_duplicates=near_duplicates,
            name=corpus.name if directory is None else directory.name,
            progress=progress,
            notes=lambda line: None if line in before else said(line),
        )
        found = SearchResult(
            name=corpus.name,
            grid=space,
            scores=scores,
            best=best,
            simplest=simplest,
            n_folds=folds,
            n_rows=len(dealt.rows),
            notes=(*drawn.notes, *dealt.notes),
            run=run,
            out=directory,
        )
        if directory is not None:
            folder.write(found, directory)
        journal.finish(Finished(best.setting.number, run.bundle.digest))
    return found


def _rows(
    data: Any,  # noqa: ANN401
    split: str | None,
    test: str | Path | None,
    choosing: dict[str, Any],
    reading: dict[str, Any],
    drawing: dict[str, Any],
) -> tuple[Corpus, Split]:
    """The rows and their split, as `newsdesk.training.train` reads and draws them."""
    seed, progress = drawing["seed"], drawing["progress"]
    corpus = data
    if not isinstance(data, Corpus):
        corpus = read_corpus(data, **choosing, seed=seed, **reading, progress=progress)
    if test is None:
        return corpus, splits.draw(corpus, split or splits.default_spec(corpus), **drawing)
    # Read now, so that a fault in it is known before the search and not after.
    given = read_corpus(
        test, labels=choosing["labels"], min_classes=1, **reading, progress=progress
    )
    return splits.concat(corpus, given, **drawing)


def _fit_all(
    fitting: Fitting,
    journal: Journal,
    said: Notes,
    best_so_far: Callable[[SettingScore], None] | None,
) -> None:
    settings = fitting.grid.settings
    n_fits = len(settings) * fitting.n_folds
    n_left = n_fits - len(journal.fits)
    if journal.n_torn:
        said(f"the last line of the journal was cut off ({journal.n_torn} bytes): it is dropped")
    if journal.fits:
        said(f"{len(journal.fits):,} of {n_fits:,} fits are done already")
    standing = {score.setting.number: score for score in settled(fitting.grid, journal.fits)}
    with fitting.progress.task("fits", n_left, "fits") as done:
        for fit in fitting.scores(tuple(journal.fits)):
            journal.add(fit)
            done(1)
            before = standing[fit.setting].folds if fit.setting in standing else ()
            own = SettingScore(settings[fit.setting], (*before, fit))
            standing[fit.setting] = own
            if len(own.folds) == fitting.n_folds:
                said(own.sentence)
            if best_so_far:
                best_so_far(leading(list(standing.values())))
