"""Serving another version: only one that is not worse, and never without a way back.

`promote` compares a candidate with the served version on the same test rows before it takes its
place in a home; `rollback` serves an earlier one again; `reload` tells a running server.
"""

from newsdesk.promotion.gate import FEWEST_ROWS, MARGIN, Line, Verdict, judge
from newsdesk.promotion.promoting import Promotion, promote
from newsdesk.promotion.reloading import Server, reload
from newsdesk.promotion.returning import rollback
from newsdesk.promotion.rows import TestRows

__all__ = [
    "FEWEST_ROWS",
    "MARGIN",
    "Line",
    "Promotion",
    "Server",
    "TestRows",
    "Verdict",
    "judge",
    "promote",
    "reload",
    "rollback",
]
