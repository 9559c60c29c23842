from __future__ import annotations

import csv
import datetime as dt
import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import newsdesk
from newsdesk.bundle import Bundle
from newsdesk.data import tables
from newsdesk.evaluation.metrics import measure
from newsdesk.models.history import Epoch, History
from newsdesk.training import Run, folder, train
from newsdesk.training.folder import metrics_table
from newsdesk.training.tensorboard import FILE

News = Callable[..., pa.Table]

METRICS = ["accuracy", "macro_f1", "weighted_f1", "top_3_accuracy", "log_loss", "ece"]
COSTS = ["fit_seconds", "predict_docs_per_second", "peak_rss_mb", "bundle_mb"]


@pytest.fixture(scope="module")
def run(news: News, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two families on a table of four sections, with three leaked rows and one of another label."""
    home = tmp_path_factory.mktemp("runs")
    table = news(160)
    opera = pa.table(
        {
            "headline": [f"tenor aria premiere {n}" for n in range(40)],
            "section": ["opera"] * 40,
            "outlet": ["stage"] * 40,
        }
    )
    story = "sea lion rescued from oil spill dies at marine park"
    near = table.slice(0, 1).set_column(0, "headline", pa.array([story]))
    tables.write(pa.concat_tables([table, opera, near]), home / "news.csv")
    test = news(40, seed=1)
    headlines, labels = test["headline"].to_pylist(), test["section"].to_pylist()
    headlines[:2], labels[:2] = table["headline"].to_pylist()[:2], table["section"].to_pylist()[:2]
    labels[2] = "crime"
    headlines[3] = f"{story} again"
    tables.write(pa.table({"headline": headlines, "section": labels}), home / "test.csv")
    return train(
        home / "news.csv",
        test=home / "test.csv",
        family=["linear", "prior"],
        settings=["C=0.3"],
        seed=4,
        out=home / "mine",
    )


@pytest.fixture(scope="module")
def out(run: Run) -> Path:
    assert run.out is not None
    return run.out


@pytest.fixture(scope="module")
def written(out: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((out / "metrics.json").read_text())
    return content


def test_the_folder_holds_what_other_tools_rely_on(out: Path) -> None:
    shared = {"metrics.json", "predictions.parquet", "confusion.csv", "bundle"}
    whole = {"leaderboard.csv", "report.html", "run.toml", "samples.parquet", "families"}
    assert {path.name for path in out.iterdir()} == shared | whole
    assert [path.name for path in (out / "families").iterdir()] == ["prior"]
    assert {path.name for path in (out / "families" / "prior").iterdir()} == shared


def test_one_family_alone_needs_no_folder_of_families(news: News, tmp_path: Path) -> None:
    train(news(60), out=tmp_path / "run")
    assert not (tmp_path / "run" / "families").exists()


def test_metrics_json_has_the_promised_keys(written: dict[str, Any], run: Run) -> None:
    counts = ["n_train", "n_valid", "n_test", "n_classes"]
    promised = ["family", *counts, *METRICS, "intervals", *COSTS]
    assert set(promised) <= set(written)
    assert set(METRICS) <= set(written["intervals"])
    for name in METRICS:
        assert written[name] == getattr(run.metrics, name)
        low, high = written["intervals"][name]
        assert low <= high
        if name != "ece":  # its interval is of the true error, which is less than the estimate
            assert low <= written[name] <= high
    assert [written[name] for name in counts] == [180, 21, 40, 4]
    assert written["family"] == "linear"
    assert written["valid"]["n_held_out"] == 201
    assert written["valid"]["macro_f1"] == run.results[0].valid.macro_f1
    assert [item["label"] for item in written["per_class"]] == list(run.corpus.labels)
    assert written["binary"] is None
    assert written["bundle_digest"] == Bundle.load(run.out / "bundle").digest


def test_metrics_json_says_what_is_leaked(written: dict[str, Any], run: Run) -> None:
    assert (written["n_leaked"], written["n_leaked_exact"]) == (3, 2)
    assert written["without_leaked"]["n_test"] == 40 - 3 - 1
    assert written["without_leaked_exact"]["n_test"] == 40 - 2 - 1
    assert run.results[0].without_leaked is not None
    assert written["without_leaked"]["accuracy"] == run.results[0].without_leaked.accuracy


def test_each_family_has_its_own_numbers(out: Path, run: Run) -> None:
    own = json.loads((out / "families/prior/metrics.json").read_text())
    assert own["family"] == "prior"
    assert own["macro_f1"] == run.results[1].test.macro_f1
    bundle = Bundle.load(out / "families/prior/bundle")
    assert bundle.family == "prior"
    assert bundle.digest == own["bundle_digest"]
    table = pq.read_table(out / "families/prior/predictions.parquet")
    assert len(set(table["predicted"].to_pylist())) == 1


def test_predictions_hold_every_test_row_with_its_three_likeliest_labels(
    out: Path, run: Run
) -> None:
    table = pq.read_table(out / "predictions.parquet")
    ranks = [f"label_{rank}" for rank in (1, 2, 3)] + [f"proba_{rank}" for rank in (1, 2, 3)]
    assert table.column_names == ["id", "label", "predicted", *ranks]
    assert [str(field.type) for field in table.schema] == ["large_string"] * 6 + ["float"] * 3
    assert len(table) == 40
    assert table["id"].to_pylist() == run.results[0].predictions.ids.to_pylist()
    assert len(set(table["id"].to_pylist())) == 40
    assert table["label"].to_pylist()[2] is None
    assert table["predicted"] == table["label_1"]
    proba = np.stack([table[f"proba_{rank}"].to_numpy() for rank in (1, 2, 3)], axis=1)
    assert (np.diff(proba, axis=1) <= 0).all()
    assert (proba.sum(axis=1) <= 1 + 1e-6).all()


def test_two_classes_have_two_likeliest(news: News, tmp_path: Path) -> None:
    train(news(60, sections=2), out=tmp_path / "run")
    table = pq.read_table(tmp_path / "run" / "predictions.parquet")
    assert table.column_names[3:] == ["label_1", "label_2", "proba_1", "proba_2"]
    total = table["proba_1"].to_numpy() + table["proba_2"].to_numpy()
    assert total == pytest.approx(np.ones(12), abs=1e-6)
    written = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert written["top_3_accuracy"] is None
    assert written["binary"]["positive"] == "sport"
    assert 0 <= written["binary"]["roc_auc"] <= 1


def test_numbers_can_be_computed_again_from_the_predictions(
    out: Path, written: dict[str, Any]
) -> None:
    table = pq.read_table(out / "predictions.parquet")
    rows = [row for row in table.to_pylist() if row["label"] is not None]
    right = [row["predicted"] == row["label"] for row in rows]
    assert written["accuracy"] == sum(right) / len(rows)
    top = [row["label"] in (row["label_1"], row["label_2"], row["label_3"]) for row in rows]
    assert written["top_3_accuracy"] == sum(top) / len(rows)


def test_numbers_can_be_computed_again_from_the_bundle(
    out: Path, run: Run, written: dict[str, Any]
) -> None:
    bundle = Bundle.load(out / "bundle")
    proba = bundle.predict(run.corpus.documents.take(run.results[0].test_rows)).proba
    rows = run.results[0].test_rows
    found = measure(
        proba,
        run.corpus.y[rows],
        run.corpus.labels,
        clusters=run.clusters[rows],
        seed=4,
    )
    for name in METRICS:
        assert getattr(found, name) == written[name]
        assert list(found.intervals[name]) == written["intervals"][name]
    assert metrics_table(run, run.results[0])["macro_f1"] == found.macro_f1


def test_the_confusion_counts_true_labels_by_predicted_ones(out: Path) -> None:
    with (out / "confusion.csv").open(newline="") as file:
        heading, *lines = list(csv.reader(file))
    names = ["business", "opera", "sport", "tech"]
    assert heading == ["label", *names]
    assert [line[0] for line in lines] == names
    counts = {
        (line[0], name): int(n) for line in lines for name, n in zip(names, line[1:], strict=True)
    }
    table = pq.read_table(out / "predictions.parquet").to_pylist()
    for (true, said), count in counts.items():
        pairs = [row for row in table if (row["label"], row["predicted"]) == (true, said)]
        assert len(pairs) == count
    assert sum(counts.values()) == 39


def test_the_leaderboard_ranks_by_valid(out: Path, run: Run) -> None:
    with (out / "leaderboard.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["family"] for line in lines] == ["linear", "prior"]
    assert [line["chosen"] for line in lines] == ["True", "False"]
    assert float(lines[0]["valid_macro_f1"]) > float(lines[1]["valid_macro_f1"])
    assert float(lines[0]["test_macro_f1"]) == run.metrics.macro_f1
    for line, result in zip(lines, run.results, strict=True):
        assert set(COSTS) < set(line)
        home = out / "bundle" if result is run.results[0] else out / "families/prior/bundle"
        size = sum(path.stat().st_size for path in home.iterdir())
        assert float(line["bundle_mb"]) == pytest.approx(size / 1e6)


def test_run_toml_holds_every_setting(out: Path, run: Run) -> None:
    settings = tomllib.loads((out / "run.toml").read_text())
    home = out.parent
    assert {
        "data": str(home / "news.csv"),
        "test": str(home / "test.csv"),
        "families": ["linear", "prior"],
        "split": "given",
        "seed": 4,
        "refit": ["linear", "prior"],
        "on_bad_row": "error",
        "forbid_leaks": False,
        "data_fingerprint": run.corpus.fingerprint,
    }.items() <= settings.items()
    assert settings["families_settings"]["linear"]["C"] == 0.3
    assert settings["families_settings"]["linear"]["word_ngrams"] == [1, 2]
    assert settings["families_settings"]["prior"] == {}
    assert settings["steps"] == [*run.corpus.steps, run.split.how]
    created = dt.datetime.fromisoformat(settings["created"])
    assert created.tzinfo is not None
    assert settings["seconds"].keys() == {"linear", "prior"}
    versions = settings["versions"]
    assert versions["newsdesk"] == newsdesk.__version__
    assert {"python", "numpy", "scipy", "scikit-learn", "numba", "pyarrow"} <= versions.keys()


def test_run_toml_holds_what_was_asked_of_the_rows(news: News, tmp_path: Path) -> None:
    out = tmp_path / "run"
    train(
        news(90),
        text=["headline"],
        label="section",
        classes=["sport", "tech"],
        rows=50,
        split="random:0.2",
        on_bad_row="quarantine",
        quarantine=tmp_path / "bad",
        encoding="utf-8",
        forbid_leaks=True,
        refit=False,
        out=out,
    )
    assert {
        "text": ["headline"],
        "label": "section",
        "classes": ["sport", "tech"],
        "rows": 50,
        "split": "random:0.2",
        "on_bad_row": "quarantine",
        "quarantine": str(tmp_path / "bad"),
        "encoding": "utf-8",
        "forbid_leaks": True,
        "refit": [],
    }.items() <= tomllib.loads((out / "run.toml").read_text()).items()


def test_times_stand_in_run_toml_and_not_in_the_bundle(out: Path) -> None:
    settings = tomllib.loads((out / "run.toml").read_text())
    for path in (out / "bundle").glob("*.json"):
        text = path.read_text()
        assert settings["created"][:10] not in text
        assert "seconds" not in text


def test_the_report_tells_the_numbers_and_loads_nothing(out: Path, run: Run) -> None:
    page = (out / "report.html").read_text(encoding="utf-8")
    assert len(page) < 5_000_000
    for share in (run.metrics.accuracy, run.metrics.macro_f1, run.metrics.ece):
        assert f"{100 * share:.1f}" in page
    assert "2 test texts stand word for word, and 1 nearly so, in the training data" in page
    assert "Without the 2 exact copies" in page
    assert "Without the 3 leaked rows" in page
    assert "mine" in page
    assert "prior" in page
    assert run.corpus.fingerprint in page
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)


def test_awkward_names_are_written_and_read_again(news: News, tmp_path: Path) -> None:
    table = news(60)
    names = {"business": '=A "1"', "sport": "Arts & <Culture>", "tech": "技術\n#"}
    labels = [names[label] for label in table["section"].to_pylist()]
    table = table.set_column(1, "section", pa.array(labels))
    out = tmp_path / "räksmörgås #1"
    run = train(table, out=out)
    with (out / "confusion.csv").open(newline="", encoding="utf-8") as file:
        assert next(csv.reader(file))[1:] == list(run.corpus.labels)
    predicted = pq.read_table(out / "predictions.parquet")["predicted"].to_pylist()
    assert set(predicted) <= set(names.values())
    tomllib.loads((out / "run.toml").read_text(encoding="utf-8"))
    assert "<Culture>" not in (out / "report.html").read_text(encoding="utf-8")
    assert Bundle.load(out / "bundle").labels == run.corpus.labels


@pytest.fixture(scope="module")
def trained(run: Run) -> Run:
    """The same run as if the second family had trained in two epochs and the first in one."""
    epochs = [Epoch(n, 12 * n, 1 / n, 1 - 0.5 / n, 1.0, 0.5, 0.5, 0.001, 2.0) for n in (1, 2)]
    first, second = run.results
    one, two = History((epochs[0],), chosen=1), History(tuple(epochs), chosen=2)
    return replace(run, results=(replace(first, history=one), replace(second, history=two)))


def rewritten(run: Run, out: Path) -> Path:
    (out / "families" / "prior").mkdir(parents=True)
    folder.write(run, out)
    return out


def test_curves_of_every_family_stand_beside_its_numbers(trained: Run, tmp_path: Path) -> None:
    out = rewritten(trained, tmp_path)
    drawn = {"curves.png", "curves.svg", "history.csv"}
    for home, n in ((out, 1), (out / "families" / "prior", 2)):
        assert drawn <= {path.name for path in home.iterdir()}
        assert len((home / "history.csv").read_text().splitlines()) == 1 + n
        written = json.loads((home / "metrics.json").read_text())
        assert (written["n_epochs"], written["chosen_epoch"]) == (n, n)
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "There was one epoch; the weights of epoch 1 were kept" in report
    assert not list(out.rglob(FILE))


def test_families_without_epochs_have_no_curves(out: Path, written: dict[str, Any]) -> None:
    assert not list(out.rglob("curves.*"))
    assert not list(out.rglob("history.csv"))
    assert not {"n_epochs", "chosen_epoch"} & set(written)
    assert "Training curves" not in (out / "report.html").read_text(encoding="utf-8")


def test_events_are_written_when_asked_for(trained: Run, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    asked = replace(trained, settings=trained.settings | {"tensorboard": True})
    out = rewritten(asked, tmp_path)
    homes = [path.parent for path in out.rglob(FILE)]
    assert sorted(homes) == [out, out / "families" / "prior"]
