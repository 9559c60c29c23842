"""The rules by which splits are drawn, one function each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from newsdesk.data.corpus import Corpus
from newsdesk.data.dates import date_column, days_of, extra_column
from newsdesk.data.groups import column_groups, joined_groups, whole_groups
from newsdesk.data.strata import stratified_rows
from newsdesk.data.wording import counted
from newsdesk.errors import ConfigError, DataError, SchemaError
from newsdesk.types import Indices

__all__ = ["RULES", "VALID_SHARE", "Drawn", "Request"]

VALID_SHARE = 0.1
"""Share of train that becomes valid where no rule gives another."""
_N_HUFFPOST = 200_853


@dataclass(frozen=True, eq=False)
class Request:
    """What a rule is asked for.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    argument : str
        What stands behind the first word of the specification.
    seed : int
        Seed of everything that is random.
    clusters : Indices
        Rows with equal numbers are not parted by the rules that keep clusters, shape ``(n,)``.
    """

    corpus: Corpus
    argument: str
    seed: int
    clusters: Indices


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a rule has drawn; the other rows are train.

    Parameters
    ----------
    valid : Indices
        Valid rows, in any order.
    test : Indices
        Test rows, in any order.
    how : str
        One sentence.
    notes : tuple[str, ...]
        What a reader must know.
    """

    valid: Indices
    test: Indices
    how: str
    notes: tuple[str, ...] = ()


def _others(n: int, rows: Indices) -> Indices:
    left = np.ones(n, dtype=bool)
    left[rows] = False
    return np.flatnonzero(left)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 < share < 1:
        problem = f"The share {text!r} of a split is no number between 0 and 1."
        raise ConfigError(problem, remedy="Name one such as 0.1.")
    return share


def _need_rows(corpus: Corpus, spec: str) -> None:
    if len(corpus) < 3:
        problem = f"The split {spec!r} needs at least 3 rows, there are {len(corpus)}."
        raise DataError(problem, remedy="Give more rows.")


def _random_rows(rows: Indices, share: float, seed: int) -> Indices:
    """Scikit-learn's test rows of ``train_test_split(rows, test_size=share)``."""
    from sklearn.model_selection import train_test_split

    try:
        _, drawn = train_test_split(rows, test_size=share, random_state=seed)
    except ValueError as error:
        problem = f"A share of {share:g} of {counted(len(rows))} leaves nothing to train on."
        raise DataError(problem, remedy="Give more rows or another share.") from error
    test: Indices = drawn
    return test


def _random(request: Request) -> Drawn:
    n, share = len(request.corpus), _share(request.argument)
    _need_rows(request.corpus, f"random:{request.argument}")
    test = _random_rows(np.arange(n), share, request.seed)
    valid = _random_rows(_others(n, test), share, request.seed)
    return Drawn(valid, test, f"A random {share:g} of the rows is test (seed {request.seed}).")


def _stratified(request: Request) -> Drawn:
    corpus, share = request.corpus, _share(request.argument)
    _need_rows(corpus, f"stratified:{request.argument}")
    rng = np.random.default_rng(request.seed)
    rows = np.arange(len(corpus))
    test = stratified_rows(corpus, rows, share, rng, request.clusters)
    left = _others(len(corpus), test)
    valid = stratified_rows(corpus, left, share, rng, request.clusters)
    return Drawn(valid, test, f"{share:g} of each class is test (seed {request.seed}).")


def _grouped(request: Request) -> Drawn:
    corpus, seed = request.corpus, request.seed
    name, _, share_text = request.argument.rpartition(":")
    share = _share(share_text)
    separate, n_alone = column_groups(corpus, name)
    groups = joined_groups(separate, request.clusters)
    n_groups, n_joined = int(separate.max(initial=-1)) + 1, int(groups.max(initial=-1)) + 1
    if n_joined < 3:
        problem = f"Column {name!r} has {counted(n_groups, 'group')}; train, valid and test need 3."
        if n_joined < n_groups:
            problem = (
                f"Column {name!r} has {counted(n_groups, 'group')}, which near-duplicates join to "
                f"{n_joined}; train, valid and test need 3."
            )
        raise DataError(problem, remedy="Choose a column with more groups, or another split.")
    rng = np.random.default_rng(seed)
    sizes = np.bincount(groups)
    in_test = whole_groups(np.arange(n_joined), sizes, share * len(corpus), rng)
    left = np.setdiff1d(np.arange(n_joined), in_test)
    in_valid = whole_groups(left, sizes, share * int(sizes[left].sum()), rng)
    notes = []
    if n_alone:
        notes.append(f"{counted(n_alone)} without {name}: each a group of its own")
    if n_joined < n_groups:
        notes.append(
            f"{n_groups:,} groups of {name} are drawn as {n_joined:,}: near-duplicates join some"
        )
    return Drawn(
        valid=np.flatnonzero(np.isin(groups, in_valid)),
        test=np.flatnonzero(np.isin(groups, in_test)),
        how=f"About {share:g} of the rows is test, whole groups of {name} (seed {seed}).",
        notes=tuple(notes),
    )


def _after(request: Request) -> Drawn:
    corpus = request.corpus
    name, _, day_text = request.argument.rpartition(":")
    name = name or date_column(corpus)
    try:
        first = np.datetime64(day_text, "D")
    except ValueError as error:
        problem = f"{day_text!r} is no date."
        raise ConfigError(problem, remedy="Write year-month-day, such as 2018-01-01.") from error
    days = days_of(corpus, name)
    dated = ~np.isnat(days)
    test = np.flatnonzero(dated & (days >= first))
    before = np.flatnonzero(dated & (days < first))
    if not len(test) or not len(before):
        bounds = f"{days[dated].min()} to {days[dated].max()}" if dated.any() else "no dates"
        problem = f"{first} does not divide the rows: column {name!r} holds {bounds}."
        raise DataError(problem, remedy="Choose a date inside of that span.")
    n_valid = math.ceil(len(test) / len(corpus) * len(before))
    cut = np.sort(days[before])[-n_valid]
    valid = before[days[before] >= cut]
    if len(valid) == len(before):
        problem = f"All rows before {first} are of one day or too few days to take valid from."
        raise DataError(problem, remedy="Choose a later date, or another split.")
    part = np.zeros(len(corpus), dtype=np.int64)
    part[valid], part[test] = 1, 2
    # The earliest row decides: from then on the text of a cluster was known.
    earliest = np.full(int(request.clusters.max()) + 1, 2)
    np.minimum.at(earliest, request.clusters, part)
    moved = int((earliest[request.clusters] < part).sum())
    part = earliest[request.clusters]
    notes = []
    if n_undated := int((~dated).sum()):
        notes.append(f"{counted(n_undated)} without a date stay in train")
    if moved:
        verb = "is a near-duplicate" if moved == 1 else "are near-duplicates"
        notes.append(f"{counted(moved)} {verb} of earlier rows and stay with them")
    return Drawn(
        valid=np.flatnonzero(part == 1),
        test=np.flatnonzero(part == 2),
        how=f"Test is from {first} on, valid from {cut} on (column {name}).",
        notes=tuple(notes),
    )


def _tail(request: Request) -> Drawn:
    corpus, argument = request.corpus, request.argument
    if not argument.isdecimal() or not 0 < int(argument) < len(corpus) - 1:
        problem = f"The last {argument} of {counted(len(corpus))} cannot be the test rows."
        raise ConfigError(problem, remedy="Name a whole number that leaves train and valid rows.")
    n_test = int(argument)
    return _tail_of(corpus, n_test, f"The last {counted(n_test)} are test, those before valid.")


def _tail_of(corpus: Corpus, n_test: int, how: str) -> Drawn:
    n_left = len(corpus) - n_test
    n_valid = math.ceil(n_test / len(corpus) * n_left)
    rows = np.arange(len(corpus))
    return Drawn(rows[n_left - n_valid : n_left], rows[n_left:], how)


_PARTS = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "dev": "valid",
    "test": "test",
    "testing": "test",
}


def _by_column(request: Request) -> Drawn:
    corpus, argument = request.corpus, request.argument
    values = extra_column(corpus, argument).cast(pa.large_string()).fill_null("").to_pylist()
    parts = np.array([_PARTS.get(value.strip().lower(), "") for value in values])
    if (parts == "").any():
        row = int(np.flatnonzero(parts == "")[0])
        problem = (
            f"Column {argument!r} holds {values[row]!r} (document {corpus.documents.ids[row]})."
        )
        raise SchemaError(problem, remedy="Write train, valid or test in each row.")
    test, valid = (np.flatnonzero(parts == part) for part in ("test", "valid"))
    how = f"Column {argument} says which rows are train, valid and test."
    if len(valid):
        return Drawn(valid, test, how)
    valid = _random_rows(np.flatnonzero(parts == "train"), VALID_SHARE, request.seed)
    note = f"column {argument} names no valid rows: a random tenth of train is valid"
    return Drawn(valid, test, how, (note,))


def _published(request: Request) -> Drawn:
    corpus, seed = request.corpus, request.seed
    test = corpus.published
    if test is None:
        problem = f"{corpus.name} has no published split."
        raise DataError(problem, remedy="Choose another, such as stratified:0.1.")
    n = len(corpus)
    if not 0 < len(test) < n - 1:
        problem = f"The published test rows are {len(test):,} of the {counted(n)} that are left."
        raise DataError(problem, remedy="Keep more rows, or choose another split.")
    if np.array_equal(test, np.arange(n - len(test), n)):
        return _tail_of(
            corpus, len(test), "The published test rows, the last ones; before them valid."
        )
    if corpus.name == "huffpost" and n == _N_HUFFPOST:
        expected = np.sort(_random_rows(np.arange(n), 0.1, 42))
        if not np.array_equal(test, expected):
            problem = "The published test rows are not those that scikit-learn draws with seed 42."
            raise DataError(problem, remedy="Put the original file in place.")
    left = _others(n, test)
    valid = _random_rows(left, len(test) / n, seed)
    return Drawn(valid, test, f"The published test rows; valid is random (seed {seed}).")


RULES: dict[str, Callable[[Request], Drawn]] = {
    "published": _published,
    "random": _random,
    "stratified": _stratified,
    "grouped": _grouped,
    "after": _after,
    "tail": _tail,
    "column": _by_column,
}
"""Rules by the first word of a specification."""
