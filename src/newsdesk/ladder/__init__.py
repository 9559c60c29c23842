"""The ladder: families from cheap to dear, as far as a budget of time reaches."""

from newsdesk.ladder.recipe import train

__all__ = ["train"]
