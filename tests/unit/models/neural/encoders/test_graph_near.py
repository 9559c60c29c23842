from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import onnxruntime
import pytest

from newsdesk.models.neural.encoders.graph_near import Near
from newsdesk.models.neural.encoders.kinds import ModernBert
from newsdesk.models.neural.encoders.nodes import INPUT, OUTPUT, Nodes
from newsdesk.models.neural.encoders.packing import pack
from newsdesk.models.neural.encoders.runner import Runner


def run(ids: Any, reach: int, what: str) -> Any:
    """What becomes of tokens whose only number is their id."""
    nodes = Nodes({})
    near = Near(nodes, 1, reach)
    x = nodes.node("Unsqueeze", nodes.floats(INPUT), nodes.whole(2))
    made = {"queries": near.queries, "keys": near.keys, "added": lambda _x: near.added}[what](x)
    session = onnxruntime.InferenceSession(nodes.finished(nodes.node("Squeeze", made), 1))
    return session.run([OUTPUT], {INPUT: ids})[0]


@pytest.mark.parametrize("reach", [0, 1, 9, 60])
@pytest.mark.parametrize("n_tokens", [1, 5, 32, 33, 70, 300])
def test_every_query_meets_all_keys_that_are_near_and_no_other(n_tokens: int, reach: int) -> None:
    ids = np.arange(2 * n_tokens).reshape(2, n_tokens) + 1
    rows = [run(ids, reach, what) for what in ("queries", "keys", "added")]
    n_queries = min(n_tokens, max(32, 4 * reach))
    queries, added = rows[0].reshape(-1, n_queries), rows[2].reshape(*rows[2].shape)
    keys = rows[1].reshape(len(queries), -1)
    met: dict[int, list[int]] = {}
    for part, (own, others) in enumerate(zip(queries, keys, strict=True)):
        seen = added.reshape(len(queries), n_queries, -1)[part] == 0
        for query, near in zip(own.astype(int), seen, strict=True):
            if query:  # a zero fills up
                met[query] = others[near].astype(int).tolist()
    for text in ids:
        for at, query in enumerate(text.tolist()):
            assert met[query] == text[max(0, at - reach) : at + reach + 1].tolist()
    assert len(met) == ids.size


def test_far_tokens_of_long_texts_take_no_room() -> None:
    ids = np.ones((1, 4096), np.int64)
    assert run(ids, 16, "added").size == 4096 * (64 + 2 * 16)


def test_layers_that_reach_over_the_whole_text_are_as_global_ones(book: Any) -> None:
    def vectors(kind: ModernBert) -> Any:
        architecture = replace(book.architecture, width=24, n_positions=128, kind=kind)
        packed = pack(book.tensors(architecture), "float32")
        sequences = book.sequences([1, 40, 128, 97])
        return Runner(architecture, "mean", packed, normalise=False).vectors(sequences)

    whole = vectors(ModernBert(50.0, 50.0, 5, (0, 1)))
    assert vectors(ModernBert(50.0, 50.0, 127, ())) == pytest.approx(whole, abs=1e-5)
    assert np.abs(vectors(ModernBert(50.0, 50.0, 9, ())) - whole).max() > 1e-3
