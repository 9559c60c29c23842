"""Family ``fewshot``: an encoder tuned on pairs of few labelled texts, and a linear model."""

from newsdesk.models.neural.fewshot.family import FewShot
from newsdesk.models.neural.fewshot.params import FewShotParams

__all__ = ["FewShot", "FewShotParams"]
