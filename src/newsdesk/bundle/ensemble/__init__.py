"""Family ``ensemble``: bundles of other families, mixed."""

from newsdesk.bundle.ensemble.family import Ensemble
from newsdesk.bundle.ensemble.params import EnsembleParams

__all__ = ["Ensemble", "EnsembleParams"]
