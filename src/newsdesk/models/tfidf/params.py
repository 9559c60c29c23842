"""The settings of the ``tfidf-…`` families; the defaults are the published ones."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import ClassVar, Literal

from newsdesk.errors import ConfigError

__all__ = ["LogregParams", "MlpParams", "NbParams", "SvmParams", "TextParams"]

_LANGUAGE = re.compile("[a-z]{2,3}")


@dataclass(frozen=True)
class TextParams:
    """Settings of the text that all families share.

    Parameters
    ----------
    tokens : Literal["lemmas", "forms", "words"]
        ``lemmas``: spaCy's tokens, alphabetic ones alone, as look-up lemmas; ``forms``: the same as
        they are written; ``words``: the tokens of family linear, which need no spaCy and cut every
        script.
    language : str
        ISO code of the language whose rules, stop words and lemmas spaCy takes.
    only_ascii : bool | None
        Whether characters beyond ASCII are left out before spaCy; by default in English alone.
    drop_stop_words : bool
        Whether spaCy's stop words are left out.
    ngram_range : tuple[int, int]
        Shortest and longest word n-gram, 1 ≤ shortest ≤ longest ≤ 5.
    min_df : int | float
        N-grams in fewer training documents are left out: a number from 1 on, or a share below 1.
    max_df : int | float
        N-grams in more training documents are left out: a number from 1 on, or a share up to 1.0.
    max_features : int | None
        Only the n-grams that occur most often are kept, so many; none by default means all.
    sublinear_tf : bool
        Whether an n-gram that occurs t times counts 1 + ln t instead of t.
    """

    family: ClassVar[str]

    tokens: Literal["lemmas", "forms", "words"] = "lemmas"
    language: str = "en"
    only_ascii: bool | None = None
    drop_stop_words: bool = True
    ngram_range: tuple[int, int] = (1, 2)
    min_df: int | float = 3
    max_df: int | float = 0.9
    max_features: int | None = None
    sublinear_tf: bool = True

    def __init_subclass__(cls) -> None:
        # The help of a family lists all its settings, these last.
        if cls.__doc__ and TextParams.__doc__:
            _, _, shared = inspect.cleandoc(TextParams.__doc__).partition("----------\n")
            cls.__doc__ = f"{inspect.cleandoc(cls.__doc__)}\n{shared}"

    def __post_init__(self) -> None:
        shortest, longest = self.ngram_range
        known = _LANGUAGE.fullmatch(self.language) is not None
        self._require(known, "language", "an ISO code of two or three lower-case letters")
        self._require(1 <= shortest <= longest <= 5, "ngram_range", "1 to 5, rising")
        self._require(
            _is_df(self.min_df), "min_df", "a number from 1 on, or a share from 0.0 to 1.0"
        )
        self._require(
            _is_df(self.max_df), "max_df", "a number from 1 on, or a share from 0.0 to 1.0"
        )
        enough = self.max_features is None or self.max_features >= 1
        self._require(enough, "max_features", "at least 1, or none")

    def _require(self, holds: bool, name: str, allowed: str) -> None:
        if not holds:
            problem = (
                f"Family {self.family}: {name} is {getattr(self, name)}, allowed is: {allowed}."
            )
            raise ConfigError(problem, remedy=f"Set {name} within that range.")


def _is_df(value: int | float) -> bool:
    return value >= 1 if isinstance(value, int) else 0 <= value <= 1


@dataclass(frozen=True)
class LogregParams(TextParams):
    """Settings of family ``tfidf-logreg``.

    Parameters
    ----------
    C : float
        Inverse strength of the squared penalty on the weights, as in scikit-learn; 1e-6 to 1e6.
    max_iter : int
        The solver stops after so many passes at the latest.
    """

    family: ClassVar[str] = "tfidf-logreg"

    C: float = 5.0
    max_iter: int = 1000

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(1e-6 <= self.C <= 1e6, "C", "1e-6 to 1e6")
        self._require(self.max_iter >= 1, "max_iter", "at least 1")


@dataclass(frozen=True)
class SvmParams(TextParams):
    """Settings of family ``tfidf-svm``.

    Parameters
    ----------
    C : float
        Cost of errors against the squared norm of the weights, as in LIBLINEAR; 1e-6 to 1e6.
    cv : int
        Folds: so many machines vote, each calibrated on the rows that it was not fitted on; 2 to
        20.
    max_iter : int
        The solver stops after so many passes at the latest.
    """

    family: ClassVar[str] = "tfidf-svm"

    C: float = 0.5
    cv: int = 3
    max_iter: int = 1000

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(1e-6 <= self.C <= 1e6, "C", "1e-6 to 1e6")
        self._require(2 <= self.cv <= 20, "cv", "2 to 20")
        self._require(self.max_iter >= 1, "max_iter", "at least 1")


@dataclass(frozen=True)
class NbParams(TextParams):
    """Settings of family ``tfidf-nb``.

    Parameters
    ----------
    alpha : float
        Added to the weight of every n-gram in every class; 1e-6 to 1e3.
    norm : bool
        Whether the weights of a class are scaled to sum 1 (Rennie et al. 2003, table 4, step 8).
    """

    family: ClassVar[str] = "tfidf-nb"

    alpha: float = 1.0
    norm: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(1e-6 <= self.alpha <= 1e3, "alpha", "1e-6 to 1e3")


@dataclass(frozen=True)
class MlpParams(TextParams):
    """Settings of family ``tfidf-mlp``.

    Parameters
    ----------
    hidden : tuple[int, ...]
        Units of each hidden layer, one to four layers of 1 to 4,096.
    alpha : float
        Strength of the squared penalty on the weights; 0 to 10.
    learning_rate : float
        First step size of Adam; above 0, up to 1.
    batch_size : int
        Documents per step, 1 to 65,536.
    max_epochs : int
        Training stops here at the latest.
    patience : int
        Training stops when so many epochs have brought no better macro-F1 on valid.
    epochs : int
        Epochs where there is no valid to stop by.
    """

    family: ClassVar[str] = "tfidf-mlp"

    max_features: int | None = 10_000
    hidden: tuple[int, ...] = (100, 50)
    alpha: float = 1e-4
    learning_rate: float = 1e-3
    batch_size: int = 200
    max_epochs: int = 20
    patience: int = 2
    epochs: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = 1 <= len(self.hidden) <= 4 and all(1 <= size <= 4096 for size in self.hidden)
        self._require(sizes, "hidden", "one to four layers of 1 to 4,096 units")
        self._require(0 <= self.alpha <= 10, "alpha", "0 to 10")
        self._require(0 < self.learning_rate <= 1, "learning_rate", "above 0, up to 1")
        self._require(1 <= self.batch_size <= 65536, "batch_size", "1 to 65,536")
        self._require(self.max_epochs >= 1, "max_epochs", "at least 1")
        self._require(self.patience >= 1, "patience", "at least 1")
        self._require(self.epochs >= 1, "epochs", "at least 1")
