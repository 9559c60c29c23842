"""From the bytes of a text file to text: the encoding is found, or named by the caller."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from newsdesk.errors import ConfigError

__all__ = ["UNDECODABLE", "Decoded", "decode", "find", "visible"]

UNDECODABLE = re.compile("[\ud800-\udfff]")
"""Matches what stands in decoded text for bytes that are no text in its encoding.

A byte ``b`` becomes the lone surrogate U+DC00 + b, which no valid text holds.
"""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    # The mark of UTF-32 little-endian begins with that of UTF-16: longest first.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE_BYTES = 1 << 16
_HIGH_BYTES = bytes(range(0x80, 0x100))
# Letters of Latin-1 beside a letter, or typographic signs of cp1252 that stand anywhere. Left
# out are bytes that hardly occur in prose (thorn, y with diaeresis, control codes).
_LATIN_LETTER = rb"\xc0-\xd6\xd8-\xf6\xf8-\xfd"
_PLAUSIBLE_LATIN = re.compile(
    rb"(?<=[A-Za-z" + _LATIN_LETTER + rb"])[" + _LATIN_LETTER + rb"]"
    rb"|[" + _LATIN_LETTER + rb"](?=[A-Za-z])"
    rb"|(?<![^\s\"'(,;|-])[\xc0\xe0\xe1\xe9\xf3](?=[\s-])"
    rb"|[\x80\x82-\x85\x8b\x91-\x97\x99\x9b\xa0\xa1\xa3\xa7-\xab\xae\xb0\xb4\xb7\xbb-\xbf]"
)
_NAMES = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 (little-endian)",
    "utf-16-be": "UTF-16 (big-endian)",
    "utf-32-le": "UTF-32 (little-endian)",
    "utf-32-be": "UTF-32 (big-endian)",
    "cp1252": "Windows-1252 (Latin-1)",
    "latin-1": "Latin-1",
}


def _mark(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    bad = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in bad), error.end


codecs.register_error("newsdesk.mark", _mark)


@dataclass(frozen=True)
class Decoded:
    """The text of a file.

    Parameters
    ----------
    text : str
        Without byte-order mark; undecodable bytes are marked, see `UNDECODABLE`.
    encoding : str
        Python's name of the encoding.
    clean : bool
        Whether every byte could be decoded.
    """

    text: str
    encoding: str
    clean: bool

    @property
    def label(self) -> str:
        """The encoding's name for people."""
        return _NAMES.get(self.encoding, self.encoding)

    def note(self, given: str | None) -> str | None:
        """Say which encoding was found, where that is worth saying.

        Parameters
        ----------
        given : str | None
            The encoding that the caller named, if any.

        Returns
        -------
        str | None
            A note; None for UTF-8 and for a named encoding.
        """
        plain = given is not None or self.encoding == "utf-8"
        return None if plain else f"encoding {self.label} found"


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """Decode a file.

    Parameters
    ----------
    data : bytes
        The whole file.
    encoding : str | None
        Python's name of the encoding; by default it is found, see `find`.

    Returns
    -------
    Decoded
        The text.

    Raises
    ------
    ConfigError
        If the named encoding does not exist.
    """
    if encoding is None:
        name = _marked(data)
        if name is None:
            try:
                return Decoded(data.decode(), "utf-8", clean=True)
            except UnicodeDecodeError:
                name = _narrow(data)
    else:
        name = _known(encoding)
    for mark, marked in _BOMS:
        if data.startswith(mark) and name in (marked, marked[:6], "utf-8-sig"):
            data, name = data[len(mark) :], marked
            break
    if name in ("utf-16", "utf-32"):  # named without byte order, and no mark tells it
        name += "-le"
    try:
        return Decoded(data.decode(name), name, clean=True)
    except UnicodeDecodeError:
        return Decoded(data.decode(name, "newsdesk.mark"), name, clean=False)


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        problem = f"There is no encoding {encoding!r}."
        remedy = "Name one such as utf-8, utf-16, cp1252 or latin-1, or leave it to be found."
        raise ConfigError(problem, remedy=remedy) from error
    return "latin-1" if name == "iso8859-1" else name


def find(data: bytes) -> str:
    r"""Find the encoding of a text file.

    In this order: a byte-order mark; UTF-16 without one, told by ASCII characters that have a NUL
    byte beside them; UTF-8, where all bytes are valid; else Windows-1252, the superset of Latin-1
    in use, when the foreign bytes look like letters inside words, and UTF-8 with damaged rows when
    they do not.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    str
        Python's name of the encoding.

    Examples
    --------
    >>> find("label,text\nculture,Café noir\n".encode("latin-1"))
    'cp1252'
    """
    name = _marked(data)
    if name is not None:
        return name
    try:
        data.decode()
    except UnicodeDecodeError:
        return _narrow(data)
    return "utf-8"


def _marked(data: bytes) -> str | None:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    return _utf16_without_mark(data[:_SAMPLE_BYTES])


def _utf16_without_mark(sample: bytes) -> str | None:
    if b"\0" not in sample:
        return None
    sample = sample[: len(sample) // 2 * 2]
    low, high = sample[::2], sample[1::2]
    n_little = sum(map(_is_wide_ascii, high, low))
    n_big = sum(map(_is_wide_ascii, low, high))
    name, n_wide = ("utf-16-le", n_little) if n_little >= n_big else ("utf-16-be", n_big)
    text = sample.decode(name, "newsdesk.mark")
    if n_wide == 0 or not ("\n" in text or "\r" in text):
        return None
    # Of Chinese text only delimiters and line ends are ASCII, but its bytes are no UTF-8.
    share = n_wide / len(low)
    foreign = UNDECODABLE.search(sample.decode("utf-8", "newsdesk.mark")) is not None
    return name if share > 0.3 or (share > 0.005 and foreign) else None


def _is_wide_ascii(high: int, low: int) -> bool:
    return high == 0 and 0 < low < 0x80


def _narrow(data: bytes) -> str:
    marked = data.decode("utf-8", "newsdesk.mark")
    n_invalid = len(UNDECODABLE.findall(marked))
    n_valid = len(marked) - len(marked.encode("ascii", "ignore")) - n_invalid
    n_high = len(data) - len(data.translate(None, _HIGH_BYTES))
    n_plausible = len(_PLAUSIBLE_LATIN.findall(data))
    if n_valid >= n_invalid or n_plausible < 0.8 * n_high:
        return "utf-8"
    return "cp1252"


def visible(text: str) -> str:
    r"""Show marked bytes as ``\xNN``, so that the text can be written as UTF-8.

    Parameters
    ----------
    text : str
        Decoded text, possibly with marks.

    Returns
    -------
    str
        Valid Unicode.
    """

    def escape(match: re.Match[str]) -> str:
        code = ord(match[0])
        in_marks = 0xDC00 <= code <= 0xDCFF
        return f"\\x{code - 0xDC00:02x}" if in_marks else f"\\u{code:04x}"

    return UNDECODABLE.sub(escape, text)
