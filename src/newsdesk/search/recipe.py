"""Corpus → split → folds → every setting on every fold → the best setting once on test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from newsdesk import bundle as door
from newsdesk import store
from newsdesk.bundle import Cleaner
from newsdesk.errors import ConfigError
from newsdesk.search import folder
from newsdesk.search.fitting import Fitting
from newsdesk.search.folds import Folds
from newsdesk.search.grid import read_grid
from newsdesk.search.journal import JOURNAL, Finished, Journal, opened
from newsdesk.search.question import Question
from newsdesk.search.result import SearchResult, SettingScore, choose, leading, settled
from newsdesk.training.folder import SETTINGS
from newsdesk.training.notes import Note, Notes
from newsdesk.training.recipe import train_on
from newsdesk.training.rows import RowSource
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
    source = RowSource(
        data=data,
        split=split,
        test=test,
        text=text,
        label=label,
        labels=labels,
        classes=classes,
        rows=rows,
        seed=seed,
        on_bad_row=on_bad_row,
        quarantine=quarantine,
        encoding=encoding,
        delimiter=delimiter,
        near_duplicates=near_duplicates,
    )
    directory = None if out is None else Path(out)
    if directory is not None:
        store.probe(directory, replace=True, marker=JOURNAL)
    progress, said, cleaner = progress or Silent(), Notes(notes), cleaner or Cleaner()
    drawn = source.draw(source.read(progress), progress)
    corpus = drawn.corpus
    said.all(drawn.notes)
    dealt = Folds.draw(
        corpus, drawn.split, n_folds=folds, seed=seed, near=near_duplicates, progress=progress
    )
    said.all(dealt.notes)
    fitting = Fitting(
        grid=space,
        documents=cleaner.apply_all(corpus.documents.take(dealt.rows)),
        y=corpus.y[dealt.rows],
        fold=dealt.fold,
        labels=corpus.labels,
        seed=seed,
        progress=progress,
    )
    fitting.check_memory()
    door.warm_up(family)
    question = Question.of(
        space,
        data=corpus.fingerprint,
        split=drawn.split.spec,
        fold=dealt.everywhere,
        n_folds=folds,
        seed=seed,
        cleaner=cleaner,
    )
    with ExitStack() as stack:
        journal = Journal()
        run_folder = None
        if directory is not None:
            journal = stack.enter_context(opened(directory, question, fresh=overwrite))
            run_folder = directory / folder.RUN
            store.probe(run_folder, replace=True, marker=SETTINGS)
        _fit_all(fitting, journal, said, best_so_far)
        scores = settled(space, journal.fits)
        best, simplest = choose(scores)
        run = train_on(
            drawn,
            {family: best.setting.params},
            cleaner=cleaner,
            out=run_folder,
            overwrite=True,  # what an earlier search has left there
            name=corpus.name if directory is None else directory.name,
            progress=progress,
            notes=said,
        )
        found = SearchResult(
            name=corpus.name,
            grid=space,
            scores=scores,
            best=best,
            simplest=simplest,
            n_folds=folds,
            n_rows=len(dealt.rows),
            notes=(*drawn.split.notes, *dealt.notes),
            run=run,
            out=directory,
        )
        if directory is not None:
            folder.write(found, directory)
        journal.finish(Finished(best.setting.number, run.bundle.digest))
    return found


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
