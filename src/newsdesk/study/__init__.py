"""Studies: what each setting of a family does, on a fixed set of rows with equal budgets."""

from newsdesk.study.factors import Factor, Plan, Setting
from newsdesk.study.recipe import study
from newsdesk.study.result import StudyResult
from newsdesk.study.sentences import summarise

__all__ = ["Factor", "Plan", "Setting", "StudyResult", "study", "summarise"]
