from __future__ import annotations

import pyarrow as pa

from newsdesk.data.identity import duplicate_clusters, fingerprint
from newsdesk.types import Documents, LabelSet, numbered


def _documents(*columns: list[str]) -> Documents:
    fields = {f"field {n}": pa.array(column, pa.large_string()) for n, column in enumerate(columns)}
    return Documents(ids=numbered(len(columns[0])), fields=fields)


def test_clusters_need_equality_in_all_fields() -> None:
    documents = _documents(["a", "b", "a", "a", ""], ["x", "x", "y", "x", ""])
    assert duplicate_clusters(documents).tolist() == [0, 1, 2, 0, 3]


def test_text_moved_from_one_field_to_the_next_is_another_document() -> None:
    assert duplicate_clusters(_documents(["a b", "a"], ["", "b"])).tolist() == [0, 1]


def test_no_documents_have_no_clusters_and_a_fingerprint() -> None:
    documents = _documents([])
    labels = LabelSet(["A"])
    assert duplicate_clusters(documents).tolist() == []
    assert len(fingerprint(documents, labels, duplicate_clusters(documents))) == 64


def test_fingerprint_of_a_slice_is_that_of_its_copy() -> None:
    documents = _documents(["a", "b", "c"])
    labels = LabelSet(["A"])
    y = duplicate_clusters(documents)[:2] * 0
    copy = _documents(["b", "c"])
    assert fingerprint(documents.slice(1, 3), labels, y) == fingerprint(copy, labels, y)
