"""Small corpora whose findings can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest

from newsdesk.data.corpus import Corpus, read_corpus

Make = Callable[..., Corpus]


@pytest.fixture
def make() -> Make:
    """Make a corpus of rows ``(label, text)`` or ``(label, headline, description)``."""

    def corpus(rows: Sequence[tuple[str, ...]], **more: Sequence[object]) -> Corpus:
        names = ("text",) if len(rows[0]) == 2 else ("headline", "description")
        labels, *texts = zip(*rows, strict=True)
        table = pa.table({"label": labels, **dict(zip(names, texts, strict=True)), **more})
        return read_corpus(table, text=names, label="label", min_classes=1)

    return corpus
