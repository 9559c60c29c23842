"""Predictions, laid out for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from newsdesk.cli import console

if TYPE_CHECKING:
    from rich.table import Table

    from newsdesk.predictions import Predictions

__all__ = ["LOW_EVIDENCE", "counts", "json_lines", "lines", "one", "several", "summary"]

LOW_EVIDENCE = "Nothing in the text is known: these are the frequencies in the training rows."
_BAR = 24
_TEXT = 48


def one(predictions: Predictions, top: int) -> Table:
    """Lay out the answer to one text: the likeliest labels, each with a bar.

    Parameters
    ----------
    predictions : Predictions
        Of one document.
    top : int
        How many labels.

    Returns
    -------
    Table
        To be printed.
    """
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    grid.add_column(justify="right")
    grid.add_column(style="cyan", no_wrap=True)
    for rank, (label, proba) in enumerate(_ranked(predictions, top)[0]):
        name = console.printable(label)
        share = console.percent(proba)
        grid.add_row(name, share, console.bar(proba, _BAR), style="" if rank else "bold")
    return grid


def several(texts: Sequence[str], predictions: Predictions, top: int) -> Table:
    """Lay out the answers to a few texts as a table.

    Parameters
    ----------
    texts : Sequence[str]
        n texts.
    predictions : Predictions
        Of n documents.
    top : int
        How many labels.

    Returns
    -------
    Table
        To be printed.
    """
    rows = []
    for text, answer, low in zip(
        texts, _ranked(predictions, top), predictions.low_evidence.tolist(), strict=True
    ):
        cells = [console.printable(text) or "(empty)"]
        cells += [f"{console.printable(label)} {100 * proba:.0f} %" for label, proba in answer]
        if low:
            cells[1] = f"? {cells[1]}"
        rows.append(cells)
    n_labels = len(rows[0]) - 1
    headings = ["text", "likeliest", "second", "third", *map("{}th".format, range(4, n_labels + 1))]
    return console.table(headings[: n_labels + 1], rows, left=range(n_labels + 1))


def lines(texts: Sequence[str], predictions: Predictions, top: int) -> Iterator[bytes]:
    """Write one line per text, in their order.

    On a terminal the columns are aligned and the text stands at the end. Elsewhere labels and
    probabilities are separated by tabs, so that line i can be pasted to line i of the input.

    Parameters
    ----------
    texts : Sequence[str]
        n texts.
    predictions : Predictions
        Of n documents.
    top : int
        How many labels.

    Yields
    ------
    bytes
        n lines in UTF-8, without line ends.
    """
    answers = _ranked(predictions, top)
    if not console.stdout().is_terminal:
        for answer in answers:
            cells = (f"{_one_cell(label)}\t{proba:.4f}" for label, proba in answer)
            yield "\t".join(cells).encode()
        return
    width = max(map(len, predictions.label_set))
    for text, answer, low in zip(texts, answers, predictions.low_evidence.tolist(), strict=True):
        cells = (
            f"{console.printable(label):{width}} {100 * proba:3.0f} %" for label, proba in answer
        )
        line = f"{'?' if low else ' '} {'  '.join(cells)}  {console.printable(text)}"
        yield console.clip(line.rstrip(), max(console.stdout().width, 20)).encode()


def _one_cell(label: str) -> str:
    return " ".join(label.splitlines()).replace("\t", " ")


def json_lines(texts: Sequence[str], predictions: Predictions, top: int) -> Iterator[bytes]:
    """Write one JSON object per text, in their order.

    Parameters
    ----------
    texts : Sequence[str]
        n texts.
    predictions : Predictions
        Of n documents.
    top : int
        How many labels.

    Yields
    ------
    bytes
        n objects with ``text``, ``labels`` (best first) and ``low_evidence``.
    """
    encode = msgspec.json.Encoder().encode
    for text, answer, low in zip(
        texts, _ranked(predictions, top), predictions.low_evidence.tolist(), strict=True
    ):
        labels: list[dict[str, Any]] = [{"label": label, "proba": proba} for label, proba in answer]
        yield encode({"text": text, "labels": labels, "low_evidence": low})


def summary(predictions: Predictions) -> dict[str, Any]:
    """Count the answers.

    Parameters
    ----------
    predictions : Predictions
        Of n documents.

    Returns
    -------
    dict[str, Any]
        ``n`` documents, ``n_low_evidence`` among them, and ``predicted``: how many per label, in
        the order of the label set.
    """
    import numpy as np

    n_by_label = np.bincount(predictions.y, minlength=len(predictions.label_set)).tolist()
    return {
        "n": len(predictions),
        "n_low_evidence": int(predictions.low_evidence.sum()),
        "predicted": dict(zip(predictions.label_set, n_by_label, strict=True)),
    }


def counts(predictions: Predictions) -> Table:
    """Lay out how often each label was the answer, commonest first.

    Parameters
    ----------
    predictions : Predictions
        Of n documents.

    Returns
    -------
    Table
        To be printed.
    """
    counted = summary(predictions)
    n = max(counted["n"], 1)
    ranked = sorted(counted["predicted"].items(), key=lambda item: -item[1])
    rows = [
        [console.printable(label), f"{count:,}", console.percent(count / n)]
        for label, count in ranked
        if count
    ]
    if counted["n_low_evidence"]:
        share = console.percent(counted["n_low_evidence"] / n)
        rows.append(["(of these with low evidence)", f"{counted['n_low_evidence']:,}", share])
    return console.table(["predicted", "rows", "share"], rows)


def _ranked(predictions: Predictions, top: int) -> list[list[tuple[str, float]]]:
    order, proba = predictions.top_k(top)
    names = predictions.label_set.names
    return [
        [(names[index], value) for index, value in zip(indices, values, strict=True)]
        for indices, values in zip(order.tolist(), proba.tolist(), strict=True)
    ]
