from __future__ import annotations

import numpy as np

from newsdesk.features.vectors.blocks import Block


def test_rows_stand_one_behind_the_other() -> None:
    block = Block(n_bytes=8, room=3, dim=2)
    block.add(b"rates", np.array([1, 2], dtype=np.float32))
    block.add(b"", np.array([3, 4], dtype=np.float32))
    block.add(b"up", np.array([5, 6], dtype=np.float32))
    assert block.n == 3
    assert [block.word(row) for row in range(3)] == [b"rates", b"", b"up"]
    assert block.vectors.tolist() == [[1, 2], [3, 4], [5, 6]]
