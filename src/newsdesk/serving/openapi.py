"""The OpenAPI document: what the routes take and give, from the types that they are read with."""

from __future__ import annotations

from typing import Any

import msgspec

from newsdesk._version import __version__
from newsdesk.serving import corrections, huggingface, inference_protocol, native, tei
from newsdesk.serving.answers import LabelScore
from newsdesk.serving.samples import Sample

__all__ = ["document"]


class Error(msgspec.Struct):
    """A refusal: what is wrong, what programs tell it by, and what to do."""

    error: str
    code: str
    hint: str


_ERRORS = {
    "400": "The request is malformed.",
    "401": "A valid key is needed.",
    "403": "This is not allowed.",
    "404": "There is no such thing.",
    "408": "The body came too slowly.",
    "409": "Something else is going on.",
    "413": "The body is too long.",
    "415": "The body is not said to be JSON.",
    "422": "The request is not what is expected.",
    "429": "Too many requests.",
    "503": "Overloaded, or the storage is not available; see Retry-After.",
}
_GIVEN = object()


def document() -> dict[str, Any]:
    """Write the document.

    Returns
    -------
    dict[str, Any]
        OpenAPI 3.1.
    """
    types = [
        Error,
        native.PredictRequest,
        native.PredictAnswer,
        native.Models,
        native.About,
        Sample,
        corrections.Request,
        corrections.Stored,
        corrections.Page,
        corrections.Decision,
        huggingface.Request,
        tei.Request,
        inference_protocol.Request,
        list[list[LabelScore]],
    ]
    names = "#/components/schemas/{name}"
    schemas, components = msgspec.json.schema_components(types, ref_template=names)
    by_type = dict(zip(map(repr, types), schemas, strict=True))

    def schema(kind: Any) -> dict[str, Any]:  # noqa: ANN401
        found: dict[str, Any] = by_type[repr(kind)]
        return found

    def refusal(text: str) -> dict[str, Any]:
        return {"description": text, "content": {"application/json": {"schema": schema(Error)}}}

    refusals = {status: refusal(text) for status, text in _ERRORS.items()}

    def act(
        name: str,
        summary: str,
        *,
        takes: Any = None,  # noqa: ANN401
        gives: Any = _GIVEN,  # noqa: ANN401
        status: str = "200",
        tag: str = "native",
        path: tuple[str, ...] = (),
        query: tuple[str, ...] = (),
        headers: tuple[str, ...] = (),
        more: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        content = {} if gives is _GIVEN else {"schema": schema(gives)}
        answer: dict[str, Any] = {"description": summary}
        if status != "204":
            answer["content"] = {"application/json": content}
        found: dict[str, Any] = {
            "operationId": name,
            "summary": summary,
            "tags": [tag],
            "responses": {status: answer, **(more or {}), **refusals},
        }
        parameters = [
            {"name": one, "in": place, "required": place == "path", "schema": {"type": "string"}}
            for place, own in (("path", path), ("query", query), ("header", headers))
            for one in own
        ]
        if parameters:
            found["parameters"] = parameters
        if takes is not None:
            body = {"application/json": {"schema": schema(takes)}}
            found["requestBody"] = {"required": True, "content": body}
        return found

    nested = list[list[LabelScore]]
    model = ("model",)
    paths: dict[str, dict[str, Any]] = {
        "/api/v1/predict": {
            "post": act(
                "predict",
                "Classify texts or documents.",
                takes=native.PredictRequest,
                gives=native.PredictAnswer,
            )
        },
        "/api/v1/models": {"get": act("models", "The served models.", gives=native.Models)},
        "/api/v1/about": {"get": act("about", "What the server offers.", gives=native.About)},
        "/api/v1/samples/random": {
            "get": act("sample", "A text with its label.", gives=Sample),
        },
        "/api/v1/feedback": {
            "post": act(
                "correct",
                "Store a correction.",
                takes=corrections.Request,
                gives=corrections.Stored,
                status="201",
                headers=("Idempotency-Key",),
                more={
                    "200": {
                        "description": "It was stored before.",
                        "content": {"application/json": {"schema": schema(corrections.Stored)}},
                    }
                },
            ),
            "get": act(
                "corrections",
                "Corrections, for management.",
                gives=corrections.Page,
                query=("status", "label", "after", "limit"),
            ),
        },
        "/api/v1/feedback/{id}": {
            "delete": act(
                "undo",
                "Take a correction back.",
                status="204",
                path=("id",),
                headers=("X-Undo-Token",),
            )
        },
        "/api/v1/feedback/{id}/decision": {
            "post": act(
                "decide",
                "Accept or reject a correction; for management.",
                takes=corrections.Decision,
                path=("id",),
            )
        },
        "/hf/{model}": {
            "post": act(
                "huggingface",
                "Text classification as Hugging Face has it.",
                takes=huggingface.Request,
                gives=nested,
                tag="dialects",
                path=model,
            )
        },
        "/predict": {
            "post": act(
                "tei",
                "Text classification as text-embeddings-inference has it, by the default model.",
                takes=tei.Request,
                tag="dialects",
            )
        },
        "/info": {"get": act("tei_info", "The default model.", tag="dialects")},
        "/health": {"get": act("tei_health", "Whether the server lives.", tag="dialects")},
        "/v2": {"get": act("server", "The server.", tag="inference protocol")},
        "/v2/health/live": {"get": act("live", "Alive.", tag="inference protocol")},
        "/v2/health/ready": {"get": act("ready", "Ready.", tag="inference protocol")},
        "/v2/models/{model}": {
            "get": act("metadata", "A model.", tag="inference protocol", path=model)
        },
        "/v2/models/{model}/ready": {
            "get": act("model_ready", "Ready.", tag="inference protocol", path=model)
        },
        "/v2/models/{model}/infer": {
            "post": act(
                "infer",
                "Classify texts as the Open Inference Protocol has it.",
                takes=inference_protocol.Request,
                tag="inference protocol",
                path=model,
            )
        },
        "/v2/repository/index": {
            "post": act("repository", "The served models.", tag="inference protocol")
        },
        "/v2/repository/models/{model}/load": {
            "post": act(
                "load",
                "Serve what stands in the model's folder now; for management.",
                tag="inference protocol",
                path=model,
            )
        },
        "/healthz": {"get": act("healthz", "Alive.", tag="probes")},
        "/readyz": {"get": act("readyz", "Ready, with the digests served.", tag="probes")},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "newsdesk", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"key": []}],
    }
