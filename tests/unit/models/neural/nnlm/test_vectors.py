from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from newsdesk.errors import BundleFormatError
from newsdesk.features.vocab import SPECIALS, Vocab
from newsdesk.models.neural.awd_lstm.architecture import AwdLstmArchitecture
from newsdesk.models.neural.language.folder import Encoder, Origin, write
from newsdesk.models.neural.nnlm.architecture import NnlmArchitecture
from newsdesk.models.neural.nnlm.vectors import WordVectors, read

VOCAB = Vocab((*SPECIALS, "bank", "rates", "cup"), n_buckets=2)
MATRIX = np.arange(21, dtype=np.float32).reshape(7, 3)


def encoder(vocab: Vocab | None = VOCAB) -> Encoder[NnlmArchitecture]:
    origin = Origin("pretrained", n_texts=3)
    return Encoder("nnlm", NnlmArchitecture(3, 2), {"embedding": MATRIX}, vocab, origin)


def test_a_folder_gives_its_words_and_their_vectors(tmp_path: Path) -> None:
    write(encoder(), tmp_path)
    vectors, note = read(str(tmp_path))
    assert vectors.vocab.words == VOCAB.words
    assert np.array_equal(vectors.matrix, MATRIX)
    assert note == "First vectors: 5 words of 3 numbers, pretrained."


@pytest.mark.parametrize(
    ("vocab", "problem"),
    [
        (replace(VOCAB, n_buckets=0), "2 buckets and a vocabulary of 0"),
        (None, "no vocabulary"),
    ],
)
def test_vectors_that_do_not_fit_the_buckets_are_refused(
    vocab: Vocab | None, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(BundleFormatError, match=problem):
        WordVectors.of(encoder(vocab))
    if vocab is not None:
        write(encoder(vocab), tmp_path)
        with pytest.raises(BundleFormatError, match=str(tmp_path)):
            read(str(tmp_path))


def test_a_folder_of_another_kind_is_refused(tmp_path: Path) -> None:
    sizes = AwdLstmArchitecture(3, 2, 1)
    tensors = {name: np.zeros(shape, np.float32) for name, shape in sizes.shapes(5).items()}  # type: ignore[arg-type]
    write(Encoder("awd-lstm", sizes, tensors, VOCAB, Origin("pretrained")), tmp_path)
    with pytest.raises(BundleFormatError, match="of kind awd-lstm, needed is nnlm"):
        read(str(tmp_path))


def test_what_is_no_folder_of_a_language_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleFormatError, match="no encoder folder"):
        read(str(tmp_path / "none"))


def test_the_commonest_words_and_all_buckets_are_kept() -> None:
    found = WordVectors.of(encoder()).limited(3, ("the",))
    assert found.vocab.words == (*SPECIALS, "bank")
    assert (found.vocab.stop_words, found.vocab.n_buckets) == (("the",), 2)
    assert np.array_equal(found.matrix, MATRIX[[0, 1, 2, 5, 6]])
    assert np.array_equal(WordVectors.of(encoder()).limited(5).matrix, MATRIX)
