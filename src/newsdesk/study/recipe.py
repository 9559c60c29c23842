"""Corpus → subset → split → every setting with every seed → what each factor does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsdesk import bundle as door
from newsdesk import store
from newsdesk.bundle import Cleaner
from newsdesk.data.split import clusters_of
from newsdesk.data.wording import counted
from newsdesk.errors import ConfigError, DataError, FitError
from newsdesk.study import folder
from newsdesk.study.factors import Design, Setting, read_plan
from newsdesk.study.findings import Findings
from newsdesk.study.fitting import Fitting
from newsdesk.study.journal import JOURNAL, Finished, Fit, Journal, opened
from newsdesk.study.question import Question
from newsdesk.study.result import StudyResult
from newsdesk.study.subset import equal_rows
from newsdesk.training.notes import Note, Notes
from newsdesk.training.rows import Rows, RowSource
from newsdesk.types import Indices, Progress, Silent

__all__ = ["study"]


def study(
    data: Any,  # noqa: ANN401  a path, a known name, a Corpus or any Arrow-stream table
    *,
    family: str = "linear",
    vary: Sequence[str] = (),
    design: Design = "one-at-a-time",
    seeds: int = 3,
    confirm: bool = True,
    most_gap: float | None = None,
    rows_per_class: int | None = None,
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
    best_so_far: Callable[[str, float], None] | None = None,
) -> StudyResult:
    """Show what each setting of a family does.

    A fixed set of rows is split once. The base, and every level of every factor, is trained on the
    train rows with each of several seeds, for as long as the base is: neither the length of a
    training nor the epoch that is kept is chosen on valid, unless `settings` ask for it. Accuracy,
    macro-F1 and log loss are measured on train and valid, without dropout and before calibration.
    The test rows are set aside and never looked at.

    Parameters
    ----------
    data : Any
        A path, a glob, a known name, an Arrow-stream table or a `Corpus`.
    family : str
        Name of the family.
    vary : Sequence[str]
        One ``"key=value|value"`` per factor; none takes what the family declares.
    design : Design
        ``"one-at-a-time"`` or ``"grid"``, see `newsdesk.study.factors.Plan`.
    seeds : int
        Fits of each setting, at least 1; their seeds are `seed` and the numbers after it.
    confirm : bool
        Whether the recommended levels are trained together in the end.
    most_gap : float | None
        Accuracy on train minus accuracy on valid, 0 to 1, above which nothing is recommended while
        anything below it is not worse than the base; None bounds nothing.
    rows_per_class : int | None
        Keep a seeded sample of so many rows of each class.
    split : str | None
        How test and valid are drawn, see `newsdesk.training.train`.
    test : str | Path | None
        A table of test rows; all of ``data`` is then train and valid.
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
        ``key=value`` for the base.
    cleaner : Cleaner | None
        Text steps; None means none but the limit of length.
    out : str | Path | None
        Folder to write; None writes nothing. An unfinished study of the same question that stands
        there is gone on with.
    overwrite : bool
        Whether a study that stands there is replaced.
    on_bad_row : Any
        ``"error"``, ``"skip"`` or ``"quarantine"``.
    quarantine : Path | None
        Folder for rejected rows.
    encoding : str | None
        Of text files; found if None.
    delimiter : str | None
        Of CSV files; found if None.
    near_duplicates : bool
        Whether near-duplicates are looked for; else exact copies alone count as one text.
    progress : Progress | None
        Told of long work.
    notes : Note | None
        Receives each note as it comes up.
    best_so_far : Callable[[str, float], None] | None
        Receives, after each fit, the name of the best setting and its valid accuracy.

    Returns
    -------
    StudyResult
        Every fit, and what each factor does.

    Raises
    ------
    ConfigError
        If a factor or an option is wrong, or a fit would not fit into memory.
    DataError
        If a class has too few rows, there are no valid rows, or the journal is damaged.
    FitError
        If every fit failed.
    BundleExistsError
        If the folder holds something else, a finished study or one of another question.
    StorageError
        If the disk refuses, or another process is studying in the folder.
    """
    for name, value in (("seeds", seeds), ("rows per class", rows_per_class)):
        if value is not None and value < 1:
            problem = f"{value} {name} are asked for."
            raise ConfigError(problem, remedy="Name a number from 1 on.")
    if most_gap is not None and not 0 <= most_gap <= 1:
        problem = f"The bound on the gap is {100 * most_gap:g} points."
        raise ConfigError(problem, remedy="Name 0 to 100 points.")
    plan = read_plan(family, vary, settings, design=design, n_seeds=seeds)
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
    drawn = _draw(source, rows_per_class, progress)
    said.all(drawn.notes)
    fitting = Fitting(
        plan=plan,
        train=(cleaner.apply_all(drawn.train[0]), drawn.train[1]),
        valid=(cleaner.apply_all(drawn.valid[0]), drawn.valid[1]),
        labels=drawn.corpus.labels,
        seed=seed,
        progress=progress,
    )
    fitting.check_memory()
    door.warm_up(family)
    question = Question.of(
        plan,
        data=drawn.corpus.fingerprint,
        split=drawn.split,
        seeds=tuple(range(seed, seed + seeds)),
        seed=seed,
        cleaner=cleaner,
        confirm=confirm,
        most_gap=most_gap,
    )
    with ExitStack() as stack:
        journal = Journal()
        if directory is not None:
            journal = stack.enter_context(opened(directory, question, fresh=overwrite))
        work = _Work(fitting, journal, question.seeds, said, best_so_far)
        clusters = clusters_of(drawn.corpus, near=near_duplicates)[drawn.split.valid]
        found = _found(work, drawn, clusters, question, out=directory)
        if directory is not None:
            folder.write(found, directory)
        journal.finish(Finished(found.recommended))
    return found


def _draw(source: RowSource, rows_per_class: int | None, progress: Progress) -> Rows:
    corpus = source.read(progress)
    if rows_per_class is not None:
        corpus = equal_rows(corpus, rows_per_class, source.seed)
    drawn = source.draw(corpus, progress)
    if not len(drawn.split.valid):
        problem = f"The split {drawn.split.spec} leaves no valid rows."
        raise DataError(problem, remedy="Choose another split (--split), or give more rows.")
    return drawn


@dataclass(frozen=True, eq=False)
class _Work:
    """The fits that are done, and those that are not."""

    fitting: Fitting
    journal: Journal
    seeds: tuple[int, ...]
    said: Notes
    best_so_far: Callable[[str, float], None] | None

    def run(self, settings: Sequence[Setting]) -> tuple[Fit, ...]:
        """Do what is missing; all settings with the first seed, then with the next."""
        done = {(fit.setting, fit.seed): fit for fit in self.journal.fits}
        places = [(setting, seed) for seed in self.seeds for setting in settings]
        missing = [place for place in places if (place[0].number, place[1]) not in done]
        with self.fitting.progress.task("fits", len(missing), "fits") as advance:
            for setting, seed in missing:
                fit = self.fitting.fit(setting, seed)
                self.journal.add(fit)
                done[setting.number, seed] = fit
                advance(1)
                self._tell(setting, fit)
        return tuple(done[setting.number, seed] for setting, seed in places)

    def _tell(self, setting: Setting, fit: Fit) -> None:
        plan = self.fitting.plan
        text = f"{plan.name(setting)}, seed {fit.seed}: "
        if fit.numbers is None:
            self.said(f"{text}failed: {fit.failed}")
            return
        train, valid = fit.numbers.train.accuracy, fit.numbers.valid.accuracy
        self.said(f"{text}train {train:.4f}, valid {valid:.4f}, {fit.seconds:.1f} s")
        if self.best_so_far:
            # Of equal ones the earliest: the base, or the seed that came first.
            best = max(
                (fit for fit in self.journal.fits if fit.numbers),
                key=lambda fit: fit.numbers.valid.accuracy if fit.numbers else 0.0,
            )
            name = " ".join(plan.changes(best.values)) or "base"
            self.best_so_far(name, best.numbers.valid.accuracy if best.numbers else 0.0)


def _found(
    work: _Work, drawn: Rows, clusters: Indices, question: Question, *, out: Path | None
) -> StudyResult:
    """Do all fits and look at them."""
    plan, journal, confirm = work.fitting.plan, work.journal, question.confirm
    n_fits = len(plan.settings) * len(work.seeds)
    if journal.n_torn:
        line = f"the last line of the journal was cut off ({journal.n_torn} bytes): it is dropped"
        work.said(line)
    if journal.fits:
        work.said(f"done already: {counted(len(journal.fits), 'fit')}")
    else:
        work.said(f"{counted(len(plan.settings), 'setting')}, {counted(n_fits, 'fit')}")
    findings = Findings(plan, work.run(plan.settings), clusters, question.most_gap)
    if all(fit.numbers is None for fit in findings.fits):
        problem = f"All {counted(n_fits, 'fit')} failed; the base: {findings.fits[0].failed}"
        raise FitError(problem, remedy="Choose another base (--set), such as a lower rate.")
    recommended = plan.setting(findings.recommended)
    is_new = recommended.number == len(plan.settings)
    confirming = work.run([recommended]) if is_new and confirm else ()
    tried = confirm or not is_new
    return StudyResult(
        name=drawn.corpus.name,
        findings=findings,
        base=findings.measured(plan.base),
        together=findings.measured(recommended, confirming) if tried else None,
        confirming=confirming,
        seeds=work.seeds,
        n_train=len(drawn.split.train),
        n_measured=work.fitting.n_measured,
        n_valid=len(drawn.split.valid),
        n_test=len(drawn.split.test),
        notes=drawn.split.notes,
        out=out,
    )
