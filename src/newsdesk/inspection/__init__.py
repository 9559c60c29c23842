"""What a corpus holds, before anything is trained on it."""

from newsdesk.inspection.findings import inspect
from newsdesk.inspection.record import Inspection

__all__ = ["Inspection", "inspect"]
