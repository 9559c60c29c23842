from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from newsdesk.types import Documents

pytest.importorskip("starlette", reason="needs the extra serve")
from newsdesk.serving.batching import Batcher

TEXTS = ["Bank lifts rates again", "Keeper saves two penalties", "Straße 大阪", "", "zzz", "chip"]


class Watched:
    """A bundle that remembers how many documents it was asked for at once."""

    def __init__(self, bundle: Any, poison: str = "") -> None:
        self.bundle, self.poison, self.asked = bundle, poison, []

    fields = property(lambda self: self.bundle.fields)

    def predict(self, documents: Documents) -> Any:
        return self._do(documents, lambda: self.bundle.predict(documents))

    def explain_classes(self, documents: Documents, classes: Any) -> Any:
        return self._do(documents, lambda: self.bundle.explain_classes(documents, classes))

    def _do(self, documents: Documents, act: Any) -> Any:
        self.asked.append(len(documents))
        if self.poison and self.poison in "".join(documents.texts.to_pylist()):
            raise ValueError(self.poison)
        return act()


def watched(served: Any, poison: str = "") -> Any:
    return replace(served, bundle=Watched(served.bundle, poison))


async def together(*calls: Any) -> list[Any]:
    return await asyncio.gather(*calls, return_exceptions=True)


def test_what_comes_in_together_is_classified_by_one_call_to_the_same_bits(news: Any) -> None:
    served, batcher = watched(news), Batcher()
    asked = [Documents.from_texts([text, text[::-1]], [text, "r"]) for text in TEXTS]
    found = asyncio.run(together(*(batcher.predict(served, one) for one in asked)))
    assert served.bundle.asked == [12]
    for one, documents in zip(found, asked, strict=True):
        alone = news.bundle.predict(documents)
        assert (one.proba == alone.proba).all()
        assert (one.low_evidence == alone.low_evidence).all()
        assert one.ids.equals(documents.ids)


def test_what_comes_in_together_is_explained_by_one_call_to_the_same_bits(news: Any) -> None:
    served, batcher = watched(news), Batcher()
    asked = [(Documents.from_texts([text]), np.array([[n % 5, 0]])) for n, text in enumerate(TEXTS)]
    found = asyncio.run(together(*(batcher.explain(served, *one) for one in asked)))
    assert served.bundle.asked == [6]
    assert found == [news.bundle.explain_classes(*one) for one in asked]


def test_different_numbers_of_classes_are_not_mixed(news: Any) -> None:
    served, batcher = watched(news), Batcher()
    one = Documents.from_texts(TEXTS[:1])
    asked = [batcher.explain(served, one, np.zeros((1, k), dtype=int)) for k in (1, 2, 1)]
    found = asyncio.run(together(*asked, batcher.predict(served, one)))
    assert [len(explanations[0]) for explanations in found[:3]] == [1, 2, 1]
    assert sorted(served.bundle.asked) == [1, 1, 2]


def test_models_and_bare_and_named_fields_find_their_own_answers(news: Any, pair: Any) -> None:
    batcher = Batcher()
    bare = Documents.from_texts(["goal"])
    named = Documents(bare.ids, {"headline": bare.texts, "body": bare.texts})
    asked = [(pair, bare), (news, bare), (pair, named)]
    found = asyncio.run(together(*(batcher.predict(*one) for one in asked)))
    for (served, documents), one in zip(asked, found, strict=True):
        assert (one.proba == served.bundle.predict(documents).proba).all()


def test_what_comes_in_the_next_turn_is_classified_as_well(news: Any) -> None:
    served, batcher = watched(news), Batcher()

    async def ask(turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        await batcher.predict(served, Documents.from_texts(["goal"]))

    asyncio.run(together(ask(0), ask(0), ask(1), ask(5)))
    assert served.bundle.asked == [3, 1]


def test_a_fault_of_one_is_not_that_of_the_others(news: Any) -> None:
    served, batcher = watched(news, poison="zzz"), Batcher()
    asked = [batcher.predict(served, Documents.from_texts([text])) for text in TEXTS]
    found = asyncio.run(together(*asked))
    assert [isinstance(one, ValueError) for one in found] == [text == "zzz" for text in TEXTS]


def test_very_much_is_done_in_parts(news: Any) -> None:
    served, batcher = watched(news), Batcher()
    asked = [batcher.predict(served, Documents.from_texts(["a"] * 40)) for _ in range(3)]
    asked.append(batcher.predict(served, Documents.from_texts(["word " * 40_000])))
    asyncio.run(together(*asked))
    assert served.bundle.asked == [40, 40, 40, 1]


def test_a_client_that_has_gone_takes_no_answer_from_the_others(news: Any) -> None:
    async def go() -> Any:
        batcher = Batcher()
        documents = Documents.from_texts(["goal"])
        gone = asyncio.create_task(batcher.predict(news, documents))
        stays = asyncio.create_task(batcher.predict(news, documents))
        await asyncio.sleep(0)
        gone.cancel()
        return await stays

    assert len(asyncio.run(go())) == 1


def test_nothing_is_held_when_all_is_answered(news: Any) -> None:
    batcher = Batcher()
    asyncio.run(together(batcher.predict(news, Documents.from_texts(["goal"]))))
    assert batcher._asked == {}
