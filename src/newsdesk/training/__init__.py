"""The recipe: corpus → split → `Bundle.fit` → metrics → run folder."""

from newsdesk.training.evaluating import Evaluation, evaluate
from newsdesk.training.recipe import train
from newsdesk.training.result import Costs, Result
from newsdesk.training.run import Run

__all__ = ["Costs", "Evaluation", "Result", "Run", "evaluate", "train"]
