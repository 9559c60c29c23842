"""A teacher asked about the rows of a run, before the first family is fitted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from newsdesk import bundle as door
from newsdesk.bundle import Teaching
from newsdesk.bundle.composed import Material
from newsdesk.bundle.teacher import Answers, ask_bundle, train_out_of_fold
from newsdesk.data import identity
from newsdesk.data.identity import split_digest
from newsdesk.training.fitting import Fitting
from newsdesk.training.members import check_member
from newsdesk.training.teacher import Teacher
from newsdesk.training.unlabelled import read_unlabelled
from newsdesk.training.words import words_alone
from newsdesk.types import Documents, Floats, Indices

__all__ = ["Taught", "teach"]

_HOME = ".teacher"
"""No family is called so."""


@dataclass(frozen=True, eq=False)
class Taught:
    """What the families of a run learn besides the labels, and from whom.

    Parameters
    ----------
    teaching : Teaching
        For `Bundle.fit`.
    notes : tuple[str, ...]
        What a reader of the numbers should know.
    record : dict[str, Any]
        For ``run.toml``.
    """

    teaching: Teaching
    notes: tuple[str, ...]
    record: dict[str, Any]


def teach(teacher: Teacher, fitting: Fitting) -> Taught:
    """Read the texts without label, train the teacher or check and load it, and ask it.

    Parameters
    ----------
    teacher : Teacher
        Who teaches.
    fitting : Fitting
        What the families of the run share.

    Returns
    -------
    Taught
        The teacher's probabilities for all rows and texts that it has not learnt.

    Raises
    ------
    LeakageError
        If a given bundle has learnt valid or test rows.
    ConfigError
        If that is not known and it is not trusted, or training would not fit into memory.
    LabelError
        If a given bundle has other classes.
    DataError
        If there are no valid rows, or texts without label cannot be read or are all known.
    """
    notes: list[str] = []
    if teacher.is_given:
        trusted = teacher.params.trust
        note = check_member(teacher.name, fitting.rows, trust=trusted, setting="teacher.trust=true")
        notes += [] if note is None else [note]
    unlabelled: Documents | None = None
    if teacher.unlabelled is not None:
        unlabelled, said = read_unlabelled(teacher.unlabelled, fitting.rows, fitting.progress)
        notes += said
    n_texts = 0 if unlabelled is None else len(unlabelled)
    if teacher.words:
        words = words_alone(fitting.rows.train[0])
        if len(words):
            unlabelled = words if unlabelled is None else unlabelled.extended(words)
        notes.append(f"{len(words):,} words of the train rows are learnt as texts without label")
    if not teacher.is_given:
        fitting.check_memory(teacher.name, teacher.params)
    answers = _ask(teacher, fitting, unlabelled)
    teaching = Teaching(
        train=answers.train,
        valid=answers.valid,
        unlabelled=unlabelled,
        unlabelled_proba=answers.unlabelled,
        share=teacher.share,
    )
    notes += _told(teacher, fitting, answers)
    record = {
        "by": teacher.name,
        "settings": msgspec.to_builtins(teacher.params),
        "share": teacher.share,
        "unlabelled": None if teacher.unlabelled is None else _named(teacher.unlabelled),
        "n_unlabelled": n_texts,
        "n_words": 0 if unlabelled is None else len(unlabelled) - n_texts,
        "seconds": answers.seconds,
    }
    return Taught(teaching, tuple(notes), record)


def _ask(teacher: Teacher, fitting: Fitting, unlabelled: Documents | None) -> Answers:
    rows, progress = fitting.rows, fitting.progress
    corpus = rows.corpus
    home = fitting.checkpoints and fitting.checkpoints / _HOME
    key = f"{corpus.fingerprint} {split_digest(rows.split)}"
    if unlabelled is not None:
        nothing = np.zeros(len(unlabelled), dtype=np.int64)
        key += f" {identity.fingerprint(unlabelled, corpus.labels, nothing)}"
    if teacher.is_given:
        assert unlabelled is not None, "checked before anything was read"
        return ask_bundle(
            teacher.name, corpus.labels, unlabelled, key=key, home=home, progress=progress
        )
    door.warm_up(teacher.name, teacher.params)  # compiling is no part of what a teacher takes
    material = Material(
        train=rows.train,
        valid=rows.valid,
        labels=corpus.labels,
        groups=fitting.groups,
        cleaner=fitting.cleaner,
        seed=rows.source.seed,
        refit=False,
        fingerprint=corpus.fingerprint,
        checkpoints=home,
        small=0,
        progress=progress,
    )
    return train_out_of_fold(teacher.name, teacher.params, material, unlabelled=unlabelled, key=key)


def _told(teacher: Teacher, fitting: Fitting, answers: Answers) -> list[str]:
    """Who taught, how good it is, how much it counts and what it took."""
    took = f"{answers.seconds:,.1f} s, beside those of the families"
    weight = f"Against the truth its answers count {teacher.share:.0%}."
    if answers.train is None or answers.valid is None:
        return [f"Teacher: {teacher.name}, for texts without label alone; it took {took}."]
    right = [
        f"{_accuracy(proba, rows[1]):.1%} of the {name} rows"
        for name, proba, rows in (
            ("train", answers.train, fitting.rows.train),
            ("valid", answers.valid, fitting.rows.valid),
        )
    ]
    return [
        f"Teacher: {teacher.name}, trained out of fold; it is right on {' and '.join(right)}, none "
        f"of which it had learnt. {weight} It took {took}."
    ]


def _accuracy(proba: Floats, y: Indices) -> float:
    return float((proba.argmax(axis=1) == y).mean())


def _named(source: Any) -> str:  # noqa: ANN401  as the rows of a run are given
    return str(source) if isinstance(source, str | Path) else "a table in memory"
