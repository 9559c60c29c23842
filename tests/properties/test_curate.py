"""Curating: nothing goes but what may go, in order, the same each time, and only once."""

from __future__ import annotations

import dataclasses
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.curate import Curation, curate, stages
from newsdesk.data.prepared import table_of, write
from newsdesk.data.recorded_split import part
from newsdesk.errors import ConfigError, DataError

WORDS = st.sampled_from(["", " ", "one", "two", "three", "ONE", "été", "新聞", "=1+1"])


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    n = draw(st.integers(4, 40))
    texts = draw(st.lists(WORDS, min_size=n, max_size=n))
    labels = draw(st.lists(st.sampled_from("AABBCDE"), min_size=n - 2, max_size=n - 2))
    parts = draw(st.lists(st.sampled_from(["train", "valid", "test"]), min_size=n, max_size=n))
    table = pa.table({"text": texts, "label": ["A", "B", *labels], "split": parts})
    return read_corpus(table, text="text", label="label").with_changes(split_column="split")


CURATIONS = st.builds(
    Curation,
    min_count=st.integers(1, 3),
    other=st.none(),
    balance=st.none() | st.integers(1, 6) | st.just("smallest"),
    split=st.none() | st.sampled_from(["random:0.3", "stratified:0.2", "tail:2"]),
    drop_empty=st.booleans(),
    drop_duplicates=st.sampled_from([None, "exact", "near"]),
    clusters=st.booleans(),
    seed=st.integers(0, 9),
)


def _ids(corpus: Corpus) -> list[int]:
    return [int(value) for value in corpus.documents.ids.to_pylist()]


def _held_out(corpus: Corpus) -> set[int]:
    return set(np.array(_ids(corpus))[~part(corpus, "train")].tolist())


@given(corpus=corpora(), curation=CURATIONS)
def test_curating_is_deterministic_and_keeps_the_order_of_rows(
    corpus: Corpus, curation: Curation
) -> None:
    try:
        result = curate(corpus, curation)
    except (ConfigError, DataError):
        return
    assert table_of(result).equals(table_of(curate(corpus, curation)), check_metadata=True)
    ids = _ids(result)
    assert ids == sorted(set(ids))
    texts = corpus.documents.fields["text"].to_pylist()
    assert result.documents.fields["text"].to_pylist() == [texts[row] for row in ids]
    names = corpus.labels.decode(corpus.y)
    assert result.labels.decode(result.y) == [names[row] for row in ids]


@given(corpus=corpora(), curation=CURATIONS)
def test_only_train_rows_with_a_reason_are_dropped(corpus: Corpus, curation: Curation) -> None:
    try:
        passed = list(stages(corpus, curation))
    except (ConfigError, DataError):
        return
    for before, after in pairwise(passed):
        if not after.name.endswith(" dropped") or after.name.startswith("rare"):
            continue
        kept = set(_ids(after.corpus))
        assert _held_out(before.corpus) == _held_out(after.corpus)
        in_train = part(before.corpus, "train")
        classes = set(before.corpus.y[in_train].tolist())
        assert set(after.corpus.y[part(after.corpus, "train")].tolist()) == classes
        texts = before.corpus.documents.texts.to_pylist()
        near = after.name.startswith("near")
        clusters = (
            before.corpus.near_duplicate_clusters if near else before.corpus.duplicate_clusters
        )
        kept_clusters = set(clusters[np.isin(_ids(before.corpus), list(kept))].tolist())
        for row, number in enumerate(_ids(before.corpus)):
            if number in kept:
                continue
            if after.name.startswith("empty"):
                assert not texts[row].strip()
            else:
                assert clusters[row] in kept_clusters


@given(corpus=corpora(), curation=CURATIONS)
def test_preparing_what_was_prepared_changes_nothing(corpus: Corpus, curation: Curation) -> None:
    # A named split is drawn anew each time, and fewer rows may make a class rare or the smallest.
    curation = dataclasses.replace(curation, split=None, min_count=1)
    if curation.balance == "smallest":
        curation = dataclasses.replace(curation, balance=None)
    try:
        once = table_of(curate(corpus, curation))
        twice = table_of(curate(read_corpus(once), curation))
    except (ConfigError, DataError):
        return
    assert once.equals(twice)


@given(corpus=corpora(), suffix=st.sampled_from([".feather", ".parquet", ".csv", ".jsonl"]))
def test_a_written_corpus_is_read_back(corpus: Corpus, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"out{suffix}")
        write(corpus, path)
        read = read_corpus(path, text="text", label="label")
    assert read.fingerprint == corpus.fingerprint
    assert read.documents.ids.equals(corpus.documents.ids)
    assert read.extra["split"].to_pylist() == corpus.extra["split"].to_pylist()
