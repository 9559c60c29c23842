from __future__ import annotations

import os
import pickle
import pickletools
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from newsdesk.errors import DataError
from newsdesk.models.neural.importing import pickled_words
from newsdesk.models.neural.importing.pickled_words import read_pickled_words

PATH = Path("itos.pkl")


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize(
    "words",
    [
        [],
        ["one"],
        ["the", "of", "", "naïve", "日本", "\U0001f600", "a\nb"],
        ["same"] * 3,
        [f"word{n}" for n in range(3000)],
        ["x" * 70_000],
    ],
    ids=lambda words: str(len(words)),
)
def test_a_list_of_strings_is_read_as_pickle_reads_it(protocol: int, words: list[str]) -> None:
    content = pickle.dumps(words, protocol)
    assert read_pickled_words(PATH, content) == pickle.loads(content)
    assert read_pickled_words(PATH, pickletools.optimize(content)) == words


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize(
    "value",
    [
        {"the": 0},
        7,
        "the",
        None,
        ("the", "of"),
        {"the"},
        [["the"]],
        ["the", 7],
        ["the", None],
        ["the", b"of"],
        OrderedDict(the=1),
        [Path("x")],
        print,
    ],
    ids=repr,
)
def test_anything_else_is_refused(protocol: int, value: Any) -> None:
    with pytest.raises(DataError, match=r"itos\.pkl is refused"):
        read_pickled_words(PATH, pickle.dumps(value, protocol))


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("wrap", [lambda bad: bad, lambda bad: ["the", bad], lambda bad: [bad]])
def test_what_it_would_call_is_never_called(tmp_path: Path, protocol: int, wrap: Any) -> None:
    content = pickle.dumps(wrap(Touch(tmp_path / "made")), protocol)
    with pytest.raises(DataError, match="is refused"):
        read_pickled_words(PATH, content)
    assert not list(tmp_path.iterdir())
    pickle.loads(content)  # it would have been, by pickle itself
    assert (tmp_path / "made").is_dir()


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x03]q\x00h\x00a.",  # a list that holds itself
        b"\x80\x03X\x01\x00\x00\x00aX\x01\x00\x00\x00b.",  # two values
        b"\x80\x03(X\x01\x00\x00\x00al.",  # a list made of a mark
        b"\x80\x03].trailing",
        b"\x80\x03]X\x01\x00\x00\x00a0.",
        b"\x80\x02]cos\nsystem\n.",
        b"\x80\x02]\x82\x01.",
        b"\x80\x02]Pid\n.",
        b"\x80\x06].",
    ],
)
def test_instructions_that_no_list_needs_are_refused(content: bytes) -> None:
    with pytest.raises(DataError, match="is refused"):
        read_pickled_words(PATH, content)


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x03",
        b"\x80\x03]q\x00",
        b"\x80\x03]h\x05.",
        b"\x80\x03a.",
        b"\x80\x03]e.",
        b"\x80\x03X\xff\xff\xff\x7fabc",
        b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7fabc",
        b"\x80\x03\xfe",
        *(pickle.dumps(["the", "of"])[:n] for n in range(1, len(pickle.dumps(["the", "of"])) - 1)),
    ],
)
def test_a_damaged_pickle_is_refused(content: bytes) -> None:
    with pytest.raises(DataError, match=r"itos\.pkl is a damaged pickle"):
        read_pickled_words(PATH, content)


def test_bombs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickled_words, "MOST_WORDS", 100)
    with pytest.raises(DataError, match="more than 100 words"):
        read_pickled_words(PATH, pickle.dumps(["x"] * 101))
    monkeypatch.setattr(pickled_words, "MOST_BYTES", 10)
    with pytest.raises(DataError, match="more than any list of words"):
        read_pickled_words(PATH, pickle.dumps(["x"] * 11))
