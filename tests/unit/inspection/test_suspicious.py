from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
import pytest

from newsdesk.inspection.characters import survey
from newsdesk.inspection.lengths import KEPT_CHARACTERS, blank
from newsdesk.inspection.suspicious import KINDS, Signs, find
from newsdesk.types import string_array


def kinds(text: str, *others: str) -> set[str]:
    """The kinds of the first of some texts."""
    texts = string_array([text, *others])
    characters = survey(texts, lambda _: None)
    signs = Signs(
        texts=texts,
        blank=blank(texts),
        n_words=np.array([len(text.split()) for text in texts.to_pylist()]),
        n_characters=pc.utf8_length(texts).to_numpy(),
        lettered=characters.lettered,
        mixed=characters.mixed,
    )
    return {sign.kind for sign, rows in find(signs) if rows[0]}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "empty"),
        (" \u00a0\n", "empty"),
        ("Marcia", "one_word"),
        ("50/50 !", "no_letters"),
        ("😂 😂", "no_letters"),
        ("https://example.org/a?b=c", "url_only"),
        ("  WWW.example.org ", "url_only"),
        ("bad \ufffd text", "replacement"),
        ("rates<br>rise again", "html"),
        ("<a href='x'>rates</a> rise", "html"),
        ("rates &amp; shares", "html"),
        ("caf&#233; reopens", "html"),
        ("caf&#xE9; reopens", "html"),
        ("bank\x00rates rise", "control"),
        ("bank \u202erates", "control"),
        ("bank\u200brates rise", "control"),
        ("bank \x85rates", "control"),
        ("p\u0430ypal account", "mixed_alphabets"),
        ("BANK RAISES INTEREST RATES AGAIN", "upper_case"),
        ("БАНК ПОВЫШАЕТ СТАВКУ СНОВА", "upper_case"),
    ],
)
def test_suspicious_texts_are_found(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Bank raises rates again",
        "Bank Raises Interest Rates Again And Again And Again",
        "5 < 6 and 7 > 3, says R&B; singer <3",
        "AT&T and M&S merge",
        "see https://example.org for more",
        "日本銀行が利上げを決定",
        "البنك يرفع أسعار الفائدة",
        "Банк повышает ставку",
        "👩‍👩‍👧‍👦 family in नई दिल्ली",
        "tab\there\nand line",
        "NATO, EU, UN and WHO meet",
        "خانه\u200cها و شهرها",
    ],
)
def test_sound_texts_are_not_suspected(text: str) -> None:
    assert kinds(" ".join([text, text])) == set()


SOUND = [
    "it’s",
    "“quoted”",
    "café",
    "naïve",
    "привет",
    "日本語",
    "£5",
    "über",
    "한국",
    "हिन्दी",
    "😂",
]


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize("text", SOUND)
def test_utf_8_read_as_another_encoding_is_found(text: str, encoding: str) -> None:
    try:
        wrong = text.encode().decode(encoding)
    except UnicodeDecodeError:
        wrong = text.encode().decode(encoding, "ignore")
        if wrong.isascii():
            pytest.skip("the encoding has none of these characters")
    assert "mojibake" in kinds(f"said {wrong} twice")


def test_utf_8_read_as_mac_roman_is_found() -> None:
    assert "mojibake" in kinds(f"said {'it’s'.encode().decode('mac-roman')} twice")


@pytest.mark.parametrize(
    "text",
    [
        *SOUND,
        *(
            "café”…",
            "né”.",
            "CAFÉ…",
            "IRMÃ”",
            "« café\u00a0»",
            "São Paulo",
            "É—",
            "größer",
            "à\u00a0«",
        ),
        *("Ангел", "l·l", "SÃO", "20 °C ±1", "Ãngela", "ÐÑ"),
    ],
)
def test_accents_beside_quotation_marks_are_sound(text: str) -> None:
    assert "mojibake" not in kinds(text)


def test_very_long_is_relative_to_the_other_texts() -> None:
    others = ["short text"] * 20
    assert "very_long" in kinds("words " * 400, *others)
    assert "very_long" not in kinds("words " * 100, *others)
    assert "very_long" not in kinds("words " * 400, *["words " * 300] * 20)


def test_texts_that_are_cut_are_found() -> None:
    assert "cut" in kinds("a " * (KEPT_CHARACTERS // 2) + "a")
    assert "cut" not in kinds("a " * (KEPT_CHARACTERS // 2))


def test_kinds_have_names_of_their_own() -> None:
    assert len({sign.kind for sign in KINDS}) == len({sign.title for sign in KINDS}) == len(KINDS)
    assert all(sign.kind.isidentifier() for sign in KINDS)
