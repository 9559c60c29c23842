from __future__ import annotations

import numpy as np
import torch

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.transformer.examples import WindowExamples
from newsdesk.models.neural.transformer.windows import Cutter


def test_a_batch_holds_all_windows_of_its_texts() -> None:
    ids = np.arange(11, dtype=np.int32)
    texts = Sequences(np.array([0, 2, 9, 9, 11]), ids)
    windows = Cutter((90,), (91,), max_tokens=6, stride=1, max_windows=9).cut(texts)
    examples = WindowExamples(windows, np.array([0, 1, 0, 1]))
    assert examples.lengths.tolist() == [4, 12, 2, 4]
    found, lengths, n_windows = examples.batch(np.array([1, 2, 0]), torch.device("cpu"))
    assert found.dtype == torch.long
    assert found.tolist() == [
        [90, 2, 3, 4, 5, 91],
        [90, 5, 6, 7, 8, 91],
        [90, 91, 0, 0, 0, 0],
        [90, 0, 1, 91, 0, 0],
    ]
    assert lengths.tolist() == [6, 6, 2, 4]
    assert n_windows.tolist() == [2, 1, 1]
