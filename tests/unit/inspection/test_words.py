from __future__ import annotations

from collections.abc import Callable
from math import log, sqrt

import numpy as np
import pytest

from newsdesk.data.corpus import Corpus
from newsdesk.inspection.vocabulary import Vocabulary, count
from newsdesk.inspection.words import characteristic, giveaways, pairs

Make = Callable[..., Corpus]


def counted(corpus: Corpus) -> Vocabulary:
    return count(corpus.documents, corpus.y, corpus.labels, lambda _: None)


def names(corpus: Corpus, found: Vocabulary, words: list[int]) -> list[str]:
    spelt = found.spell(corpus.documents, np.array(words, dtype=np.int64))
    return [spelt[word] for word in words]


def test_characteristic_words_are_those_that_a_class_uses_more(make: Make) -> None:
    rows = [("SPORT", "the keeper and the cup"), ("BUSINESS", "the bank and the rates")] * 5
    corpus = make([*rows, ("SPORT", "keeper bank")])
    found = counted(corpus)
    business, sport = characteristic(found, 2, 2)
    assert set(names(corpus, found, sport.tolist())) == {"keeper", "cup"}
    assert names(corpus, found, business.tolist())[0] == "rates"


def test_the_score_is_that_of_the_paper(make: Make) -> None:
    corpus = make([("A", "xx xx xx yy zz zz zz zz"), ("B", "xx yy yy yy yy yy ww")])
    found = counted(corpus)

    def score(own: int, prior: int, size: int, total: int) -> float:
        other, other_size = prior - own, total - size
        ratio = log((own + prior) / (size + total - own - prior)) - log(
            (other + prior) / (other_size + total - other - prior)
        )
        return ratio / sqrt(1 / (own + prior) + 1 / (other + prior))

    expected = {"xx": score(3, 4, 8, 15), "yy": score(1, 6, 8, 15), "zz": score(4, 4, 8, 15)}
    ranked = names(corpus, found, characteristic(found, 2, 9)[0].tolist())
    best = sorted((word for word in expected if expected[word] > 0), key=lambda w: -expected[w])
    assert ranked == best == ["zz", "xx"]


def test_one_class_has_no_characteristic_words(make: Make) -> None:
    found = counted(make([("A", "keeper saves"), ("A", "bank")]))
    assert [words.tolist() for words in characteristic(found, 1, 5)] == [[]]


def test_a_signature_gives_its_class_away(make: Make) -> None:
    rows = [("STYLE", f"look {i} @huffpoststyle") for i in range(30)]
    rows += [("NEWS", f"look {i} again") for i in range(60)]
    rows += [("NEWS", "@huffpoststyle")]
    corpus = make(rows)
    found = counted(corpus)
    alone = giveaways(found, corpus.class_counts)
    (first,) = [item for item in alone if corpus.labels[item.label] == "STYLE"]
    assert names(corpus, found, [first.word]) == ["huffpoststyle"]
    assert (first.n_rows, first.n_own) == (31, 30)


def test_rare_or_divided_words_give_nothing_away(make: Make) -> None:
    rows = [("A", "seldom")] * 19 + [("A", "divided")] * 30 + [("B", "divided")] * 2
    rows += [("B", f"text{i}") for i in range(100)]
    corpus = make(rows)
    assert giveaways(counted(corpus), corpus.class_counts) == []


def test_nearly_one_class_gives_nothing_away(make: Make) -> None:
    rows = [("BIG", "common word") for _ in range(990)] + [("SMALL", "something")] * 10
    corpus = make(rows)
    assert giveaways(counted(corpus), corpus.class_counts) == []


def test_all_rows_of_one_class_give_nothing_away(make: Make) -> None:
    corpus = make([("ONLY", "common word")] * 50)
    assert giveaways(counted(corpus), corpus.class_counts) == []


ALIKE = [
    *[("TASTE", "recipes cheese delicious today")] * 5,
    *[("FOOD", "recipes cheese kitchen today")] * 5,
    *[("SPORT", "keeper cup match today")] * 5,
    *[("MONEY", "bank rates market today")] * 5,
]


def test_classes_of_the_same_words_come_first(make: Make) -> None:
    corpus = make(ALIKE)
    found = counted(corpus)
    best, *others = pairs(found, corpus.class_counts, np.ones(4, dtype=bool), 10, 3)
    assert [corpus.labels[best.first], corpus.labels[best.second]] == ["FOOD", "TASTE"]
    assert set(names(corpus, found, best.shared.tolist())) == {"recipes", "cheese"}
    assert 0 < best.similarity < 1
    assert 0 < best.cosine < 1
    assert others == []


def test_the_similarity_is_the_cosine_of_centred_centroids(make: Make) -> None:
    corpus = make([*ALIKE, ("TASTE", "keeper recipes"), ("FOOD", "bank")])
    found = counted(corpus)
    texts = [set(text.split()) for text in corpus.documents.texts.to_pylist()]
    words = sorted({word for text in texts for word in text})
    held = np.array([[word in text for word in words] for text in texts], dtype=float)
    kept = held.sum(axis=0) >= 3
    weighed = held[:, kept] * np.log(len(texts) / held[:, kept].sum(axis=0))
    centroids = np.array([weighed[corpus.y == index].mean(axis=0) for index in range(4)])
    centred = centroids - weighed.mean(axis=0)
    (best, *_) = pairs(found, corpus.class_counts, np.ones(4, dtype=bool), 1, 3)
    for vectors, value in ((centroids, best.cosine), (centred, best.similarity)):
        a, b = vectors[best.first], vectors[best.second]
        assert value == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_equal_classes_have_similarity_one(make: Make) -> None:
    rows = [(label, text) for text in ("cheese recipes", "cheese") for label in ("A", "B")] * 3
    corpus = make([*rows, *[("C", "keeper")] * 6])
    (best,) = pairs(counted(corpus), corpus.class_counts, np.ones(3, dtype=bool), 1, 3)
    assert best.similarity == pytest.approx(1)


def test_classes_that_are_not_shown_are_not_compared(make: Make) -> None:
    corpus = make(ALIKE)
    shown = np.array([name != "FOOD" for name in corpus.labels])
    assert pairs(counted(corpus), corpus.class_counts, shown, 10, 3) == []
    none = np.zeros(4, dtype=bool)
    assert pairs(counted(corpus), corpus.class_counts, none, 10, 3) == []


def test_no_words_make_no_pairs(make: Make) -> None:
    corpus = make([("A", ""), ("B", ""), ("C", "!")])
    assert pairs(counted(corpus), corpus.class_counts, np.ones(3, dtype=bool), 10, 3) == []
