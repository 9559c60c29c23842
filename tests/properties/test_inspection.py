"""An inspection counts what plain Python counts, whatever the rows."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsdesk.data.corpus import read_corpus
from newsdesk.features.writing_systems import names, systems
from newsdesk.inspection import Inspection, inspect
from newsdesk.inspection.page import render

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.lists(st.sampled_from(["bank", "rates", "Банк", "银行", "12", "é"]), max_size=6).map(
        " ".join
    ),
)
ROWS = st.lists(st.tuples(st.sampled_from("ABC"), TEXTS), min_size=1, max_size=30)


def inspected(rows: list[tuple[str, str]]) -> Inspection:
    labels, texts = zip(*rows, strict=True)
    table = pa.table({"label": labels, "text": texts})
    return inspect(read_corpus(table, text="text", label="label", min_classes=1))


@given(ROWS)
def test_rows_and_characters_are_counted_as_python_counts_them(rows: list[tuple[str, str]]) -> None:
    found = inspected(rows)
    labels = Counter(label for label, _ in rows)
    assert {item.label: item.n_rows for item in found.classes} == dict(labels)
    lengths = [len(text) for _, text in rows]
    measured = found.lengths[-1].characters
    assert (measured.minimum, measured.maximum) == (min(lengths), max(lengths))
    letters = Counter(names()[systems()[ord(char)]] for _, text in rows for char in text)
    for shared in ("Common", "Inherited", "Unknown"):
        del letters[shared]
    assert {item.name: item.n_characters for item in found.writing_systems} == dict(letters)


@given(ROWS)
@example([("A", "\x1f"), ("A", "\x1f")])
def test_duplicates_are_counted_as_python_counts_them(rows: list[tuple[str, str]]) -> None:
    found = inspected(rows)
    # Arrow and Python agree on what white space is, the separators 1C to 1F included.
    texts: dict[str, Counter[str]] = {}
    for label, text in rows:
        if text.strip():
            texts.setdefault(text, Counter())[label] += 1
    sizes = [sum(labels.values()) for labels in texts.values()]
    assert found.exact.n_clusters == sum(size > 1 for size in sizes)
    assert found.exact.n_surplus == sum(sizes) - len(sizes)
    assert found.exact.n_conflicts == sum(len(labels) > 1 for labels in texts.values())
    assert found.exact.n_contradicted == sum(
        sum(labels.values()) - max(labels.values()) for labels in texts.values()
    )
    assert found.near.n_rows >= found.exact.n_rows


@settings(max_examples=30)
@given(ROWS)
def test_every_corpus_has_a_page(rows: list[tuple[str, str]]) -> None:
    assert render(inspected(rows)).rstrip().endswith("</html>")
