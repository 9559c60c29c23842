"""Web addresses, e-mail addresses and numbers: where they are, and the word that stands for them.

A mask is ``xx`` and a noun: letters alone, so that every tokeniser of the house keeps it whole as
one word, in lower case, so that later steps leave it, and no word of a language. The ``xx`` is
that of the special tokens of fastai (Howard & Gugger 2020, "fastai: A Layered API for Deep
Learning").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np

from newsdesk.features.alignment import Edit
from newsdesk.features.scripts import MARK, WORD, character_classes

__all__ = ["EMAIL", "URL", "addresses", "numbers"]

URL, EMAIL = "xxurl", "xxemail"

# Full stops, commas and brackets behind an address belong to the sentence.
_AFTER_URL = ".,;:!?*_~&|"
_SIGNS_BEFORE = "$€£¥₹₽₩₺₪₫₦₱₴฿¢"
_SIGNS_BEHIND = "€₽₺₪₫₴"
_NO_BREAK = "\u00a0\u2009\u202f"
# Groups of thousands and decimals: 1,234.5, 1.234,5, 1'234, 1 234 with a space that does not break,
# and the Arabic decimal and thousands separators.
_AMOUNT = rf"\d++(?:[.,'’٫٬]\d++|[{_NO_BREAK}]\d{{3}}(?!\d))*+"


def addresses(text: str) -> Iterator[Edit]:
    """Find web addresses and e-mail addresses.

    Parameters
    ----------
    text : str
        Any text.

    Yields
    ------
    Edit
        In reading order: addresses with a scheme (``http``, ``https``, ``ftp``), with ``www.`` or
        with a path (``bit.ly/1gZ``) become ``xxurl``, e-mail addresses ``xxemail``. A bare domain
        (``amazon.com``) and a handle (``@midnight``) are names and stay.

    Examples
    --------
    >>> from newsdesk.features.alignment import replace
    >>> text = "Write to news@example.org (see https://example.org/a_(b), www.example.org)."
    >>> replace(text, addresses(text))
    'Write to xxemail (see xxurl, xxurl).'
    """
    if "@" in text or "/" in text or "www." in text.lower():  # most texts hold none of these
        yield from _masked(text, _address_pattern(), _address)


def numbers(text: str) -> Iterator[Edit]:
    """Find numbers that stand alone, written in the digits of any script.

    Parameters
    ----------
    text : str
        Any text.

    Yields
    ------
    Edit
        In reading order: ``$5``, ``£2.5m`` and ``5 €`` become ``xxmoney``, ``50%`` ``xxpercent``,
        ``12:30`` ``xxtime``, ``3rd`` ``xxordinal``, 1500 to 2099 ``xxyear`` and all other numbers
        ``xxnumber``. Digits inside a word stay: ``G20``, ``1990s``, ``v2.0``.

    Examples
    --------
    >>> from newsdesk.features.alignment import replace
    >>> text = "G20: $84,000 in 2018, up 3.5 % by 12:30; the 3rd of 1,500"
    >>> replace(text, numbers(text))
    'G20: xxmoney in xxyear, up xxpercent by xxtime; the xxordinal of xxnumber'
    """
    yield from _masked(text, _number_pattern(), _number)


Kind = Callable[[re.Match[str]], tuple[int, str]]


def _masked(text: str, pattern: re.Pattern[str], kind: Kind) -> Iterator[Edit]:
    """Write a word for each match, apart from what stands beside it."""
    classes = character_classes()

    def in_word(at: int) -> bool:
        return at < len(text) and classes[ord(text[at])] in (WORD, MARK)

    position = 0
    for found in pattern.finditer(text):
        start = found.start()
        end, word = kind(found)
        before = " " if start and (start == position or in_word(start - 1)) else ""
        behind = " " if in_word(end) else ""
        yield Edit(start, end, f"{before}{word}{behind}")
        position = end


def _address(found: re.Match[str]) -> tuple[int, str]:
    if found.lastgroup == "email":
        return found.end(), EMAIL
    return found.start() + len(found.group().rstrip(_AFTER_URL)), URL


def _number(found: re.Match[str]) -> tuple[int, str]:
    kind = found.lastgroup
    text = found.group()
    if kind == "number" and len(text) == 4 and text.isdecimal() and 1500 <= int(text) < 2100:
        kind = "year"
    return found.end(), f"xx{kind}"


@cache
def _word() -> str:
    """Characters of words as the tokeniser sees them, for a character class of a pattern."""
    classes = character_classes()
    inside = np.isin(classes, (WORD, MARK)).astype(np.int8)
    borders = np.flatnonzero(np.diff(inside, prepend=0, append=0)).reshape(-1, 2)
    ranges = (f"{chr(first)}-{chr(stop - 1)}" for first, stop in borders.tolist())
    return "".join(ranges)


@cache
def _address_pattern() -> re.Pattern[str]:
    word = _word()
    inside = rf"[{word}\-.~:/?#@!$&*+,;=%|]"
    path = rf"(?:{inside}++|\({inside}*+\)|\[{inside}*+\])"
    return re.compile(
        rf"(?P<scheme>(?i:https?|ftp)://{path}++)"
        rf"|(?<![{word}.+%@\-])(?:"
        rf"(?P<www>(?i:www)\.{path}++)"
        rf"|(?P<path>(?:[a-z0-9\-]++\.)++[a-z]{{2,6}}+/[{word}]{path}*+)"
        rf"|(?P<email>[{word}.+%\-]++@[{word}\-]++(?:\.[{word}\-]++)++))"
    )


@cache
def _number_pattern() -> re.Pattern[str]:
    word = _word()
    # A number does not begin inside a word, nor behind the point of one that was left: 1.5x, v2.0.
    begin, end = rf"(?<![{word}])(?<!\d[.,'’٫٬])", rf"(?![{word}])"
    space = rf"[ {_NO_BREAK}]?+"
    large = r"(?i:k|mn?|bn?|tn?)?+"
    return re.compile(
        rf"(?=[\d{_SIGNS_BEFORE}])(?:"
        rf"(?P<money>[{_SIGNS_BEFORE}]{space}{_AMOUNT}{large}{end}"
        rf"|{begin}{_AMOUNT}{space}[{_SIGNS_BEHIND}])"
        rf"|{begin}(?:"
        rf"(?P<percent>{_AMOUNT}{space}[%٪％‰])"
        rf"|(?P<time>\d{{1,2}}+(?::\d\d){{1,2}}+(?:{space}(?i:[ap]m|[ap]\.m\.){end})?+{end})"
        rf"|(?P<ordinal>\d++(?i:st|nd|rd|th){end})"
        rf"|(?P<number>{_AMOUNT}{end})))"
    )
