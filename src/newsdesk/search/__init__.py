"""Grid search: every setting on every fold, resumable, then the best one once on test."""

from newsdesk.search.grid import Grid, Setting
from newsdesk.search.page import summarise
from newsdesk.search.recipe import search
from newsdesk.search.result import SearchResult, SettingScore

__all__ = ["Grid", "SearchResult", "Setting", "SettingScore", "search", "summarise"]
