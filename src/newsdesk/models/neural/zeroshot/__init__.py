"""Family ``zeroshot``: texts and what classes are called, compared by a sentence encoder."""

from newsdesk.models.neural.zeroshot.family import ZeroShot
from newsdesk.models.neural.zeroshot.params import ZeroShotParams

__all__ = ["ZeroShot", "ZeroShotParams"]
