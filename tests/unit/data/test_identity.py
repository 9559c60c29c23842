from __future__ import annotations

import numpy as np
import pyarrow as pa

from newsdesk.data.identity import fingerprint
from newsdesk.types import Documents, LabelSet, numbered


def _documents(*columns: list[str]) -> Documents:
    fields = {f"field {n}": pa.array(column, pa.large_string()) for n, column in enumerate(columns)}
    return Documents(ids=numbered(len(columns[0])), fields=fields)


def test_no_documents_have_a_fingerprint() -> None:
    documents = _documents([])
    labels = LabelSet(["A"])
    assert len(fingerprint(documents, labels, np.zeros(0, dtype=np.int64))) == 64


def test_fingerprint_of_a_slice_is_that_of_its_copy() -> None:
    documents = _documents(["a", "b", "c"])
    labels = LabelSet(["A"])
    y = np.zeros(2, dtype=np.int64)
    copy = _documents(["b", "c"])
    assert fingerprint(documents.slice(1, 3), labels, y) == fingerprint(copy, labels, y)
