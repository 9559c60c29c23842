from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from newsdesk.errors import BundleError

pytest.importorskip("starlette", reason="needs the extra serve")
from newsdesk.serving.catalogue import Catalogue, Served
from newsdesk.serving.faults import ServingError


def test_the_first_is_the_default(news: Any, pair: Any) -> None:
    found = Catalogue({"pair": pair, "news": news})
    assert found.take(None) is pair
    assert found.take("news") is news
    assert (list(found), len(found)) == (["pair", "news"], 2)


def test_an_unknown_model_is_refused(news: Any) -> None:
    with pytest.raises(ServingError) as caught:
        Catalogue({"news": news}).take("other")
    assert caught.value.status == 404


def test_a_version_that_was_taken_stays_what_it_is(news: Any) -> None:
    catalogue = Catalogue({"news": news})
    taken, new = catalogue.take("news"), replace(news, digest="new")
    catalogue.swap(new)
    assert (taken.digest, catalogue.take("news").digest) == (news.digest, "new")


def test_a_version_is_verified_and_measured(news_folder: Path, news: Any) -> None:
    assert news.digest == news.bundle.digest
    assert news.version == news.digest[:12]
    assert news.text_s >= 0
    assert news.call_s + news.text_s > 0
    with pytest.raises(BundleError):
        Served.load("news", news_folder, expect_digest="0" * 64)


def test_seconds_grow_with_texts_or_with_bytes_whichever_are_more(news: Any) -> None:
    served = replace(news, call_s=1.0, text_s=0.5)
    assert served.seconds(2, 10) == 2.0
    assert served.seconds(2, 1000) == 6.0
