from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk import optional
from newsdesk.errors import MissingExtraError
from newsdesk.features.steps import STEPS, Step, load_repair
from newsdesk.types import string_array

BY_NAME = {step.name: step for step in STEPS}
BROKEN = "l'Ã©tÃ© Ã  la mode — schÃ¶n and fine â€œquotedâ€\x9d"


def came_from(step: Step, text: str, part: str) -> str:
    """Raw text under the first occurrence of a part of the changed text."""
    starts, ends = step.align(text)
    at = step.apply(text).index(part)
    return text[starts[at] : ends[at + len(part) - 1]]


def test_the_order_of_the_steps_is_fixed() -> None:
    assert list(BY_NAME) == ["repair", "html", "urls", "numbers", "lower", "ascii"]


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        (BROKEN, "l'été à  la mode — schön and fine “quoted”"),
        ("sÃ³\n“quotes” and ﬁve ＬＯＵＤ", "só\n“quotes” and ﬁve ＬＯＵＤ"),
        ("cafe\u0301 &amp; 한글 \u1112\u1161\u11ab", "café &amp; 한글 한"),
        ("naïve Straße — 大阪 👩‍👩", "naïve Straße — 大阪 👩‍👩"),
    ],
)
def test_repair_decodes_and_composes_and_leaves_good_text(text: str, repaired: str) -> None:
    assert BY_NAME["repair"].apply(text) == repaired


@pytest.mark.parametrize(
    ("part", "raw"),
    [("été", "Ã©tÃ©"), ("schön", "schÃ¶n"), ("fine", "fine"), ("“quoted”", "â€œquotedâ€\x9d")],
)
def test_a_repaired_word_came_from_the_broken_one(part: str, raw: str) -> None:
    assert came_from(BY_NAME["repair"], BROKEN, part) == raw


@pytest.mark.parametrize("n", [1, 700, 3000])
def test_words_keep_their_places_in_long_repaired_lines(n: int) -> None:
    text = "good " * n + "sÃ³ middle — sÃ³ " + "words " * n
    assert came_from(BY_NAME["repair"], text, "good") == "good"
    assert came_from(BY_NAME["repair"], text, "words") == "words"
    assert came_from(BY_NAME["repair"], text, "só") != "só"


def test_marks_beyond_what_a_script_needs_are_left_uncomposed() -> None:
    text = "e\u0301 " + "a" + "\u0301\u0316" * 200_000
    assert BY_NAME["repair"].apply(text) == "é " + text[3:]


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(target: str, *, extra: str) -> None:
        raise MissingExtraError(f"{target} is not installed.", remedy=f"newsdesk[{extra}]")

    monkeypatch.setattr(optional, "load", missing)
    load_repair.cache_clear()
    with pytest.raises(MissingExtraError) as caught:
        load_repair()
    assert caught.value.remedy == "newsdesk[repair]"
    load_repair.cache_clear()


@pytest.mark.parametrize(
    ("text", "lowered"),
    [
        ("ΟΔΟΣ ΟΔΟΣ.Α Σ", "οδος οδοσ.α σ"),
        ("İstanbul", "i\u0307stanbul"),
        ("STRASSE Straße ẞ", "strasse straße ß"),
        ("ǅ K 𐐀", "ǆ k 𐐨"),
    ],
)
def test_lower_is_that_of_python_in_texts_and_columns(text: str, lowered: str) -> None:
    step = BY_NAME["lower"]
    assert step.apply(text) == lowered == text.lower()
    assert step.column(string_array(["A", text])).to_pylist() == ["a", lowered]


def test_a_letter_that_becomes_two_came_from_one() -> None:
    assert came_from(BY_NAME["lower"], "in İstanbul now", "i\u0307stanbul") == "İstanbul"
    assert came_from(BY_NAME["lower"], "in İstanbul now", "now") == "now"


def test_ascii_leaves_out_all_other_characters() -> None:
    step = BY_NAME["ascii"]
    assert step.apply("naïve 大阪 “yes” 👩‍👩!") == "nave  yes !"
    assert came_from(step, "so naïve 大阪", "nave") == "naïve"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_column_that_does_not_change_is_given_back_as_it_is(step: Step) -> None:
    for texts in (["plain", "", "words & more, a < b @ 3x"], [], [""]):
        column = string_array(texts)
        assert step.column(column) is column


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
@given(
    texts=st.lists(
        st.text(st.characters(codec="utf-8"), max_size=12)
        | st.sampled_from([BROKEN, "<b>A</b>&amp;", "see www.a.org", "5% ＡＢ ٣", "ΣΣ", "", "é"]),
        min_size=1,
        max_size=6,
    ),
    first=st.integers(0, 3),
)
def test_a_column_is_changed_as_its_texts_are(step: Step, texts: list[str], first: int) -> None:
    column = string_array(texts).slice(min(first, len(texts)))
    assert step.column(column).to_pylist() == [step.apply(text) for text in column.to_pylist()]
