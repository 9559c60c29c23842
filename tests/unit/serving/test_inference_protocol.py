from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from newsdesk.types import Documents

INFER = "/v2/models/news/infer"
TEXTS = ["Bank lifts rates again", "Straße 大阪 😀", ""]


def request(texts: list[str], *outputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    tensor = {"name": "text", "shape": [len(texts)], "datatype": "BYTES", "data": texts}
    return {"inputs": [tensor], **({"outputs": list(outputs)} if outputs else {}), **more}


def binary(texts: list[str]) -> dict[str, Any]:
    """What httpx takes for a binary request."""
    data = b"".join(struct.pack("<I", len(one.encode())) + one.encode() for one in texts)
    tensor = {"name": "text", "shape": [len(texts), 1], "datatype": "BYTES"}
    header = json.dumps({"inputs": [tensor | {"parameters": {"binary_data_size": len(data)}}]})
    lengths = {"Inference-Header-Content-Length": str(len(header))}
    headers = {"Content-Type": "application/octet-stream"} | lengths
    return {"content": header.encode() + data, "headers": headers}


def test_probabilities_are_those_of_the_bundle(ask: Callable[..., Any], news: Any) -> None:
    found = ask("POST", INFER, json=request(TEXTS)).json()
    (probs,) = found["outputs"]
    assert (probs["name"], probs["datatype"]) == ("probs", "FP32")
    data = np.array(probs["data"], dtype=np.float32).reshape(probs["shape"])
    assert (data == news.bundle.predict(Documents.from_texts(TEXTS)).proba).all()
    assert (found["model_name"], found["model_version"]) == ("news", news.digest[:12])


def test_binary_texts_have_the_answer_of_json(ask: Callable[..., Any]) -> None:
    assert (
        ask("POST", INFER, **binary(TEXTS)).json() == ask("POST", INFER, json=request(TEXTS)).json()
    )


def test_the_id_comes_back_where_there_is_one(ask: Callable[..., Any]) -> None:
    assert ask("POST", INFER, json=request(["a"], id="7")).json()["id"] == "7"
    assert "id" not in ask("POST", INFER, json=request(["a"])).json()


def test_the_likeliest_classes_are_value_index_and_name(ask: Callable[..., Any]) -> None:
    said = request(["goal cup", "bank"], {"name": "probs", "parameters": {"classification": 1}})
    (probs,) = ask("POST", "/v2/models/pair/infer", json=said).json()["outputs"]
    assert (probs["datatype"], probs["shape"]) == ("BYTES", [2, 1])
    value, index, label = probs["data"][0].split(":", 2)
    assert (float(value) > 0.5, index, label) == (True, "0", "a:b")


def test_names_and_highlights_are_outputs_too(ask: Callable[..., Any], news: Any) -> None:
    said = request(TEXTS[:2], {"name": "labels"}, {"name": "highlights"})
    labels, highlights = ask("POST", INFER, json=said).json()["outputs"]
    assert labels["data"] == news.bundle.predict(Documents.from_texts(TEXTS[:2])).labels
    spans = json.loads(highlights["data"][0])
    assert {"field", "start", "end", "weight"} <= set(spans[0])


def test_fields_are_inputs_of_their_own(ask: Callable[..., Any], pair: Any) -> None:
    columns = {"headline": ["goal", "bank"], "body": ["cup", "goal"]}
    inputs = [
        {"name": name, "shape": [2], "datatype": "BYTES", "data": data}
        for name, data in columns.items()
    ]
    (probs,) = ask("POST", "/v2/models/pair/infer", json={"inputs": inputs}).json()["outputs"]
    documents = [{"headline": "goal", "body": "cup"}, {"headline": "bank", "body": "goal"}]
    said = {"model": "pair", "documents": documents}
    native = ask("POST", "/api/v1/predict", json=said).json()["results"]
    assert [max(probs["data"][:2]), max(probs["data"][2:])] == [
        one["labels"][0]["score"] for one in native
    ]


def test_metadata_names_inputs_and_outputs(ask: Callable[..., Any], pair: Any) -> None:
    found = ask("GET", "/v2/models/pair").json()
    assert [one["name"] for one in found["inputs"]] == ["text", "headline", "body"]
    assert found["outputs"][0] == {"name": "probs", "datatype": "FP32", "shape": [-1, 2]}
    assert found["properties"]["labels"] == ["a:b", "Ökonomie"]
    assert [one["name"] for one in ask("GET", "/v2/models/news").json()["inputs"]] == ["text"]


def test_a_version_is_the_beginning_of_the_digest(ask: Callable[..., Any], news: Any) -> None:
    for version, status in ((news.digest[:12], 200), (news.digest, 200), ("1", 404)):
        place = f"/v2/models/news/versions/{version}"
        assert ask("GET", place).status_code == status
        assert ask("GET", f"{place}/ready").status_code == status
        assert ask("POST", f"{place}/infer", json=request(["a"])).status_code == status


def test_health_is_said_as_both_clients_read_it(ask: Callable[..., Any]) -> None:
    assert ask("GET", "/v2/health/live").json() == {"live": True}
    assert ask("GET", "/v2/health/ready").json() == {"ready": True, "live": True}
    assert ask("GET", "/v2/models/news/ready").json() == {"name": "news", "ready": True}
    assert "binary_tensor_data" in ask("GET", "/v2").json()["extensions"]


def tensor(**changed: Any) -> dict[str, Any]:
    return {"name": "text", "shape": [1], "datatype": "BYTES", "data": ["a"]} | changed


@pytest.mark.parametrize(
    "said",
    [
        {"inputs": []},
        {"inputs": [tensor(name="nothing")]},
        {"inputs": [tensor(), tensor()]},
        {"inputs": [tensor(datatype="FP32")]},
        {"inputs": [tensor(data=[1.5])]},
        {"inputs": [tensor(data=None)]},
        {"inputs": [tensor(shape=[2])]},
        {"inputs": [tensor(shape=[-1])]},
        {"inputs": [tensor(shape=[])]},
        {"inputs": [tensor(data=[["a"]])]},
        {"inputs": [tensor()], "outputs": [{"name": "nothing"}]},
        {"inputs": [tensor()], "outputs": [{"name": "probs"}, {"name": "probs"}]},
        {
            "inputs": [tensor()],
            "outputs": [{"name": "probs", "parameters": {"classification": -1}}],
        },
        {
            "inputs": [tensor()],
            "outputs": [{"name": "probs", "parameters": {"classification": "3"}}],
        },
    ],
)
def test_a_request_that_does_not_fit_together_is_refused(
    ask: Callable[..., Any], said: dict[str, Any]
) -> None:
    found = ask("POST", INFER, json=said)
    assert (found.status_code, found.headers["content-type"]) == (400, "application/json")
    assert found.json()["error"]


def test_text_and_fields_together_are_refused(ask: Callable[..., Any]) -> None:
    said = {"inputs": [tensor(), tensor(name="headline")]}
    assert ask("POST", "/v2/models/pair/infer", json=said).status_code == 400


def test_no_text_is_refused(ask: Callable[..., Any]) -> None:
    assert ask("POST", INFER, json=request([])).status_code == 422


@pytest.mark.parametrize("depth", [50, 900, 100_000])
def test_deeply_nested_data_is_refused(ask: Callable[..., Any], depth: int) -> None:
    data = "[" * depth + '"a"' + "]" * depth
    body = '{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","data":' + data + "}]}"
    headers = {"Content-Type": "application/json"}
    assert ask("POST", INFER, content=body.encode(), headers=headers).status_code == 400


def test_a_body_need_not_be_said_to_be_json_but_must_not_be_said_to_be_something_else(
    ask: Callable[..., Any],
) -> None:
    body = json.dumps(request(["a"])).encode()
    assert ask("POST", INFER, content=body).status_code == 200
    headers = {"Content-Type": "text/plain"}
    assert ask("POST", INFER, content=body, headers=headers).status_code == 415
    assert ask("POST", "/api/v1/predict", content=b'{"texts": ["a"]}').status_code == 415
