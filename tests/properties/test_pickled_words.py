"""Pickles of words: whatever the bytes, what pickle itself would give, or a refusal."""

from __future__ import annotations

import pickle
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from newsdesk.errors import DataError
from newsdesk.models.neural.importing.pickled_words import read_pickled_words

PATH = Path("itos.pkl")
WORDS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), max_size=30)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=4), inner, max_size=4)
        | st.sets(st.integers(), max_size=3)
    ),
    max_leaves=8,
)


def asked(content: bytes, otherwise: list[str]) -> object:
    """What pickle gives for bytes that were accepted, which name no class and call nothing.

    It is stricter where lengths of frames are wrong.
    """
    try:
        return pickle.loads(content)
    except (pickle.UnpicklingError, EOFError, OverflowError):
        return otherwise


@given(WORDS, st.integers(2, 5))
def test_words_come_back(words: list[str], protocol: int) -> None:
    assert read_pickled_words(PATH, pickle.dumps(words, protocol)) == words


@given(ANYTHING, st.integers(0, 5))
def test_any_other_value_is_refused(value: object, protocol: int) -> None:
    content = pickle.dumps(value, protocol)
    is_words = isinstance(value, list) and all(isinstance(one, str) for one in value)
    try:
        found = read_pickled_words(PATH, content)
    except DataError:
        assert not is_words or protocol < 2
    else:
        assert is_words
        assert found == value


@given(WORDS, st.integers(2, 5), st.data())
def test_changed_bytes_give_what_pickle_gives_or_are_refused(
    words: list[str], protocol: int, data: st.DataObject
) -> None:
    content = bytearray(pickle.dumps(words, protocol))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_pickled_words(PATH, bytes(content))
    except DataError:
        return
    assert found == asked(bytes(content), found)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_our_words(content: bytes) -> None:
    content = b"\x80" + content
    try:
        found = read_pickled_words(PATH, content)
    except DataError:
        return
    assert found == asked(content, found)
