"""Family ``nnlm-linear``: a linear model on the sum of a language model's word vectors."""

from newsdesk.models.neural.nnlm_linear.family import NnlmLinear
from newsdesk.models.neural.nnlm_linear.params import NnlmLinearParams

__all__ = ["NnlmLinear", "NnlmLinearParams"]
