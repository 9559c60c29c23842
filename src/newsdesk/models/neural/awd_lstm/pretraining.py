"""Texts to an AWD-LSTM: from first values, or on from a model that was trained before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch

from newsdesk.features.sequences import OOV, PAD, Sequences
from newsdesk.features.vocab import Vocab
from newsdesk.models.neural.awd_lstm.network import (
    AwdLstm,
    AwdLstmModel,
    Dropouts,
    layer_groups,
)
from newsdesk.models.neural.awd_lstm.params import AwdLstmParams
from newsdesk.models.neural.awd_lstm.reading import SEPARATOR, learn_vocab
from newsdesk.models.neural.language.folder import Encoder, Origin
from newsdesk.models.neural.language.kinds import Pretrained
from newsdesk.models.neural.language.pretraining import fit, hold_out
from newsdesk.models.neural.language.sampled import log_shares, unigram_perplexity
from newsdesk.models.neural.language.stage import perplexities_of, stage_of
from newsdesk.models.neural.language.text import Stream
from newsdesk.types import Documents, Progress

__all__ = ["from_texts", "pretrain", "rate_factors"]


def from_texts(
    documents: Documents,
    params: AwdLstmParams,
    *,
    seed: int,
    progress: Progress,
    checkpoints: Path | None = None,
    source: str = "",
) -> Pretrained:
    """Train a language model on texts and their own words; see `Pretrain`."""
    vocab, sequences = learn_vocab(documents, params.vocab_size, params.min_count, progress)
    return pretrain(
        vocab,
        sequences,
        params,
        seed=seed,
        progress=progress,
        checkpoints=checkpoints,
        source=source,
    )


def pretrain(
    vocab: Vocab,
    sequences: Sequences,
    params: AwdLstmParams,
    *,
    start: Encoder[Any] | None = None,
    seed: int,
    progress: Progress,
    checkpoints: Path | None = None,
    source: str = "",
) -> Pretrained:
    """Train a language model on texts, from first values or on from another one.

    A model that is trained on moves its lower layers at lower rates (Howard & Ruder 2018, section
    3.2); words that it does not know begin with the mean of its vectors.

    Parameters
    ----------
    vocab : Vocab
        Words of the texts, the separator among them.
    sequences : Sequences
        The texts as its ids, without separators.
    params : AwdLstmParams
        Settings; the sizes are those of ``start`` where it is given.
    start : Encoder[Any] | None
        The model before; None means first values.
    seed : int
        Of all draws, 0 to 2**63 - 1.
    progress : Progress
        Told of words.
    checkpoints : Path | None
        Folder where the state is kept.
    source : str
        What the texts are called.

    Returns
    -------
    Pretrained
        The model.

    Raises
    ------
    DivergedError
        If the loss or a weight is not finite.
    """
    architecture = params.architecture if start is None else start.architecture
    values = None if start is None else _adapted(start, vocab)
    train, held = hold_out(sequences.n, params.held_out, seed)
    backwards = architecture.direction == "backward"
    separator = vocab.words.index(SEPARATOR)

    def stream(rows: Any) -> Stream:  # noqa: ANN401  an array of row numbers
        return Stream(
            sequences.take(rows),
            separator,
            strips=params.batch_size,
            window=params.window,
            seed=seed,
            backwards=backwards,
        )

    text, watched = stream(train), stream(held) if len(held) else None
    counts = np.bincount(sequences.take(train).ids, minlength=len(vocab.words))
    counts[separator] = len(train)
    counts[PAD] = 0
    generator = torch.Generator().manual_seed(seed)
    dropouts = Dropouts.of(params)
    encoder = AwdLstm(architecture, len(vocab.words), dropouts, generator, values)
    decay = params.rate_decay if start is not None else 1.0
    network = AwdLstmModel(
        encoder,
        counts,
        params.n_samples,
        strips=text.strips,
        bias=log_shares(counts) if values is None else values["decoder.bias"],
        rate_factors=rate_factors(architecture.layers, decay),
    )
    first = () if values is None else values.values()
    history = fit(
        network,
        text,
        watched,
        params,
        seed=seed,
        progress=progress,
        checkpoints=checkpoints,
        name="pretrain" if start is None else "tune",
        seen=(*sequences, "\n".join(vocab.words), *first),
    )
    unigram = None
    if watched is not None:
        unigram = unigram_perplexity(counts, sequences.take(held).framed([separator], []).ids)
    tensors = encoder.tensors() | {"decoder.bias": network.bias.detach().numpy().copy()}
    origin = Origin(
        "pretrained",
        source,
        n_texts=len(train),
        n_tokens=len(sequences.take(train).ids),
        perplexities=perplexities_of(history),
        settings=msgspec.to_builtins(params),
    )
    how = "from first values" if start is None else "tuned to the training texts"
    stage = stage_of(history, f"Language model, {how}", text.n_tokens, unigram)
    return Pretrained(Encoder("awd-lstm", architecture, tensors, vocab, origin), stage)


def rate_factors(n_layers: int, decay: float) -> dict[str, float]:
    """Shares of the learning rate: each layer moves ``decay`` times as slowly as the next one.

    Howard & Ruder 2018, section 3.2: the last layer at the full rate, ``eta_(l-1) = eta_l / 2.6``.

    Parameters
    ----------
    n_layers : int
        Recurrent layers; the word vectors count as one more, below them.
    decay : float
        At least 1.

    Returns
    -------
    dict[str, float]
        By the names of the weights of `AwdLstm`.
    """
    groups = layer_groups(n_layers)
    return {name: decay**-depth for depth, names in enumerate(groups) for name in names}


def _adapted(start: Encoder[Any], vocab: Vocab) -> Mapping[str, Any]:
    """The weights of a model, with its vectors put to other words."""
    assert start.vocab is not None
    place = {word: at for at, word in enumerate(start.vocab.words)}
    known = np.array([place.get(word, -1) for word in vocab.words])
    tensors = dict(start.tensors)
    for name in ("embedding", "decoder.bias"):
        old = tensors[name]
        new = old[np.maximum(known, 0)]
        new[known < 0] = old[OOV + 1 :].mean(axis=0) if len(old) > OOV + 1 else old.mean(axis=0)
        tensors[name] = np.ascontiguousarray(new, dtype=np.float32)
    return tensors
