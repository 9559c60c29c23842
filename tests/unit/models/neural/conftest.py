"""Documents whose words tell the class, tiny networks trained on them, and files of vectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from newsdesk.features.vocab import SPECIALS, Vocab
from newsdesk.models import registry
from newsdesk.models.neural.awd_lstm.params import AwdLstmParams
from newsdesk.models.neural.language import folder
from newsdesk.models.neural.language.folder import Encoder, Origin
from newsdesk.models.neural.nnlm.architecture import NnlmArchitecture
from newsdesk.models.neural.nnlm.params import NnlmParams
from newsdesk.models.neural.nnlm.vectors import WordVectors
from newsdesk.models.neural.words.examples import WordExamples
from newsdesk.types import Documents, Floats, Indices, Silent, numbered, string_array

TOPICS = [
    "bank rates rise profit Straße café shares market lending economy",
    "goal cup final İstanbul keeper 大阪 striker coach penalty saved",
    "chip phone app हिन्दी update 한글 battery browser code tablet",
]
LANGUAGE_MODEL = NnlmParams(
    embedding_dim=6, units=4, n_buckets=3, n_samples=8, epochs=1, min_count=1
)
TINY: dict[str, dict[str, Any]] = {
    "lstm": {"embedding_dim": 6, "units": 5},
    "cnn-text": {"embedding_dim": 6, "filters": 4},
    "lstm-vectors": {"embedding_dim": 6, "units": 5},
    "vectors-mean": {"embedding_dim": 6},
    "ulmfit": {
        "pretraining": AwdLstmParams(
            embedding_dim=6,
            units=8,
            epochs=2,
            min_updates=0,
            batch_size=4,
            window=8,
            learning_rate=0.02,
        ),
        "min_updates": 0,
        "hidden": (6,),
    },
    "nnlm-linear": {"pretraining": LANGUAGE_MODEL},
    "nnlm-lstm": {"pretraining": LANGUAGE_MODEL, "units": 8, "dropout": 0.2},
}
QUICK = {"epochs": 3, "batch_size": 16, "min_count": 1, "learning_rate": 0.02}


def make(n: int, n_classes: int = 3, *, n_fields: int = 1, seed: int = 0) -> Any:
    """Make documents of 1 to 9 words in each field, with their classes."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % n_classes)
    fields = {
        name: string_array(
            [" ".join(rng.choice(TOPICS[c % 3].split(), rng.integers(1, 10))) for c in y]
        )
        for name in ["headline", "description"][:n_fields]
    }
    return Documents(numbered(n), fields), y


@dataclass(frozen=True, eq=False)
class Trained:
    """A model, and the network of torch that it was trained as."""

    model: Any
    network: torch.nn.Module

    def by_torch(self, documents: Documents, *, alone: bool = False) -> Floats:
        """Logits as torch computes them, in one batch or each row in a batch of its own."""
        sequences = self.model.reader.read(documents).sequences
        n = sequences.n
        examples = WordExamples(sequences, np.zeros(n, dtype=np.int64))
        batches = np.arange(n)[:, None] if alone else [np.arange(n)]
        cpu = torch.device("cpu")
        with torch.no_grad():
            parts = [self.network.eval()(*examples.batch(rows, cpu)) for rows in batches]
        return torch.cat(parts).numpy()


def train(
    family: str,
    documents: Documents,
    y: Indices,
    n_classes: int = 3,
    *,
    valid: Any = None,
    seed: int = 0,
    **settings: Any,
) -> Trained:
    """Fit a tiny network of a family on given documents."""
    cls = registry.find(family).load()
    model: Any = cls(cls.Params(**{**TINY[family], **QUICK, **settings}))
    built = []
    build = model._build
    model._build = lambda *arguments: built.append(build(*arguments)) or built[-1]
    rng = np.random.default_rng(seed)
    model.fit(documents, y, n_classes=n_classes, valid=valid, rng=rng, progress=Silent())
    del model._build
    return Trained(model, built[-1])


def write_vectors(path: Path, *, dim: int = 4, seed: int = 0) -> dict[str, Floats]:
    """Write vectors of most of the words of the documents as GloVe writes them."""
    rng = np.random.default_rng(seed)
    words = [word.lower() for topic in TOPICS for word in topic.split()[:8]]
    vectors = {word: rng.normal(size=dim).round(3).astype(np.float32) for word in words}
    lines = [" ".join([word, *map(str, vector.tolist())]) for word, vector in vectors.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return vectors


@pytest.fixture(name="make", scope="session")
def _make() -> Callable[..., Any]:
    return make


@pytest.fixture(name="train", scope="session")
def _train() -> Callable[..., Trained]:
    return train


@pytest.fixture(name="write_vectors", scope="session")
def _write_vectors() -> Callable[..., dict[str, Floats]]:
    return write_vectors


def write_language_model(directory: Path, *, n_buckets: int = 3, seed: int = 0) -> WordVectors:
    """Write an encoder folder of kind ``nnlm`` that knows most of the words of the documents."""
    words = [word.lower() for topic in TOPICS for word in topic.split()[:8]]
    vocab = Vocab((*SPECIALS, *words), n_buckets=n_buckets)
    matrix = np.random.default_rng(seed).normal(size=(vocab.n_ids, 5)).astype(np.float32)
    sizes, origin = NnlmArchitecture(5, n_buckets), Origin("pretrained")
    directory.mkdir(parents=True)
    folder.write(Encoder("nnlm", sizes, {"embedding": matrix}, vocab, origin), directory)
    return WordVectors(vocab, matrix)


@pytest.fixture(name="write_language_model", scope="session")
def _write_language_model() -> Callable[..., WordVectors]:
    return write_language_model


@pytest.fixture(autouse=True)
def _cache_of_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is made of files of vectors out of the user's cache."""
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path / "cache"))
