"""The Open Inference Protocol, version 2, as Triton and KServe speak it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from newsdesk._version import __version__
from newsdesk.predictions import Predictions
from newsdesk.serving.binary import split_body, strings_of
from newsdesk.serving.board import Board
from newsdesk.serving.call import Call, Reply, decoded
from newsdesk.serving.catalogue import Served
from newsdesk.serving.desk import Desk
from newsdesk.serving.faults import ServingError
from newsdesk.types import TEXT_FIELD, Documents, Floats

__all__ = ["Request", "add_routes"]

_MOST_CLASSES = 100
PROBS, LABELS, HIGHLIGHTS = "probs", "labels", "highlights"


class Tensor(msgspec.Struct):
    """An input."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any] | None = None
    parameters: dict[str, Any] = {}


class Output(msgspec.Struct):
    """An output that is asked for."""

    name: str
    parameters: dict[str, Any] = {}


class Request(msgspec.Struct):
    """What is to be inferred."""

    inputs: list[Tensor]
    id: str | None = None
    outputs: list[Output] = []
    parameters: dict[str, Any] = {}


_REQUEST = msgspec.json.Decoder(Request)
_ENCODER = msgspec.json.Encoder()


def add_routes(board: Board, desk: Desk) -> None:
    """Put the protocol on the board.

    Parameters
    ----------
    board : Board
        Of the server.
    desk : Desk
        What answers.
    """
    protocol = _Protocol(desk)
    model, version = "/v2/models/{model}", "/v2/models/{model}/versions/{version}"
    for place in (model, version):
        board.add("POST", f"{place}/infer", protocol.infer, name="infer")
        board.add("GET", f"{place}/ready", protocol.model_ready, name="model_ready")
        board.add("GET", place, protocol.metadata, name="model_metadata")
    board.add("GET", "/v2", _server, name="server_metadata")
    board.add("GET", "/v2/health/live", _live, name="live", who="everybody")
    board.add("GET", "/v2/health/ready", _ready, name="ready", who="everybody")


class _Protocol:
    """What is asked of models."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def infer(self, call: Call) -> Reply:
        served = _served(self._desk, call)
        header, tail = split_body(call.body, call.header(b"inference-header-content-length"))
        request = decoded(header, _REQUEST)
        documents = _documents(self._desk, served, request, tail)
        predictions = await self._desk.predict(call, served, documents)
        wanted = request.outputs or [Output(PROBS)]
        outputs = [await self._output(call, served, documents, predictions, one) for one in wanted]
        said: dict[str, Any] = {"model_name": served.name, "model_version": _version(served)}
        if request.id is not None:
            said["id"] = request.id
        return Reply(_ENCODER.encode(said | {"outputs": outputs}))

    async def metadata(self, call: Call) -> Reply:
        return Reply(_ENCODER.encode(_metadata(_served(self._desk, call))))

    async def model_ready(self, call: Call) -> Reply:
        served = _served(self._desk, call)
        return Reply(_ENCODER.encode({"name": served.name, "ready": True}))

    async def _output(
        self,
        call: Call,
        served: Served,
        documents: Documents,
        predictions: Predictions,
        asked: Output,
    ) -> dict[str, Any]:
        n = len(documents)
        if asked.name == PROBS:
            return _probs(served, predictions.proba, asked)
        if asked.name == LABELS:
            return _bytes(LABELS, [n], predictions.labels)
        if asked.name == HIGHLIGHTS:
            found = await self._desk.answer(call, served, documents, top_k=1, explain=True)
            texts = [_ENCODER.encode(result.highlights).decode() for result in found]
            return _bytes(HIGHLIGHTS, [n], texts)
        hint = f"Known outputs: {PROBS}, {LABELS}, {HIGHLIGHTS}."
        raise _wrong("An output is asked for that there is not.", hint)


async def _server(_call: Call) -> Reply:
    extensions = ["classification", "binary_tensor_data", "model_repository"]
    facts = {"name": "newsdesk", "version": __version__, "extensions": extensions}
    return Reply(_ENCODER.encode(facts))


async def _live(_call: Call) -> Reply:
    return Reply(b'{"live":true}')


async def _ready(_call: Call) -> Reply:
    return Reply(b'{"ready":true,"live":true}')


def _served(desk: Desk, call: Call) -> Served:
    served = desk.catalogue.take(call.path_params["model"])
    version = call.path_params.get("version")
    if version not in (None, _version(served), served.digest):
        problem = "There is no such version of the model."
        hint = f"Served now: {_version(served)}."
        raise ServingError(404, "unknown_version", problem, hint)
    return served


def _metadata(served: Served) -> dict[str, Any]:
    fields = served.bundle.fields
    names = [TEXT_FIELD, *(field for field in fields if field != TEXT_FIELD)]
    inputs = [{"name": name, "datatype": "BYTES", "shape": [-1]} for name in names]
    outputs = [
        {"name": PROBS, "datatype": "FP32", "shape": [-1, len(served.bundle.labels)]},
        {"name": LABELS, "datatype": "BYTES", "shape": [-1]},
        {"name": HIGHLIGHTS, "datatype": "BYTES", "shape": [-1]},
    ]
    return {
        "name": served.name,
        "versions": [_version(served)],
        "platform": f"newsdesk_{served.bundle.family}",
        "inputs": inputs if len(fields) > 1 else inputs[:1],
        "outputs": outputs,
        "properties": {"digest": served.digest, "labels": list(served.bundle.labels)},
    }


def _version(served: Served) -> str:
    return served.digest[:12]


def _documents(desk: Desk, served: Served, request: Request, tail: bytes) -> Documents:
    known = {TEXT_FIELD, *served.bundle.fields}
    columns: dict[str, list[str]] = {}
    for tensor in request.inputs:
        if tensor.name not in known or tensor.name in columns:
            hint = f"Known inputs, each once: {', '.join(sorted(known))}."
            raise _wrong("An input is unknown or stands there twice.", hint)
        if tensor.datatype != "BYTES":
            raise _wrong("An input is not of datatype BYTES.", "Send texts as BYTES.")
        texts, tail = strings_of(tensor.shape, tensor.data, tensor.parameters, tail)
        columns[tensor.name] = texts
    if tail:
        raise _wrong("The body is longer than its inputs.", "Check binary_data_size.")
    if not columns or len({len(texts) for texts in columns.values()}) != 1:
        raise _wrong("The inputs are none, or of different length.", "Send a text for each.")
    if set(columns) == {TEXT_FIELD}:
        return desk.documents(served, columns[TEXT_FIELD])
    if TEXT_FIELD in columns and TEXT_FIELD not in served.bundle.fields:
        raise _wrong("Both text and fields are given.", "Send the one or the others.")
    rows = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    return desk.documents(served, rows)


def _probs(served: Served, proba: Floats, output: Output) -> dict[str, Any]:
    n_classes = output.parameters.get("classification", 0)
    if not isinstance(n_classes, int) or not 0 <= n_classes <= _MOST_CLASSES:
        raise _wrong("classification is no number of classes.", f"Name 1 to {_MOST_CLASSES}.")
    if not n_classes:
        data = proba.ravel().tolist()
        return {"name": PROBS, "datatype": "FP32", "shape": list(proba.shape), "data": data}
    n_classes = min(n_classes, proba.shape[1])
    order = np.argsort(-proba, axis=1, kind="stable")[:, :n_classes]
    labels = served.bundle.labels
    said = [
        f"{proba[row, index]}:{index}:{labels[index]}"
        for row, classes in enumerate(order.tolist())
        for index in classes
    ]
    return _bytes(PROBS, [len(proba), n_classes], said)


def _bytes(name: str, shape: list[int], data: Sequence[str]) -> dict[str, Any]:
    return {"name": name, "datatype": "BYTES", "shape": shape, "data": list(data)}


def _wrong(problem: str, hint: str) -> ServingError:
    return ServingError(400, "invalid_request", problem, hint)
