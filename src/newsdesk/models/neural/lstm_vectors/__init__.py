"""Family ``lstm-vectors``: long short-term memory over word vectors from a file."""

from newsdesk.models.neural.lstm_vectors.family import LstmVectors
from newsdesk.models.neural.lstm_vectors.params import LstmVectorsParams

__all__ = ["LstmVectors", "LstmVectorsParams"]
