"""Whether explanations tell what moves the model: the words that they name are left out.

If the words that weigh most are left out of a text, the probability of the explained class falls
by more than without as many words drawn at random, or the weights say nothing of this model. That
drop is the comprehensiveness of DeYoung et al. 2020, "ERASER: A Benchmark to Evaluate Rationalized
NLP Models", equation 1. It judges by the model alone: what is true of the world plays no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdesk.bundle import Bundle, Explanation
from newsdesk.bundle.fields import in_order
from newsdesk.bundle.places import read_words
from newsdesk.bundle.results import Method
from newsdesk.errors import InputError
from newsdesk.evaluation.bootstrap import resample
from newsdesk.evaluation.intervals import CONFIDENCE, Interval
from newsdesk.features.stretches import Stretch, leave_out
from newsdesk.types import Documents, Progress, Silent, Span

__all__ = ["COUNTS", "Deletion", "Faithfulness", "check", "measure", "word_weights"]

COUNTS = (1, 3, 5)
"""How many words are left out, in turn."""
_STEP = 32

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Deletion:
    """What leaving words out does to the probability of the explained class, on average.

    Parameters
    ----------
    n_words : int
        How many words of each document are left out.
    n : int
        Documents that have more words than that.
    top : float
        How far the probability falls without the words that weigh most.
    random : float
        How far it falls without as many words drawn at random.
    difference : float
        `top` minus `random`.
    interval : Interval
        95 % limits of the difference, by a paired bootstrap over the documents.
    """

    n_words: int
    n: int
    top: float
    random: float
    difference: float
    interval: Interval


@dataclass(frozen=True)
class Faithfulness:
    """Whether the weights of a bundle's explanations say what moves it.

    Parameters
    ----------
    method : Method
        How the weights were found.
    n : int
        Documents that were explained.
    n_skipped : int
        Documents beside them that hold nothing known, or too few words to leave some out.
    deletions : tuple[Deletion, ...]
        One for each number of words.
    """

    method: Method
    n: int
    n_skipped: int
    deletions: tuple[Deletion, ...]

    @property
    def is_faithful(self) -> bool:
        """Whether every interval lies above 0."""
        return all(own.interval[0] > 0 for own in self.deletions)

    @property
    def sentence(self) -> str:
        """The finding in words."""
        if self.is_faithful:
            return (
                "Faithful on these rows: the probability falls further without the words that "
                "weigh most than without as many random ones."
            )
        failed = ", ".join(str(own.n_words) for own in self.deletions if own.interval[0] <= 0)
        return (
            f"Not faithful on these rows (words left out: {failed}): without the words that weigh "
            "most the probability does not fall further than without as many random ones, or no "
            "further than chance explains."
        )


def check(
    bundle: Bundle,
    documents: Documents,
    *,
    label: str | None = None,
    counts: Sequence[int] = COUNTS,
    n_draws: int = 5,
    seed: int = 0,
    progress: Progress | None = None,
) -> Faithfulness:
    """Explain documents, and see whether that is what moves the bundle.

    Parameters
    ----------
    bundle : Bundle
        Whose explanations are judged.
    documents : Documents
        n raw documents.
    label : str | None
        The class to explain; by default each document's likeliest.
    counts : Sequence[int]
        How many words are left out, in turn.
    n_draws : int
        Draws of random words for each document and number; at least 1.
    seed : int
        Of the draws and of the bootstrap.
    progress : Progress | None
        Told of explained and of predicted documents.

    Returns
    -------
    Faithfulness
        See `measure`.

    Raises
    ------
    InputError
        If there are not two documents with known words to leave out, or no such class.
    """
    explanations: list[Explanation] = []
    n = len(documents)
    with (progress or Silent()).task("explaining", n, "documents") as done:
        for first in range(0, n, _STEP):
            part = documents.slice(first, min(first + _STEP, n))
            explanations += bundle.explain(part, label)
            done(len(part))
    return measure(
        bundle,
        documents,
        explanations,
        counts=counts,
        n_draws=n_draws,
        seed=seed,
        progress=progress,
    )


def measure(
    bundle: Bundle,
    documents: Documents,
    explanations: Sequence[Explanation],
    *,
    counts: Sequence[int] = COUNTS,
    n_draws: int = 5,
    n_bootstrap: int = 2000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Faithfulness:
    """Leave the words out that weigh most, and as many at random.

    Parameters
    ----------
    bundle : Bundle
        What answers.
    documents : Documents
        n raw documents.
    explanations : Sequence[Explanation]
        Theirs.
    counts : Sequence[int]
        How many words are left out, in turn.
    n_draws : int
        Draws of random words for each document and number; at least 1.
    n_bootstrap : int
        Bootstrap samples behind each interval.
    seed : int
        Of the draws and of the bootstrap.
    progress : Progress | None
        Told of predicted documents.

    Returns
    -------
    Faithfulness
        A number of words that fewer than two documents have is left out.

    Raises
    ------
    InputError
        If that leaves nothing.
    """
    raw = in_order(documents, bundle.fields)
    rng = np.random.default_rng(seed)
    blocks: list[tuple[int, int]] = []
    left_out: list[list[Stretch]] = []
    for row, own in enumerate(explanations):
        words = [] if own.low_evidence else read_words(raw.slice(row, row + 1), bundle.cleaner)
        heaviest = np.argsort(-word_weights(words, own.spans), kind="stable")
        for count in counts:
            if len(words) > count:
                blocks.append((row, count))
                random = [rng.choice(len(words), count, replace=False) for _ in range(n_draws)]
                left_out += [
                    [words[place] for place in places] for places in (heaviest[:count], *random)
                ]
    rows, n_words = np.array(blocks, dtype=np.int64).reshape(-1, 2).T
    each = rows.repeat(1 + n_draws)
    proba = bundle.predict(leave_out(raw, each, left_out), progress=progress).proba
    classes = bundle.labels.encode([own.label for own in explanations])[each]
    before = np.array([own.proba for own in explanations], dtype=np.float64)[each]
    drops = (before - proba[np.arange(len(each)), classes]).reshape(-1, 1 + n_draws)
    found = tuple(
        _deletion(count, drops[n_words == count], n_bootstrap, seed)
        for count in counts
        if (n_words == count).sum() > 1
    )
    if not found:
        problem = "Fewer than two documents hold known words that could be left out."
        raise InputError(problem, remedy="Give more documents, or longer ones.")
    n_used = len(np.unique(rows))
    return Faithfulness(explanations[0].method, n_used, len(explanations) - n_used, found)


def word_weights(words: Sequence[Stretch], spans: Sequence[Span]) -> Values:
    """Give the weights of spans to the words that they cover.

    Parameters
    ----------
    words : Sequence[Stretch]
        Of one document, in reading order.
    spans : Sequence[Span]
        Of its explanation; a passage's weight is divided evenly among its words.

    Returns
    -------
    Values
        One weight per word, 0 where no span is; shape ``(len(words),)``.

    Examples
    --------
    >>> words = [Stretch("text", 0, 5), Stretch("text", 6, 10), Stretch("text", 11, 16)]
    >>> word_weights(words, [Span("text", 0, 10, 0.5)]).tolist()
    [0.25, 0.25, 0.0]
    """
    weights = np.zeros(len(words))
    for field in {word.field for word in words}:
        own = np.array([place for place, word in enumerate(words) if word.field == field])
        starts = np.array([words[place].start for place in own])
        ends = np.array([words[place].end for place in own])
        for span in spans:
            if span.field == field:
                covered = own[
                    ends.searchsorted(span.start, "right") : starts.searchsorted(span.end, "left")
                ]
                weights[covered] += span.weight / max(len(covered), 1)
    return weights


def _deletion(count: int, drops: Values, n_bootstrap: int, seed: int) -> Deletion:
    """Compare the first column, without the heaviest words, with the mean of the others."""
    top, random = drops[:, 0], drops[:, 1:].mean(axis=1)
    difference = top - random
    samples = resample(len(drops), None, n_bootstrap=n_bootstrap, seed=seed, progress=Silent())
    means = [float(times @ difference) / len(drops) for times in samples]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Deletion(
        n_words=count,
        n=len(drops),
        top=float(top.mean()),
        random=float(random.mean()),
        difference=float(difference.mean()),
        interval=(float(low), float(high)),
    )
