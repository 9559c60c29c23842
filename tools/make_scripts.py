"""Write ``src/newsdesk/features/scripts.json`` from this interpreter's Unicode database.

Run it only to move to another Unicode version on purpose: bundles trained before would tokenise
the affected characters differently.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path

SEPARATOR, WORD, MARK, SINGLE = range(4)

# Scripts written without spaces between words (Unicode Standard, chapter 6.2 and UAX #29,
# section 4.1), as block ranges.
WITHOUT_SPACES = [
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19FF),  # Tai Le, New Tai Lue, Khmer symbols
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x2E80, 0x2FDF),  # CJK radicals
    (0x3005, 0x3007),  # ideographic iteration marks
    (0x3021, 0x30FF),  # Hangzhou numerals, Hiragana, Katakana
    (0x3100, 0x312F),  # Bopomofo
    (0x31A0, 0x31FF),  # Bopomofo and Katakana extensions
    (0x3400, 0x4DBF),  # CJK extension A
    (0x4E00, 0x9FFF),  # CJK unified ideographs
    (0xA000, 0xA4CF),  # Yi
    (0xA9E0, 0xA9FF),  # Myanmar extended B
    (0xAA60, 0xAADF),  # Myanmar extended A, Tai Viet
    (0xF900, 0xFAFF),  # CJK compatibility ideographs
    (0xFF66, 0xFF9F),  # halfwidth Katakana
    (0x1AFF0, 0x1B16F),  # Kana extensions
    (0x20000, 0x3FFFF),  # CJK extensions B and later
]
JOINERS = {0x00AD, 0x200C, 0x200D}


def character_class(code: int) -> int:
    """Class of one code point."""
    category = unicodedata.category(chr(code))
    if category in ("Mn", "Mc", "Me") or code in JOINERS:
        return MARK
    if category[0] in "LN" or category == "Pc":
        inside = any(first <= code <= last for first, last in WITHOUT_SPACES)
        return SINGLE if inside and category != "Nd" else WORD
    # Emoji and other pictures carry meaning in short texts.
    return SINGLE if category == "So" and code > 0x7F else SEPARATOR


def main() -> None:
    """Run-length encode the table."""
    lengths: list[int] = []
    classes: list[int] = []
    for code in range(0x110000):
        value = character_class(code)
        if classes and classes[-1] == value:
            lengths[-1] += 1
        else:
            classes.append(value)
            lengths.append(1)
    target = Path(__file__).parents[1] / "src/newsdesk/features/scripts.json"
    table = {"unicode": unicodedata.unidata_version, "classes": classes, "lengths": lengths}
    target.write_text(json.dumps(table, separators=(",", ":")) + "\n", encoding="utf-8")
    sys.stdout.write(f"{target.name}: {len(lengths)} runs, Unicode {table['unicode']}\n")


if __name__ == "__main__":
    main()
