from __future__ import annotations

from newsdesk.data.wording import counted, listed


def test_numbers_and_nouns_agree() -> None:
    assert [counted(n) for n in (0, 1, 1000)] == ["0 rows", "1 row", "1,000 rows"]
    assert counted(2, "class") == "2 classes"


def test_long_lists_are_cut_with_their_count() -> None:
    assert listed(["a"]) == "a"
    assert listed("abcdefg") == "a, b, c, d, e and 2 more"
