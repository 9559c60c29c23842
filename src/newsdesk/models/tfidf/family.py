"""What the ``tfidf-…`` families share: all but how weights are found and become scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from newsdesk.config import field_names
from newsdesk.errors import BundleFormatError, NotFittedError
from newsdesk.features import lemmas
from newsdesk.models import files
from newsdesk.models.classifier import Suggest, SweepTask, Valid
from newsdesk.models.rows import Rows
from newsdesk.models.tfidf.attribution import contributions
from newsdesk.models.tfidf.learning import learn
from newsdesk.models.tfidf.params import TextParams
from newsdesk.models.tfidf.reading import Reader, TokenIds
from newsdesk.models.tfidf.vocabulary import Vocabulary
from newsdesk.predictions import Output, Scores, softmax
from newsdesk.types import Documents, Floats, Indices, Progress, Span

__all__ = ["Shapes", "Task", "Tensors", "Tfidf", "chains"]

P = TypeVar("P", bound=TextParams)

Tensors = dict[str, NDArray[Any]]
Shapes = dict[str, tuple[int, ...]]

_CHUNK = 4096


@dataclass(frozen=True)
class _Saved(Generic[P]):
    """What stands in ``tfidf.json``."""

    params: P
    n_classes: int
    versions: dict[str, str]


class Task(NamedTuple):
    """What weights are to be found for."""

    rows: Rows
    """Training documents."""
    n_features: int
    """Their width."""
    y: Indices
    """Class index of each; two classes or more have documents."""
    n_classes: int
    """Number of classes."""
    seed: int
    """Of every random draw."""
    progress: Progress
    """Told of long work."""

    @property
    def present(self) -> Indices:
        """The classes that have documents, ascending."""
        return np.unique(self.y)


class Tfidf(ABC, Generic[P]):
    """Words to weighted n-grams to scores; a family says how.

    Predicting takes NumPy and SciPy, and spaCy for the lemmas, but no scikit-learn.

    Parameters
    ----------
    params : P | None
        Settings; None means the defaults.
    """

    output: ClassVar[Output] = "logits"
    Params: ClassVar[type] = TextParams
    PRIOR: ClassVar[str] = "bias"
    """The tensor that carries class frequencies where nothing else can be learnt."""

    def __init__(self, params: P | None = None) -> None:
        self.params: P = params or self.Params()
        self.n_classes = 0
        self._reader = Reader(self.params)
        self._vocabulary: Vocabulary | None = None
        self._tensors: Tensors = {}

    def fit(
        self,
        documents: Documents,
        y: Indices,
        *,
        n_classes: int,
        valid: Valid | None,
        rng: np.random.Generator,
        progress: Progress,
    ) -> Self:
        """Train from scratch; see `Classifier.fit`."""
        tokens, words = self._reader.learn(documents, progress)
        self._learn(tokens, words, y, n_classes, valid, _seed(rng), progress)
        return self

    def _learn(
        self,
        tokens: TokenIds,
        words: Sequence[str],
        y: Indices,
        n_classes: int,
        valid: Valid | None,
        seed: int,
        progress: Progress,
    ) -> None:
        vocabulary = learn(tokens, words, self.params)
        rows = vocabulary.rows(vocabulary.renumbered(tokens, words))
        self._vocabulary, self.n_classes = vocabulary, n_classes
        task = Task(rows, vocabulary.n_features, y, n_classes, seed, progress)
        if not vocabulary.n_features or len(task.present) < 2:
            self._tensors = self._constant(task)
        else:
            held_out = None if valid is None else (self._rows(valid[0]), valid[1])
            self._tensors = self._solve(task, held_out)

    def _constant(self, task: Task) -> Tensors:
        """Answer with the class frequencies: there is nothing to learn from."""
        shapes = self._shapes(self.params, task.n_features, task.n_classes)
        tensors: Tensors = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
        counts = np.bincount(task.y, minlength=task.n_classes) + 1.0
        tensors[self.PRIOR][...] = np.log(counts / counts.sum())
        return tensors

    @abstractmethod
    def _solve(self, task: Task, held_out: tuple[Rows, Indices] | None) -> Tensors:
        """Find the weights."""

    @abstractmethod
    def _logits(self, rows: Rows) -> Floats:
        """Scores of rows, shape ``(n, n_classes)``."""

    @abstractmethod
    def _slopes(self, row: Rows, index: int) -> Floats:
        """What a unit of each of the row's features adds to the explained score of a class."""

    @staticmethod
    @abstractmethod
    def _shapes(params: P, n_features: int, n_classes: int) -> Shapes:
        """Shape of each tensor."""

    def _fitted(self) -> Vocabulary:
        if self._vocabulary is None:
            problem = f"This {self.params.family} model is not fitted."
            raise NotFittedError(problem, remedy="Call fit or load first.")
        return self._vocabulary

    def _rows(self, documents: Documents) -> Rows:
        vocabulary = self._fitted()
        parts = [
            vocabulary.rows(self._reader.look_up(part, vocabulary.numbers))
            for part in _chunks(documents)
        ]
        return parts[0] if len(parts) == 1 else Rows.concat(parts)

    def decision(self, documents: Documents) -> Scores:
        """Logits of all classes; see `Classifier.decision`."""
        self._fitted()
        parts = []
        for part in _chunks(documents):
            rows = self._rows(part)
            parts.append(Scores(self._logits(rows), rows.indptr[1:] == rows.indptr[:-1]))
        if len(parts) == 1:
            return parts[0]
        return Scores(
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.low_evidence for part in parts]),
        )

    def predict_proba(self, documents: Documents) -> Floats:
        """Softmax of the logits, uncalibrated; see `Classifier.predict_proba`."""
        return softmax(self.decision(documents).values)

    @property
    def exact(self) -> bool:
        """Always; see `Attributing`."""
        return True

    def attribute(self, documents: Documents, classes: Indices) -> list[list[Span]]:
        """Exact contribution of every word; see `Attributing`."""
        vocabulary = self._fitted()
        found = []
        for position, index in enumerate(classes.tolist()):
            document = documents.slice(position, position + 1)
            places = self._reader.places(document)
            ids = [vocabulary.numbers.get(place.word, -1) for place in places]
            tokens = TokenIds(np.array([0, len(ids)]), np.array(ids, dtype=np.int32))
            row = vocabulary.rows(tokens)
            share = row.values * self._slopes(row, index)
            found.append(contributions(places, tokens, vocabulary, row, share))
        return found

    def plan(self, documents: Documents, n_classes: int) -> int:
        """Estimated peak memory of `fit`, from the words of a sample; see `Planned`."""
        n = len(documents)
        sample = documents.take(np.linspace(0, n - 1, min(n, 2000), dtype=np.int64))
        n_words = sum(map(len, self._reader.words(sample)))
        n_tokens = int(n_words / max(len(sample), 1) * n)
        shortest, longest = self.params.ngram_range
        n_lengths = longest - shortest + 1
        # Of the n-grams of running text a twentieth is distinct and frequent enough.
        n_features = min(n_tokens * n_lengths // 20 + 1000, self.params.max_features or 1 << 62)
        counting = n_tokens * 8 * 8
        shapes = self._shapes(self.params, n_features, n_classes)
        weights = sum(4 * int(np.prod(shape)) for shape in shapes.values())
        return counting + self._solving_bytes(n_tokens * n_lengths, weights)

    @staticmethod
    def _solving_bytes(nnz: int, weights: int) -> int:
        """Memory of finding the weights, where they take so many bytes themselves."""
        return nnz * 8 * 3 + weights * 4

    @classmethod
    def sweep(
        cls,
        documents: Documents,
        y: Indices,
        tasks: Sequence[SweepTask],
        *,
        n_classes: int,
        seed: int,
        progress: Progress,
    ) -> Iterator[tuple[int, Floats]]:
        """Fit many settings on many subsets; see `Sweeping`."""
        # A word depends on no other row, so words are read once. A vocabulary and its frequencies
        # are learnt from train rows, once for all settings that share them.
        read: dict[tuple[Any, ...], tuple[TokenIds, list[str]]] = {}
        for numbers in _sharing(tasks):
            first = tasks[numbers[0]]
            key = _reading(first.params)
            if key not in read:
                read = {key: Reader(first.params).learn(documents, progress)}
            tokens, words = read[key]
            train = tokens.take(first.train)
            vocabulary = learn(train, words, first.params)
            numbered = vocabulary.renumbered(tokens, words)
            rows, held_out = (
                vocabulary.rows(numbered.take(part)) for part in (first.train, first.held_out)
            )
            task = Task(rows, vocabulary.n_features, y[first.train], n_classes, seed, progress)
            models = [cls(tasks[number].params) for number in numbers]
            for model in models:
                model._vocabulary, model.n_classes = vocabulary, n_classes
            if not vocabulary.n_features or len(task.present) < 2:
                for number, model in zip(numbers, models, strict=True):
                    model._tensors = model._constant(task)
                    yield number, model._logits(held_out)
            else:
                for place, scores in cls._sweep(models, task, held_out):
                    yield numbers[place], scores

    @classmethod
    def _sweep(
        cls, models: Sequence[Self], task: Task, held_out: Rows
    ) -> Iterator[tuple[int, Floats]]:
        """Scores of the held-out rows by each of some models that differ in the solver alone."""
        for place, model in enumerate(models):
            model._tensors = model._solve(task, None)
            yield place, model._logits(held_out)

    def save(self, directory: Path) -> None:
        """See `Classifier.save`."""
        tensors = self._fitted().tensors() | self._tensors
        files.write_tensors(directory / "weights.safetensors", tensors)
        # The words of a text are what these libraries say: a bundle tells which ones.
        versions = {} if self.params.tokens == "words" else lemmas.versions()
        files.write_json(directory / "tfidf.json", _Saved(self.params, self.n_classes, versions))

    @classmethod
    def load(cls, directory: Path) -> Self:
        """See `Classifier.load`."""
        saved = files.read_json(directory / "tfidf.json", _Saved[cls.Params])  # type: ignore[name-defined]
        shapes: dict[str, tuple[type[np.generic], tuple[int | None, ...]]] = {
            name: (np.float32, (None,) * len(shape))
            for name, shape in cls._shapes(saved.params, 0, saved.n_classes).items()
        }
        path = directory / "weights.safetensors"
        tensors = files.read_tensors(path, Vocabulary.SHAPES | shapes)
        model = cls(saved.params)
        model.n_classes = saved.n_classes
        model._vocabulary = Vocabulary.from_tensors(tensors, saved.params)
        n_features = model._vocabulary.n_features
        expected = cls._shapes(saved.params, n_features, saved.n_classes)
        model._tensors = {name: tensors[name] for name in expected}
        if any(model._tensors[name].shape != shape for name, shape in expected.items()):
            problem = f"{path.name}: the weights do not fit the {n_features:,} n-grams."
            remedy = "Train the bundle again, or fetch an intact copy."
            raise BundleFormatError(problem, remedy=remedy)
        return model

    @classmethod
    def _text_space(cls, suggest: Suggest) -> Mapping[str, Any]:
        """Draw the settings of the text."""
        return {
            "ngram_range": suggest("ngram_range", [(1, 1), (1, 2), (1, 3)]),
            "min_df": suggest("min_df", [1, 2, 3, 5]),
            "sublinear_tf": suggest("sublinear_tf", [True, False]),
        }


def chains(settings: Sequence[Any]) -> list[list[int]]:
    """Find the settings that differ in nothing but ``C``.

    Parameters
    ----------
    settings : Sequence[Any]
        Params of one family.

    Returns
    -------
    list[list[int]]
        Their places in groups, each from the lowest C up.
    """
    groups: dict[Any, list[int]] = {}
    for place in sorted(range(len(settings)), key=lambda place: settings[place].C):
        groups.setdefault(replace(settings[place], C=1.0), []).append(place)
    return list(groups.values())


def _seed(rng: np.random.Generator) -> int:
    """A seed as scikit-learn takes it."""
    return int(rng.integers(1 << 31))


def _chunks(documents: Documents) -> list[Documents]:
    n = len(documents)
    if n <= _CHUNK:
        return [documents]
    return [documents.slice(at, min(at + _CHUNK, n)) for at in range(0, n, _CHUNK)]


def _reading(params: TextParams) -> tuple[Any, ...]:
    """The settings that words depend on."""
    return params.tokens, params.language, params.only_ascii, params.drop_stop_words


def _sharing(tasks: Sequence[SweepTask]) -> list[list[int]]:
    """Numbers of the tasks in groups of equal rows and equal settings of the text."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for number, task in enumerate(tasks):
        text = [getattr(task.params, name) for name in field_names(TextParams)]
        key = (*text, task.train.tobytes(), task.held_out.tobytes())
        groups.setdefault(key, []).append(number)
    # What reads the same words stands together, so that no words are read twice.
    return sorted(groups.values(), key=lambda group: str(_reading(tasks[group[0]].params)))
