from __future__ import annotations

from torch import nn

from newsdesk.models.neural.wishes import Wishes, wishes_of


def test_a_network_that_says_nothing_wishes_for_nothing() -> None:
    found = wishes_of(nn.Linear(1, 1))
    assert found == Wishes()
    assert not found.rate_factors
    assert not found.exempt
    assert not found.bfloat16
    assert not found.fused
    assert found.tokens_together is None


def test_what_a_network_says_is_heard() -> None:
    network = nn.Linear(1, 1)
    network.wishes = Wishes(bfloat16=True)  # type: ignore[assignment]
    assert wishes_of(network) == Wishes(bfloat16=True)
