"""What the families of networks on words share: all but the network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from newsdesk import optional
from newsdesk._version import __version__
from newsdesk.errors import NotFittedError
from newsdesk.features.sequences import Sequences
from newsdesk.features.vocab import Vocab
from newsdesk.models import files
from newsdesk.models.classifier import Valid
from newsdesk.models.history import History
from newsdesk.models.neural.checkpoints import Checkpoint, digest
from newsdesk.models.neural.waiting import wait_briefly_if_busy
from newsdesk.models.neural.words.params import WordParams
from newsdesk.models.neural.words.reading import Reader
from newsdesk.models.neural.words.shapes import Shapes
from newsdesk.predictions import Output, Scores, softmax
from newsdesk.types import Documents, Floats, Indices, Progress

if TYPE_CHECKING:
    from torch import Generator, nn

__all__ = ["Plan", "Predictor", "Tensors", "WordNetwork", "saved_name"]

P = TypeVar("P", bound=WordParams)

Tensors = dict[str, NDArray[Any]]


class Predictor(Protocol):
    """A network that answers without torch."""

    def logits(self, sequences: Sequences) -> Floats:
        """Answer, shape ``(n, n_classes)``."""
        ...


class Plan(NamedTuple):
    """What a network is built from."""

    vocab: Vocab
    """The words."""
    sequences: Sequences
    """The training documents, whole."""
    n_classes: int
    """Number of outputs."""
    progress: Progress
    """Told of long work."""


@dataclass(frozen=True)
class _Saved(Generic[P]):
    """What stands in ``network.json``."""

    params: P
    n_classes: int


class _Training(NamedTuple):
    """What `WordNetwork.fit` keeps for `WordNetwork.refit`."""

    documents: Documents
    y: Indices
    n_classes: int
    seed: int


class WordNetwork(ABC, Generic[P]):
    """Words to sequences of ids to a network to logits; a family says which network.

    Training takes torch. Predicting does not: the weights are read by networks of our own, whose
    answers depend on no other document.

    Parameters
    ----------
    params : P | None
        Settings; None means the defaults.
    """

    output: ClassVar[Output] = "logits"
    Params: ClassVar[type] = WordParams
    brief: ClassVar[bool] = False

    def __init__(self, params: P | None = None) -> None:
        self.params: P = params or self.Params()
        self.checkpoints: Path | None = None
        self.history = History()
        self.notes: tuple[str, ...] = ()
        self.n_classes = 0
        self.tensors: Tensors = {}
        self._reader: Reader | None = None
        self._training: _Training | None = None

    @abstractmethod
    def _build(self, plan: Plan, generator: Generator) -> nn.Module:
        """Make the network that is trained."""

    @abstractmethod
    def _predictor(self, tensors: Tensors) -> Predictor:
        """Make the network that answers; checks that the tensors fit together."""

    @staticmethod
    @abstractmethod
    def _shapes(params: P, n_words: int, n_classes: int) -> Shapes:
        """Shape of each tensor that is saved; None means any length."""

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
        seed = int(rng.integers(1 << 63))
        self._training = _Training(documents, y, n_classes, seed)
        self.history = self._train("fit", self._training, valid, None, progress)
        return self

    def refit(
        self,
        documents: Documents,
        y: Indices,
        *,
        rng: np.random.Generator,  # noqa: ARG002  the draws of `fit` are repeated
        progress: Progress,
    ) -> Self:
        """Train anew on the documents of `fit` and these, for the steps that valid chose.

        Where the last epoch is kept, valid chooses nothing, and the epochs are as many as before.

        Parameters
        ----------
        documents : Documents
            Further documents.
        y : Indices
            Their class indices.
        rng : np.random.Generator
            Not drawn from.
        progress : Progress
            Told of tokens.

        Returns
        -------
        Self
            This object; `history` stays that of `fit`.

        Raises
        ------
        NotFittedError
            Without a `fit` in the same process before.
        """
        if self._training is None:
            raise NotFittedError("There is no fit to continue.", remedy="Call fit first.")
        old = self._training
        both = old._replace(
            documents=old.documents.extended(documents), y=np.concatenate([old.y, y])
        )
        n_steps = self.history.n_steps
        if self.params.keep == "last":  # whole epochs, as was asked for
            n_steps = self.history.chosen * self.params.n_updates(len(both.y))
        notes = self.notes
        self._train("refit", both, None, n_steps, progress)
        refitted = f"The network was trained once more on train and valid, for {n_steps:,} steps."
        self.notes = (*notes, refitted)
        return self

    def release(self) -> None:
        """Forget what only `refit` needs; see `Refittable`."""
        self._training = None

    def _train(
        self,
        act: str,
        training: _Training,
        valid: Valid | None,
        n_steps: int | None,
        progress: Progress,
    ) -> History:
        wait_briefly_if_busy()
        torch = optional.load("torch", extra="torch")
        from newsdesk.models.neural.loop import train
        from newsdesk.models.neural.words.examples import WordExamples

        y, n_classes, seed = training.y, training.n_classes, training.seed
        reader, whole = Reader.learn(training.documents, self.params, progress)
        examples = WordExamples(reader.seen(whole).sequences, y)
        notes = [f"Training words: {reader.told(whole)}"]
        held_out = None
        if valid is not None:
            unseen = reader.vocab.encode(valid[0])
            held_out = WordExamples(reader.seen(unseen).sequences, valid[1])
            notes.append(f"Valid words: {reader.told(unseen)}")
        plan = Plan(reader.vocab, whole, n_classes, progress)
        generator = torch.Generator().manual_seed(seed)
        self.notes = ()
        network = self._build(plan, generator)
        checkpoint = None
        if self.checkpoints is not None:
            seen = [examples, *([held_out] if held_out else [])]
            arrays = [array for part in seen for array in (*part.sequences, part.y)]
            arrays += _tensors_of(network).values()  # those of a file of vectors among them
            versions = [__version__, version("torch"), version("numpy")]
            words = "\n".join(reader.vocab.words).encode()
            key = digest(act, self.params, n_classes, seed, n_steps, versions, words, *arrays)
            checkpoint = Checkpoint(self.checkpoints / f"{act}.safetensors", key)
        history = train(
            network,
            examples,
            held_out,
            n_classes=n_classes,
            params=self.params,
            seed=seed,
            checkpoint=checkpoint,
            n_steps=n_steps,
            progress=progress,
        )
        self.notes = (*notes, *self.notes)
        self._reader, self.n_classes = reader, n_classes
        self._take(_tensors_of(network))
        return history

    def _take(self, tensors: Tensors) -> None:
        self.tensors = tensors
        self.__dict__.pop("_network", None)

    @cached_property
    def _network(self) -> Predictor:
        return self._predictor(self.tensors)

    @property
    def reader(self) -> Reader:
        """How documents become what the network reads."""
        if self._reader is None:
            problem = f"This {self.params.family} model is not fitted."
            raise NotFittedError(problem, remedy="Call fit or load first.")
        return self._reader

    def decision(self, documents: Documents) -> Scores:
        """Logits of all classes; see `Classifier.decision`."""
        sight = self.reader.read(documents)
        return Scores(self._network.logits(sight.sequences), sight.blank)

    def predict_proba(self, documents: Documents) -> Floats:
        """Softmax of the logits, uncalibrated; see `Classifier.predict_proba`."""
        return softmax(self.decision(documents).values)

    @abstractmethod
    def warm_up(self) -> None:
        """Compile what predicting takes; see `Warmable`."""

    def plan(self, documents: Documents, n_classes: int) -> int:
        """Estimated peak memory of `fit`; see `Planned`."""
        params = self.params
        n_characters: int = sum(column.nbytes for column in documents.fields.values())
        n_tokens = n_characters // 5  # a word, its space, and what is left out
        shapes = self._shapes(params, min(params.vocab_size, n_tokens), n_classes)
        n_weights = sum(int(np.prod([size or 300 for size in shape])) for shape in shapes.values())
        # Weights, two moments and the best weights, and a checkpoint of all of them.
        weights = n_weights * 4 * 8
        longest = min(params.max_tokens, n_tokens // max(len(documents), 1) * 8)
        batch = params.batch_size * longest * self._bytes_per_token(params)
        return n_tokens * 40 + weights + batch

    @staticmethod
    @abstractmethod
    def _bytes_per_token(params: P) -> int:
        """What a token takes in the forward and backward passes of a batch."""

    def save(self, directory: Path) -> None:
        """See `Classifier.save`."""
        files.write_json(directory / "vocab.json", self.reader.vocab)
        files.write_tensors(directory / "weights.safetensors", self.tensors)
        saved = _Saved(self._portable(), self.n_classes)
        files.write_json(directory / "network.json", saved)

    def _portable(self) -> P:
        """The settings without what belongs to one machine."""
        return self.params

    @classmethod
    def load(cls, directory: Path) -> Self:
        """See `Classifier.load`."""
        saved = files.read_json(directory / "network.json", _Saved[cls.Params])  # type: ignore[name-defined]
        model = cls(saved.params)
        model.n_classes = saved.n_classes
        vocab = files.read_json(directory / "vocab.json", Vocab)
        model._reader = Reader(vocab, saved.params)
        shapes = cls._shapes(saved.params, len(vocab.words), saved.n_classes)
        expected = {name: (np.float32, shape) for name, shape in shapes.items()}
        model._take(files.read_tensors(directory / "weights.safetensors", expected))
        model._network  # noqa: B018  refuses tensors that do not fit together
        return model


def saved_name(name: str) -> str:
    """Name of a saved tensor.

    Parameters
    ----------
    name : str
        What torch calls it in the network's state.

    Returns
    -------
    str
        What predictors call it.

    Examples
    --------
    >>> saved_name("lstm.0.ahead.input"), saved_name("head.output.bias")
    ('lstm.0.forward.input', 'output.bias')
    """
    # A module cannot be called "forward": that is the name of what a module does.
    for old, new in (("ahead.", "forward."), ("back.", "backward."), ("head.", "")):
        name = name.replace(old, new)
    return name.replace("embedding.weight", "embedding")


def _tensors_of(network: nn.Module) -> Tensors:
    state = network.state_dict()
    return {saved_name(name): tensor.numpy().copy() for name, tensor in state.items()}
