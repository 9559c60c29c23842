"""The one door, and what may be asked of a family by name."""

from newsdesk.bundle.door import SMALL, Bundle
from newsdesk.bundle.families import default_params, plan, warm_up
from newsdesk.bundle.results import Explanation, Fitted

__all__ = ["SMALL", "Bundle", "Explanation", "Fitted", "default_params", "plan", "warm_up"]
