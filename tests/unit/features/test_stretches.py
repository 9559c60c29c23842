from __future__ import annotations

import numpy as np
import pytest

from newsdesk.features.stretches import Stretch, leave_out, passages, runs, without, words_of
from newsdesk.types import Documents, numbered, string_array


def words(text: str) -> list[str]:
    found = words_of(Documents.from_texts([text]))
    return [text[word.start : word.end] for word in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rates rise, again!", ["Rates", "rise", "again"]),
        ("I paid 5 $ a day", ["I", "paid", "5", "a", "day"]),
        ("cafe\u0301 हिन्दी", ["cafe\u0301", "हिन्दी"]),
        ("大阪 a大b", ["大", "阪", "a", "大", "b"]),
        ("ﬁne ŉ Maß", ["ﬁne", "ŉ", "Maß"]),
        ("", []),
        (" …! ", []),
    ],
)
def test_words_are_found_with_letters_that_stand_alone(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize("one", ["👩‍👩‍👧", "👍🏽", "🇬🇧", "❤️", "😀"])
def test_what_a_reader_sees_as_one_emoji_stays_whole(one: str) -> None:
    assert words(f"up{one} {one}{one}x") == ["up", one, one, one, "x"]


def test_words_of_all_fields_are_found_in_reading_order() -> None:
    fields = {"headline": string_array(["A goal"]), "description": string_array(["a cup"])}
    assert words_of(Documents(numbered(1), fields)) == [
        Stretch("headline", 0, 1),
        Stretch("headline", 2, 6),
        Stretch("description", 0, 1),
        Stretch("description", 2, 5),
    ]


def sentences(texts: dict[str, str], most: int = 64) -> list[str]:
    document = Documents(numbered(1), {name: string_array([own]) for name, own in texts.items()})
    found = words_of(document)
    return [
        texts[found[first].field][found[first].start : found[last - 1].end]
        for first, last in passages(document, found, most)
    ]


def test_sentences_end_at_full_stops_lines_and_fields() -> None:
    texts = {
        "headline": "Rates rise",
        "description": "It costs 3.50 now. \u201cWhy?\u201d he asks\nNo word。大阪",
    }
    assert sentences(texts) == [
        "Rates rise",
        "It costs 3.50 now",
        "Why",
        "he asks",
        "No word",
        "大阪",
    ]


def test_a_sentence_without_end_is_cut_evenly() -> None:
    assert sentences({"text": "a b c d e f g"}, most=3) == ["a b", "c d", "e f g"]


@pytest.mark.parametrize("n", [65, 200, 5000])
def test_many_sentences_are_joined_until_they_are_few(n: int) -> None:
    document = Documents(
        numbered(1),
        {
            "headline": string_array(["So it goes. " * 3]),
            "description": string_array(["One more of them. " * n]),
        },
    )
    found = words_of(document)
    parts = passages(document, found, 64)
    assert 32 <= len(parts) <= 64
    assert [first for first, _ in parts[1:]] == [last for _, last in parts[:-1]]
    assert (parts[0][0], parts[-1][1]) == (0, len(found))
    assert all(found[first].field == found[last - 1].field for first, last in parts)


def test_runs_never_are_empty() -> None:
    assert runs(0, 2, 5) == [(0, 1), (1, 2)]
    assert runs(3, 3, 1) == []


@pytest.mark.parametrize(
    ("text", "left_out", "expected"),
    [
        ("Rates rise again", [(0, 5)], "rise again"),
        ("Rates rise again", [(11, 16)], "Rates rise "),
        ("Rates rise again", [(11, 16), (0, 5)], "rise "),
        ("Rates rise again", [(0, 5), (6, 10), (11, 16)], ""),
        ("up,down", [(0, 2)], ",down"),
        ("東京大阪", [(1, 2)], "東 大阪"),
        ("(goal)", [(1, 5)], "( )"),
        ("as it is", [], "as it is"),
    ],
)
def test_what_is_left_does_not_grow_together(
    text: str, left_out: list[tuple[int, int]], expected: str
) -> None:
    assert without(text, left_out) == expected


def test_variants_lack_their_own_stretches_in_each_field() -> None:
    documents = Documents(
        numbered(2),
        {
            "headline": string_array(["Rates rise again", "Goal"]),
            "text": string_array(["The bank acts", "A late one"]),
        },
    )
    left_out = [
        [Stretch("headline", 6, 10)],
        [Stretch("headline", 11, 16), Stretch("headline", 0, 5), Stretch("text", 4, 8)],
        [],
    ]
    found = leave_out(documents, np.array([0, 0, 1]), left_out)
    assert found.fields["headline"].to_pylist() == ["Rates again", "rise ", "Goal"]
    assert found.fields["text"].to_pylist() == ["The bank acts", "The acts", "A late one"]
    assert found.ids.to_pylist() == ["0", "0", "1"]
