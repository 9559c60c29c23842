from __future__ import annotations

import numpy as np
import pytest

from newsdesk.models.linear import Linear, LinearParams
from newsdesk.types import Documents, Silent, Span, numbered, string_array

TOPICS = [
    "bank rates rise profit Straße café",
    "goal cup final İstanbul keeper 大阪 striker",
    "chip phone app हिन्दी update 한글 battery",
]


def documents(headlines: list[str], descriptions: list[str] | None = None) -> Documents:
    if descriptions is None:
        return Documents.from_texts(headlines)
    fields = {"headline": string_array(headlines), "description": string_array(descriptions)}
    return Documents(numbered(len(headlines)), fields)


def trained(n_classes: int, *, n_fields: int = 1, **params: object) -> Linear:
    rng = np.random.default_rng(0)
    y = np.arange(90) % n_classes
    topics = [TOPICS[c % 3].split() for c in y]
    columns = [[" ".join(rng.choice(topic, 5)) for topic in topics] for _ in range(n_fields)]
    settings = LinearParams(min_df=1, bits=14, **params)  # type: ignore[arg-type]
    return Linear(settings).fit(
        documents(*columns), y, n_classes=n_classes, valid=None, rng=rng, progress=Silent()
    )


def margins_and_sums(model: Linear, asked: Documents) -> tuple[np.ndarray, np.ndarray]:
    """Margins of all classes, and bias plus spans, each of shape ``(n, n_classes)``."""
    nothing = Documents(numbered(1), {name: string_array([""]) for name in asked.fields})
    bias = model.decision(nothing).values
    sums = np.repeat(bias, len(asked), axis=0).astype(float)
    for c in range(model.machine.n_classes):
        spans = model.attribute(asked, np.full(len(asked), c))
        sums[:, c] += [sum(span.weight for span in own) for own in spans]
    return model.decision(asked).values, sums


HEADLINES = [
    "Bank lifts rates again, rates rise",
    "STRASSE straße Straße — café Cafe\u0301",
    "in İstanbul a keeper b goal",
    "大阪 chip 한글 \u1112\u1161\u11ab\u1100\u1173\u11af हिन्दी",
    "nothing known here zzz",
    "",
    "goal goal goal goal",
    "x goal",
    "👩‍👩‍👧 phone\u200e\u202eapp",
]


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("char_ngrams", [None, (3, 5)])
@pytest.mark.parametrize("fields", ["together", "first", "apart"])
def test_spans_and_bias_add_up_to_the_margin(
    n_classes: int, char_ngrams: tuple[int, int] | None, fields: str
) -> None:
    model = trained(n_classes, n_fields=2, char_ngrams=char_ngrams, fields=fields)
    asked = documents(HEADLINES, [*HEADLINES[1:], HEADLINES[0]])
    margins, sums = margins_and_sums(model, asked)
    assert sums == pytest.approx(margins, abs=1e-4)


def test_spans_of_bare_texts_add_up_too() -> None:
    margins, sums = margins_and_sums(trained(3, word_ngrams=(1, 3)), documents(HEADLINES))
    assert sums == pytest.approx(margins, abs=1e-4)


def test_spans_of_a_word_repeated_beyond_the_counter_add_up() -> None:
    asked = documents(["goal " * 70_000])
    margins, sums = margins_and_sums(trained(3, word_ngrams=(1, 1)), asked)
    assert sums == pytest.approx(margins, abs=1e-3)


def covered(spans: list[Span], text: str) -> list[str]:
    return [text[span.start : span.end] for span in spans]


def test_spans_cover_the_raw_words() -> None:
    model = trained(3)
    asked = [
        "In İSTANBUL, the goal!",
        "Die Straße: STRASSE",
        "a Cafe\u0301; bank",
        "大阪 goal",
        "x한글y 한글 \u1112\u1161\u11ab\u1100\u1173\u11af",
    ]
    expected = [
        ["İSTANBUL", "goal"],
        ["Straße", "STRASSE"],
        ["Cafe\u0301", "bank"],
        ["大", "阪", "goal"],
        ["한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"],
    ]
    spans = model.attribute(documents(asked), np.array([1, 0, 0, 1, 2]))
    assert [covered(own, text) for own, text in zip(spans, asked, strict=True)] == expected


def test_spans_name_their_field_and_stand_in_reading_order() -> None:
    model = trained(3, n_fields=2)
    (spans,) = model.attribute(documents(["goal cup"], ["the final goal"]), np.array([1]))
    assert [(span.field, span.start, span.end) for span in spans] == [
        ("headline", 0, 4),
        ("headline", 5, 8),
        ("description", 4, 9),
        ("description", 10, 14),
    ]


def test_what_speaks_for_a_class_of_two_speaks_against_the_other() -> None:
    model = trained(2)
    asked = documents(["bank rates goal"])
    (first,), (second,) = (model.attribute(asked, np.array([c])) for c in (0, 1))
    assert [span.weight for span in first] == pytest.approx([-span.weight for span in second])
    assert first[0].weight > 0 > first[-1].weight


def test_a_document_without_known_words_has_no_spans() -> None:
    assert trained(3).attribute(documents(["zzz yyy", "", ". ,"]), np.array([0, 1, 2])) == [
        [],
        [],
        [],
    ]


@pytest.mark.parametrize("char_ngrams", [None, (3, 5)])
def test_words_weigh_the_same_to_the_bit_whichever_texts_are_explained_beside_them(
    char_ngrams: tuple[int, int] | None,
) -> None:
    model = trained(3, n_fields=2, char_ngrams=char_ngrams, fields="apart")
    asked = documents([*HEADLINES, *HEADLINES[::-1]] * 20, [*HEADLINES[::-1], *HEADLINES] * 20)
    classes = np.arange(len(asked)) % 3
    together = model.attribute(asked, classes)
    alone = [
        model.attribute(asked.slice(row, row + 1), classes[row : row + 1])[0]
        for row in range(len(asked))
    ]
    assert together == alone
    assert sum(map(len, together)) > len(asked)
