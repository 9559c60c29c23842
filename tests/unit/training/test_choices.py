from __future__ import annotations

import pytest

from newsdesk.errors import ConfigError
from newsdesk.models.linear import LinearParams
from newsdesk.training.choices import Choices, plain, written

CHOICES = Choices("Try", "tries", "--try")
KNOWN = ["C", "min_df", "word_ngrams", "char_ngrams"]


def test_entries_are_taken_apart_in_their_order() -> None:
    assert CHOICES.split(["min_df=1| 2", " C =3"], KNOWN) == {"min_df": ["1", "2"], "C": ["3"]}


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        (["C"], "Try 'C' is not of the form key=value|value."),
        (["C=1||2"], "Try 'C=1||2' is not of the form"),
        (["c=1"], "Try 'c=1': unknown setting 'c'."),
        (["C=1", "C=2"], "Setting C has two tries."),
    ],
)
def test_a_wrong_entry_is_named(entries: list[str], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        CHOICES.split(entries, KNOWN)
    assert problem in caught.value.problem


def test_values_are_read_as_the_params_have_them() -> None:
    params = LinearParams()
    assert CHOICES.values(params, "C", ["1", "0.5"], "linear") == (1.0, 0.5)
    assert CHOICES.values(params, "word_ngrams", ["1,2"], "linear") == ([1, 2],)
    assert CHOICES.values(params, "char_ngrams", ["null", "3,4"], "linear") == (None, [3, 4])


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        (["-1"], "Try C=-1: Family linear: C is -1.0"),
        (["x"], "Try C=x"),
        (["1", "1.0"], "Try C of family linear names 1 twice."),
    ],
)
def test_a_wrong_value_is_named(texts: list[str], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        CHOICES.values(LinearParams(), "C", texts, "linear")
    assert caught.value.problem.startswith(problem)


def test_what_is_written_is_read_as_the_same_value() -> None:
    params = LinearParams()
    for key in ("C", "word_ngrams", "char_ngrams", "loss"):
        value = plain(params, key)
        assert CHOICES.values(params, key, [written(value).strip("[]")], "linear") == (value,)
