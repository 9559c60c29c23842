from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.types import Documents

pytest.importorskip("starlette", reason="needs the extra serve")
from newsdesk.serving.call import Call
from newsdesk.serving.catalogue import Catalogue
from newsdesk.serving.desk import Desk
from newsdesk.serving.faults import ServingError
from newsdesk.serving.meters import Meters
from newsdesk.serving.settings import Limits, Settings
from newsdesk.serving.work import Work

TEXTS = ["Bank lifts rates again", "Straße 大阪", ""]


async def receive() -> Any:
    await asyncio.Event().wait()


def call() -> Call:
    return Call({}, b"{}", receive)


@pytest.fixture
def desk(news: Any, pair: Any) -> Any:
    settings = Settings(models={"news": Path("x")}, limits=Limits(texts=3))
    desk = Desk(settings, Catalogue({"news": news, "pair": pair}), Work(), Meters())
    yield desk
    desk.work.close()


def slow(served: Any) -> Any:
    """The same model, taken for one that is too slow for the event loop."""
    return replace(served, call_s=0.01)


@pytest.mark.parametrize("explain", [False, True, "all"])
def test_a_slow_model_answers_from_a_thread_as_a_fast_one_does_at_once(
    desk: Any, news: Any, explain: Any
) -> None:
    documents = Documents.from_texts(TEXTS)
    found = [
        asyncio.run(desk.answer(call(), served, documents, explain=explain))
        for served in (news, slow(news))
    ]
    assert found[0] == found[1]
    assert len(found[0]) == 3


def test_all_probabilities_are_given_too(desk: Any, news: Any) -> None:
    documents = Documents.from_texts(TEXTS)
    found = asyncio.run(desk.predict(call(), news, documents))
    assert np.array_equal(found.proba, news.bundle.predict(documents).proba)


def test_texts_are_counted(desk: Any, news: Any) -> None:
    asyncio.run(desk.predict(call(), news, Documents.from_texts(TEXTS)))
    assert b'newsdesk_texts_total{model="news"} 3.0' in desk.meters.page()[0]


@pytest.mark.parametrize(
    ("texts", "ids"),
    [([], None), (["a"] * 4, None), (["a"], ["1", "2"]), ([{"nothing": "a"}], None)],
)
def test_documents_that_cannot_be_are_refused(desk: Any, pair: Any, texts: Any, ids: Any) -> None:
    with pytest.raises(ServingError) as caught:
        desk.documents(pair, texts, ids)
    assert caught.value.status == 422


def test_documents_have_the_fields_of_the_model(desk: Any, pair: Any) -> None:
    found = desk.documents(pair, [{"body": "b"}, {"headline": "a"}], ["x", "y"])
    assert {name: column.to_pylist() for name, column in found.fields.items()} == {
        "headline": ["", "a"],
        "body": ["b", ""],
    }
    assert found.ids.to_pylist() == ["x", "y"]


def test_the_bound_of_the_server_is_that_of_requests_without_one(
    ask: Callable[..., Any], desk: Any, news: Any
) -> None:
    documents = Documents.from_texts(TEXTS[:1])
    (plain,) = asyncio.run(desk.answer(call(), news, documents))
    (strict,) = asyncio.run(desk.answer(call(), news, documents, abstain_below=1.0))
    assert (plain.abstain, strict.abstain) == (False, True)
