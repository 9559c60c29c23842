"""Whatever is corrected: no test row is learnt from, and none is lost."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.data.corpus import read_corpus
from newsdesk.data.corrections import correct
from newsdesk.data.split import draw
from newsdesk.types import Documents, Silent, string_array

# Few texts, so that they meet.
TEXTS = st.sampled_from([f"text {letter}" for letter in "abcdefghij"])
LABELS = st.sampled_from("ABC")
ROWS = st.lists(st.tuples(TEXTS, LABELS), min_size=8, max_size=25).filter(
    lambda rows: len({label for _, label in rows}) > 1
)
GIVEN = st.lists(st.tuples(TEXTS, st.sampled_from("ABCDE")), max_size=12)


@given(rows=ROWS, given=GIVEN)
def test_train_says_what_was_corrected_and_the_rest_stays(
    rows: list[tuple[str, str]], given: list[tuple[str, str]]
) -> None:
    table = pa.table({"text": [text for text, _ in rows], "label": [label for _, label in rows]})
    corpus = read_corpus(table, text="text", label="label")
    split = draw(corpus, "tail:3", near=False)
    documents = Documents(
        string_array([f"c{n}" for n in range(len(given))]),
        {"text": string_array([text for text, _ in given])},
    )
    labels = string_array([label for _, label in given])
    found = correct(corpus, split, documents, labels, near=False, seed=0, progress=Silent())

    def pairs(which: str, *, after: bool) -> list[tuple[str, str]]:
        one, parts = (found.corpus, found.split) if after else (corpus, split)
        picked = getattr(parts, which)
        texts = one.documents.take(picked).texts.to_pylist()
        return list(zip(texts, one.labels.decode(one.y[picked]), strict=True))

    assert pairs("test", after=True) == pairs("test", after=False)
    n_valid = len(split.valid)
    assert pairs("valid", after=True)[:n_valid] == pairs("valid", after=False)
    drawn = pairs("valid", after=True)[n_valid:]
    assert {label for _, label in drawn} <= set(found.new_classes)
    held = {text for which in ("valid", "test") for text, _ in pairs(which, after=False)}
    last = {text: label for text, label in given if text not in held}
    before, after = pairs("train", after=False), pairs("train", after=True) + drawn
    for text in {text for text, _ in [*before, *given]}:
        said = [label for one, label in after if one == text]
        if text in last:
            assert set(said) == {last[text]}
        else:
            assert said == [label for one, label in before if one == text]
    together = np.concatenate([found.split.train, found.split.valid, found.split.test])
    assert sorted(together.tolist()) == list(range(len(found.corpus)))
    counts = found.counts
    kinds = ("n_added", "n_held_out", "n_replaced", "n_known")
    assert sum(counts[name] for name in kinds) == counts["n_accepted"] == len(given)
    assert len(drawn) == counts["n_valid"]
    assert set(found.new_classes) <= {label for _, label in pairs("train", after=True)}
    assert len(after) == len(before) + counts["n_added"] - counts["n_dropped"]
