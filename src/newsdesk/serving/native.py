"""The native dialect: ``/api/v1``."""

from __future__ import annotations

from typing import Annotated

import msgspec

from newsdesk._version import __version__
from newsdesk.serving.act import Act
from newsdesk.serving.answers import Explain, Result
from newsdesk.serving.board import Board
from newsdesk.serving.call import Call, Reply, decoded, said
from newsdesk.serving.catalogue import Served
from newsdesk.serving.desk import Desk
from newsdesk.serving.faults import ServingError
from newsdesk.serving.samples import Sample, Samples

__all__ = ["About", "Models", "PredictAnswer", "PredictRequest", "add_routes"]


class PredictRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Texts or documents to classify."""

    texts: list[str] | None = None
    documents: list[dict[str, str]] | None = None
    """Texts by the names of the model's fields."""
    model: str | None = None
    ids: list[str] | None = None
    top_k: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
    explain: Explain = False
    """true highlights words for the likeliest class, "all" for each class that is listed."""
    abstain_below: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None


class ModelName(msgspec.Struct, frozen=True):
    """Who answered."""

    name: str
    family: str
    digest: str


class PredictAnswer(msgspec.Struct, frozen=True):
    """Answers in the order of the request."""

    model: ModelName
    results: list[Result]


class ModelFacts(msgspec.Struct, frozen=True):
    """What is known of a served model."""

    name: str
    family: str
    digest: str
    labels: list[str]
    fields: list[str]
    explains: str | None
    abstain_below: float
    loaded_at: str


class Models(msgspec.Struct, frozen=True):
    """The served models."""

    default: str
    models: list[ModelFacts]


class About(msgspec.Struct, frozen=True):
    """What a page needs to know before it asks."""

    version: str
    needs_key: bool
    feedback: bool
    samples: bool
    max_texts: int
    max_body_bytes: int


_REQUEST = msgspec.json.Decoder(PredictRequest)


def add_routes(board: Board, desk: Desk, samples: Samples | None) -> None:
    """Put the native routes on the board.

    Parameters
    ----------
    board : Board
        Of the server.
    desk : Desk
        What answers.
    samples : Samples | None
        Texts that the page offers.
    """

    async def predict(call: Call) -> Reply:
        request = decoded(call.body, _REQUEST)
        served = desk.catalogue.take(request.model)
        given = request.texts if request.documents is None else request.documents
        if given is None or (request.texts is not None and request.documents is not None):
            problem = "Neither texts nor documents are given." if given is None else "Both are."
            hint = 'Send {"texts": ["…"]} or {"documents": [{"field": "…"}]}.'
            raise ServingError(422, "invalid_request", problem, hint)
        documents = desk.documents(served, given, request.ids)
        results = await desk.answer(
            call,
            served,
            documents,
            top_k=request.top_k,
            explain=request.explain,
            abstain_below=request.abstain_below,
        )
        return said(PredictAnswer(_named(served), results))

    async def models(_call: Call) -> Reply:
        found = [_facts(served, desk.settings.abstain_below) for served in desk.catalogue.values()]
        return said(Models(desk.catalogue.default, found))

    async def about(_call: Call) -> Reply:
        facts = About(
            version=__version__,
            needs_key=board.doorman.needs_key,
            feedback=desk.settings.feedback is not None,
            samples=samples is not None,
            max_texts=desk.settings.limits.texts,
            max_body_bytes=desk.settings.limits.body_bytes,
        )
        return said(facts)

    async def sample(_call: Call) -> Reply:
        if samples is None:
            problem, hint = "The server has no samples.", "Start it with --samples FILE."
            raise ServingError(404, "no_samples", problem, hint)
        return said(samples.draw())

    act = Act(
        "Classify texts or documents.",
        takes=PredictRequest,
        gives=PredictAnswer,
        example={"texts": ["Rates rise again"], "top_k": 3, "explain": True},
    )
    board.add("POST", "/api/v1/predict", predict, name="predict", act=act)
    act = Act("List the served models.", gives=Models)
    board.add("GET", "/api/v1/models", models, name="models", act=act)
    act = Act("Say what the server offers.", gives=About)
    board.add("GET", "/api/v1/about", about, name="about", act=act, who="everybody")
    act = Act("Draw a text with its label.", gives=Sample)
    board.add("GET", "/api/v1/samples/random", sample, name="sample", act=act)


def _named(served: Served) -> ModelName:
    return ModelName(served.name, served.bundle.family, served.digest)


def _facts(served: Served, abstain_below: float) -> ModelFacts:
    bundle = served.bundle
    return ModelFacts(
        name=served.name,
        family=bundle.family,
        digest=served.digest,
        labels=list(bundle.labels),
        fields=list(bundle.fields),
        explains=bundle.explains,
        abstain_below=abstain_below,
        loaded_at=served.loaded_at,
    )
