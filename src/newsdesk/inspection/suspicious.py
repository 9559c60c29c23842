r"""Rows that are probably not what their makers meant, found by documented signs.

None of the signs is a proof: they name rows that are worth a look.

UTF-8 that was read as Windows-1252 or Latin-1 (*mojibake*) shows as the characters that stand for
its lead and continuation bytes: "â€™" for a quotation mark, "Ã©" for é, "Ð¿Ñ€" for Cyrillic. The
continuation characters that also occur in sound text right behind a letter (quotation marks,
dashes, the ellipsis, the no-break space) count only behind a lead that does not, so that "café”"
is no finding. "‚Ä" is the same fault by way of Mac OS Roman.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsdesk.inspection.lengths import KEPT_CHARACTERS
from newsdesk.types import Bools, Indices

__all__ = ["KINDS", "Sign", "Signs", "find"]

_CONTINUATION = "\u0080-\u009f\u00a2-\u00aa\u00ac-\u00ba\u00bc-\u00be€‚ƒ„†‡ˆ‰Š‹ŒŽ•˜™š›œžŸ"
_MOJIBAKE = "|".join(
    [
        "â€",
        "‚Ä",
        "ï»¿",
        "ð[Ÿ\u009f]",
        "Â[\u0080-\u00bf]",
        f"Ã[{_CONTINUATION}]",
        f"(?:[ÐÑ][{_CONTINUATION}]){{2}}",
        f"[à-ï][{_CONTINUATION}]{{2}}",
    ]
)
_TAGS = (
    "a|abbr|article|b|blockquote|body|br|center|cite|code|div|em|embed|figure|font|form|h[1-6]|head"
    "|hr|html|i|iframe|img|input|li|link|meta|object|ol|p|pre|q|s|script|section|small|span|strong"
    "|style|sub|sup|svg|table|tbody|td|th|title|tr|tt|u|ul|video"
)
_HTML = rf"(?i)</?(?:{_TAGS})(?:\s[^<>]*)?/?>|&(?:[a-z]{{2,8}}|#[0-9]{{1,7}}|#x[0-9a-f]{{1,6}});"
# All controls but tab and line ends; bidirectional embeddings, overrides and isolates (UAX #9);
# characters without width. The joiners U+200C and U+200D belong to several scripts and to emoji.
_CONTROL = (
    r"[\x{0}-\x{8}\x{b}\x{c}\x{e}-\x{1f}\x{7f}-\x{9f}"
    r"\x{ad}\x{200b}\x{202a}-\x{202e}\x{2060}\x{2066}-\x{2069}\x{feff}]"
)
_URL = r"(?i)^\s*(?:https?://|www\.)\S+\s*$"

_FEWEST_CAPITALS = 20
_MOSTLY = 0.7
"""A headline in title case has a fifth of its letters in upper case."""
_TIMES_MEDIAN = 20
_LEAST_LONG = 1000


class Signs(NamedTuple):
    """What is known of n rows."""

    texts: pa.LargeStringArray
    """All fields joined."""
    blank: Bools
    """No field holds more than white space."""
    n_words: Indices
    """Words of all fields."""
    n_characters: Indices
    """Code points of all fields."""
    lettered: Bools
    """Some character belongs to a writing system."""
    mixed: Bools
    """A word mixes Latin with Cyrillic or Greek."""


class Sign(NamedTuple):
    """One kind of suspicious rows."""

    kind: str
    """Name for programs and for ``--fail-on``."""
    title: str
    """Name for people."""
    meaning: str
    """What is looked for, one sentence."""
    holds: Callable[[Signs], Bools]
    """Tells the rows."""


def _matching(pattern: str) -> Callable[[Signs], Bools]:
    def holds(signs: Signs) -> Bools:
        found: Bools = pc.match_substring_regex(signs.texts, pattern).to_numpy(zero_copy_only=False)
        return found

    return holds


def _upper_case(signs: Signs) -> Bools:
    found = np.zeros(len(signs.texts), dtype=np.bool_)
    capitals = pc.count_substring_regex(signs.texts, r"\p{Lu}").to_numpy()
    many = np.flatnonzero(capitals >= _FEWEST_CAPITALS)
    letters = pc.count_substring_regex(signs.texts.take(pa.array(many)), r"\p{L}").to_numpy()
    found[many] = capitals[many] >= _MOSTLY * letters
    return found


def _very_long(signs: Signs) -> Bools:
    median = float(np.median(signs.n_characters))
    return signs.n_characters > max(_TIMES_MEDIAN * median, _LEAST_LONG)


KINDS = (
    Sign("empty", "empty", "No field holds any text.", lambda signs: signs.blank),
    Sign(
        "one_word",
        "one word only",
        "At most one word of two letters or more.",
        lambda signs: signs.lettered & (signs.n_words <= 1),
    ),
    Sign(
        "no_letters",
        "no letters",
        "Only digits, punctuation, symbols or emoji.",
        lambda signs: ~signs.blank & ~signs.lettered,
    ),
    Sign("url_only", "a web address only", "Nothing but one web address.", _matching(_URL)),
    Sign(
        "mojibake",
        "wrongly decoded",
        "UTF-8 that was read as another encoding, such as â€™ for ’ or Ã© for é.",
        _matching(_MOJIBAKE),
    ),
    Sign(
        "replacement",
        "replacement character",
        "U+FFFD, which stands where a character could not be decoded.",
        _matching("\ufffd"),
    ),
    Sign("html", "HTML left", "Tags or entities, such as <br> or &amp;.", _matching(_HTML)),
    Sign(
        "control",
        "control or invisible",
        "Control characters, reversals of the direction of writing, characters without width.",
        _matching(_CONTROL),
    ),
    Sign(
        "mixed_alphabets",
        "mixed alphabets",
        "A word of Latin and Cyrillic or Greek letters, which look alike.",
        lambda signs: signs.mixed,
    ),
    Sign(
        "upper_case",
        "mostly upper case",
        f"At least {_FEWEST_CAPITALS} capitals, and {100 * _MOSTLY:.0f} % of all letters.",
        _upper_case,
    ),
    Sign(
        "very_long",
        "very long",
        f"More than {_TIMES_MEDIAN} times the median, and {_LEAST_LONG:,} characters.",
        _very_long,
    ),
    Sign(
        "cut",
        "longer than is read",
        f"More than the {KEPT_CHARACTERS:,} characters that a bundle keeps of a text.",
        lambda signs: signs.n_characters > KEPT_CHARACTERS,
    ),
)
"""Every kind, in the order of the report."""


def find(signs: Signs) -> list[tuple[Sign, Bools]]:
    """Look for every sign.

    Parameters
    ----------
    signs : Signs
        What is known of n rows.

    Returns
    -------
    list[tuple[Sign, Bools]]
        Each kind and its rows, shape ``(n,)``.
    """
    return [(sign, sign.holds(signs)) for sign in KINDS]
