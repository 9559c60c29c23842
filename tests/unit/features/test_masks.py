from __future__ import annotations

import pytest

from newsdesk.features.alignment import replace
from newsdesk.features.masks import addresses, numbers
from newsdesk.features.tokens import tokenise
from newsdesk.types import Documents


def masked(text: str) -> str:
    return replace(replace(text, addresses(text)), numbers(replace(text, addresses(text))))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at https://example.org/a?b=1&c=2#d, or", "at xxurl, or"),
        ("HTTP://X.Y FTP://files.example.org", "xxurl xxurl"),
        ("(see http://example.org/a_(b)).", "(see xxurl)."),
        ("'http://example.org' “http://example.org”", "'xxurl' “xxurl”"),
        ("http://[2001:db8::1]/x now", "xxurl now"),
        ("www.example.org: Www.a.b! awww.", "xxurl: xxurl! awww."),
        ("pic.twitter.com/p5l3GD4Ctc — bit.ly/1gZ", "xxurl — xxurl"),
        ("https://de.wikipedia.org/wiki/Straße.", "xxurl."),
        ("请看https://example.com/a。谢谢", "请看xxurl。谢谢"),
        ("seehttp://example.org", "see xxurl"),
        ("mail news@example.org, mailto:x+y@a.co.", "mail xxemail, mailto:xxemail."),
        ("<jürgen@müller.de>", "<xxemail>"),
        ("TheGrio.com @midnight seti@home f#@ked", "TheGrio.com @midnight seti@home f#@ked"),
        ("and/or 9/11 http:// www. a@b", "and/or 9/11 http:// www. a@b"),
    ],
)
def test_addresses_are_masked_and_names_are_not(text: str, expected: str) -> None:
    assert replace(text, addresses(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234.5 1.234,5 1'234 1\u202f234\u202f567 0", " ".join(["xxnumber"] * 5)),
        ("1 234", "xxnumber xxnumber"),
        ("１２,３４５ ٣٫٥ १२३", "xxnumber xxnumber xxnumber"),
        ("今天3人", "今天xxnumber人"),
        ("50% 3.5 % ٪ 5٪", "xxpercent xxpercent ٪ xxpercent"),
        ("$5 $1,000.50 £2.5m €3bn 5 € $ 7", " ".join(["xxmoney"] * 6)),
        ("US$5", "US xxmoney"),
        ("12:30 12:30:15 8:30 p.m. 8:30pm", "xxtime xxtime xxtime xxtime"),
        ("12:30 then 12:30 amid 3:2", "xxtime then xxtime amid xxnumber:xxnumber"),
        ("3rd 21ST 100th", "xxordinal xxordinal xxordinal"),
        ("1500 2018 2099 1499 2100 02018", "xxyear xxyear xxyear xxnumber xxnumber xxnumber"),
        ("11/22/2016 2-0", "xxnumber/xxnumber/xxyear xxnumber-xxnumber"),
        ("COVID-19 No.1", "COVID-xxnumber No.xxnumber"),
        ("in 2016, 5 men.", "in xxyear, xxnumber men."),
        ("5%6", "xxpercent  xxnumber"),
        *((word, word) for word in ("G20", "1990s", "4K", "v2.0", "1.5x", "5pm", "$5x", "1_000")),
    ],
)
def test_numbers_are_masked_by_kind_and_words_with_digits_are_not(text: str, expected: str) -> None:
    assert replace(text, numbers(text)) == expected


@pytest.mark.parametrize("text", ["see http://a.org/b", "a@b.org", "5%", "$5", "12:30", "3rd", "7"])
def test_a_mask_is_one_word_to_the_tokeniser_and_no_mark_of_its_neighbours(text: str) -> None:
    for around in ("up {} now", "（{}）", "人{}人"):
        (tokens,) = tokenise(Documents.from_texts([masked(around.format(text))]))
        characters = "".join(map(chr, tokens.codes.tolist()))
        places = zip(tokens.start.tolist(), tokens.end.tolist(), strict=True)
        words = [characters[start:end] for start, end in places]
        assert sum(word.startswith("xx") and word.isalpha() for word in words) == 1


@pytest.mark.parametrize("unit", ["a+", "a@", "a.", "@a.", "http://(", "1,", "1:", "$1"])
def test_no_text_takes_more_than_linear_time(unit: str) -> None:
    # A quadratic pattern would take minutes here.
    text = unit * 100_000
    assert len(masked(text)) <= 10 * len(text)
