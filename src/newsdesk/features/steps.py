"""The steps of the cleaner: what each does to a text or column, and where characters came from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import accumulate

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsdesk import optional
from newsdesk.features.alignment import Alignment, Edit, chain, changed_pieces, follow, replace
from newsdesk.features.markup import markup
from newsdesk.features.masks import addresses, numbers

__all__ = ["STEPS", "Step", "load_repair"]

_CHUNK = 1 << 16  # so many texts at most are Python strings at once
_MOST_MARKS = 30
_MOST_WORDS = 2000
_NOT_ASCII = r"[^\x00-\x7f]"


@dataclass(frozen=True)
class Step:
    """One step.

    Parameters
    ----------
    name : str
        The field of the cleaner that switches it on.
    apply : Callable[[str], str]
        Changes one text.
    align : Callable[[str], Alignment]
        Says for the same text where the characters of the changed one came from.
    concerns : Callable[[pa.LargeStringArray], pa.BooleanArray]
        Which texts of a column it may change at all; the others are never looked at.
    apply_all : Callable[[pa.LargeStringArray], pa.LargeStringArray] | None
        A whole column at once where that is faster; the same texts as by `apply`.
    library : str | None
        Distribution whose version decides what the step does.
    """

    name: str
    apply: Callable[[str], str]
    align: Callable[[str], Alignment]
    concerns: Callable[[pa.LargeStringArray], pa.BooleanArray]
    apply_all: Callable[[pa.LargeStringArray], pa.LargeStringArray] | None = None
    library: str | None = None

    def column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Change a column.

        Parameters
        ----------
        texts : pa.LargeStringArray
            Shape ``(n,)``.

        Returns
        -------
        pa.LargeStringArray
            Shape ``(n,)``; the same object when nothing changes.
        """
        chunks = [texts.slice(first, _CHUNK) for first in range(0, len(texts), _CHUNK)]
        changed = [self._chunk(chunk) for chunk in chunks]
        if all(after is before for after, before in zip(changed, chunks, strict=True)):
            return texts
        return changed[0] if len(changed) == 1 else pa.concat_arrays(changed)

    def _chunk(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        concerned = self.concerns(texts)
        if not pc.any(concerned).as_py():
            return texts
        if self.apply_all is not None:
            found = self.apply_all(texts)
            return texts if found.equals(texts) else found
        before = texts.filter(concerned).to_pylist()
        after = [self.apply(text) for text in before]
        if after == before:
            return texts
        return pc.replace_with_mask(texts, concerned, pa.array(after, pa.large_string()))


def _by_edits(
    name: str,
    edits: Callable[[str], Iterable[Edit]],
    concerns: Callable[[pa.LargeStringArray], pa.BooleanArray],
) -> Step:
    """Make a step of what writes some stretches anew."""
    return Step(
        name,
        lambda text: replace(text, edits(text)),
        lambda text: follow(text, edits(text)),
        concerns,
    )


def _matching(pattern: str) -> Callable[[pa.LargeStringArray], pa.BooleanArray]:
    return lambda texts: pc.match_substring_regex(texts, pattern)


def _not_ascii(texts: pa.LargeStringArray) -> pa.BooleanArray:
    return pc.invert(pc.string_is_ascii(texts))


# ── repair ───────────────────────────────────────────────────────────────────────────────────────


@cache
def load_repair() -> Callable[[str], str]:
    """Load what decodes mojibake anew.

    Returns
    -------
    Callable[[str], str]
        Takes one line; gives it back as it is unless it looks like text that was decoded in a wrong
        encoding (Speer 2019, "ftfy"). Of that library's fixes these alone are used: quotes,
        ligatures and widths stay as they are written.

    Raises
    ------
    MissingExtraError
        If ftfy is not installed.
    """
    fix = optional.load("ftfy:fix_encoding", extra="repair")
    config = optional.load("ftfy:TextFixerConfig", extra="repair")(
        restore_byte_a0=True,
        replace_lossy_sequences=True,
        decode_inconsistent_utf8=True,
        fix_c1_controls=True,
        explain=False,
    )

    def repair(line: str) -> str:
        fixed: str = fix(line, config)
        return fixed

    return repair


def _lines(text: str) -> list[str]:
    # Each line may have been decoded wrongly in its own way.
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _decode(text: str) -> str:
    if text.isascii():
        return text
    return "".join(map(load_repair(), _lines(text)))


def _decoding_edits(text: str) -> Iterator[Edit]:
    """What `_decode` changes; it says no places, so that words are compared."""
    repair = load_repair()
    position = 0
    for line in _lines(text):
        fixed = repair(line)
        if fixed != line:
            yield from _word_edits(line, fixed, position)
        position += len(line)


def _word_edits(before: str, after: str, offset: int) -> Iterator[Edit]:
    """Changed words of a line that begins at an offset."""
    old, new = (re.findall(r"\S+\s*|\s+", text) for text in (before, after))
    if max(len(old), len(new)) > _MOST_WORDS:  # comparing takes up to quadratic time
        old, new = [before], [after]
    borders = list(accumulate(map(len, old), initial=offset))
    for kind, first, last, low, high in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            continue
        if last - first == high - low:  # word for word
            words = zip(borders[first:last], old[first:last], new[low:high], strict=True)
            yield from (_trimmed(*word) for word in words)
            continue
        # What was put in between came from the word before it, or the one behind.
        if first == last and first:
            first, low = first - 1, low - 1
        elif first == last:
            last, high = last + 1, high + 1
        yield _trimmed(borders[first], "".join(old[first:last]), "".join(new[low:high]))


def _trimmed(start: int, old: str, new: str) -> Edit:
    """Leave out what is the same at both ends, but for one character to come from."""
    most = min(len(old) - 1, len(new))
    head = 0
    while head < most and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < most - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return Edit(start + head, start + len(old) - tail, new[head : len(new) - tail])


def _compose(text: str) -> str:
    """Canonical composition (NFC), but for characters with more marks than any script needs.

    Sorting such marks takes quadratic time (Stream-Safe Text Format, UAX #15, section 13).
    """
    if unicodedata.is_normalized("NFC", text):
        return text
    return re.sub(r"\S+", lambda found: _compose_run(found.group()), text)


def _compose_run(run: str) -> str:
    streak = 0
    for char in run:
        streak = streak + 1 if unicodedata.combining(char) else 0
        if streak > _MOST_MARKS:
            return run
    return unicodedata.normalize("NFC", run)


def _repair_alignment(text: str) -> Alignment:
    decoded = _decode(text)
    return chain(
        follow(text, _decoding_edits(text)),
        follow(decoded, changed_pieces(decoded, _compose)),
    )


# ── lower, ascii ─────────────────────────────────────────────────────────────────────────────────


def _lower_edits(text: str) -> Iterator[Edit]:
    lowered, position = text.lower(), 0
    for at, char in enumerate(text):
        # What Σ becomes depends on its place in the word, how many characters one becomes does not.
        end = position + len(char.lower())
        if lowered[position:end] != char:
            yield Edit(at, at + 1, lowered[position:end])
        position = end


def _lower_all(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    foreign = _not_ascii(texts)
    others = [text.lower() for text in texts.filter(foreign).to_pylist()]
    # Arrow's own lower-casing of other scripts is not Python's.
    lowered = pc.ascii_lower(texts)
    return pc.replace_with_mask(lowered, foreign, pa.array(others, pa.large_string()))


def _drop(text: str) -> str:
    return text.encode("ascii", "ignore").decode("ascii")


def _drop_all(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """Leave out all bytes that are not ASCII: in UTF-8 those of all other characters."""
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int64)
    offsets = offsets[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(texts.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]]
    kept = data < 0x80
    behind = np.zeros(len(data) + 1, dtype=np.int64)
    np.cumsum(kept, out=behind[1:])
    places = behind[offsets - offsets[0]]
    return pa.LargeStringArray.from_buffers(
        len(texts), pa.py_buffer(places), pa.py_buffer(data[kept])
    )


STEPS: tuple[Step, ...] = (
    Step(
        "repair",
        lambda text: _compose(_decode(text)),
        _repair_alignment,
        _not_ascii,
        library="ftfy",
    ),
    _by_edits("html", markup, _matching("[<&]")),
    _by_edits("urls", addresses, _matching(r"[@/]|(?i:www\.)")),
    # Which characters are digits is Python's to say, not the pattern library's of Arrow.
    _by_edits("numbers", numbers, _matching(rf"[0-9]|{_NOT_ASCII}")),
    Step(
        "lower",
        str.lower,
        lambda text: follow(text, _lower_edits(text)),
        _matching(rf"[A-Z]|{_NOT_ASCII}"),
        _lower_all,
    ),
    Step(
        "ascii",
        _drop,
        lambda text: follow(text, (Edit(*m.span(), "") for m in re.finditer(_NOT_ASCII, text))),
        _not_ascii,
        _drop_all,
    ),
)
"""All steps, in the order in which they are taken."""
