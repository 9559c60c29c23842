"""The dialect of text-embeddings-inference: ``/predict`` by the default model."""

from __future__ import annotations

import msgspec

from newsdesk._version import __version__
from newsdesk.serving.act import Act
from newsdesk.serving.answers import LabelScore
from newsdesk.serving.board import Board
from newsdesk.serving.call import Call, Reply, decoded, said
from newsdesk.serving.desk import Desk
from newsdesk.serving.faults import ServingError

__all__ = ["Request", "add_routes"]


class Request(msgspec.Struct):
    """One text, or a list of lists of one text each."""

    inputs: str | list[str | list[str]]
    truncate: bool | None = None
    truncation_direction: str | None = None
    raw_scores: bool = False


class Classes(msgspec.Struct, frozen=True):
    """Numbers of the classes, both ways."""

    id2label: dict[str, str]
    label2id: dict[str, int]


class Kind(msgspec.Struct, frozen=True):
    """A classifier, among what that server runs."""

    classifier: Classes


class Info(msgspec.Struct, frozen=True):
    """The default model."""

    model_id: str
    model_sha: str
    model_dtype: str
    model_type: Kind
    max_client_batch_size: int
    version: str


class Nothing(msgspec.Struct, frozen=True):
    """An empty object."""


_REQUEST = msgspec.json.Decoder(Request)


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
        request = decoded(call.body, _REQUEST)
        if request.raw_scores:
            problem = "Scores are calibrated probabilities."
            raise ServingError(422, "no_raw_scores", problem, "Leave raw_scores out.")
        served = desk.catalogue.take(None)
        documents = desk.documents(served, _texts(request.inputs))
        results = await desk.answer(call, served, documents, top_k=len(served.bundle.labels))
        listed = [result.labels for result in results]
        return said(listed[0] if isinstance(request.inputs, str) else listed)

    async def info(_call: Call) -> Reply:
        served = desk.catalogue.take(None)
        labels = list(served.bundle.labels)
        classes = Classes(
            id2label={str(index): name for index, name in enumerate(labels)},
            label2id={name: index for index, name in enumerate(labels)},
        )
        found = Info(
            model_id=served.name,
            model_sha=served.digest,
            model_dtype="float32",
            model_type=Kind(classes),
            max_client_batch_size=desk.settings.limits.texts,
            version=__version__,
        )
        return said(found)

    async def health(_call: Call) -> Reply:
        return said(Nothing())

    tag = "text-embeddings-inference"
    act = Act(
        "Classify by the default model, as text-embeddings-inference does.",
        tag=tag,
        takes=Request,
        gives=list[LabelScore | list[LabelScore]],
        example={"inputs": "Rates rise again"},
    )
    board.add("POST", "/predict", predict, name="tei", act=act, aliases=("error_type",))
    act = Act("Describe the default model.", tag=tag, gives=Info)
    board.add("GET", "/info", info, name="tei_info", act=act)
    act = Act("Say that the server lives.", tag=tag, gives=Nothing)
    board.add("GET", "/health", health, name="tei_health", act=act, who="everybody")


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
