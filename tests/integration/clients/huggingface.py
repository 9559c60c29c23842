"""Ask by huggingface_hub: JSON on stdin says what, JSON on stdout what came back."""

import json
import sys
from typing import Any

from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError

asked: dict[str, Any] = json.load(sys.stdin)
client = InferenceClient(model=f"{asked['url']}/hf/{asked['model']}", token=asked.get("key", False))
answers = [
    [
        (one.label, one.score)
        for one in client.text_classification(text, top_k=asked.get("top_k"))  # type: ignore[arg-type]
    ]
    for text in asked["texts"]
]
refusals = []
for call in (
    lambda: client.zero_shot_classification("a", ["x", "y"]),
    lambda: InferenceClient(model=f"{asked['url']}/hf/none").text_classification("a"),
):
    try:
        call()
    except HfHubHTTPError as error:
        refusals.append((error.response.status_code, str(error)))
json.dump({"answers": answers, "refusals": refusals}, sys.stdout)
