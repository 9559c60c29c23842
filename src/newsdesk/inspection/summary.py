"""An inspection in sentences: what is there, and what needs attention before training."""

from __future__ import annotations

import unicodedata

from newsdesk.data.wording import counted, listed
from newsdesk.evaluation.summary import percent
from newsdesk.inspection.record import FEW_ROWS, Inspection

__all__ = ["notable", "summarise"]

_UNEVEN = 10
_ALIKE = 0.5
"""Similarity from which on two classes are named. In the HuffPost news 12 of the 820 pairs lie
above, among them four of the seven that its published label map merges."""
_MOST_TELLTALE = 5
_TELLTALE = 0.01
"""Share of a class that a giveaway must cover to be named."""
_MOST_CHARACTERS = 40
_RIGHT_TO_LEFT = {"R", "AL", "AN"}


def _named(text: str) -> str:
    """Cut a long name, and keep one that is written from right to left from turning the sentence.

    U+2068 and U+2069 stand around it: UAX #9, section 2.4.
    """
    if len(text) > _MOST_CHARACTERS:
        text = text[: _MOST_CHARACTERS - 1] + "…"
    turns = any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text)
    return f"\u2068{text}\u2069" if turns else text


def summarise(found: Inspection) -> str:
    """Say what the corpus is.

    Parameters
    ----------
    found : Inspection
        An inspection.

    Returns
    -------
    str
        A few sentences; names that are written from right to left stand between isolates.
    """
    words = found.lengths[-1].words
    n_classes = len(found.classes)
    sentences = [
        f"{counted(found.n_rows)} in {counted(n_classes, 'class')}",
        f"Half of the texts have {counted(words.median, 'word')} or more, "
        f"19 of 20 at most {words.p95:,}",
    ]
    if n_classes > 1:
        largest, share = _named(found.classes[0].label), percent(found.classes[0].share)
        sentences.append(
            f"The largest class, “{largest}”, has {share} of the rows, "
            f"{found.imbalance:,.1f} times as many as the smallest; the classes are as hard to "
            f"guess as {found.effective_classes:,.1f} equally large ones"
        )
    return ". ".join(sentences) + "."


def notable(found: Inspection) -> list[str]:
    """Say what needs attention before anything is trained.

    Parameters
    ----------
    found : Inspection
        An inspection.

    Returns
    -------
    list[str]
        Sentences as `summarise` writes them, the gravest first; empty where there is nothing to
        say.
    """
    said = [*_of_labels(found), *_of_rows(found)]
    alike = [
        f"{_named(pair.first)} / {_named(pair.second)}"
        for pair in found.pairs
        if pair.similarity >= _ALIKE
    ]
    if alike:
        said.append(
            f"Classes that share most of their vocabulary, which a label map may merge: "
            f"{listed(alike)}."
        )
    return said


def _of_labels(found: Inspection) -> list[str]:
    said = []
    leaks = found.leaks
    if leaks is not None and leaks.n_near:
        said.append(
            f"{leaks.n_near:,} of {leaks.n_test:,} test rows stand in train too, or nearly the "
            f"same text does; {leaks.n_exact:,} of them word for word. Read metrics without them "
            "as well."
        )
    if found.near.n_conflicts:
        clusters = counted(found.near.n_conflicts, "cluster")
        said.append(f"{clusters} of equal or nearly equal texts with different labels.")
    if found.exact.n_contradicted:
        said.append(
            f"{counted(found.exact.n_contradicted)} must count as wrong, whatever is predicted: "
            "the very same text has another label as often or more often."
        )
    small = [_named(item.label) for item in found.classes if item.n_rows < FEW_ROWS]
    if small:
        said.append(f"Fewer than {FEW_ROWS} rows, too few to measure a class by: {listed(small)}.")
    elif len(found.classes) > 1 and found.imbalance >= _UNEVEN:
        said.append(
            "The classes are of very different size: judge by macro-F1, not by accuracy alone."
        )
    if len(found.classes) == 1:
        said.append("There is one class only, so there is nothing to learn.")
    return said


def _of_rows(found: Inspection) -> list[str]:
    said = []
    if found.exact.n_surplus:
        said.append(
            f"{counted(found.exact.n_surplus)} would go if each text stood once; "
            f"{found.near.n_surplus:,} if nearly equal ones did too."
        )
    telltale = [
        f"“{_named(item.word)}” ({_named(item.label)})"
        for item in found.giveaways
        if item.covered >= _TELLTALE
    ]
    if telltale:
        said.append(
            f"{counted(found.n_giveaways, 'word')} give a class away alone; topics may do so, but "
            "signatures and boilerplate will be missing from other texts. Look at "
            f"{', '.join(telltale[:_MOST_TELLTALE])}."
        )
    suspicious = [f"{item.title} ({item.n_rows:,})" for item in found.suspicions if item.n_rows]
    if suspicious:
        said.append(f"Rows worth a look: {', '.join(suspicious)}.")
    return said
