"""The networks on words through training, the bundle, the report and the command line."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import newsdesk
from newsdesk.bundle import Bundle
from newsdesk.bundle.holdout import Task
from newsdesk.cli.main import app
from newsdesk.types import Documents, LabelSet

WORDS = {
    "business": ["bank", "shares", "profit", "market", "rates", "fall", "merger", "oil"],
    "sport": ["goal", "cup", "striker", "coach", "final", "match", "league", "keeper"],
    "tech": ["phone", "chip", "browser", "app", "update", "battery", "screen", "robot"],
}
FAMILIES = ["lstm", "cnn-text", "lstm-vectors", "vectors-mean"]
FAMILIES += ["nnlm-linear", "nnlm-lstm", "ulmfit"]
TINY = ["embedding_dim=8", "epochs=3", "batch_size=32", "learning_rate=0.02", "min_count=1"]
OWN = {"lstm": ["units=6"], "cnn-text": ["filters=8"], "lstm-vectors": ["units=6"]}
OWN |= {"nnlm-linear": ["min_updates=0"], "nnlm-lstm": ["units=8", "hidden=[8]", "batch_size=4"]}
GLOVE = "vectors/glove.6B.50d.news-subset.txt"


def settings(family: str) -> list[str]:
    if family == "ulmfit":
        own = ["embedding_dim=16", "units=16", "epochs=6", "min_updates=0", "batch_size=4"]
        own += ["learning_rate=0.02", "window=8"]
        quick = ["epochs=3", "batch_size=4", "learning_rate=0.05", "min_count=1", "min_updates=0"]
        return [*quick, "unfreeze=false", "rate_decay=1", *(f"pretraining.{pair}" for pair in own)]
    if family.startswith("nnlm-"):
        language = [
            f"pretraining.{pair}" for pair in ("embedding_dim=8", "epochs=1", "min_count=1")
        ]
        return [*TINY[1:], *language, *OWN[family]]
    return [*TINY, *OWN.get(family, [])]


def options(pairs: list[str]) -> list[str]:
    return [part for pair in pairs for part in ("--set", pair)]


def news(n: int) -> pa.Table:
    rng = np.random.default_rng(0)
    names = sorted(WORDS)
    y = rng.permutation(np.arange(n) % 3)
    texts = [
        " ".join([*rng.choice(WORDS[names[label]], 5), f"no{row}"]) for row, label in enumerate(y)
    ]
    return pa.table({"headline": texts, "section": [names[label] for label in y]})


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("newsdesk.training.result._LEAST_SECONDS", 0.0)
    pacsv.write_csv(news(240), "news.csv")
    return tmp_path


def history() -> list[dict[str, str]]:
    return list(csv.DictReader(Path("run/history.csv").read_text().splitlines()))


def call(*arguments: str) -> Any:
    return CliRunner().invoke(app(), list(arguments))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_run_folder_tells_of_the_epochs(family: str, here: Path) -> None:
    done = call("train", "news.csv", "--family", family, *options(settings(family)), "--out", "run")
    assert done.exit_code == 0, done.output
    assert f"{family}: Training words: 0.0 % of the words are unknown" in done.stderr
    assert f"{family}: Valid words: " in done.stderr
    metrics = json.loads(Path("run/metrics.json").read_text())
    assert metrics["n_epochs"] == 3
    assert 1 <= metrics["chosen_epoch"] <= 3
    assert metrics["accuracy"] > 0.9
    rows = history()
    assert [row["number"] for row in rows] == ["1", "2", "3"]
    assert ">Training curves</h2>" in Path("run/report.html").read_text(encoding="utf-8")
    assert Path("run/curves.png").stat().st_size > 1000
    assert not list(here.glob("run/events*"))
    assert not list(here.glob(".run*"))


def test_curves_are_written_for_tensorboard_when_asked(here: Path) -> None:
    arguments = ["train", "news.csv", "--family", "vectors-mean", *options(TINY), "--out", "run"]
    assert call(*arguments, "--tensorboard").exit_code == 0
    assert len(list(here.glob("run/events*"))) == 1


@pytest.mark.parametrize(
    ("family", "asked", "refitted"),
    [
        ("lstm", None, False),
        ("vectors-mean", None, False),
        ("lstm", True, True),
        ("linear", None, True),
        ("linear", False, False),
    ],
)
def test_what_trains_in_epochs_is_refitted_only_when_asked(
    family: str, asked: bool | None, refitted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    refits = []
    original = Task.refit
    monkeypatch.setattr(Task, "refit", lambda *a: refits.append(1) or original(*a))
    table = news(2700)  # fewer would be predicted out of fold by linear, and not be refitted
    pairs = ["bits=12"] if family == "linear" else [*settings(family), "epochs=1"]
    run = newsdesk.train(table, family=family, settings=pairs, refit=asked, near_duplicates=False)
    assert bool(refits) == refitted
    told = any("trained once more on train and valid" in note for note in run.notes)
    assert told == (refitted and family != "linear")


def test_a_refit_takes_the_steps_that_valid_chose() -> None:
    done = call(
        *("train", "news.csv", "--family", "lstm", *options(settings("lstm"))),
        *("--refit", "--out", "run"),
    )
    assert done.exit_code == 0, done.output
    rows = history()
    chosen = json.loads(Path("run/metrics.json").read_text())["chosen_epoch"]
    steps = rows[chosen - 1]["step"]
    assert f"trained once more on train and valid, for {steps} steps" in done.stderr


@pytest.mark.parametrize("family", FAMILIES)
def test_few_rows_without_valid_are_predicted_out_of_fold(family: str) -> None:
    table = news(30)
    labels = LabelSet(sorted(WORDS))
    y = np.array([labels.find(name) for name in table["section"].to_pylist()])
    documents = Documents.from_texts(table["headline"].to_pylist())
    pairs = settings(family)
    if family == "ulmfit":  # six updates an epoch are few for what comes behind a language model
        pairs.append("epochs=8")
    params = newsdesk.training.settings.family_params([family], pairs)[family]
    fitted = Bundle.fit(documents, y, labels=labels, family=family, params=params)
    assert fitted.out_of_fold
    assert fitted.valid_proba.shape == (30, 3)
    assert (fitted.valid_proba.argmax(axis=1) == y[fitted.held_out]).mean() > 0.5


def test_a_preset_is_for_the_family_that_has_it() -> None:
    pairs = ["preset=bbc-bilstm", *TINY, "units=6", "max_tokens=30", "epochs=1"]
    done = call(
        *("train", "news.csv", "--family", "lstm,cnn-text", *options(pairs), "--out", "run"),
    )
    assert done.exit_code == 0, done.output
    written = Path("run/run.toml").read_text()
    lstm, cnn = written.split("[families_settings.cnn-text]")
    assert "masking = false" in lstm
    assert "masking = true" in cnn
    refused = call("train", "news.csv", "--family", "cnn-text", "--set", "preset=bbc-bilstm")
    assert refused.exit_code == 1
    assert "No chosen family has a setting 'preset'." in refused.stderr
    unknown = call("train", "news.csv", "--family", "lstm", "--set", "preset=bbc-bilsm")
    assert unknown.exit_code == 1
    assert "Did you mean 'bbc-bilstm'?" in unknown.stderr


def test_the_order_of_preset_and_settings_changes_nothing() -> None:
    pairs = ["preset=bbc-bilstm-dropout", "units=4", "max_tokens=20", "epochs=1"]
    digests = {
        newsdesk.train("news.csv", family="lstm", settings=order, out=out).bundle.digest
        for order, out in ((pairs, "first"), (pairs[::-1], "second"))
    }
    assert len(digests) == 1


def test_a_search_tries_settings_of_a_network() -> None:
    done = call(
        *("search", "news.csv", "--family", "lstm", "--grid", "units=3|6", "--folds", "2"),
        *options([*TINY, "epochs=2"]),
        *("--out", "found"),
    )
    assert done.exit_code == 0, done.output
    assert "Of 2 settings, units=" in done.stdout
    assert Path("found/run/bundle/manifest.json").exists()


def test_an_answer_of_vectors_mean_is_explained(here: Path) -> None:
    newsdesk.train("news.csv", family="vectors-mean", settings=TINY, out="run")
    text = "Strikers’ <CUP> final 👍 bank"
    found = json.loads(call("explain", "run/bundle", text, "--json").stdout)
    assert {"CUP", "final", "bank"} <= {span["text"] for span in found["spans"]}
    for span in found["spans"]:
        assert text[span["start"] : span["end"]] == span["text"]
    page = here / "why.html"
    shown = call("explain", "run/bundle", text, "--html", str(page))
    assert shown.exit_code == 0, shown.output
    assert "&lt;" in page.read_text(encoding="utf-8")
    refused = call("explain", "run/bundle", "cup", "--label", "weather")
    assert refused.exit_code == 1


def test_a_network_that_mixes_words_is_explained_by_leaving_them_out() -> None:
    newsdesk.train("news.csv", family="lstm", settings=[*settings("lstm"), "epochs=1"], out="run")
    shown = call("explain", "run/bundle", "cup final", "--json")
    assert shown.exit_code == 0, shown.output
    found = json.loads(shown.stdout)
    assert (found["method"], found["n_variants"]) == ("occlusion", 2)


VERB = """
import sys
blocked = sys.argv.pop(1) == "blocked"
if blocked:
    sys.modules["torch"] = None  # every import of it fails, as where it is not installed
from newsdesk.cli.main import main
try:
    main()
finally:
    assert blocked or "torch" not in sys.modules
"""


def verb(torch: str, *arguments: str) -> Any:
    command = [sys.executable, "-c", VERB, torch, *arguments]
    return subprocess.run(command, capture_output=True, check=False, encoding="utf-8")


@pytest.mark.parametrize("family", ["lstm", "vectors-mean"])
def test_predicting_on_the_command_line_needs_no_torch(family: str) -> None:
    run = newsdesk.train("news.csv", family=family, settings=settings(family), out="run")
    texts = ["striker scores in cup final", "zzz", ""]
    expected = run.bundle.predict(Documents.from_texts(texts)).top_k(3)[1]
    for torch in ("blocked", "there") if family == "lstm" else ("there",):
        done = verb(torch, "predict", "run/bundle", *texts, "--json")
        assert done.returncode == 0, done.stderr
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        found = [[label["proba"] for label in answer["labels"]] for answer in answers]
        assert np.array_equal(np.float32(found), expected)


def test_training_without_torch_says_how_to_get_it() -> None:
    done = verb("blocked", "train", "news.csv", "--family", "lstm", "--out", "run", "--quiet")
    assert done.returncode == 1
    problem, remedy = done.stderr.splitlines()
    assert problem == "error: torch is not installed."
    assert 'pip install "newsdesk[torch]"' in remedy
    assert not Path("run").exists()


@pytest.mark.parametrize("family", ["lstm-vectors", "vectors-mean"])
def test_where_a_file_of_vectors_lies_makes_no_other_bundle(family: str, here: Path) -> None:
    rng = np.random.default_rng(0)
    words = [word for words in WORDS.values() for word in words[:6]]
    lines = [f"{word} {' '.join(map(str, rng.normal(size=5).round(2)))}" for word in words]
    digests = set()
    for place in ("a", "b/c"):
        (here / place).mkdir(parents=True)
        file = here / place / "vectors.txt"
        file.write_text("\n".join(lines) + "\n")
        pairs = [*settings(family), f"vectors={file}"]
        run = newsdesk.train("news.csv", family=family, settings=pairs, out=here / place / "run")
        digests.add(run.bundle.digest)
        file.unlink()
    assert len(digests) == 1
    loaded = Bundle.load(here / "a/run/bundle")
    documents = Documents.from_texts(["cup final", "bank"])
    assert np.array_equal(loaded.predict(documents).proba, run.bundle.predict(documents).proba)
    assert any("words the file of vectors has" in note for note in run.notes)


@pytest.mark.parametrize("fine_tune", ["true", "false"])
def test_published_vectors_are_the_first_ones_of_the_network(
    fine_tune: str, newsdesk_data: Callable[[str], Path]
) -> None:
    file = newsdesk_data(GLOVE)
    pairs = ["epochs=1", "units=4", f"vectors={file}", f"fine_tune={fine_tune}"]
    run = newsdesk.train("sample", family="lstm-vectors", settings=pairs)
    classifier: Any = run.bundle.classifier
    lines = (line.split(" ") for line in file.read_text(encoding="utf-8").splitlines())
    published = {word: np.array(numbers, dtype=np.float32) for word, *numbers in lines}
    words = classifier.reader.vocab.words
    shared = [word for word in words if word in published]
    assert len(shared) > 1000
    own = np.stack([classifier.tensors["embedding"][words.index(word)] for word in shared])
    far = np.abs(own - np.stack([published[word] for word in shared])).max()
    assert (far == 0) == (fine_tune == "false")
    assert far < 0.1
    assert any(f"Of {len(words) - 2:,} words the file of vectors has" in n for n in run.notes)


@pytest.mark.slow
def test_the_published_bbc_network_answers_everywhere_as_in_its_report(
    here: Path, newsdesk_data: Callable[[str], Path]
) -> None:
    run = newsdesk.train(
        newsdesk_data("bbc/bbc-text.csv"),
        family="lstm",
        settings=["preset=bbc-bilstm", "epochs=2"],
        rows=300,
        out="run",
    )
    classifier: Any = run.bundle.classifier
    assert classifier.params.max_tokens == 200
    documents = run.corpus.documents.take(run.split.test)
    in_report = run.results[0].predictions
    assert np.array_equal(Bundle.load("run/bundle").predict(documents).proba, in_report.proba)
    table = pa.table({"text": documents.texts})
    pq.write_table(table, "test.parquet")
    done = call("predict", "run/bundle", "--file", "test.parquet", "--out", "out.parquet")
    assert done.exit_code == 0, done.output
    answers, proba = pq.read_table("out.parquet"), in_report.top_k(3)[1]
    for rank in range(3):
        assert answers[f"proba_{rank + 1}"].to_pylist() == proba[:, rank].tolist()
