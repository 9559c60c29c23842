"""One text has one answer, to the bit, whichever way it is asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

import newsdesk
from newsdesk.training import evaluate

NEWSDESK = [sys.executable, "-m", "newsdesk"]
N_TEST = 60
WORDS = {
    "Arts & Culture": ["opera", "museum", "novel", "Straße", "painter"],
    "business": ["bank", "shares", "profit", "market", "naïve"],
    "sport": ["goal", "cup", "striker", "İstanbul", "keeper"],
    "世界": ["大阪", "summit", "हिन्दी", "border", "treaty"],
}


@dataclass(frozen=True, eq=False)
class Home:
    """A training run, its test rows as a table, and the command line beside it."""

    folder: Path
    run: newsdesk.Run
    fields: list[str]

    def newsdesk(self, *arguments: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            [*NEWSDESK, *arguments],
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            check=False,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def in_report(self) -> newsdesk.Predictions:
        """What the metrics of the report were computed from."""
        return self.run.results[0].predictions

    @property
    def documents(self) -> newsdesk.Documents:
        return self.run.corpus.documents.take(self.run.split.test)


def news(n: int, fields: list[str]) -> pa.Table:
    """Make n distinct documents, some of them odd, with their sections."""
    rng = np.random.default_rng(0)
    names = list(WORDS)
    everything = [word for words in WORDS.values() for word in words]
    labels = [names[index] for index in rng.permutation(np.arange(n) % len(names))]

    def text(row: int, label: str) -> str:
        words = [*rng.choice(WORDS[label], 3), *rng.choice(everything, 2), f"no{row}"]
        return " ".join(words)

    columns = {name: [text(row, label) for row, label in enumerate(labels)] for name in fields}
    odd = [
        "",
        "NA",
        "=1+1",
        'a "quoted", cup',
        "two\nlines",
        "👩‍👩‍👧 goal",
        "cafe\u0301 " * 50,
        "\u202egoal",
    ]
    columns[fields[0]][-len(odd) :] = odd
    for name in fields[1:]:
        columns[name][-len(odd)] = ""
    return pa.table({**columns, "section": labels})


HOMES = [
    ("linear", ["headline"]),
    ("linear", ["headline", "description"]),
    ("tfidf-svm", ["headline", "description"]),
    ("lstm", ["headline", "description"]),
]
EXPLAINED = [(family, fields) for family, fields in HOMES if family != "lstm"]
SMALL = {"lstm": ["embedding_dim=16", "units=16", "learning_rate=0.01"]}


@pytest.fixture(scope="module", params=HOMES, ids=str)
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Home:
    family, fields = request.param
    folder = tmp_path_factory.mktemp("home")
    table = news(400, fields)
    pacsv.write_csv(table, folder / "news.csv")
    pacsv.write_csv(table.slice(400 - N_TEST), folder / "test.csv")
    run = newsdesk.train(
        folder / "news.csv",
        family=family,
        settings=SMALL.get(family, []),
        text=fields,
        split=f"tail:{N_TEST}",
        out=folder / "run",
    )
    return Home(folder, run, fields)


def ranked(table: pa.Table, what: str) -> list[list[Any]]:
    return [table[f"{what}_{rank}"].to_pylist() for rank in (1, 2, 3)]


def test_a_loaded_bundle_answers_as_the_report_was_measured(home: Home) -> None:
    predictions = newsdesk.Bundle.load(home.folder / "run/bundle").predict(home.documents)
    assert np.array_equal(predictions.proba, home.in_report.proba)
    assert predictions.ids == home.in_report.ids
    assert np.array_equal(predictions.low_evidence, home.in_report.low_evidence)
    assert predictions.low_evidence.any()


def test_the_written_predictions_are_those_of_the_report(home: Home) -> None:
    table = pq.read_table(home.folder / "run/predictions.parquet")
    order, proba = home.in_report.top_k(3)
    names = np.array(home.run.corpus.labels.names)
    assert ranked(table, "label") == names[order].T.tolist()
    assert ranked(table, "proba") == proba.T.tolist()
    assert table["predicted"].to_pylist() == home.in_report.labels


def test_a_table_on_the_command_line_gets_the_same_numbers(home: Home) -> None:
    home.newsdesk("predict", "run/bundle", "--file", "test.csv", "--out", "out.parquet")
    answers = pq.read_table(home.folder / "out.parquet")
    written = pq.read_table(home.folder / "run/predictions.parquet")
    assert ranked(answers, "label") == ranked(written, "label")
    assert ranked(answers, "proba") == ranked(written, "proba")
    assert answers["low_evidence"].to_pylist() == home.in_report.low_evidence.tolist()
    assert answers[home.fields[0]].to_pylist() == home.documents.fields[home.fields[0]].to_pylist()


def test_lines_on_the_command_line_get_the_same_numbers(home: Home) -> None:
    headlines = home.documents.fields["headline"].to_pylist()
    lines = [text for text in headlines if text and "\n" not in text]
    said = home.newsdesk(
        "predict", "run/bundle", "--json", "--top", "4", stdin="\n".join(lines) + "\n"
    )
    answers = [json.loads(line) for line in said.splitlines()]
    assert [answer["text"] for answer in answers] == lines
    expected = home.run.bundle.predict(newsdesk.Documents.from_texts(lines))
    order, proba = expected.top_k(4)
    for answer, classes, values in zip(answers, order, proba, strict=True):
        assert [item["label"] for item in answer["labels"]] == [
            expected.label_set[index] for index in classes
        ]
        assert [np.float32(item["proba"]) for item in answer["labels"]] == values.tolist()


def test_one_text_as_an_argument_gets_the_same_numbers(home: Home) -> None:
    text = home.documents.fields["headline"][0].as_py()
    answer = json.loads(home.newsdesk("predict", "run/bundle", text, "--json"))
    (labels,) = home.run.bundle.predict(newsdesk.Documents.from_texts([text])).top_k(3)[1]
    assert [np.float32(item["proba"]) for item in answer["labels"]] == labels.tolist()


def test_evaluating_the_test_rows_gives_the_metrics_of_training(home: Home) -> None:
    written = json.loads((home.folder / "run/metrics.json").read_text())
    said = json.loads(home.newsdesk("evaluate", "run/bundle", "test.csv", "--json"))
    found = evaluate(home.run.bundle, home.run.corpus.take(home.run.split.test)).metrics
    for name in ("accuracy", "macro_f1", "weighted_f1", "top_3_accuracy", "log_loss", "ece"):
        assert said["metrics"][name] == written[name] == getattr(found, name)
        assert said["metrics"]["intervals"][name] == written["intervals"][name]
    assert said["digest"] == written["bundle_digest"] == home.run.bundle.digest


@pytest.mark.parametrize("home", EXPLAINED, indirect=True, ids=str)
def test_an_explanation_is_of_the_same_probability(home: Home) -> None:
    explanations = home.run.bundle.explain(home.documents)
    assert [item.label for item in explanations] == home.in_report.labels
    best = home.in_report.proba.max(axis=1)
    assert [item.proba for item in explanations] == best.tolist()


def test_company_order_and_number_change_nothing(home: Home) -> None:
    bundle, documents, expected = home.run.bundle, home.documents, home.in_report.proba
    alone = [bundle.predict(documents.slice(row, row + 1)).proba for row in range(N_TEST)]
    assert np.array_equal(np.concatenate(alone), expected)
    rows = np.random.default_rng(1).integers(0, N_TEST, 70_000)  # beyond one step of predict
    assert np.array_equal(bundle.predict(documents.take(rows)).proba, expected[rows])


@pytest.mark.parametrize("home", HOMES[:1], indirect=True, ids=str)
def test_the_estimator_trained_on_the_same_rows_gives_the_same_numbers(home: Home) -> None:
    # A split by position leaves train and valid in the order of the file.
    split, texts = home.run.split, home.run.corpus.documents.texts
    rows = np.concatenate([split.train, split.valid])
    assert rows.tolist() == list(range(400 - N_TEST))
    labels = home.run.corpus.labels.decode(home.run.corpus.y)
    estimator = newsdesk.TextClassifier().fit(
        [texts[row].as_py() for row in rows.tolist()], [labels[row] for row in rows.tolist()]
    )
    assert estimator.classes_.tolist() == list(home.run.corpus.labels)
    proba = estimator.predict_proba([texts[row].as_py() for row in split.test.tolist()])
    assert np.array_equal(proba, home.in_report.proba)


# Over HTTP: the family, its settings, and how far its numbers may depend on the company of a text.
SERVED = [
    ("linear", [], 0.0),
    ("static", ["epochs=1", "min_updates=100"], 0.0),
    ("lstm", SMALL["lstm"], 1e-5),
]
HUFFPOST = "huffpost/news_category_v2.parquet"
N_ASKED = 1000


@dataclass(frozen=True, eq=False)
class Asked:
    """A server, its bundle, and what the bundle says of the texts that it is asked for."""

    server: Any
    texts: list[str]
    expected: newsdesk.Predictions
    within: float

    def close(self, found: Any, expected: np.ndarray) -> bool:
        values = np.asarray(found, dtype=np.float32).reshape(expected.shape)
        return bool((np.abs(values - expected) <= self.within).all())

    def batches(self, size: int) -> Iterator[tuple[slice, list[str]]]:
        for first in range(0, len(self.texts), size):
            rows = slice(first, first + size)
            yield rows, self.texts[rows]

    def check_labels(self, found: list[Any], rows: slice) -> None:
        """Compare lists of ``label`` and ``score``, best first, with all that the bundle says."""
        proba, names = self.expected.proba[rows], self.expected.label_set
        for labels, own in zip(found, proba, strict=True):
            scores = [one["score"] for one in labels]
            assert scores == sorted(scores, reverse=True)
            by_name = {one["label"]: one["score"] for one in labels}
            assert self.close([by_name[name] for name in names], own)


def real_or_made(find: Callable[[str], Path]) -> list[str]:
    """Texts: of the published test rows if they are here, and odd ones always."""
    odd = news(40, ["text"])["text"].to_pylist()
    try:
        table = pq.read_table(find(HUFFPOST))
    except pytest.skip.Exception:
        return [*news(N_ASKED - 40, ["text"])["text"].to_pylist(), *odd]
    texts = table["headline"].to_pylist()[-(N_ASKED - 40) :]
    return [*(text or "" for text in texts), *odd]


@pytest.fixture(scope="module", params=SERVED, ids=lambda case: case[0])
def asked(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[..., Any],
    newsdesk_data: Callable[[str], Path],
) -> Asked:
    family, settings, within = request.param
    if family == "static":
        settings = [*settings, f"encoder={request.getfixturevalue('make_encoder')()}"]
    folder = tmp_path_factory.mktemp("asked")
    texts = real_or_made(newsdesk_data)
    rows = news(400, ["text"])
    # Half of the rows to learn from are of the kind that is asked for.
    some = pa.table({"text": texts[:400], "section": rows["section"]})
    run = newsdesk.train(
        pa.concat_tables([rows, some]),
        family=family,
        settings=settings,
        text=["text"],
        label="section",
        out=folder / "run",
    )
    server = serve(f"news={folder / 'run/bundle'}", "--log-errors")
    expected = run.bundle.predict(newsdesk.Documents.from_texts(texts))
    return Asked(server, texts, expected, within)


def test_the_native_route_gives_the_numbers_of_the_bundle(asked: Asked) -> None:
    for rows, texts in asked.batches(100):
        for name, given in (("texts", texts), ("documents", [{"text": one} for one in texts])):
            said = {name: given, "top_k": 100}
            found = asked.server.post("/api/v1/predict", said)["results"]
            asked.check_labels([result["labels"] for result in found], rows)
            low = [result["low_evidence"] for result in found]
            assert low == asked.expected.low_evidence[rows].tolist()


def test_single_texts_give_the_numbers_of_the_bundle(asked: Asked) -> None:
    for row in range(0, len(asked.texts), 10):
        said = {"texts": asked.texts[row : row + 1], "top_k": 100}
        found = asked.server.post("/api/v1/predict", said)["results"]
        asked.check_labels([found[0]["labels"]], slice(row, row + 1))


def test_the_dialect_of_hugging_face_gives_the_numbers_of_the_bundle(asked: Asked) -> None:
    for rows, texts in asked.batches(200):
        asked.check_labels(asked.server.post("/hf/news", {"inputs": texts}), rows)


def test_the_dialect_of_embeddings_inference_gives_the_numbers_of_the_bundle(asked: Asked) -> None:
    for rows, texts in asked.batches(200):
        found = asked.server.post("/predict", {"inputs": [[text] for text in texts]})
        asked.check_labels(found, rows)


def test_the_open_inference_protocol_gives_the_numbers_of_the_bundle(asked: Asked) -> None:
    for rows, texts in asked.batches(200):
        tensor = {"name": "text", "shape": [len(texts)], "datatype": "BYTES", "data": texts}
        wanted = [{"name": "probs"}, {"name": "labels"}]
        said = {"inputs": [tensor], "outputs": wanted}
        probs, labels = asked.server.post("/v2/models/news/infer", said)["outputs"]
        proba = asked.expected.proba[rows]
        assert asked.close(probs["data"], proba)
        best = [asked.expected.label_set.names.index(name) for name in labels["data"]]
        assert (proba.max(axis=1) - proba[range(len(texts)), best] <= asked.within).all()
