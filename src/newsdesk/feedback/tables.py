"""The tables of the store. A change of them raises `VERSION`."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, MetaData, String, Table

__all__ = ["CORRECTIONS", "METADATA", "STATE", "VERSION"]

VERSION = 1
"""Of the schema; a store of a later one is not opened."""

METADATA = MetaData()

# Both databases are to compare and sort texts alike, by code point.
_TEXT = String().with_variant(String(collation="C"), "postgresql")

CORRECTIONS = Table(
    "newsdesk_corrections",
    METADATA,
    Column("id", _TEXT, primary_key=True),
    Column("key", _TEXT, nullable=False, unique=True),
    Column("fields", _TEXT, nullable=False),  # JSON, as text: what was given comes back
    Column("model", _TEXT),
    Column("digest", _TEXT),
    Column("predicted", _TEXT),
    Column("score", Double),
    Column("label", _TEXT, nullable=False),
    Column("comment", _TEXT),
    Column("source", _TEXT),
    Column("created_at", _TEXT, nullable=False),
    Column("status", _TEXT, nullable=False),
    Column("decided_at", _TEXT),
    Column("undo_hash", _TEXT, nullable=False),
    Index("newsdesk_corrections_created", "created_at", "id"),
    Index("newsdesk_corrections_status", "status", "created_at", "id"),
    Index("newsdesk_corrections_label", "label", "id"),
)
STATE = Table(
    "newsdesk_feedback",
    METADATA,
    Column("name", _TEXT, primary_key=True),
    Column("value", Integer, nullable=False),
)
"""What the store says of itself: its version."""
