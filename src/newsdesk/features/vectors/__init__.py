"""Pretrained word vectors: read once, then used from the disk."""

from newsdesk.features.vectors.embedding import Coverage, Embedding, embed
from newsdesk.features.vectors.lookup import WordVectors
from newsdesk.features.vectors.opening import open_vectors

__all__ = ["Coverage", "Embedding", "WordVectors", "embed", "open_vectors"]
