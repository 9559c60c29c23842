from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from newsdesk.data.corpus import Corpus
from newsdesk.inspection import vocabulary
from newsdesk.inspection.vocabulary import Vocabulary, count

Make = Callable[..., Corpus]

ROWS = [
    ("SPORT", "Keeper saves, keeper smiles", "The cup"),
    ("SPORT", "Cup final", "a keeper"),
    ("BUSINESS", "Bank raises rates", "the bank"),
    ("BUSINESS", "Größe der Bank", ""),
    ("BUSINESS", "银行 GRÖSSE", "—"),
]


def counted(corpus: Corpus) -> Vocabulary:
    return count(corpus.documents, corpus.y, corpus.labels, lambda _: None)


def table(corpus: Corpus, found: Vocabulary) -> dict[tuple[str, str], tuple[int, int]]:
    spelt = found.spell(corpus.documents, np.arange(len(found)))
    return {
        (spelt[word], corpus.labels[label]): (rows, times)
        for word, label, rows, times in zip(
            *(part.tolist() for part in (found.word, found.label, found.rows, found.times)),
            strict=True,
        )
    }


def test_words_are_counted_per_class(make: Make) -> None:
    corpus = make(ROWS)
    found = table(corpus, counted(corpus))
    assert found["keeper", "SPORT"] == (2, 3)
    assert found["cup", "SPORT"] == (2, 2)
    assert found["bank", "BUSINESS"] == (2, 3)
    assert found["the", "SPORT"] == found["the", "BUSINESS"] == (1, 1)
    assert found["grösse", "BUSINESS"] == (2, 2)
    assert found["银", "BUSINESS"] == (1, 1)
    assert ("a", "SPORT") not in found


def test_totals_add_the_classes_up(make: Make) -> None:
    corpus = make(ROWS)
    found = counted(corpus)
    by_word: Counter[int] = Counter()
    for word, rows in zip(found.word.tolist(), found.rows.tolist(), strict=True):
        by_word[word] += rows
    assert found.totals(found.rows).tolist() == [by_word[word] for word in range(len(found))]


def test_words_are_counted_per_field(make: Make) -> None:
    assert counted(make(ROWS)).n_words.tolist() == [[4, 2], [2, 1], [3, 2], [3, 0], [3, 0]]


def test_chunks_and_threads_change_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = make(ROWS * 4)
    whole = counted(corpus)
    expected = table(corpus, whole)
    monkeypatch.setattr(vocabulary, "_CHUNK", 4)
    monkeypatch.setattr(vocabulary, "_PENDING", 5)
    told: list[int] = []
    parts = count(corpus.documents, corpus.y, corpus.labels, told.append)
    for name in ("hashes", "word", "label", "rows", "times", "n_words", "named"):
        assert getattr(parts, name).tolist() == getattr(whole, name).tolist(), name
    assert sum(told) == len(corpus)
    assert table(corpus, parts) == expected


@pytest.mark.parametrize(
    ("label", "text", "named"),
    [
        ("SPORT", "Sport today", True),
        ("SPORT", "Sports today", False),
        ("SPORT", "BUSINESS today", False),
        ("BUSINESS", "Big business!", True),
        ("ARTS & CULTURE", "on arts/culture", True),
        ("ARTS & CULTURE", "culture, arts", False),
        ("ARTS & CULTURE", "modern arts", False),
        ("C", "plan C", False),
        ("体育", "今天的体育", True),
        ("Straße", "die STRASSE", True),
    ],
)
def test_texts_that_hold_the_name_of_their_class_are_found(
    make: Make, label: str, text: str, named: bool
) -> None:
    corpus = make([(label, text), ("OTHER", "arts")])
    assert counted(corpus).named.tolist() == [named, False]


def test_a_name_does_not_reach_over_fields_or_texts(make: Make) -> None:
    corpus = make([("WORLD NEWS", "our world", "news now"), ("WORLD NEWS", "world", "big news")])
    assert counted(corpus).named.tolist() == [False, False]
    corpus = make([("WORLD NEWS", "our world"), ("WORLD NEWS", "news now")])
    assert counted(corpus).named.tolist() == [False, False]


def test_texts_without_a_word_give_an_empty_vocabulary(make: Make) -> None:
    found = counted(make([("A", ""), ("B", "!")]))
    assert len(found) == 0
    assert found.totals(found.rows).tolist() == []
    assert found.n_words.tolist() == [[0], [0]]
