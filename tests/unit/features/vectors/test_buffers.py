from __future__ import annotations

import pyarrow as pa

from newsdesk.features.vectors.buffers import word_bytes
from newsdesk.types import string_array


def test_words_are_views_of_arrow_memory_also_of_a_slice() -> None:
    array = string_array(["the", "", "été"])
    words = word_bytes(array.slice(1, 2))
    assert words.offsets.tolist() == [3, 3, 8]
    assert words.data[3:8].tobytes().decode() == "été"


def test_words_without_a_byte_are_words() -> None:
    words = word_bytes(pa.array([""], type=pa.large_string()))
    assert words.offsets.tolist() == [0, 0]
    assert len(word_bytes(pa.array([], type=pa.large_string())).offsets) == 1


def test_words_cannot_be_written_whoever_owns_them() -> None:
    for words in (string_array(["a", "b"]), string_array(["a", "b"]).take(pa.array([1, 0]))):
        data, offsets = word_bytes(words)
        assert not data.flags.writeable
        assert not offsets.flags.writeable
