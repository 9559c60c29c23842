"""The one door, and what may be asked of a family by name."""

from newsdesk.bundle.door import SMALL, Bundle
from newsdesk.bundle.families import (
    default_params,
    given_bundles,
    plan,
    reader,
    refits,
    require,
    require_teachable,
    trains_in_epochs,
    warm_up,
)
from newsdesk.bundle.results import Explanation, Fitted
from newsdesk.bundle.teaching import Teaching
from newsdesk.bundle.unlabelled import zero_shot
from newsdesk.features.clean import Cleaner

__all__ = [
    "SMALL",
    "Bundle",
    "Cleaner",
    "Explanation",
    "Fitted",
    "Teaching",
    "default_params",
    "given_bundles",
    "plan",
    "reader",
    "refits",
    "require",
    "require_teachable",
    "trains_in_epochs",
    "warm_up",
    "zero_shot",
]
