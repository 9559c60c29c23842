"""A toy model whose log-odds are a sum over words, so that what each weighs is known by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from newsdesk.bundle.occlusion import MOST, Values, Weighed, occlusions
from newsdesk.features.stretches import words_of
from newsdesk.types import Documents, Span, numbered, string_array

WORTH = {"goal": 2.0, "cup": 1.0, "bank": -3.0}


def words(text: str) -> list[str]:
    return text.lower().replace(".", " ").split()


class Toy:
    """Adds up words; counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.texts: list[str] = []

    def __call__(self, documents: Documents) -> Values:
        self.asked.append(len(documents))
        own = documents.texts.to_pylist()
        self.texts += own
        odds = [sum(WORTH.get(word, 0.0) for word in words(text)) for text in own]
        return np.array([[value, -value] for value in odds]).reshape(len(own), 2)


def weigh(toy: Toy, documents: Documents, classes: list[list[int]]) -> list[Weighed]:
    whole = toy(documents)
    toy.asked.clear()
    toy.texts.clear()
    return occlusions(toy, words_of, documents, whole, np.array(classes))


def test_a_word_weighs_what_the_answer_loses_without_it() -> None:
    (found,) = weigh(Toy(), Documents.from_texts(["The goal beats the Bank"]), [[0, 1]])
    assert found.spans == [
        [Span("text", 4, 8, 2.0), Span("text", 19, 23, -3.0)],
        [Span("text", 4, 8, -2.0), Span("text", 19, 23, 3.0)],
    ]
    assert found.n_variants == 5


def test_all_texts_and_classes_share_one_question() -> None:
    toy = Toy()
    texts = Documents.from_texts(["goal goal", "", "a cup today"])
    found = weigh(toy, texts, [[0, 1], [1, 0], [1, 0]])
    assert toy.asked == [5]
    assert toy.texts == ["goal", "goal ", "cup today", "a today", "a cup "]
    assert [own.n_variants for own in found] == [2, 0, 3]
    assert found[1].spans == [[], []]


def test_words_stand_in_their_fields() -> None:
    fields = {"headline": string_array(["goal"]), "description": string_array(["the goal"])}
    (found,) = weigh(Toy(), Documents(numbered(1), fields), [[0]])
    assert found.spans == [[Span("headline", 0, 4, 2.0), Span("description", 4, 8, 2.0)]]


def long_text() -> str:
    lines = ["Nothing happens here at all today"] * 30
    lines[7] = "There was a goal in the cup final"
    lines[20] = "The bank said no word"
    return ". ".join(lines)


def test_of_a_long_text_the_heaviest_sentences_are_looked_at_word_by_word() -> None:
    toy, text = Toy(), long_text()
    (found,) = weigh(toy, Documents.from_texts([text]), [[0]])
    weights = {text[span.start : span.end]: span.weight for span in found.spans[0]}
    assert weights == {"goal": 2.0, "cup": 1.0, "bank": -3.0}
    assert toy.asked == [30, found.n_variants - 30]


def test_passages_that_are_not_looked_at_closely_keep_their_weight_as_a_whole() -> None:
    sentence = " ".join(["and so on"] * 12) + " goal"
    text = ". ".join([sentence + " goal", sentence, sentence])
    (found,) = weigh(Toy(), Documents.from_texts([text]), [[0]])
    marked = [(text[span.start : span.end], span.weight) for span in found.spans[0]]
    assert marked == [("goal", 2.0), ("goal", 2.0), (sentence, 2.0), (sentence, 2.0)]


@pytest.mark.parametrize(
    "text",
    [
        "goal " * 65,
        "goal " * 50_000,
        "Goal. " * 5000,
        long_text() * 40,
        "大" * 20_000,
    ],
)
def test_cost_is_bounded_however_long_a_text_is(text: str) -> None:
    toy = Toy()
    (found,) = weigh(toy, Documents.from_texts([text]), [[0, 1]])
    assert sum(toy.asked) == found.n_variants <= 2 * MOST
    for spans in found.spans:
        assert all(left.end <= right.start for left, right in pairwise(spans))


def test_a_passage_of_too_many_words_is_looked_at_in_runs() -> None:
    text = "so it is " * 4000 + "goal " + "and on " * 4000
    (found,) = weigh(Toy(), Documents.from_texts([text]), [[0]])
    (span,) = found.spans[0]
    assert span.weight == 2.0
    assert "goal" in text[span.start : span.end]
    assert span.end - span.start < len(text) / 1000


def test_a_class_is_explained_alike_alone_and_beside_others() -> None:
    texts = Documents.from_texts([long_text(), "goal and bank"])
    both = weigh(Toy(), texts, [[0, 1], [0, 1]])
    for place in (0, 1):
        alone = weigh(Toy(), texts, [[place], [place]])
        assert [own.spans[0] for own in alone] == [own.spans[place] for own in both]


def test_texts_that_are_too_long_together_are_taken_one_after_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = Documents.from_texts(["goal and bank", "cup", "", "bank " * 20])
    together = weigh(Toy(), texts, [[0]] * 4)
    monkeypatch.setattr("newsdesk.bundle.occlusion._CHARACTERS", 64)
    toy = Toy()
    assert weigh(toy, texts, [[0]] * 4) == together
    assert toy.asked == [3, 1, 20]


def test_no_documents_have_no_weights() -> None:
    assert (
        occlusions(
            Toy(), words_of, Documents.from_texts([]), np.zeros((0, 2)), np.zeros((0, 1), int)
        )
        == []
    )
