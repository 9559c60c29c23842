from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from newsdesk.errors import DataError
from newsdesk.models.neural.importing import word_lists
from newsdesk.models.neural.importing.word_lists import read_words

WORDS = ["the", "naïve", "", "of"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "words"


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps(WORDS),
        json.dumps(WORDS).encode(),
        json.dumps(WORDS, ensure_ascii=False, indent=1).encode(),
        "the\nnaïve\n\nof\n".encode(),
        "the\nnaïve\n\nof".encode(),
        "the\r\nnaïve\r\n\r\nof\r\n".encode(),
        "\ufeffthe\nnaïve\n\nof\n".encode(),
    ],
)
def test_words_are_read_from_a_pickle_from_json_and_from_lines(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert read_words(path) == WORDS


def test_only_line_feeds_end_a_line(path: Path) -> None:
    path.write_bytes("a\x85b\n\u2028\nc\x0bd".encode())
    assert read_words(path) == ["a\x85b", "\u2028", "c\x0bd"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'["a", 1]', "no JSON list of strings"),
        (b'["a"', "no JSON list of strings"),
        (b"caf\xe9\n", "no UTF-8 text: byte 3 is 0xe9"),
        (pickle.dumps({"a": 1}), "is refused"),
        (pickle.dumps(["a", "\ud800"]), "word 2 is .* no Unicode text"),
    ],
)
def test_what_is_no_list_of_words_is_refused(path: Path, content: bytes, said: str) -> None:
    path.write_bytes(content)
    with pytest.raises(DataError, match=said):
        read_words(path)


def test_a_file_that_is_too_large_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_lists, "MOST_BYTES", 3)
    path.write_bytes(b"a\nb\n")
    with pytest.raises(DataError, match="more than 3 bytes"):
        read_words(path)
