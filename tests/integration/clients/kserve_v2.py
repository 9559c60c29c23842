"""Ask by kserve's client: JSON on stdin says what, JSON on stdout what came back."""

import asyncio
import json
import sys
from typing import Any

import numpy as np
from kserve import InferInput, InferRequest
from kserve.inference_client import InferenceRESTClient, RESTConfig
from kserve.protocol.infer_type import RequestedOutput


async def ask(asked: dict[str, Any]) -> dict[str, Any]:
    """Everything that the client can ask."""
    client = InferenceRESTClient(RESTConfig(protocol="v2", timeout=60, retries=0))
    url, model = asked["url"], asked["model"]

    def headers() -> dict[str, str]:
        # The client writes into what it is given.
        return {"X-API-Key": asked["key"]} if "key" in asked else {}

    def request(*outputs: RequestedOutput, binary: bool) -> InferRequest:
        inputs = []
        for name, texts in asked["columns"].items():
            tensor = InferInput(name, [len(texts)], "BYTES")
            values = np.array([text.encode() for text in texts], dtype=np.object_)
            tensor.set_data_from_numpy(values, binary_data=binary)
            inputs.append(tensor)
        return InferRequest(
            model, inputs, request_id="seven", request_outputs=list(outputs) or None
        )

    said: dict[str, Any] = {
        "live": await client.is_server_live(url, headers=headers()),
        "ready": await client.is_server_ready(url, headers=headers()),
        "model_ready": await client.is_model_ready(url, model, headers=headers()),
    }
    for kind in (True, False):
        result = await client.infer(url, request(binary=kind), model_name=model, headers=headers())
        (probs,) = result.outputs
        said["binary" if kind else "json"] = {
            "shape": list(probs.shape),
            "probs": [float(value) for value in probs.as_numpy().ravel()],
            "id": result.id,
        }
    wanted = RequestedOutput("probs", parameters={"classification": 3})
    top = await client.infer(url, request(wanted, binary=True), model_name=model, headers=headers())
    said["top"] = [str(value) for value in top.outputs[0].data]
    said["refusals"] = []
    for name in ("none", model):
        wrong = request(RequestedOutput("nothing"), binary=True)
        try:
            await client.infer(url, wrong, model_name=name, headers=headers())
        except Exception as error:
            said["refusals"].append(str(error))
    return said


json.dump(asyncio.run(ask(json.load(sys.stdin))), sys.stdout)
