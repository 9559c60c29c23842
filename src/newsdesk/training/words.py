"""Words of the train rows as texts of their own, for a teacher to say what each alone tells."""

from __future__ import annotations

from functools import reduce

from newsdesk.features.vocab import SPECIALS, Vocab
from newsdesk.types import Documents, numbered, string_array

__all__ = ["words_alone"]

_MOST = 60_000
_MIN_COUNT = 2
"""As in family ``static``: of a word that occurs once a student learns nothing."""


def words_alone(documents: Documents) -> Documents:
    """Make a text of each word, in the field where it stands; all other fields are empty.

    A student that adds up words learns rare ones from few texts, each of which holds many other
    words. A teacher with a sentence encoder knows them from elsewhere.

    Parameters
    ----------
    documents : Documents
        n documents.

    Returns
    -------
    Documents
        One document for each of the 60,000 commonest words of each field that occur there twice or
        more, the commonest first.

    Examples
    --------
    >>> texts = Documents.from_texts(["Rates rise", "rates fall", "a rise"])
    >>> words_alone(texts).texts.to_pylist()
    ['rates', 'rise']
    """
    parts = [_words_of(documents, name) for name in documents.fields]
    return reduce(Documents.extended, parts)


def _words_of(documents: Documents, name: str) -> Documents:
    own = Documents(documents.ids, {name: documents.fields[name]})
    size = _MOST + len(SPECIALS)
    words = Vocab.learn(own, size=size, min_count=_MIN_COUNT).vocab.words[len(SPECIALS) :]
    nothing = string_array([""] * len(words))
    columns = {
        field: string_array(words) if field == name else nothing for field in documents.fields
    }
    return Documents(numbered(len(words)), columns)
