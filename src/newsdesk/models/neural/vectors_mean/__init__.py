"""Family ``vectors-mean``: a linear model on the weighted mean of word vectors."""

from newsdesk.models.neural.vectors_mean.family import VectorsMean
from newsdesk.models.neural.vectors_mean.params import VectorsMeanParams

__all__ = ["VectorsMean", "VectorsMeanParams"]
