"""Family ``cnn-text``: convolutions over word vectors."""

from newsdesk.models.neural.cnn_text.family import CnnText
from newsdesk.models.neural.cnn_text.params import CnnParams

__all__ = ["CnnParams", "CnnText"]
