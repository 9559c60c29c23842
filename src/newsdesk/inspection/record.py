"""Everything that an inspection says of a corpus."""

from __future__ import annotations

from dataclasses import dataclass

from newsdesk.inspection import suspicious
from newsdesk.inspection.characters import WritingSystem
from newsdesk.inspection.duplicates import Duplicates, Leaks
from newsdesk.inspection.examples import Example
from newsdesk.inspection.lengths import Histogram, Lengths, Quantiles

__all__ = ["FEW_ROWS", "KINDS", "Class", "Giveaway", "Inspection", "Pair", "Suspicion"]

FEW_ROWS = 50
"""Classes of fewer rows leave fewer than ten test rows to a split that takes a fifth: too few to
measure a class by."""
KINDS = (
    *(sign.kind for sign in suspicious.KINDS),
    *("duplicates", "near_duplicates", "conflicts", "leaks", "near_leaks"),
    *("giveaways", "small_classes"),
)
"""Names of all kinds of findings, as `Inspection.counts` counts them."""


@dataclass(frozen=True)
class Class:
    """One class.

    Parameters
    ----------
    label : str
        Its name.
    n_rows : int
        Its rows.
    share : float
        Of all rows.
    words : Quantiles
        Words of its texts.
    n_named : int
        Texts that hold its name word for word.
    characteristic : tuple[str, ...]
        Words that it uses much more than the other classes do; none for all but the 300 largest
        classes.
    """

    label: str
    n_rows: int
    share: float
    words: Quantiles
    n_named: int
    characteristic: tuple[str, ...]


@dataclass(frozen=True)
class Suspicion:
    """Rows that are probably not what their makers meant.

    Parameters
    ----------
    kind : str
        Name for programs.
    title : str
        Name for people.
    meaning : str
        What was looked for.
    n_rows : int
        Rows found.
    share : float
        Of all rows.
    examples : tuple[Example, ...]
        Some of them.
    """

    kind: str
    title: str
    meaning: str
    n_rows: int
    share: float
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Giveaway:
    """A word that alone predicts a class; see `newsdesk.inspection.words.giveaways`.

    Parameters
    ----------
    word : str
        The word, normalised.
    label : str
        The class.
    n_rows : int
        Texts that hold the word.
    share : float
        Of these, those of the class.
    covered : float
        Share of the class's texts that hold the word.
    """

    word: str
    label: str
    n_rows: int
    share: float
    covered: float


@dataclass(frozen=True)
class Pair:
    """Two classes that share most of their vocabulary; see `newsdesk.inspection.words.pairs`.

    Parameters
    ----------
    first : str
        A label.
    second : str
        Another label.
    similarity : float
        Cosine of what sets the two apart from the whole corpus, in (0, 1].
    cosine : float
        Cosine of the two themselves, in [0, 1].
    words : tuple[str, ...]
        Words that both use more than the corpus does.
    """

    first: str
    second: str
    similarity: float
    cosine: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class Inspection:
    """What a corpus holds.

    Parameters
    ----------
    name : str
        Name of the corpus.
    licence : str | None
        Its licence, where it is known.
    steps : tuple[str, ...]
        How it was read.
    n_rows : int
        Rows.
    fields : tuple[str, ...]
        Text fields in reading order.
    classes : tuple[Class, ...]
        The largest first.
    imbalance : float
        Rows of the largest class over those of the smallest.
    effective_classes : float
        See `newsdesk.inspection.findings.effective_number`.
    n_small : int
        Classes of fewer than 50 rows.
    lengths : tuple[Lengths, ...]
        One per field, then of all fields together where there are several.
    histogram : Histogram
        Texts by number of words.
    writing_systems : tuple[WritingSystem, ...]
        The most used first.
    exact : Duplicates
        Texts that stand more than once, character by character.
    near : Duplicates
        Texts that stand more than once, nearly; exact duplicates are among them.
    leaks : Leaks | None
        Test rows that stand in train, where a split came with the corpus.
    suspicions : tuple[Suspicion, ...]
        One per kind, in a fixed order; also those that were not found.
    giveaways : tuple[Giveaway, ...]
        At most 50: those that cover the largest share of their class first.
    n_giveaways : int
        How many there are.
    pairs : tuple[Pair, ...]
        At most 15: the most similar classes first.
    """

    name: str
    licence: str | None
    steps: tuple[str, ...]
    n_rows: int
    fields: tuple[str, ...]
    classes: tuple[Class, ...]
    imbalance: float
    effective_classes: float
    n_small: int
    lengths: tuple[Lengths, ...]
    histogram: Histogram
    writing_systems: tuple[WritingSystem, ...]
    exact: Duplicates
    near: Duplicates
    leaks: Leaks | None
    suspicions: tuple[Suspicion, ...]
    giveaways: tuple[Giveaway, ...]
    n_giveaways: int
    pairs: tuple[Pair, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows, words or classes each kind of finding has; 0 where there is none."""
        leaks = self.leaks
        return {
            **{item.kind: item.n_rows for item in self.suspicions},
            "duplicates": self.exact.n_surplus,
            "near_duplicates": self.near.n_surplus,
            "conflicts": self.exact.n_conflicting_rows,
            "leaks": 0 if leaks is None else leaks.n_exact,
            "near_leaks": 0 if leaks is None else leaks.n_near,
            "giveaways": self.n_giveaways,
            "small_classes": self.n_small,
        }
