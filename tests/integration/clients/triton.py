"""Ask by tritonclient: JSON on stdin says what, JSON on stdout what came back."""

import json
import sys
from typing import Any

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

asked: dict[str, Any] = json.load(sys.stdin)
client = triton.InferenceServerClient(asked["url"].removeprefix("http://"))
model = asked["model"]


def headers() -> dict[str, str]:
    """A new one each time: the client writes into what it is given."""
    return {"Authorization": f"Bearer {asked['key']}"} if "key" in asked else {}


def inputs(columns: dict[str, list[str]], *, binary: bool) -> list[Any]:
    """Tensors of texts."""
    found = []
    for name, texts in columns.items():
        tensor = triton.InferInput(name, [len(texts)], "BYTES")
        values = np.array([text.encode() for text in texts], dtype=np.object_)
        tensor.set_data_from_numpy(values, binary_data=binary)
        found.append(tensor)
    return found


said: dict[str, Any] = {
    "live": client.is_server_live(headers=headers()),
    "ready": client.is_server_ready(headers=headers()),
    "model_ready": client.is_model_ready(model, headers=headers()),
    "server": client.get_server_metadata(headers=headers()),
    "metadata": client.get_model_metadata(model, headers=headers()),
    "repository": client.get_model_repository_index(headers=headers()),
}
for kind in (True, False):
    result = client.infer(
        model,
        inputs(asked["columns"], binary=kind),
        outputs=[triton.InferRequestedOutput("probs", binary_data=kind)] if not kind else None,
        request_id="seven",
        headers=headers(),
    )
    probs = result.as_numpy("probs")
    said["binary" if kind else "json"] = {
        "dtype": str(probs.dtype),
        "shape": probs.shape,
        "probs": [float(value) for value in probs.ravel()],
        "id": result.get_response()["id"],
    }
top = client.infer(
    model,
    inputs(asked["columns"], binary=True),
    outputs=[
        triton.InferRequestedOutput("probs", class_count=3),
        triton.InferRequestedOutput("highlights"),
    ],
    model_version=said["metadata"]["versions"][0],
    headers=headers(),
)
said["top"] = [
    [value.decode() if isinstance(value, bytes) else value for value in row]
    for row in top.as_numpy("probs")
]
said["highlights"] = [
    value.decode() if isinstance(value, bytes) else value for value in top.as_numpy("highlights")
]
said["refusals"] = []
for name, columns in ((model, {"nothing": ["a"]}), ("none", {"text": ["a"]})):
    try:
        client.infer(name, inputs(columns, binary=True), headers=headers())
    except InferenceServerException as error:
        said["refusals"].append((error.status(), error.message()))
try:
    client.load_model(model, headers=headers())
except InferenceServerException as error:
    said["refusals"].append((error.status(), error.message()))
json.dump(said, sys.stdout)
