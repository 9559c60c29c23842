"""Family ``embedding``: a frozen sentence encoder, and dense layers on its vectors."""

from newsdesk.models.neural.embedding.family import Embedding
from newsdesk.models.neural.embedding.params import EmbeddingParams

__all__ = ["Embedding", "EmbeddingParams"]
