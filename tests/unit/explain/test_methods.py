from __future__ import annotations

import pytest

from newsdesk.bundle import Explanation
from newsdesk.explain.methods import told


def test_exact_weights_are_called_exact() -> None:
    assert "exact" in told(Explanation("SPORT", 0.9, (), low_evidence=False))


@pytest.mark.parametrize(("n", "words"), [(1, "(1 variant of"), (64, "(64 variants of")])
def test_occlusion_says_what_it_cost(n: int, words: str) -> None:
    explanation = Explanation("SPORT", 0.9, (), False, "occlusion", n)
    assert "occlusion" in told(explanation)
    assert words in told(explanation)
