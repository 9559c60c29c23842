"""Clients that were written for other servers, unmodified, get the numbers of the bundle."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import newsdesk

HERE = Path(__file__).parent
PYTHON = HERE.parents[1] / ".venv/clients/bin/python"
KEY = "0123456789abcdef"
TEXTS = [
    "Bank lifts rates again",
    "Straße 大阪 👩‍👩‍👧 goal",
    'a "quoted", cup',
    "two\nlines",
    "",
    "zzz",
    "word " * 3000,
]

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="needs .venv/clients: make test")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> newsdesk.Run:
    return newsdesk.train("sample", out=tmp_path_factory.mktemp("clients") / "run")


@pytest.fixture(scope="module")
def server(run: newsdesk.Run, serve: Callable[..., Any]) -> Any:
    assert run.out is not None
    return serve(f"news={run.out / 'bundle'}", NEWSDESK_KEYS=KEY)


def ask(script: str, server: Any, **said: Any) -> Any:
    done = subprocess.run(
        [PYTHON, HERE / "clients" / script],
        input=json.dumps({"url": server.url, "model": "news", "key": KEY} | said),
        capture_output=True,
        check=False,
        encoding="utf-8",
        # Nothing of this environment, and no proxy between.
        env={k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def columns(run: newsdesk.Run) -> dict[str, list[str]]:
    return dict(zip(run.bundle.fields, (TEXTS, TEXTS[::-1]), strict=True))


def documents(run: newsdesk.Run) -> newsdesk.Documents:
    bare = newsdesk.Documents.from_texts(TEXTS)
    made = {
        name: newsdesk.Documents.from_texts(texts).texts for name, texts in columns(run).items()
    }
    return newsdesk.Documents(bare.ids, made)


def test_hugging_face_hub_gets_the_numbers_of_the_bundle(run: newsdesk.Run, server: Any) -> None:
    found = ask("huggingface.py", server, texts=TEXTS, top_k=4)
    predictions = run.bundle.predict(newsdesk.Documents.from_texts(TEXTS))
    order, proba = predictions.top_k(4)
    for answer, classes, scores in zip(found["answers"], order, proba, strict=True):
        assert [label for label, _ in answer] == run.bundle.labels.decode(classes)
        assert [np.float32(score) for _, score in answer] == scores.tolist()


def test_hugging_face_hub_shows_why_it_was_refused(server: Any) -> None:
    found = ask("huggingface.py", server, texts=[])["refusals"]
    assert [status for status, _ in found] == [422, 401]
    assert "The model has classes of its own." in found[0][1]


@pytest.mark.parametrize("script", ["triton.py", "kserve_v2.py"])
def test_the_inference_protocol_gives_the_numbers_of_the_bundle_in_json_and_in_binary(
    run: newsdesk.Run, server: Any, script: str
) -> None:
    found = ask(script, server, columns=columns(run))
    assert (found["live"], found["ready"], found["model_ready"]) == (True, True, True)
    predictions = run.bundle.predict(documents(run))
    for kind in ("json", "binary"):
        proba = np.array(found[kind]["probs"], dtype=np.float32).reshape(found[kind]["shape"])
        assert np.array_equal(proba, predictions.proba)
        assert found[kind]["id"] == "seven"
    order, proba = predictions.top_k(3)
    top = np.array(found["top"]).reshape(order.shape).tolist()
    for said, classes, scores in zip(top, order, proba, strict=True):
        parts = [one.split(":", 2) for one in said]
        assert [np.float32(value) for value, _, _ in parts] == scores.tolist()
        assert [int(index) for _, index, _ in parts] == classes.tolist()
        assert [name for _, _, name in parts] == run.bundle.labels.decode(classes)


def test_triton_reads_metadata_highlights_and_refusals(run: newsdesk.Run, server: Any) -> None:
    found = ask("triton.py", server, columns=columns(run))
    assert found["server"]["name"] == "newsdesk"
    assert [one["name"] for one in found["metadata"]["inputs"]] == ["text", *run.bundle.fields]
    assert found["repository"][0]["state"] == "READY"
    spans = [json.loads(text) for text in found["highlights"]]
    explanations = run.bundle.explain(documents(run))
    for own, explanation in zip(spans, explanations, strict=True):
        weights = [(one["field"], one["start"], one["end"], one["weight"]) for one in own]
        assert weights == [tuple(span) for span in explanation.spans]
    statuses, texts = zip(*found["refusals"], strict=True)
    assert statuses == ("400", "404", "403")
    assert "An input is unknown" in texts[0]
    assert "There is no model of that name." in texts[1]
    assert "Management is off." in texts[2]


def test_kserve_shows_why_it_was_refused(run: newsdesk.Run, server: Any) -> None:
    unknown, wrong = ask("kserve_v2.py", server, columns=columns(run))["refusals"]
    assert "There is no model of that name." in unknown
    assert "An output is asked for that there is not." in wrong
