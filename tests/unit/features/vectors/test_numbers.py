from __future__ import annotations

import numpy as np
import pytest

from newsdesk.features.vectors.numbers import parse_entries, parse_lines, parse_number


def raw(data: bytes) -> np.ndarray:
    return np.frombuffer(data, dtype=np.uint8)


def lines(data: bytes, dim: int) -> tuple[bool, list[int], list[bytes], list[list[float]]]:
    """Whether all is read, the place after it, the words and the vectors."""
    place = np.array([0, 0, 1])
    vectors = np.zeros((len(data) + 1, dim), dtype=np.float32)
    words, ends = np.zeros(len(data), dtype=np.uint8), np.zeros(len(data) + 1, dtype=np.int64)
    complete = parse_lines(raw(data), place, vectors, words, ends)
    n = place[1]
    found = [part.tobytes() for part in np.split(words, ends[:n])[:n]]
    return complete, place.tolist(), found, vectors[:n].tolist()


@pytest.mark.parametrize(
    "text",
    [
        *("0", "-0", "+1", "1.", ".5", "-.5", "0.418", "-0.00066023", "12345.678"),
        *("1e5", "1E-5", "-9.1e-05", "1e+22", "0.1e1", "00012", "0.000000000000000000001"),
        *("0.1234567890123456789", "-0.016777217000000001", "16777217", "3.4028234"),
        "0.30000001192092896",  # the whole of float32(0.3)
    ],
)
def test_a_number_is_that_of_python(text: str) -> None:
    value, plain = parse_number(raw(text.encode()), 0, len(text))
    expected = np.float32(float(text))
    assert plain
    assert np.float32(value) == expected
    assert np.signbit(value) == np.signbit(expected)


@pytest.mark.parametrize(
    "text", ["", "-", ".", "e5", "1e", "1e+", "1-", "--1", "1_0", "0x1", "nan", "inf", "1.2.3", "١"]
)
def test_what_is_no_number_is_not_taken_for_one(text: str) -> None:
    data = text.encode()
    assert not parse_number(raw(data + b" "), 0, len(data))[1]


@pytest.mark.parametrize(
    "text",
    [
        *("3.4e38", "1e39", "1e400", "1e-39", "1e-30", "1e99999999999999999999"),
        "1.00000005960464477539062500001",  # behind the middle of two float32 numbers
    ],
)
def test_a_number_at_the_edge_is_left_to_others(text: str) -> None:
    assert not parse_number(raw(text.encode()), 0, len(text))[1]


def test_lines_are_words_and_vectors() -> None:
    complete, place, words, vectors = lines(b"the 0.5 -1\r\n\nof\t2 3 \n \xc3\xa9 4  5", 2)
    assert complete
    assert place[1:] == [3, 5]
    assert words == [b"the", b"of", b" \xc3\xa9"]
    assert vectors == [[0.5, -1], [2, 3], [4, 5]]


def test_a_word_of_several_parts_is_ordinary_unless_it_ends_like_a_number() -> None:
    complete, place, words, _ = lines(b"at home 3 4\n. . 1 2\n", 2)
    assert (complete, words) == (False, [b"at home"])
    assert place == [12, 1, 2]


def test_a_line_without_a_word_but_with_its_separator_has_the_empty_word() -> None:
    assert lines(b" 1 2\n", 2)[2] == [b""]


@pytest.mark.parametrize("line", [b"a 1", b"1 2", b"a b 2", b"a 9 1 2", b"a nan 1", b"a", b"7 1"])
def test_a_line_that_is_not_ordinary_stops_the_loop(line: bytes) -> None:
    complete, place, words, _ = lines(b"x 0 0\n" + line + b"\ny 0 0\n", 2)
    assert not complete
    assert place == [6, 1, 2]
    assert words == [b"x"]


def entries(data: bytes, dim: int, wanted: int) -> tuple[int, list[bytes], list[list[float]]]:
    vectors = np.zeros((len(data) + 1, dim), dtype="<f4")
    words, ends = np.zeros(len(data), dtype=np.uint8), np.zeros(len(data) + 1, dtype=np.int64)
    done, n = parse_entries(raw(data), wanted, vectors.view(np.uint8), words, ends)
    return done, [part.tobytes() for part in np.split(words, ends[:n])[:n]], vectors[:n].tolist()


def test_entries_are_words_and_vectors_with_newlines_or_none() -> None:
    vector = np.array([0.5, -2.0], dtype="<f4").tobytes()
    data = b"the " + vector + b"\nof " + vector + b"and " + vector
    done, words, vectors = entries(data, 2, 3)
    assert done == len(data)
    assert words == [b"the", b"of", b"and"]
    assert vectors == [[0.5, -2.0]] * 3


def test_an_entry_that_is_cut_or_not_wanted_is_left() -> None:
    vector = np.array([0.5], dtype="<f4").tobytes()
    whole = b"the " + vector
    assert entries(whole + b"of " + vector[:3], 1, 2)[:2] == (len(whole), [b"the"])
    assert entries(whole + b"of", 1, 2)[:2] == (len(whole), [b"the"])
    assert entries(whole + whole, 1, 1)[:2] == (len(whole), [b"the"])
