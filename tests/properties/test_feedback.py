"""Any text that Unicode has comes back from the store as it was given."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("sqlalchemy", reason="needs the extra feedback")

from newsdesk.feedback import Correction, open_store
from newsdesk.feedback.store import Store

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
FIELDS = st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=4).filter(
    lambda fields: any(text.strip() for text in fields.values())
)
MAYBE = st.none() | TEXTS
CORRECTIONS = st.builds(
    Correction,
    fields=FIELDS,
    label=TEXTS.filter(str.strip),
    model=MAYBE,
    digest=MAYBE,
    predicted=MAYBE,
    score=st.none() | st.floats(0, 1),
    comment=MAYBE,
    source=MAYBE,
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'feedback.db'}"
        if request.param == "postgresql":
            make: Callable[[], str] = request.getfixturevalue("postgres")
            url = make()
        with open_store(url) as opened:
            yield opened


@settings(max_examples=60)
@given(correction=CORRECTIONS)
def test_any_text_comes_back(store: Store, correction: Correction) -> None:
    added = store.add(correction)
    entry = store.get(added.id)
    assert entry is not None
    assert entry.correction == correction
    assert list(entry.correction.fields) == list(correction.fields) or not added.is_new
    assert store.add(correction).id == added.id


@settings(max_examples=40)
@given(label=TEXTS.filter(str.strip), key=TEXTS.filter(bool))
def test_any_label_is_found_and_any_key_is_known_again(store: Store, label: str, key: str) -> None:
    added = store.add(Correction(fields={"text": "x"}, label=label), key=key)
    again = store.add(Correction(fields={"text": "y"}, label=label), key=key)
    assert again.id == added.id
    if added.is_new:
        found = [entry.id for entry in store.list(label=label, limit=1_000).entries]
        assert added.id in found
