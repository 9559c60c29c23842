"""Networks on words as they predict: NumPy and compiled loops, no torch."""

from newsdesk.models.neural.forward.convolutional import ConvolutionalNetwork
from newsdesk.models.neural.forward.mean import MeanNetwork
from newsdesk.models.neural.forward.pooling import Pooling
from newsdesk.models.neural.forward.recurrent import RecurrentNetwork
from newsdesk.models.neural.forward.scores import ScoresNetwork

__all__ = ["ConvolutionalNetwork", "MeanNetwork", "Pooling", "RecurrentNetwork", "ScoresNetwork"]
