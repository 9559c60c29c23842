"""Family ``linear``: hashed n-grams and one-vs-rest linear classification, the default."""

from newsdesk.models.linear.family import Linear
from newsdesk.models.linear.params import LinearParams

__all__ = ["Linear", "LinearParams"]
