"""The dialect of text-embeddings-inference: ``/predict`` by the default model."""

from __future__ import annotations

from typing import Any

import msgspec

from newsdesk._version import __version__
from newsdesk.serving.answers import LabelScore
from newsdesk.serving.board import Board
from newsdesk.serving.call import Call, Reply, decoded
from newsdesk.serving.desk import Desk
from newsdesk.serving.faults import ServingError, body_of

__all__ = ["Request", "add_routes"]


class Request(msgspec.Struct):
    """One text, or a list of lists of one text each."""

    inputs: str | list[str | list[str]]
    truncate: bool | None = None
    truncation_direction: str | None = None
    raw_scores: bool = False


_REQUEST = msgspec.json.Decoder(Request)
_ENCODER = msgspec.json.Encoder()


def add_routes(board: Board, desk: Desk) -> None:
    """Put the dialect on the board.

    Parameters
    ----------
    board : Board
        Of the server.
    desk : Desk
        What answers.
    """

    async def predict(call: Call) -> Reply:
        try:
            return await _predict(call)
        except ServingError as error:
            headers = tuple(
                (name.lower().encode(), value.encode()) for name, value in error.headers.items()
            )
            return Reply(body_of(error, error_type=error.code), error.status, headers=headers)

    async def _predict(call: Call) -> Reply:
        request = decoded(call.body, _REQUEST)
        if request.raw_scores:
            problem = "Scores are calibrated probabilities."
            raise ServingError(422, "no_raw_scores", problem, "Leave raw_scores out.")
        served = desk.catalogue.take(None)
        documents = desk.documents(served, _texts(request.inputs))
        results = await desk.answer(call, served, documents, top_k=len(served.bundle.labels))
        listed: list[list[LabelScore]] = [result.labels for result in results]
        return Reply(_ENCODER.encode(listed[0] if isinstance(request.inputs, str) else listed))

    async def info(_call: Call) -> Reply:
        served = desk.catalogue.take(None)
        labels = list(served.bundle.labels)
        kind: dict[str, Any] = {
            "classifier": {
                "id2label": {str(index): name for index, name in enumerate(labels)},
                "label2id": {name: index for index, name in enumerate(labels)},
            }
        }
        facts = {
            "model_id": served.name,
            "model_sha": served.digest,
            "model_dtype": "float32",
            "model_type": kind,
            "max_client_batch_size": desk.settings.limits.texts,
            "version": __version__,
        }
        return Reply(_ENCODER.encode(facts))

    async def health(_call: Call) -> Reply:
        return Reply(b"{}")

    board.add("POST", "/predict", predict, name="tei")
    board.add("GET", "/info", info, name="tei_info")
    board.add("GET", "/health", health, name="tei_health", who="everybody")


def _texts(inputs: str | list[str | list[str]]) -> list[str]:
    if isinstance(inputs, str):
        return [inputs]
    texts = []
    for one in inputs:
        if isinstance(one, str) or len(one) != 1:
            # There, a list of two texts is a pair, and each list in a list one input.
            problem = "A list of texts is a pair of sentences here, which no model takes."
            hint = 'Send several texts as {"inputs": [["a"], ["b"]]}.'
            raise ServingError(422, "no_pairs", problem, hint)
        texts.append(one[0])
    return texts
