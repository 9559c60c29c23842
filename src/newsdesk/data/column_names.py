"""The names that data sets commonly give to their label, text, id and date columns."""

from __future__ import annotations

import re

__all__ = [
    "BODIES",
    "DATES",
    "HEADLINES",
    "IDS",
    "LABELS",
    "SUMMARIES",
    "is_known",
    "normalise",
]

# Each tuple holds ranks: a column of an earlier rank is preferred, columns of one rank are equals.
LABELS: tuple[tuple[str, ...], ...] = (
    ("label_text", "label_name", "class_name", "category_name", "topic_name"),
    ("label", "labels"),
    (
        *("category", "categories", "class", "classes", "class_index", "section", "sections"),
        *("topic", "topics", "target", "y", "intent", "tag", "tags", "sentiment", "genre"),
        *("newsgroup", "news_category", "department", "rubric"),
    ),
)
HEADLINES: tuple[tuple[str, ...], ...] = (
    ("headline", "title", "headlines", "heading", "headline_text", "news_title", "heading_text"),
)
SUMMARIES: tuple[tuple[str, ...], ...] = (
    ("short_description",),
    ("description", "summary", "abstract", "subtitle", "standfirst", "snippet", "teaser"),
)
BODIES: tuple[tuple[str, ...], ...] = (
    ("text", "texts"),
    (
        *("content", "body", "article", "document", "doc", "message", "sentence", "review"),
        *("tweet", "comment", "utterance", "query", "question", "post", "news", "full_text"),
        *("article_text", "review_text", "sms"),
    ),
)
IDS = (
    *("id", "ids", "doc_id", "document_id", "article_id", "news_id", "row_id", "text_id"),
    *("uid", "uuid", "guid"),
)
DATES = (
    *("date", "published", "published_at", "published_date", "publish_date", "publication_date"),
    *("pub_date", "pubdate", "datetime", "timestamp", "time", "created", "created_at"),
)

_WELL_KNOWN = frozenset(
    name for group in (*LABELS, *HEADLINES, *SUMMARIES, *BODIES, IDS, DATES) for name in group
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def normalise(name: str) -> str:
    """Bring spellings of a column name together.

    Parameters
    ----------
    name : str
        As the table has it.

    Returns
    -------
    str
        Lower case, words joined by underscores.

    Examples
    --------
    >>> normalise("Short Description"), normalise("shortDescription")
    ('short_description', 'short_description')
    """
    words = _HUMP.sub("_", name.strip()).replace("-", "_").replace(" ", "_")
    return words.casefold()


def is_known(name: str) -> bool:
    """Whether a name is one that columns commonly have.

    Parameters
    ----------
    name : str
        As the table has it.

    Returns
    -------
    bool
        True for ``Headline``, ``text``, ``doc_id`` and the like.
    """
    return normalise(name) in _WELL_KNOWN
