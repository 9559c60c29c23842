"""Family ``ulmfit``: a language model that becomes a classifier."""

from newsdesk.models.neural.ulmfit.family import Ulmfit
from newsdesk.models.neural.ulmfit.params import UlmfitParams

__all__ = ["Ulmfit", "UlmfitParams"]
