"""The dialect of Hugging Face's inference API: text classification."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from newsdesk.serving.act import Act
from newsdesk.serving.answers import LabelScore
from newsdesk.serving.board import Board
from newsdesk.serving.call import Call, Reply, decoded, said
from newsdesk.serving.desk import Desk
from newsdesk.serving.faults import ServingError

__all__ = ["Request", "add_routes"]


class Parameters(msgspec.Struct):
    """What a client may ask for; what it says besides changes nothing."""

    top_k: Annotated[int, msgspec.Meta(ge=1)] | None = None
    function_to_apply: Literal["softmax", "sigmoid", "none"] | None = None
    candidate_labels: list[str] | str | None = None


class Request(msgspec.Struct):
    """One text or several."""

    inputs: str | list[str]
    parameters: Parameters | None = None


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

    async def classify(call: Call) -> Reply:
        request = decoded(call.body, _REQUEST)
        served = desk.catalogue.take(call.path_params["model"])
        asked = request.parameters or Parameters()
        if asked.candidate_labels is not None:
            problem = "The model has classes of its own."
            hint = f"Ask for text classification: {', '.join(served.bundle.labels)}."
            raise ServingError(422, "no_candidate_labels", problem[:500], hint[:2000])
        if asked.function_to_apply not in (None, "softmax"):
            problem = "Scores are calibrated probabilities that sum to 1."
            raise ServingError(422, "no_function", problem, "Leave function_to_apply out.")
        texts = [request.inputs] if isinstance(request.inputs, str) else request.inputs
        documents = desk.documents(served, texts)
        top_k = len(served.bundle.labels) if asked.top_k is None else asked.top_k
        results = await desk.answer(call, served, documents, top_k=top_k)
        # Nested even for one text: the client takes the first element.
        return said([result.labels for result in results])

    act = Act(
        "Classify a text, or several, as Hugging Face's inference API does.",
        tag="hugging face",
        takes=Request,
        gives=list[list[LabelScore]],
        example={"inputs": "Rates rise again", "parameters": {"top_k": 3}},
    )
    board.add("POST", "/hf/{model}", classify, name="huggingface", act=act)
