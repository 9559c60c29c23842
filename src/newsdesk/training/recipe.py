"""Corpus → split → `Bundle.fit` for each family → metrics → the best by valid macro-F1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from newsdesk import store
from newsdesk.bundle import Cleaner
from newsdesk.training import folder
from newsdesk.training.notes import Note, Notes
from newsdesk.training.rows import Rows, RowSource
from newsdesk.training.run import Common, Run, opened, publish
from newsdesk.training.settings import family_params
from newsdesk.training.taught import teach
from newsdesk.training.teacher import Teacher, parted
from newsdesk.types import Progress, Silent

__all__ = ["train", "train_on"]


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
        Results, best valid macro-F1 first.

    Raises
    ------
    ConfigError
        If a setting is unknown or out of range, options contradict each other, or a fit would not
        fit into memory; all of it is found out before training.
    LeakageError
        If exact copies of test rows stand in train or valid and ``forbid_leaks`` is set, or a
        bundle that is to teach has learnt valid or test rows.
    BundleExistsError
        If the run folder exists and ``overwrite`` is not set.
    StorageError
        If the disk refuses; a read-only place is found out before training.
    """
    progress = progress or Silent()
    names = [family] if isinstance(family, str) else list(family)
    own, theirs = parted(settings)
    params = family_params(names, own)
    asked = Teacher.of(
        teacher,
        theirs,
        share=teacher_share,
        unlabelled=unlabelled,
        students=names,
        words=teacher_words,
    )
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
        feedback=feedback,
    )
    if out is not None:
        store.probe(Path(out), replace=overwrite, marker=folder.SETTINGS)
    drawn = source.draw(source.read(progress), progress)
    Notes(notes).all(drawn.notes)
    return train_on(
        drawn,
        params,
        cleaner=cleaner,
        refit=refit,
        out=out,
        overwrite=overwrite,
        forbid_leaks=forbid_leaks,
        tensorboard=tensorboard,
        name=name,
        teacher=asked,
        progress=progress,
        notes=notes,
    )


def train_on(
    rows: Rows,
    params: Mapping[str, Any],
    *,
    cleaner: Cleaner | None = None,
    refit: bool | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    forbid_leaks: bool = False,
    tensorboard: bool = False,
    name: str | None = None,
    teacher: Teacher | None = None,
    progress: Progress | None = None,
    notes: Note | None = None,
) -> Run:
    """Train families on rows that are read and split already.

    Parameters
    ----------
    rows : Rows
        Corpus and split.
    params : Mapping[str, Any]
        Params of each family by its name.
    cleaner : Cleaner | None
        See `train`, as all that follow.
    refit : bool | None
        Whether the final classifier is fitted on train and valid together.
    out : str | Path | None
        Run folder to write; None writes nothing.
    overwrite : bool
        Whether an existing run folder is replaced.
    forbid_leaks : bool
        Whether leaked test rows are an error.
    tensorboard : bool
        Whether TensorBoard's events are written.
    name : str | None
        Heading of the report.
    teacher : Teacher | None
        Who teaches the families; None for nobody.
    progress : Progress | None
        Told of long work.
    notes : Note | None
        Receives each note as it comes up, but for those of the rows, which are known.

    Returns
    -------
    Run
        Results, best valid macro-F1 first.

    Raises
    ------
    ConfigError
        If a fit would not fit into memory.
    LeakageError
        If exact copies of test rows stand in train or valid and ``forbid_leaks`` is set.
    BundleExistsError
        If the run folder exists and ``overwrite`` is not set.
    StorageError
        If the disk refuses.
    """
    said = Notes(notes)
    common = Common(cleaner or Cleaner(), refit, forbid_leaks, tensorboard, progress or Silent())
    with opened(rows, common, params, said, out=out, keep=teacher is not None) as fitting:
        taught = None if teacher is None else teach(teacher, fitting)
        if taught is not None:
            said.all(taught.notes)
            fitting = replace(fitting, teaching=taught.teaching)
        for family, chosen in params.items():
            fitting.check_memory(family, chosen)
        vouched = {family: fitting.vouch(family, chosen) for family, chosen in params.items()}
        results = [fitting.run(family, chosen) for family, chosen in vouched.items()]
        results.sort(key=lambda result: -result.valid.macro_f1)
        settings = common.settings(rows, params)
        settings |= {} if taught is None else {"teacher": taught.record}
        found = (*rows.notes, *said.lines)
        heading = name or (Path(out).name if out else rows.corpus.name)
        told = () if taught is None else taught.notes
        run = Run(heading, rows.corpus, rows.split, tuple(results), settings, found, told)
        return run if out is None else publish(run, Path(out), overwrite=overwrite)
