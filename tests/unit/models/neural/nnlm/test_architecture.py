from __future__ import annotations

from newsdesk.models.neural.nnlm.architecture import NnlmArchitecture


def test_buckets_have_vectors_behind_the_words() -> None:
    assert NnlmArchitecture(8).shapes(5) == {"embedding": (5, 8)}
    assert NnlmArchitecture(8, 3).shapes(5) == {"embedding": (8, 8)}
