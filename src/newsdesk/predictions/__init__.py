"""From a classifier's scores to calibrated probabilities with their class names and ids."""

from newsdesk.predictions.answers import Predictions
from newsdesk.predictions.calibrator import Calibrator
from newsdesk.predictions.scores import Output, Scores, softmax

__all__ = ["Calibrator", "Output", "Predictions", "Scores", "softmax"]
