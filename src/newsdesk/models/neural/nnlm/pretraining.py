"""Documents to a feed-forward neural language model; torch is needed here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch

from newsdesk.features.sequences import OOV, PAD, Sequences
from newsdesk.features.vocab import Learned, Vocab
from newsdesk.models.neural.language.folder import Encoder, Origin
from newsdesk.models.neural.language.kinds import Pretrained
from newsdesk.models.neural.language.pretraining import fit, hold_out
from newsdesk.models.neural.language.sampled import unigram_perplexity
from newsdesk.models.neural.language.stage import perplexities_of, stage_of
from newsdesk.models.neural.language.text import Stream
from newsdesk.models.neural.nnlm.architecture import NnlmArchitecture
from newsdesk.models.neural.nnlm.network import NnlmNetwork
from newsdesk.models.neural.nnlm.params import NnlmParams
from newsdesk.types import Documents, Floats, Indices, Progress

__all__ = ["from_texts", "words_of"]

_SEPARATOR = PAD
"""Stands between texts: nothing is filled up there."""
_STEPS = 16
"""Words to predict in each row of a batch."""


def words_of(documents: Documents, params: NnlmParams, progress: Progress) -> Learned:
    """Choose the words of a language model.

    Parameters
    ----------
    documents : Documents
        n documents.
    params : NnlmParams
        Settings.
    progress : Progress
        Told of documents.

    Returns
    -------
    Learned
        The vocabulary, with buckets, and the documents encoded with it.
    """
    return Vocab.learn(
        documents,
        size=params.vocab_size,
        min_count=params.min_count,
        n_buckets=params.n_buckets,
        progress=progress,
    )


def from_texts(
    documents: Documents,
    params: NnlmParams,
    *,
    seed: int,
    progress: Progress,
    checkpoints: Path | None = None,
    source: str = "",
) -> Pretrained:
    """Train a language model on texts and their own words; see `Pretrain`."""
    vocab, sequences = words_of(documents, params, progress)
    rows, watched = hold_out(sequences.n, params.held_out, seed)
    read, unseen = sequences.take(rows), sequences.take(watched)
    counts = _counts(vocab, read)
    generator = torch.Generator().manual_seed(seed)
    network = NnlmNetwork(params, counts, vocab.buckets(), _SEPARATOR, generator)
    text = _stream(read, network.lookback, params, seed)
    held_out = _stream(unseen, network.lookback, params, seed) if len(unseen.ids) else None
    history = fit(
        network,
        text,
        held_out,
        params,
        seed=seed,
        progress=progress,
        checkpoints=checkpoints,
        seen=("\n".join(vocab.words), *read, *unseen),
    )
    unigram = None
    if held_out is not None:
        unigram = unigram_perplexity(counts, _predicted(vocab, unseen))
    origin = Origin(
        how="pretrained",
        source=source,
        n_texts=len(rows),
        n_tokens=len(read.ids),
        perplexities=perplexities_of(history),
        settings=msgspec.to_builtins(params),
    )
    matrix = _filled(network.embedding.weight.numpy().copy(), vocab, read)
    architecture = NnlmArchitecture(params.embedding_dim, params.n_buckets)
    encoder: Encoder[Any] = Encoder("nnlm", architecture, {"embedding": matrix}, vocab, origin)
    stage = stage_of(history, "Language model, from first values", text.n_tokens, unigram)
    return Pretrained(encoder, stage)


def _stream(sequences: Sequences, lookback: int, params: NnlmParams, seed: int) -> Stream:
    return Stream(
        sequences,
        _SEPARATOR,
        strips=params.batch_size,
        window=_STEPS,
        lookback=lookback,
        seed=seed,
    )


def _predicted(vocab: Vocab, sequences: Sequences) -> Indices:
    """Words that are predicted, in order."""
    return vocab.without_buckets(sequences).framed([_SEPARATOR], []).ids.astype(np.int64)


def _counts(vocab: Vocab, sequences: Sequences) -> Indices:
    return np.bincount(_predicted(vocab, sequences), minlength=len(vocab))


def _filled(matrix: Floats, vocab: Vocab, read: Sequences) -> Floats:
    """Give what has not been trained the mean of the unknown words, or else of all words."""
    times = np.bincount(read.ids, minlength=vocab.n_ids)
    trained = times > 0
    trained[PAD] = True
    # Words that occur once have been read as their buckets too.
    trained[vocab.buckets()[times[: len(vocab)] == 1]] = True
    trained[OOV] = times[OOV] > 0
    unknown = trained.copy()
    unknown[: len(vocab)] = False
    unknown[OOV] = trained[OOV]
    typical = unknown if unknown.any() else trained
    matrix[~trained] = matrix[typical].mean(axis=0)
    return matrix
