"""`newsdesk.train`: families that are named, or a climb within a budget."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, get_args

from newsdesk import config, store, training
from newsdesk.bundle import Cleaner
from newsdesk.errors import ConfigError
from newsdesk.ladder.budget import Clock, read_budget
from newsdesk.ladder.choice import Prefer, choose
from newsdesk.ladder.climb import Climb
from newsdesk.ladder.rungs import rungs
from newsdesk.training import Result, Run, folder
from newsdesk.training.notes import Note, Notes
from newsdesk.training.rows import RowSource
from newsdesk.training.run import Common, opened, publish
from newsdesk.training.settings import family_params
from newsdesk.types import Progress, Silent

__all__ = ["train"]


def train(
    data: Any,  # noqa: ANN401  a path, a known name, a Corpus or any Arrow-stream table
    *,
    family: str | Sequence[str] | None = None,
    budget: str | None = None,
    prefer: Prefer = "accuracy",
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
    refit: bool | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    on_bad_row: Any = "error",  # noqa: ANN401  see read_corpus
    quarantine: Path | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    near_duplicates: bool = True,
    feedback: str | Path | None = None,
    forbid_leaks: bool = False,
    tensorboard: bool = False,
    name: str | None = None,
    teacher: str | Path | Sequence[str] | None = None,
    unlabelled: Any = None,  # noqa: ANN401  as data
    teacher_share: float | None = None,
    teacher_words: bool = False,
    progress: Progress | None = None,
    notes: Note | None = None,
) -> Run:
    """Train one or more families on one split and measure them honestly.

    With a budget, families are climbed from cheap to dear while the estimate of the next one fits
    into what is left.

    Parameters
    ----------
    data : Any
        A path, a glob, a known name (``huffpost``, ``bbc``, ``sample``), an Arrow-stream table
        (pandas, polars, Hugging Face, pyarrow) or a `Corpus`.
    family : str | Sequence[str] | None
        Name or names of families. None means ``linear``, or, with a budget, what is usually worth
        its time and is installed.
    budget : str | None
        Wall time for everything, such as ``"90s"``, ``"10m"`` or ``"1h30m"``; None trains what is
        named, whatever it takes.
    prefer : Prefer
        What is delivered with a budget. ``"accuracy"``: the best by valid macro-F1; ``"speed"`` or
        ``"size"``: the fastest to predict, or the smallest, of those within 0.005 of the best one.
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
    refit : bool | None
        Whether the final classifier is fitted on train and valid together; None means unless the
        family trains long, for which that would take as long again.
    out : str | Path | None
        Run folder to write; None writes nothing. A training in epochs that was interrupted there
        is gone on with.
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
    feedback : str | Path | None
        A store of corrections, by its URL or as a SQLite file: the accepted ones become train rows,
        but for those whose text stands in valid or test.
    forbid_leaks : bool
        Whether test rows of which an exact copy stands in train or valid are an error.
    tensorboard : bool
        Whether the curves of trainings in epochs are written for TensorBoard too.
    name : str | None
        Heading of the report; None means that of the run folder, or of the corpus.
    teacher : str | Path | Sequence[str] | None
        Who teaches the families: a family, which is trained out of fold on the train rows; several,
        whose mixture teaches; or the folder of a bundle, which teaches on ``unlabelled`` alone.
        Settings of the teacher are ``teacher.key=value``. None teaches the labels alone.
    unlabelled : Any
        Texts without label to learn from the teacher, given as ``data`` is; None for none.
    teacher_share : float | None
        Weight of the teacher against the truth, 0 to 1; None means 0.7.
    teacher_words : bool
        Whether each word of the train rows is learnt from the teacher as a text without label.
    progress : Progress | None
        Told of long work.
    notes : Note | None
        Receives each note as it comes up.

    Returns
    -------
    Run
        Results: the delivered one first, then the best by valid macro-F1.

    Raises
    ------
    ConfigError
        If a setting is unknown or out of range, options contradict each other, or a fit would not
        fit into memory; all of it is found out before training. With a budget, a family that
        would not fit is left out.
    LeakageError
        If exact copies of test rows stand in train or valid and ``forbid_leaks`` is set.
    BundleExistsError
        If the run folder exists and ``overwrite`` is not set.
    StorageError
        If the disk refuses; a read-only place is found out before training.
    """
    given: dict[str, Any] = {
        "split": split,
        "test": test,
        "text": text,
        "label": label,
        "labels": labels,
        "classes": classes,
        "rows": rows,
        "seed": seed,
        "on_bad_row": on_bad_row,
        "quarantine": quarantine,
        "encoding": encoding,
        "delimiter": delimiter,
        "near_duplicates": near_duplicates,
        "feedback": feedback,
    }
    written: dict[str, Any] = {"out": out, "overwrite": overwrite, "name": name}
    names = [family] if isinstance(family, str) else family
    _check_prefer(prefer, budget)
    asks = teacher_words or any(one is not None for one in (teacher, unlabelled, teacher_share))
    if budget is not None and asks:
        problem = "A climb within a budget has no teacher: what one takes cannot be estimated yet."
        raise ConfigError(problem, remedy="Name the family instead: --family static --teacher …")
    if budget is None:
        return training.train(
            data,
            family=("linear",) if names is None else names,
            settings=settings,
            cleaner=cleaner,
            refit=refit,
            forbid_leaks=forbid_leaks,
            tensorboard=tensorboard,
            teacher=teacher,
            unlabelled=unlabelled,
            teacher_share=teacher_share,
            teacher_words=teacher_words,
            progress=progress,
            notes=notes,
            **given,
            **written,
        )
    asked = _Asked(budget, Clock(read_budget(budget)), prefer)
    params = family_params(rungs(names), settings)
    source = RowSource(data=data, **given)
    common = Common(cleaner or Cleaner(), refit, forbid_leaks, tensorboard, progress or Silent())
    return _climb(source, params, asked, common, notes, **written)


class _Asked(NamedTuple):
    """How far to climb."""

    text: str
    clock: Clock
    prefer: Prefer


def _climb(
    source: RowSource,
    params: dict[str, Any],
    asked: _Asked,
    common: Common,
    notes: Note | None,
    *,
    out: str | Path | None,
    overwrite: bool,
    name: str | None,
) -> Run:
    if out is not None:
        store.probe(Path(out), replace=overwrite, marker=folder.SETTINGS)
    said = Notes(notes)
    rows = source.draw(source.read(common.progress), common.progress)
    said.all(rows.notes)
    with opened(rows, common, params, said, out=out) as fitting:
        vouched = {family: fitting.vouch(family, own) for family, own in params.items()}
        climb = Climb(fitting, vouched, asked.clock)
        climb.run()
        results = choose(climb.results, asked.prefer, _size)
        budget = {
            "given": asked.text,
            "prefer": asked.prefer,
            "seconds": asked.clock.seconds,
            "spent_seconds": asked.clock.spent,
            "rungs": climb.outcomes,
        }
        run = Run(
            name=name or (Path(out).name if out else rows.corpus.name),
            corpus=rows.corpus,
            split=rows.split,
            results=tuple(results),
            settings=common.settings(rows, climb.fitted) | {"budget": budget},
            notes=tuple(said.lines),
        )
        return run if out is None else publish(run, Path(out), overwrite=overwrite)


def _check_prefer(prefer: str, budget: str | None) -> None:
    known = get_args(Prefer)
    if prefer not in known:
        problem = f"Unknown preference {prefer!r}."
        raise ConfigError(problem, remedy=config.suggest(prefer, known))
    if prefer != "accuracy" and budget is None:
        problem = (
            f"Preference {prefer!r} chooses between the families of a climb, and there is none."
        )
        raise ConfigError(problem, remedy="Give a budget too: --budget 10m.")


def _size(result: Result) -> float:
    """Bytes of a bundle as it would be saved."""
    with TemporaryDirectory() as home:
        result.bundle.write(Path(home))
        return sum(path.stat().st_size for path in Path(home).rglob("*") if path.is_file())
