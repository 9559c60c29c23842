"""newsdesk: train, compare, explain and serve text classifiers.

Raw documents go in, calibrated probabilities come out, through one door, the `Bundle`.

>>> import newsdesk
>>> newsdesk.LabelSet(["BUSINESS", "SPORTS"]).encode(["SPORTS"]).tolist()
[1]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from newsdesk._version import __version__

if TYPE_CHECKING:
    from newsdesk.bundle import Bundle, Cleaner, Explanation, zero_shot
    from newsdesk.data.corpus import Corpus, read_corpus
    from newsdesk.errors import NewsdeskError
    from newsdesk.estimator import TextClassifier
    from newsdesk.evaluation.metrics import Metrics, measure
    from newsdesk.ladder import train
    from newsdesk.predictions import Calibrator, Predictions
    from newsdesk.training import Run
    from newsdesk.types import Documents, LabelSet

__all__ = [
    "Bundle",
    "Calibrator",
    "Cleaner",
    "Corpus",
    "Documents",
    "Explanation",
    "LabelSet",
    "Metrics",
    "NewsdeskError",
    "Predictions",
    "Run",
    "TextClassifier",
    "__version__",
    "measure",
    "read_corpus",
    "train",
    "zero_shot",
]

# Names are imported when they are first used: `import newsdesk` loads no heavy library.
_HOMES = {
    "Bundle": "bundle",
    "Calibrator": "predictions",
    "Cleaner": "bundle",
    "Corpus": "data.corpus",
    "Documents": "types",
    "Explanation": "bundle",
    "LabelSet": "types",
    "Metrics": "evaluation.metrics",
    "NewsdeskError": "errors",
    "Predictions": "predictions",
    "Run": "training",
    "TextClassifier": "estimator",
    "measure": "evaluation.metrics",
    "read_corpus": "data.corpus",
    "train": "ladder",
    "zero_shot": "bundle",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  a public object of any kind
    if name not in _HOMES:
        raise AttributeError(f"module 'newsdesk' has no attribute {name!r}")
    value = getattr(import_module(f"newsdesk.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
