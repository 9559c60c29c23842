"""Family ``static``: words and pairs of words whose first vectors come from a sentence encoder."""

from newsdesk.models.neural.static.family import Static
from newsdesk.models.neural.static.params import StaticParams

__all__ = ["Static", "StaticParams"]
