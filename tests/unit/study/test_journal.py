from __future__ import annotations

import msgspec
import numpy as np

from newsdesk.models.history import Epoch, History
from newsdesk.study.journal import JOURNAL, Fit, Numbers, Quality


def test_answers_are_unpacked_as_they_were_packed() -> None:
    right = np.random.default_rng(0).random(13) < 0.5
    quality = Quality(0.5, 0.5, 1.0)
    numbers = Numbers(quality, quality, np.packbits(right).tobytes())
    assert numbers.answers(13).tolist() == right.tolist()


def test_a_fit_survives_json_bit_by_bit() -> None:
    history = History((Epoch(1, 7, 0.1, 1 / 3, None, None, None, 1e-3, 0.5),), chosen=1)
    numbers = Numbers(Quality(1 / 3, 0.1, 2 / 7), Quality(0.2, 0.1, 0.7), b"\x00\xff")
    fit = Fit(3, 1, {"rate": 1e-9, "kind": "a"}, numbers, 0.25, history=history)
    line = msgspec.json.decode(msgspec.json.encode(fit))
    assert msgspec.convert(line, Fit) == fit


def test_the_gap_is_train_minus_valid() -> None:
    assert Numbers(Quality(0.9, 0, 0), Quality(0.7, 0, 0), b"").gap == 0.9 - 0.7
    assert JOURNAL == "study.jsonl"
