"""Documents to token numbers: spaCy's words, or those of the house."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.errors import MissingExtraError
from newsdesk.features import lemmas
from newsdesk.features.alignment import raw_places
from newsdesk.features.csr import stack_rows, take_rows
from newsdesk.features.tokens import Tokens, tokenise
from newsdesk.models.tfidf.params import TextParams
from newsdesk.types import Documents, Indices, Progress

__all__ = ["Place", "Reader", "TokenIds"]

_CHUNK = 4096


class TokenIds(NamedTuple):
    """The tokens of some documents as numbers."""

    indptr: Indices
    """Shape ``(n + 1,)``: document i owns tokens ``indptr[i] … indptr[i+1]-1``."""
    ids: NDArray[np.int32]
    """Token numbers in reading order; -1 for what has none."""

    @property
    def n(self) -> int:
        """Number of documents."""
        return len(self.indptr) - 1

    @property
    def document(self) -> Indices:
        """Document of each token."""
        return np.arange(self.n).repeat(self.indptr[1:] - self.indptr[:-1])

    def take(self, rows: Indices) -> TokenIds:
        """Tokens of some documents.

        Parameters
        ----------
        rows : Indices
            Documents, in any order.

        Returns
        -------
        TokenIds
            Of those documents, in that order.
        """
        indptr, at = take_rows(self.indptr, rows)
        return TokenIds(indptr, self.ids[at])

    def extended(self, more: TokenIds) -> TokenIds:
        """These documents and more.

        Parameters
        ----------
        more : TokenIds
            m documents, numbered alike.

        Returns
        -------
        TokenIds
            n + m documents.
        """
        indptr = stack_rows([self.indptr, more.indptr])
        return TokenIds(indptr, np.concatenate([self.ids, more.ids]))

    def slice(self, first: int, last: int) -> TokenIds:
        """Tokens of neighbouring documents.

        Parameters
        ----------
        first : int
            First document.
        last : int
            One past the last.

        Returns
        -------
        TokenIds
            Of those documents.
        """
        indptr = self.indptr[first : last + 1]
        return TokenIds(indptr - indptr[0], self.ids[indptr[0] : indptr[-1]])


class Place(NamedTuple):
    """A word and where it stands in a document."""

    word: str
    """As it is counted."""
    field: str
    """Field of the document."""
    start: int
    """First character, in code points of the raw text."""
    end: int
    """One past the last character."""


class Reader:
    """Documents to words, as the settings say.

    Parameters
    ----------
    params : TextParams
        Which tokens count.
    """

    def __init__(self, params: TextParams) -> None:
        self._params = params

    def words(self, documents: Documents) -> list[list[str]]:
        """Words of a few thousand documents, all fields in a row.

        Parameters
        ----------
        documents : Documents
            n documents.

        Returns
        -------
        list[list[str]]
            For each document its words in reading order.

        Raises
        ------
        MissingExtraError
            If spaCy is needed and not installed.
        ConfigError
            If spaCy does not know the language.
        """
        if self._params.tokens == "words":
            return _house_words(documents)
        if not len(documents):  # a bundle can be loaded and checked without spaCy
            return []
        if len(documents) == 1:  # Arrow's calls would cost more than the text
            return self._lemmatiser().apply([_text(documents)])
        return self._lemmatiser().apply(documents.texts.to_pylist())

    def learn(self, documents: Documents, progress: Progress) -> tuple[TokenIds, list[str]]:
        """Number all words by their first occurrence.

        Parameters
        ----------
        documents : Documents
            n documents.
        progress : Progress
            Told of every chunk.

        Returns
        -------
        tuple[TokenIds, list[str]]
            The tokens, and the word of each number.

        Raises
        ------
        MissingExtraError
            If spaCy is needed and not installed.
        ConfigError
            If spaCy does not know the language.
        """
        number: dict[str, int] = {}
        lengths: list[int] = []
        parts = [np.zeros(0, dtype=np.int32)]
        with progress.task("words", len(documents), "documents") as done:
            for first in range(0, len(documents), _CHUNK):
                words = self.words(documents.slice(first, min(first + _CHUNK, len(documents))))
                flat = list(chain.from_iterable(words))
                for word in dict.fromkeys(flat):
                    number.setdefault(word, len(number))
                parts.append(np.fromiter(map(number.__getitem__, flat), np.int32, len(flat)))
                lengths += map(len, words)
                done(len(words))
        indptr = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        return TokenIds(indptr, np.concatenate(parts)), list(number)

    def look_up(self, documents: Documents, numbers: Mapping[str, int]) -> TokenIds:
        """Number the words of a few thousand documents.

        Parameters
        ----------
        documents : Documents
            n documents.
        numbers : Mapping[str, int]
            Number of each known word.

        Returns
        -------
        TokenIds
            The tokens; unknown words are -1.

        Raises
        ------
        MissingExtraError
            If spaCy is needed and not installed.
        """
        words = self.words(documents)
        indptr = np.zeros(len(words) + 1, dtype=np.int64)
        np.cumsum([len(item) for item in words], out=indptr[1:])
        flat = chain.from_iterable(words)
        ids = np.fromiter(map(numbers.get, flat, repeat(-1)), np.int32, int(indptr[-1]))
        return TokenIds(indptr, ids)

    def places(self, document: Documents) -> list[Place]:
        """Words of one document with their places.

        Parameters
        ----------
        document : Documents
            One document.

        Returns
        -------
        list[Place]
            The words that `words` gives, in the same order.

        Raises
        ------
        MissingExtraError
            If spaCy is needed and not installed.
        """
        if self._params.tokens == "words":
            return _house_places(document)
        names = list(document.fields)
        # Where each field ends in the text that `words` reads.
        ends = np.cumsum([len(column[0].as_py()) + 1 for column in document.fields.values()])
        found = []
        for word, start, end in self._lemmatiser().places(_text(document)):
            field = int(ends.searchsorted(start, side="right"))
            base = int(ends[field - 1]) if field else 0
            found.append(Place(word, names[field], start - base, end - base))
        return found

    def _lemmatiser(self) -> lemmas.Lemmatiser:
        params = self._params
        try:
            return lemmas.lemmatiser(
                params.language,
                lemmas=params.tokens == "lemmas",
                drop_stop_words=params.drop_stop_words,
                only_ascii=params.only_ascii,
            )
        except MissingExtraError as error:
            remedy = f"{error.remedy.removesuffix('.')}; or train with tokens=words."
            raise MissingExtraError(error.problem, remedy=remedy) from error


def _text(document: Documents) -> str:
    """What `Documents.texts` holds of one document."""
    return " ".join(column[0].as_py() for column in document.fields.values())


def _strings(tokens: Tokens) -> list[str]:
    text = tokens.codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    return [text[a:b] for a, b in zip(tokens.start.tolist(), tokens.end.tolist(), strict=True)]


def _house_words(documents: Documents) -> list[list[str]]:
    words: list[list[str]] = [[] for _ in range(len(documents))]
    for tokens in tokenise(documents):
        for document, word in zip(tokens.document.tolist(), _strings(tokens), strict=True):
            words[document].append(word)
    return words


def _house_places(document: Documents) -> list[Place]:
    (tokens,) = tokenise(document)
    places = raw_places(document, tokens.segments, tokens.start, tokens.end)
    return [Place(word, *place) for word, place in zip(_strings(tokens), places, strict=True)]
