from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from newsdesk.features.writing_systems import COMMON, INHERITED, UNKNOWN, names, systems


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("é", "Latin"),
        ("Ω", "Greek"),
        ("ж", "Cyrillic"),
        ("ا", "Arabic"),
        ("ש", "Hebrew"),
        ("हि"[0], "Devanagari"),
        ("ไ", "Thai"),
        ("漢", "Han"),
        ("ひ", "Hiragana"),
        ("カ", "Katakana"),
        ("한", "Hangul"),
        ("😂", "Common"),
        ("\u0301", "Inherited"),
        ("\ue000", "Unknown"),
    ],
)
def test_characters_have_the_writing_system_that_unicode_gives_them(
    character: str, name: str
) -> None:
    assert names()[systems()[ord(character)]] == name


def test_letters_are_named_by_unicode_as_their_writing_system() -> None:
    # The first word of a letter's name is its script, for scripts of one word.
    checked = 0
    for code in range(0x41, 0x1000):
        name = unicodedata.name(chr(code), "")
        script = names()[systems()[code]]
        if " LETTER " in name and script.upper() == name.split(" ")[0]:
            checked += 1
        elif " LETTER " in name and name.split(" ")[0] in {item.upper() for item in names()}:
            assert script in ("Common", "Inherited", "Greek", "Coptic"), (hex(code), name, script)
    assert checked > 1500


def test_what_belongs_to_no_system_comes_first() -> None:
    assert (COMMON, INHERITED, UNKNOWN) == (0, 1, 2)
    assert names()[:3] == ("Common", "Inherited", "Unknown")


def test_the_table_covers_every_code_point_and_cannot_be_written() -> None:
    assert systems().shape == (0x110000,)
    assert int(systems().max()) == len(names()) - 1
    with pytest.raises(ValueError, match="read-only"):
        systems()[0] = np.uint8(1)
