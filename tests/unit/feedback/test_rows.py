from __future__ import annotations

import datetime as dt
import uuid
from types import SimpleNamespace
from typing import Any

import pytest

from newsdesk.feedback.correction import Correction
from newsdesk.feedback.rows import hashed, is_id, read, written


def test_what_is_written_is_read_again() -> None:
    given = Correction(fields={"b": "x", "a": ""}, label="L", model="m", score=0.1, source="web")
    row: Any = SimpleNamespace(
        **written(given),
        id="1",
        status="accepted",
        created_at="2026-03-29T01:00:00.000000+00:00",
        decided_at=None,
    )
    entry = read(row)
    assert entry.correction == given
    assert list(entry.correction.fields) == ["b", "a"]
    assert entry.created_at == dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC)
    assert entry.decided_at is None


def test_any_token_has_a_hash_of_its_own() -> None:
    tokens = ["", "a", "A", "\ud800", "é"]
    assert len({hashed(token) for token in tokens}) == len(tokens)
    assert all(len(hashed(token)) == 64 for token in tokens)


@pytest.mark.parametrize("text", ["", "1", "{}", "00000000000040008000000000000000", "\ud800"])
def test_what_the_store_never_writes_is_no_id(text: str) -> None:
    assert not is_id(text)
    assert is_id(str(uuid.uuid4()))
