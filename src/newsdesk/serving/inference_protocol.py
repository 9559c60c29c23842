"""The Open Inference Protocol, version 2, as Triton and KServe speak it."""

from __future__ import annotations

import msgspec

from newsdesk._version import __version__
from newsdesk.predictions import Predictions
from newsdesk.serving.act import Act
from newsdesk.serving.binary import split_body
from newsdesk.serving.board import Board
from newsdesk.serving.call import Call, Reply, decoded, said
from newsdesk.serving.catalogue import Served
from newsdesk.serving.desk import Desk
from newsdesk.serving.faults import ServingError, malformed
from newsdesk.serving.tensors import (
    HIGHLIGHTS,
    LABELS,
    PROBS,
    Answer,
    Metadata,
    Output,
    Request,
    Tensor,
    inputs_of,
    metadata,
    of_strings,
    probabilities,
)
from newsdesk.types import Documents

__all__ = ["add_routes"]

_TAG = "open inference protocol"
_LENGTH = "Inference-Header-Content-Length"


class Server(msgspec.Struct, frozen=True):
    """The server."""

    name: str
    version: str
    extensions: list[str]


class Live(msgspec.Struct, frozen=True):
    """The process answers."""

    live: bool = True


class Ready(msgspec.Struct, frozen=True):
    """Models are loaded and warm."""

    ready: bool = True
    live: bool = True


class ModelReady(msgspec.Struct, frozen=True):
    """A model is loaded and warm."""

    name: str
    ready: bool = True


_REQUEST = msgspec.json.Decoder(Request)


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
    model = "/v2/models/{model}"
    asked = {"name": "text", "shape": [1], "datatype": "BYTES", "data": ["Rates rise again"]}
    wanted = {"name": PROBS, "parameters": {"classification": 3}}
    act = Act(
        "Classify texts; as JSON, or in binary tensors.",
        tag=_TAG,
        takes=Request,
        gives=Answer,
        headers=(_LENGTH,),
        binary=True,
        example={"inputs": [asked], "outputs": [wanted]},
    )
    for place in (model, f"{model}/versions/{{version}}"):
        board.add("POST", f"{place}/infer", protocol.infer, name="infer", act=act, untyped=True)
    for place in (model, f"{model}/versions/{{version}}"):
        about = Act("Describe a model.", tag=_TAG, gives=Metadata)
        board.add("GET", place, protocol.metadata, name="model_metadata", act=about)
        about = Act("Say that a model is ready.", tag=_TAG, gives=ModelReady)
        board.add("GET", f"{place}/ready", protocol.model_ready, name="model_ready", act=about)
    act = Act("Describe the server.", tag=_TAG, gives=Server)
    board.add("GET", "/v2", _server, name="server_metadata", act=act)
    act = Act("Say that the server lives.", tag=_TAG, gives=Live)
    board.add("GET", "/v2/health/live", _live, name="live", act=act, who="everybody")
    act = Act("Say that the server is ready.", tag=_TAG, gives=Ready)
    board.add("GET", "/v2/health/ready", _ready, name="ready", act=act, who="everybody")


class _Protocol:
    """What is asked of models."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def infer(self, call: Call) -> Reply:
        served = self._served(call)
        header, tail = split_body(call.body, call.header(_LENGTH.lower().encode()))
        request = decoded(header, _REQUEST)
        wanted = request.outputs or [Output(PROBS)]
        if len({one.name for one in wanted}) < len(wanted):
            raise malformed("An output is asked for twice.", "Ask for each output once.")
        documents = self._desk.documents(served, inputs_of(served, request.inputs, tail))
        predictions = await self._desk.predict(call, served, documents)
        outputs = [await self._output(call, served, documents, predictions, one) for one in wanted]
        return said(Answer(served.name, served.version, outputs, request.id))

    async def metadata(self, call: Call) -> Reply:
        return said(metadata(self._served(call)))

    async def model_ready(self, call: Call) -> Reply:
        return said(ModelReady(self._served(call).name))

    def _served(self, call: Call) -> Served:
        served = self._desk.catalogue.take(call.path_params["model"])
        version = call.path_params.get("version")
        if version not in (None, served.version, served.digest):
            problem = "There is no such version of the model."
            hint = f"Served now: {served.version}."
            raise ServingError(404, "unknown_version", problem, hint)
        return served

    async def _output(
        self,
        call: Call,
        served: Served,
        documents: Documents,
        predictions: Predictions,
        asked: Output,
    ) -> Tensor:
        if asked.name == PROBS:
            return probabilities(predictions, asked)
        if asked.name == LABELS:
            return of_strings(LABELS, predictions.labels)
        if asked.name == HIGHLIGHTS:
            results = await self._desk.words(call, served, documents, predictions, top_k=1)
            spans = [msgspec.json.encode(result.highlights).decode() for result in results]
            return of_strings(HIGHLIGHTS, spans)
        hint = f"Known outputs: {PROBS}, {LABELS}, {HIGHLIGHTS}."
        raise malformed("An output is asked for that there is not.", hint)


async def _server(_call: Call) -> Reply:
    extensions = ["classification", "binary_tensor_data", "model_repository"]
    return said(Server("newsdesk", __version__, extensions))


async def _live(_call: Call) -> Reply:
    return said(Live())


async def _ready(_call: Call) -> Reply:
    return said(Ready())
