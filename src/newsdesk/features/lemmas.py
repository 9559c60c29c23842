"""The spaCy room: texts to the words that the published TF-IDF systems count.

A text is lower-cased, and in English stripped of what is not ASCII; spaCy's rules cut it into
tokens; those that are alphabetic and neither stop words nor number-like are replaced by the lemmas
of spacy-lookups-data. spaCy cuts text at white space first, and all that is asked of a token (its
form, flags and look-up lemma) depends on that form alone. So each distinct stretch without white
space goes through spaCy once, and a text is then a look-up for each of its stretches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from threading import Lock
from typing import Any, NamedTuple

from newsdesk import optional
from newsdesk.errors import ConfigError

__all__ = ["EXTRA", "Lemmatiser", "Place", "lemmatiser", "versions"]

EXTRA = "lemmas"
"""The pip extra that installs spaCy and its tables."""

_WORD = re.compile(r"(?u)\b\w\w+\b")
"""What scikit-learn's TfidfVectorizer takes for a word (its default ``token_pattern``)."""
_BATCH = 4096
_MOST_CHUNKS = 1 << 18
"""So many distinct chunks are remembered, some 60 MB; HuffPost's 200,853 texts hold 233,288."""
_LONGEST_CHUNK = 1000
"""spaCy's time grows with the square of a chunk's length, and no word is so long."""


class Place(NamedTuple):
    """A word and where it stands."""

    word: str
    """As it is counted."""
    start: int
    """First character of its token, in code points of the raw text."""
    end: int
    """One past the last character."""


def lemmatiser(
    language: str = "en",
    *,
    lemmas: bool = True,
    drop_stop_words: bool = True,
    only_ascii: bool | None = None,
) -> Lemmatiser:
    """Get the one lemmatiser of these settings; what it has learnt serves everybody.

    Parameters
    ----------
    language : str
        ISO code of a language that spaCy has rules for.
    lemmas : bool
        Whether tokens are replaced by their look-up lemmas.
    drop_stop_words : bool
        Whether stop words are left out.
    only_ascii : bool | None
        Whether other characters are left out; None means in English alone.

    Returns
    -------
    Lemmatiser
        Ready.

    Raises
    ------
    MissingExtraError
        If spaCy or its tables are not installed.
    ConfigError
        If spaCy has no rules, or no look-up lemmas, for the language.
    """
    if only_ascii is None:
        only_ascii = language == "en"
    # However the settings are given, they are one set of settings.
    return _lemmatiser(language, lemmas, drop_stop_words, only_ascii)


@cache
def _lemmatiser(language: str, lemmas: bool, drop_stop_words: bool, only_ascii: bool) -> Lemmatiser:
    pipeline = _pipeline(language, lemmas=lemmas)
    return Lemmatiser(pipeline, drop_stop_words=drop_stop_words, only_ascii=only_ascii)


class Lemmatiser:
    """Texts to words; safe to share between threads, remembers a bounded number of chunks.

    A few spaCy rules of Spanish, Greek, Russian and others hold a blank: a text with such a rule's
    text goes through spaCy as a whole. One corner is left: where the characters of an emoticon are
    spread over a blank, spaCy itself may skip a rule beside them, which is applied here.

    Parameters
    ----------
    nlp : Any
        A spaCy pipeline of a tokenizer and, perhaps, a lemmatizer.
    drop_stop_words : bool
        Whether stop words are left out.
    only_ascii : bool
        Whether characters beyond ASCII are left out.
    """

    def __init__(self, nlp: Any, *, drop_stop_words: bool, only_ascii: bool) -> None:  # noqa: ANN401
        self._nlp = nlp
        self._lemmatizer = nlp.get_pipe("lemmatizer") if nlp.has_pipe("lemmatizer") else None
        self._drop_stop_words = drop_stop_words
        self._only_ascii = only_ascii
        rules = sorted(rule.lower() for rule in nlp.tokenizer.rules if " " in rule.strip())
        self._with_blank = re.compile("|".join(map(re.escape, rules))) if rules else None
        self._known: dict[str, tuple[str, ...]] = {}
        self._lock = Lock()

    def apply(self, texts: Sequence[str]) -> list[list[str]]:
        """Words of texts.

        Parameters
        ----------
        texts : Sequence[str]
            n texts.

        Returns
        -------
        list[list[str]]
            For each text its words in reading order.
        """
        words: list[list[str]] = []
        for first in range(0, len(texts), _BATCH):
            pieces = [self._chunks(text) for text in texts[first : first + _BATCH]]
            known = self._learn(pieces)
            words += [list(chain.from_iterable(map(known.__getitem__, piece))) for piece in pieces]
        return words

    def places(self, text: str) -> list[Place]:
        """Words of one text with their places; slower than `apply`.

        Parameters
        ----------
        text : str
            A text.

        Returns
        -------
        list[Place]
            The words that `apply` gives; words of one lemma share their place.
        """
        origin = [
            position
            for position, char in enumerate(text)
            for lowered in char.lower()
            if not self._only_ascii or lowered.isascii()
        ]
        normal = self._normal(text)
        found, at = [], 0
        with self._lock, self._nlp.memory_zone():
            for chunk in self._chunks(text):
                at = normal.index(chunk, at)
                tokens = self._nlp.tokenizer(chunk)
                for number, words in self._words(tokens):
                    start = at + tokens[number].idx
                    place = origin[start], origin[start + len(tokens[number]) - 1] + 1
                    found += [Place(word, *place) for word in words]
                at += len(chunk)
        return found

    def _normal(self, text: str) -> str:
        text = text.lower()
        if not self._only_ascii or text.isascii():
            return text
        return text.encode("ascii", "ignore").decode()

    def _chunks(self, text: str) -> list[str]:
        normal = self._normal(text)
        if self._with_blank is not None and self._with_blank.search(normal):
            return [normal]
        chunks = normal.split()
        if len(normal) > _LONGEST_CHUNK and max(map(len, chunks), default=0) > _LONGEST_CHUNK:
            return [piece for chunk in chunks for piece in _cut(chunk)]
        return chunks

    def _learn(self, pieces: list[list[str]]) -> dict[str, tuple[str, ...]]:
        """Make sure that all chunks are known; what is returned keeps them, whatever others do."""
        known = self._known
        missing = [chunk for chunk in set(chain.from_iterable(pieces)) if chunk not in known]
        if missing:
            # A zone frees what spaCy remembers of the texts, so that a server does not grow.
            with self._lock, self._nlp.memory_zone():
                known.update(self._read(missing))
            if len(known) > _MOST_CHUNKS:
                self._known = {}
        return known

    def _read(self, chunks: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Words of chunks; those without white space go through spaCy together."""
        plain = []
        for chunk in chunks:
            if self._with_blank is not None and self._with_blank.search(chunk):
                found = self._words(self._nlp.tokenizer(chunk))
                yield chunk, tuple(chain.from_iterable(words for _, words in found))
            else:
                plain.append(chunk)
        # No rule reaches over a line break: the chunks are as if alone.
        tokens = self._nlp.tokenizer("\n".join(plain))
        owner = tokens.to_array("IS_SPACE").cumsum().tolist()
        by_chunk: list[list[str]] = [[] for _ in plain]
        for number, words in self._words(tokens):
            by_chunk[owner[number]] += words
        yield from zip(plain, map(tuple, by_chunk), strict=True)

    def _words(self, tokens: Any) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401
        """Numbers of the tokens that count, each with its words."""
        kept = tokens.to_array("IS_ALPHA") > tokens.to_array("LIKE_NUM")
        if self._drop_stop_words:
            kept &= tokens.to_array("IS_STOP") == 0
        for number in kept.nonzero()[0].tolist():
            token = tokens[number]
            lemma = token.text if self._lemmatizer is None else self._lemmatizer.lemmatize(token)[0]
            yield number, _WORD.findall(lemma.lower())


def _cut(chunk: str) -> list[str]:
    return [chunk[at : at + _LONGEST_CHUNK] for at in range(0, len(chunk), _LONGEST_CHUNK)]


def versions() -> dict[str, str]:
    """Versions of the libraries that decide what the words of a text are.

    Returns
    -------
    dict[str, str]
        By distribution name.

    Raises
    ------
    MissingExtraError
        If they are not installed.
    """
    spacy = optional.load("spacy", extra=EXTRA)
    tables = optional.load("spacy_lookups_data", extra=EXTRA)
    from importlib.metadata import version

    return {"spacy": spacy.__version__, tables.__name__.replace("_", "-"): version(tables.__name__)}


def _pipeline(language: str, *, lemmas: bool) -> Any:  # noqa: ANN401  of an untyped library
    spacy = optional.load("spacy", extra=EXTRA)
    tokenizer = optional.load("spacy.tokenizer:Tokenizer", extra=EXTRA)
    try:
        nlp = spacy.blank(language)
    except ImportError as error:  # spaCy's word for an unknown language, or a segmenter it lacks
        problem = f"spaCy has no rules for language {language!r}."
        remedy = (
            "Set language to the code of one it has, such as en, de or ru, or set tokens=words."
        )
        raise ConfigError(problem, remedy=remedy) from error
    if not isinstance(nlp.tokenizer, tokenizer):
        problem = f"Texts of language {language!r} are not cut at white space."
        raise ConfigError(problem, remedy="Set tokens=words, which cuts every script.")
    if lemmas:
        optional.load("spacy_lookups_data", extra=EXTRA)
        tables = spacy.registry.lookups.get_all()
        known = sorted(name for name, table in tables.items() if "lemma_lookup" in table)
        if language not in known:
            problem = f"spacy-lookups-data has no look-up lemmas for language {language!r}."
            remedy = f"Set tokens=forms, or a language out of {', '.join(known)}."
            raise ConfigError(problem, remedy=remedy)
        nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
        nlp.initialize()
    return nlp
