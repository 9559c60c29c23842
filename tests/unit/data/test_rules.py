from __future__ import annotations

from newsdesk.data.rules import RULES


def test_every_rule_is_named_by_the_first_word_of_its_specification() -> None:
    assert sorted(RULES) == [
        "after",
        "column",
        "grouped",
        "published",
        "random",
        "stratified",
        "tail",
    ]
