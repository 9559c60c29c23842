"""Family ``hybrid``: n-grams and sentence vectors in one model."""

from newsdesk.models.neural.hybrid.family import Hybrid
from newsdesk.models.neural.hybrid.params import HybridParams

__all__ = ["Hybrid", "HybridParams"]
