from __future__ import annotations

import pytest

from newsdesk.bundle.columns import columns_of
from newsdesk.errors import LabelError
from newsdesk.types import LabelSet


def test_classes_are_found_by_name() -> None:
    own, wanted = LabelSet(["c", "a", "b"]), LabelSet(["a", "b", "c"])
    assert columns_of(own, wanted, "x").tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (["a"], "it lacks b"),
        (["a", "b", "c"], "it has c besides"),
        (["a", "B"], "it lacks b; it has B besides"),
    ],
)
def test_other_classes_are_refused_by_name(own: list[str], said: str) -> None:
    with pytest.raises(LabelError, match=f"runs/x was trained on other classes: {said}"):
        columns_of(LabelSet(own), LabelSet(["a", "b"]), "runs/x")
