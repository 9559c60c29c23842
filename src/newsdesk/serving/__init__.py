"""Serving: bundles behind HTTP, one door for every dialect (the Starlette room)."""

from newsdesk.serving.settings import Keys, Limits, Settings

__all__ = ["Keys", "Limits", "Settings"]
