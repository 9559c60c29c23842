"""Tensors of the Open Inference Protocol: texts in, probabilities and names out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from newsdesk.predictions import Predictions
from newsdesk.serving.binary import strings_of
from newsdesk.serving.catalogue import Served
from newsdesk.serving.faults import malformed
from newsdesk.types import TEXT_FIELD

__all__ = [
    "HIGHLIGHTS",
    "LABELS",
    "PROBS",
    "Answer",
    "Metadata",
    "Output",
    "Request",
    "Tensor",
    "inputs_of",
    "metadata",
    "of_strings",
    "probabilities",
]

PROBS, LABELS, HIGHLIGHTS = "probs", "labels", "highlights"


class Input(msgspec.Struct):
    """Texts: in ``data``, or behind the JSON (``binary_data_size``)."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any] | None = None
    parameters: dict[str, Any] = {}


class Output(msgspec.Struct):
    """An output that is asked for; ``classification`` asks for the so many likeliest classes."""

    name: str
    parameters: dict[str, Any] = {}


class Request(msgspec.Struct):
    """What is to be inferred."""

    inputs: list[Input]
    id: str | None = None
    outputs: Annotated[list[Output], msgspec.Meta(max_length=8)] = []
    parameters: dict[str, Any] = {}


class Tensor(msgspec.Struct, frozen=True):
    """An output."""

    name: str
    datatype: str
    shape: list[int]
    data: Sequence[float | str]


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was inferred."""

    model_name: str
    model_version: str
    outputs: list[Tensor]
    id: str | None = None


class Shape(msgspec.Struct, frozen=True):
    """What an input or output looks like; -1 is any number."""

    name: str
    datatype: str
    shape: list[int]


class Metadata(msgspec.Struct, frozen=True):
    """A model."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[Shape]
    outputs: list[Shape]
    properties: dict[str, Any]


def metadata(served: Served) -> Metadata:
    """Describe a model.

    Parameters
    ----------
    served : Served
        The model.

    Returns
    -------
    Metadata
        Its inputs are ``text``, which every model takes, and its fields, if it has several.
    """
    bundle = served.bundle
    inputs = [TEXT_FIELD]
    if len(bundle.fields) > 1:
        inputs += [field for field in bundle.fields if field != TEXT_FIELD]
    return Metadata(
        name=served.name,
        versions=[served.version],
        platform=f"newsdesk_{bundle.family}",
        inputs=[Shape(name, "BYTES", [-1]) for name in inputs],
        outputs=[
            Shape(PROBS, "FP32", [-1, len(bundle.labels)]),
            Shape(LABELS, "BYTES", [-1]),
            Shape(HIGHLIGHTS, "BYTES", [-1]),
        ],
        properties={
            "digest": served.digest,
            "labels": list(bundle.labels),
            "fields": list(bundle.fields),
        },
    )


def inputs_of(
    served: Served, inputs: Sequence[Input], tail: bytes
) -> Sequence[str] | Sequence[dict[str, str]]:
    """Read the inputs of a request.

    Parameters
    ----------
    served : Served
        The model.
    inputs : Sequence[Input]
        As they were sent.
    tail : bytes
        What came behind the JSON.

    Returns
    -------
    Sequence[str] | Sequence[dict[str, str]]
        Bare texts, or documents by field.

    Raises
    ------
    ServingError
        400 if an input is unknown or malformed, or they do not fit together.
    """
    fields = served.bundle.fields
    known = {TEXT_FIELD, *fields}
    columns: dict[str, list[str]] = {}
    for one in inputs:
        if one.name not in known or one.name in columns:
            hint = f"Known inputs, each once: {', '.join(sorted(known))}."
            raise malformed("An input is unknown or stands there twice.", hint)
        if one.datatype != "BYTES":
            raise malformed("An input is not of datatype BYTES.", "Send texts as BYTES.")
        columns[one.name], tail = strings_of(one.shape, one.data, one.parameters, tail)
    if tail:
        raise malformed("The body is longer than its inputs.", "Check binary_data_size.")
    if len({len(texts) for texts in columns.values()}) != 1:
        raise malformed("The inputs are none, or of different length.", "Send a text for each.")
    if set(columns) == {TEXT_FIELD}:
        return columns[TEXT_FIELD]
    if TEXT_FIELD in columns and TEXT_FIELD not in fields:
        raise malformed("Both text and fields are given.", "Send the one or the others.")
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def probabilities(predictions: Predictions, asked: Output) -> Tensor:
    """Write the probabilities of all classes, or the likeliest with their names.

    Parameters
    ----------
    predictions : Predictions
        Of n documents.
    asked : Output
        Perhaps with ``classification``: how many classes, as strings ``VALUE:INDEX:NAME``
        (Triton's classification extension).

    Returns
    -------
    Tensor
        FP32 of shape ``[n, n_classes]``, or BYTES.

    Raises
    ------
    ServingError
        400 if ``classification`` is no number of classes.
    """
    proba, names = predictions.proba, predictions.label_set.names
    n_classes = asked.parameters.get("classification", 0)
    if not isinstance(n_classes, int) or isinstance(n_classes, bool) or n_classes < 0:
        raise malformed("classification is no number of classes.", "Name 1 or more.")
    if not n_classes:
        return Tensor(PROBS, "FP32", list(proba.shape), proba.ravel().tolist())
    order, values = predictions.top_k(n_classes)
    said = [
        f"{value}:{index}:{names[index]}"
        for value, index in zip(values.ravel().tolist(), order.ravel().tolist(), strict=True)
    ]
    return Tensor(PROBS, "BYTES", list(order.shape), said)


def of_strings(name: str, strings: Sequence[str]) -> Tensor:
    """Write strings.

    Parameters
    ----------
    name : str
        Of the output.
    strings : Sequence[str]
        One per document.

    Returns
    -------
    Tensor
        BYTES of shape ``[n]``.
    """
    return Tensor(name, "BYTES", [len(strings)], list(strings))
