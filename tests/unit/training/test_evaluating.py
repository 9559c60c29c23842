from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.errors import InputError, LabelError
from newsdesk.evaluation.metrics import measure
from newsdesk.training import Run, evaluate, train

News = Callable[..., pa.Table]


@pytest.fixture(scope="module")
def run(news: News) -> Run:
    return train(news(150))


def labelled(table: pa.Table, labels: list[str], column: str = "headline") -> Corpus:
    names = {column: table["headline"], "section": pa.array(labels)}
    return read_corpus(pa.table(names), text=[column], label="section", min_classes=1)


def test_a_fresh_corpus_is_measured_as_the_test_rows_of_training_are(run: Run) -> None:
    found = evaluate(run.bundle, run.corpus.take(run.split.test))
    assert found.metrics == run.metrics
    assert np.array_equal(found.predictions.proba, run.results[0].predictions.proba)
    assert (found.n_unseen_label, found.notes) == (0, ())


def test_labels_are_aligned_by_name(run: Run, news: News) -> None:
    table = news(40, seed=5)
    whole = evaluate(run.bundle, read_corpus(table))
    # Without business, sport is the first class of the corpus, but the second of the bundle.
    labels = np.array(table["section"].to_pylist())
    rows = np.flatnonzero(labels != "business")
    part = evaluate(run.bundle, read_corpus(table.take(pa.array(rows))))
    assert part.metrics.n_classes == 3
    assert part.metrics.confusion[1:] == whole.metrics.confusion[1:]
    assert part.metrics.confusion[0] == (0, 0, 0)


def test_rows_of_unknown_labels_are_counted_answered_and_not_measured(run: Run, news: News) -> None:
    table = news(30, seed=5)
    labels = table["section"].to_pylist()
    labels[:7] = ["opera", "crime", "food", "travel", "weather", "law", "opera"]
    found = evaluate(run.bundle, labelled(table, labels))
    assert found.n_unseen_label == 7
    assert found.metrics.n == 23
    assert len(found.predictions) == 30
    y = run.bundle.labels.encode(labels)
    expected = measure(found.predictions.proba[7:], y[7:], run.bundle.labels)
    assert found.metrics.confusion == expected.confusion
    assert found.metrics.log_loss == expected.log_loss
    assert found.notes == (
        "7 rows carry labels that the bundle does not know (crime, food, law, opera, travel …); "
        "they are not measured.",
    )


def test_a_corpus_of_unknown_labels_alone_is_refused_with_the_known_ones(
    run: Run, news: News
) -> None:
    with pytest.raises(LabelError, match="None of the 20 rows") as caught:
        evaluate(run.bundle, labelled(news(20), ["opera", "crime"] * 10))
    assert caught.value.remedy == "Its classes are: business, sport, tech."


def test_the_corpus_of_training_is_recognised(run: Run) -> None:
    found = evaluate(run.bundle, run.corpus)
    assert found.notes == (
        "This is the corpus of the training run: most rows were seen in training.",
    )
    assert found.metrics.accuracy > run.metrics.accuracy


def test_another_text_column_is_refused(run: Run, news: News) -> None:
    table = news(20)
    with pytest.raises(InputError, match="fields body"):
        evaluate(run.bundle, labelled(table, table["section"].to_pylist(), column="body"))


def test_duplicates_widen_the_intervals(run: Run, news: News) -> None:
    table = news(30, seed=5)
    once = evaluate(run.bundle, read_corpus(table)).metrics
    thrice = evaluate(run.bundle, read_corpus(pa.concat_tables([table] * 3))).metrics
    copies = measure(
        np.tile(run.bundle.predict(read_corpus(table).documents).proba, (3, 1)),
        np.tile(read_corpus(table).y, 3),
        run.bundle.labels,
    )
    assert thrice.accuracy == once.accuracy == copies.accuracy
    wide, narrow = (np.ptp(found.intervals["accuracy"]) for found in (thrice, copies))
    assert wide > narrow
