from __future__ import annotations

import numpy as np
import pytest

from newsdesk.errors import DataError
from newsdesk.features.vectors.formats import HEAD_BYTES, Layout, detect, is_number, parts

FLOATS = np.array([0.5, -2.0, 1e-3], dtype="<f4").tobytes()


@pytest.mark.parametrize(
    ("head", "layout"),
    [
        (b"the 0.5 -1e-3\nof 1 2\n", Layout("text", 2, None, 0)),
        (b"the 0.5 -1", Layout("text", 2, None, 0)),
        (b"\xef\xbb\xbfthe 0.5 -1", Layout("text", 2, None, 3)),
        (b"the\t0.5\t-1\r\n", Layout("text", 2, None, 0)),
        (b"2 3\nthe 1 2 3 \nof 1 2 3 \n", Layout("text", 3, 2, 4)),
        (b"2 3\r\nthe 1 2 3\r\n", Layout("text", 3, 2, 5)),
        (b"2 3\nnew york 1 2 3\n", Layout("text", 3, 2, 4)),
        (b"2 3\nl\xe9 1 2 3\n", Layout("text", 3, 2, 4)),
        (b"2 3\nthe " + FLOATS + b"\nof " + FLOATS, Layout("binary", 3, 2, 4)),
        (b"2 3\n\xc3\xa9 " + FLOATS, Layout("binary", 3, 2, 4)),
        (b"2 1\nthe ABCD", Layout("binary", 1, 2, 4)),
        (b"2 3\nthe \n\n\n?\n\n\n?\n\n\n?", Layout("binary", 3, 2, 4)),
        (b"2 3", Layout("text", 3, 2, 3)),
    ],
)
def test_the_format_is_told_from_the_content(head: bytes, layout: Layout) -> None:
    assert detect(head, "vectors") == layout


def test_two_whole_numbers_are_a_header_even_where_they_could_be_a_word_and_its_number() -> None:
    assert detect(b"5 1\na 2\nb 3\n", "vectors") == Layout("text", 1, 5, 4)
    assert detect(b"5 1.0\na 2\nb 3\n", "vectors") == Layout("text", 1, None, 0)


def test_without_a_header_the_commonest_length_decides() -> None:
    assert detect(b". . 1 2\nthe 1 2\nof 1 2\nand 1\n", "vectors").dim == 2


def test_a_mistake_in_the_first_line_of_text_does_not_make_it_binary() -> None:
    assert detect(b"2 3\nthe 1 2\nof 1 2 3\n", "vectors").kind == "text"
    assert detect(b"2 3\nthe 1 2 x\nof 1 2 3\n", "vectors").kind == "text"


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"\xba\x16\x4f\x2f\x0c\0\0\0", "is a fastText model"),
        (b"PK\x03\x04\x14", "is a zip archive"),
        (b"label,text\nsport,Keeper saves two penalties\n", "it begins with 'label,text'"),
        (b"Rates rise again\nKeeper saves two\n", "begins with 'Rates rise again'"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is no file of word vectors"),
        ("the 1 2\n".encode("utf-16"), "is no file of word vectors"),
        (b"word\n", "is no file of word vectors"),
        (b"x" * HEAD_BYTES, "is no file of word vectors"),
        (b"0 300\n", "promises 0 vectors of 300 numbers"),
        (b"3 0\n", "promises 3 vectors of 0 numbers"),
        (b"3 999999999999\nthe 1\n", "promises 3 vectors of 999,999,999,999 numbers"),
    ],
)
def test_what_is_no_file_of_word_vectors_is_refused(head: bytes, problem: str) -> None:
    with pytest.raises(DataError, match=r"^thing") as caught:
        detect(head, "thing")
    assert problem in str(caught.value)


def test_white_space_of_other_alphabets_belongs_to_words() -> None:
    assert parts("a\u00a0b \tc\u3000 \r".encode()) == ["a\u00a0b".encode(), "c\u3000".encode()]


@pytest.mark.parametrize("text", [b"1", b"-.5", b"+2.", b"1E-3", b"NaN", b"-inf", b"Infinity"])
def test_numbers_are_known(text: bytes) -> None:
    assert is_number(text)


@pytest.mark.parametrize("text", [b"", b".", b"a", b"1_0", b"1,5", b"0x1", b"infinite", b"1e"])
def test_other_parts_are_no_numbers(text: bytes) -> None:
    assert not is_number(text)
