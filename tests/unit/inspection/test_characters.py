from __future__ import annotations

import pytest

from newsdesk.inspection import characters
from newsdesk.inspection.characters import survey
from newsdesk.types import string_array


def nothing(_: int) -> None:
    pass


def test_characters_are_counted_per_writing_system() -> None:
    found = survey(string_array(["Bank 1", "банк банк", "银行 OK", ""]), nothing)
    assert [(item.name, item.n_characters, item.n_rows) for item in found.systems] == [
        ("Cyrillic", 8, 1),
        ("Latin", 6, 1),
        ("Han", 2, 1),
    ]
    assert sum(item.share for item in found.systems) == pytest.approx(1)


def test_digits_marks_and_emoji_are_no_letters() -> None:
    found = survey(string_array(["12 %", "😂\u0301", " ", "a", ""]), nothing)
    assert found.lettered.tolist() == [False, False, False, True, False]


@pytest.mark.parametrize(
    ("text", "mixed"),
    [
        ("p\u0430ypal", True),  # Cyrillic a
        ("\u039fbama", True),  # Greek capital omicron
        ("Bank банк", False),
        ("α-Wert 5 µm", False),
        ("東京タワー ok", False),
        ("банк2go", False),
        ("бaнк", True),
    ],
)
def test_words_that_mix_look_alike_alphabets_are_found(text: str, mixed: bool) -> None:
    assert survey(string_array([text]), nothing).mixed.tolist() == [mixed]


def test_a_word_ends_with_its_text() -> None:
    found = survey(string_array(["bank", "", "банк", "goal", "p\u0430y"]), nothing)
    assert found.mixed.tolist() == [False, False, False, False, True]


def test_the_size_of_a_chunk_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = string_array(["Bank", "банк", "p\u0430y 银", "", "!"] * 5)
    whole = survey(texts, nothing)
    monkeypatch.setattr(characters, "_CHUNK", 3)
    told: list[int] = []
    parts = survey(texts, told.append)
    assert parts.systems == whole.systems
    assert parts.mixed.tolist() == whole.mixed.tolist()
    assert parts.lettered.tolist() == whole.lettered.tolist()
    assert sum(told) == len(texts)


def test_no_letter_at_all_is_no_writing_system() -> None:
    assert survey(string_array(["", "12"]), nothing).systems == ()
