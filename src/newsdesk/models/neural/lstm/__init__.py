"""Family ``lstm``: word vectors of its own and long short-term memory."""

from newsdesk.models.neural.lstm.family import LstmClassifier
from newsdesk.models.neural.lstm.params import LstmParams

__all__ = ["LstmClassifier", "LstmParams"]
