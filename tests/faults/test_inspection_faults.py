"""Rows 17 to 22 where a corpus is only looked at: the page and the tables come out all the same."""

from __future__ import annotations

import pyarrow as pa
import pytest

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.inspection import Inspection, inspect
from newsdesk.inspection.page import render

HOSTILE = {
    "NUL": "bank\x00rates",
    "controls": "bank\x01\x1b[31m\x7f rates",
    "bidi": "\u202ebank \u2066rates\u2069 \u200frise",
    "emoji of several": "👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 goal",
    "decomposed": "cafe\u0301 rises",
    "zero width": "ba\u200bnk \ufeffrates\u2060",
    "marks": "e" + "\u0301" * 100_000,
    "marks alone": "\u0301" * 1000,
    "no character": "\ufffe\uffff\U0010ffff",
    "line separators": "bank\u2028rates\u2029rise\x85up",
    "all planes": "".join(map(chr, range(0x20, 0xD800, 97))) + "𝕓𝕒𝕟𝕜 𒀀 🜁",
    "one long word": "a" * 100_000,
}


def corpus(labels: list[str], texts: list[str], **more: list[object]) -> Corpus:
    table = pa.table({"label": labels, "text": texts, **more})
    return read_corpus(table, text="text", label="label", min_classes=1)


def suspected(found: Inspection) -> set[str]:
    return {item.kind for item in found.suspicions if item.n_rows}


def test_row_17_a_text_of_ten_million_characters_is_inspected_and_cut_on_the_page() -> None:
    huge = "word " * 2_000_000
    found = inspect(corpus(["A", "B", "B"], [huge, "short text", "other text"]))
    assert {"cut", "very_long"} <= suspected(found)
    assert found.lengths[-1].words.maximum == 2_000_000
    assert found.histogram.logarithmic
    assert len(render(found)) < 100_000


@pytest.mark.parametrize("text", ["NA", "null", "1e5", "=cmd()", "None"])
def test_row_18_words_that_look_like_values_are_words(text: str) -> None:
    found = inspect(corpus(["A", "B"], [text, "bank rates"]))
    assert found.counts["empty"] == 0


@pytest.mark.parametrize("name", HOSTILE)
def test_row_19_hostile_texts_are_inspected(name: str) -> None:
    found = inspect(corpus(["A", "A", "B"], [HOSTILE[name], HOSTILE[name], "bank rates"]))
    assert found.exact.n_surplus == (0 if found.counts["empty"] else 1)
    assert "</html>" in render(found)


def test_row_19_hidden_characters_are_reported() -> None:
    for name in ("NUL", "controls", "bidi", "zero width"):
        assert "control" in suspected(inspect(corpus(["A"], [HOSTILE[name]])))


def test_row_20_ten_thousand_classes_are_inspected() -> None:
    n = 10_000
    found = inspect(
        corpus(
            [f"class {i % n}" for i in range(2 * n)], [f"text{i} more{i % 7}" for i in range(2 * n)]
        )
    )
    assert len(found.classes) == n
    assert found.n_small == n
    assert found.effective_classes == pytest.approx(n)
    assert len(render(found)) < 1_000_000


def test_row_20_labels_with_odd_characters_are_inspected() -> None:
    labels = ["$x^2$", "<b>&</b>", "a,b\n\tc", "اقتصاد", "a" * 5000, "{% raw %}"]
    found = inspect(corpus(labels, [f"text {i}" for i in range(len(labels))]))
    page = render(found)
    assert "<b>&</b>" not in page
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in page
    assert "$x^2$" in page


@pytest.mark.parametrize("texts", [[""], ["", " "], ["!"], ["a"], ["the"]])
def test_row_21_texts_that_say_nothing_are_inspected(texts: list[str]) -> None:
    found = inspect(corpus(["A"] * len(texts), texts))
    assert found.counts["empty"] + found.counts["no_letters"] + found.counts["one_word"] == len(
        texts
    )
    assert "</html>" in render(found)


def test_row_22_rows_on_both_sides_of_the_split_are_counted() -> None:
    texts = ["bank raises rates", "club wins match", "bank raises rates", "new text here"]
    flags: list[object] = [False, False, True, True]
    found = inspect(corpus(["A", "B", "A", "B"], texts, published_test=flags))
    assert found.leaks is not None
    assert (found.leaks.n_test, found.leaks.n_exact) == (2, 1)
