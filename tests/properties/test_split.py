"""Splits: whatever the rule, the parts are disjoint, cover all rows and are drawn again alike."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.given_test import concat
from newsdesk.data.split import draw
from newsdesk.errors import DataError

SPECS = st.sampled_from(
    [
        "random:0.1",
        "random:0.4",
        "stratified:0.1",
        "stratified:0.5",
        "grouped:group:0.2",
        "after:2018-01-15",
        "tail:3",
        "column:part",
    ]
)


@st.composite
def corpora(draw_value: st.DrawFn) -> Corpus:
    n = draw_value(st.integers(6, 60))
    codes = draw_value(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    rng = np.random.default_rng(draw_value(st.integers(0, 99)))
    return read_corpus(
        pa.table(
            {
                "text": [f"text {code}" for code in codes],
                "label": ["first", *[f"class {code}" for code in codes[1:]]],
                "group": rng.integers(0, 6, n).astype(str),
                "date": [f"2018-01-{day:02}" for day in rng.integers(1, 29, n)],
                "part": rng.choice(["train", "valid", "test"], n),
            }
        )
    )


@given(corpus=corpora(), spec=SPECS, seed=st.integers(0, 2**32 - 1))
def test_parts_are_disjoint_ascending_complete_and_reproducible(
    corpus: Corpus, spec: str, seed: int
) -> None:
    try:
        split = draw(corpus, spec, seed=seed)
    except DataError:
        return
    parts = [split.train, split.valid, split.test]
    assert all(np.all(np.diff(part) > 0) and len(part) for part in parts)
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(len(corpus)))
    again = draw(corpus, spec, seed=seed)
    assert all(
        np.array_equal(getattr(split, name), getattr(again, name))
        for name in ("train", "valid", "test")
    )


@given(corpus=corpora(), share=st.sampled_from([0.1, 0.3, 0.6]), seed=st.integers(0, 999))
def test_stratified_split_leaves_every_class_in_train(
    corpus: Corpus, share: float, seed: int
) -> None:
    try:
        split = draw(corpus, f"stratified:{share}", seed=seed)
    except DataError:
        return
    assert set(corpus.y[split.train]) == set(range(len(corpus.labels)))
    assert split.notes == ()


STORIES = [
    "storm closes the northern road for days",
    "keeper saves two penalties in cup final",
    "bank lifts its rate to slow prices",
]
DRAWN = st.sampled_from(
    ["stratified:0.2", "stratified:0.5", "grouped:group:0.3", "after:2018-01-15"]
)


@st.composite
def corpora_with_stories(draw_value: st.DrawFn) -> Corpus:
    """Draw rows of which some are one of three stories, each in several versions."""
    versions = [story + extra for story in STORIES for extra in ("", " (VIDEO)", " again")]
    n = draw_value(st.integers(12, 60))
    kinds = draw_value(st.lists(st.integers(0, 3 * len(versions)), min_size=n, max_size=n))
    texts = [versions[k] if k < len(versions) else f"text {row}" for row, k in enumerate(kinds)]
    rng = np.random.default_rng(draw_value(st.integers(0, 99)))
    columns = {
        "text": texts,
        "label": ["A", "B", *rng.choice(["A", "B", "C"], n - 2)],
        "group": rng.integers(0, 9, n).astype(str),
        "date": [f"2018-01-{day:02}" for day in rng.integers(1, 29, n)],
    }
    return read_corpus(pa.table(columns))


@given(
    corpus=corpora_with_stories(),
    spec=DRAWN,
    seed=st.integers(0, 999),
)
def test_no_cluster_is_parted_by_a_split_that_is_drawn(
    corpus: Corpus, spec: str, seed: int
) -> None:
    try:
        split = draw(corpus, spec, seed=seed)
    except DataError:
        return
    clusters = corpus.near_duplicate_clusters
    parts = [set(clusters[part].tolist()) for part in (split.train, split.valid, split.test)]
    assert sum(map(len, parts)) == len(set(clusters.tolist()))


@given(corpus=corpora_with_stories(), share=st.sampled_from([0.2, 0.4]), seed=st.integers(0, 999))
def test_stratified_test_rows_are_their_share_but_for_a_cluster(
    corpus: Corpus, share: float, seed: int
) -> None:
    try:
        split = draw(corpus, f"stratified:{share}", seed=seed)
    except DataError:
        return
    largest = int(np.bincount(corpus.near_duplicate_clusters).max())
    wanted = share * len(corpus)
    # A class may miss its number by less than the cluster that did not fit.
    assert wanted - len(corpus.labels) * largest <= len(split.test) <= np.ceil(wanted)
    assert set(corpus.y[split.train]) == set(corpus.y)


@given(corpus=corpora(), seed=st.integers(0, 999))
def test_grouped_split_keeps_groups_together(corpus: Corpus, seed: int) -> None:
    groups = np.array(corpus.extra["group"].to_pylist())
    try:
        split = draw(corpus, "grouped:group:0.3", seed=seed)
    except DataError:
        return
    parts = [set(groups[part]) for part in (split.train, split.valid, split.test)]
    assert sum(map(len, parts)) == len(set(groups))


@given(train=corpora(), test=corpora())
def test_joined_corpora_keep_all_rows_and_label_names(train: Corpus, test: Corpus) -> None:
    try:
        corpus, split = concat(train, test)
    except DataError:
        return
    assert np.array_equal(
        np.sort(np.concatenate([split.train, split.valid, split.test])),
        np.arange(len(train) + len(test)),
    )
    wanted = test.labels.decode(test.y)
    given_y = corpus.y[split.test]
    assert all(
        (index < 0 and name not in train.labels) or corpus.labels[int(index)] == name
        for index, name in zip(given_y, wanted, strict=True)
    )
    assert len(set(corpus.documents.ids.to_pylist())) == len(corpus)
