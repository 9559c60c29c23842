from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.errors import BundleFormatError
from newsdesk.models.neural.encoders.encoder import Encoder
from newsdesk.models.neural.encoders.packing import Precision
from newsdesk.models.neural.encoders.pretrained import find
from newsdesk.models.neural.encoders.runner import Runner

TEXTS = ["Banks raise rates again.", "", "goal " * 40, "the cup final", "大阪 \u0301"]


@pytest.fixture
def open_encoder(make_encoder: Callable[..., Path]) -> Callable[..., Encoder]:
    def make(
        precision: Precision = "float32", max_tokens: int | None = None, **more: Any
    ) -> Encoder:
        return Encoder.of(find(str(make_encoder(**more))), precision, max_tokens)

    return make


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "encodings"


@pytest.fixture
def n_encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many texts each run of an encoder has taken."""
    told: list[int] = []
    run = Runner.vectors

    def counted(self: Runner, sequences: Any, *more: Any) -> Any:
        told.append(sequences.n)
        return run(self, sequences, *more)

    monkeypatch.setattr(Runner, "vectors", counted)
    return told


def test_texts_are_cut_and_framed_as_the_encoder_reads_them(
    open_encoder: Callable[..., Encoder],
) -> None:
    encoder = open_encoder(max_tokens=5)
    tokenizer = encoder.tokenizer
    framed = encoder.framed(tokenizer.read(["goal " * 9, "cup", ""]))
    assert framed.lengths.tolist() == [5, 3, 2]
    goal = tokenizer.read(["goal"]).ids.tolist()
    assert framed.ids[:5].tolist() == [*tokenizer.prefix, *goal * 3, *tokenizer.suffix]


def test_every_text_has_a_vector_and_is_counted_before_it_is_cut(
    open_encoder: Callable[..., Encoder],
) -> None:
    encoder = open_encoder(max_tokens=10)
    encoded = encoder.encode(TEXTS)
    assert encoded.vectors.shape == (5, encoder.width)
    assert np.linalg.norm(encoded.vectors, axis=1) == pytest.approx(np.ones(5), abs=1e-6)
    assert encoded.n_pieces[[1, 2, 3]].tolist() == [0, 40, 3]
    assert encoded.blank.tolist() == [False, True, False, False, False]
    assert encoder.room == 8
    shorter = encoder.encode(["goal " * 8])
    assert encoded.vectors[2] == pytest.approx(shorter.vectors[0], abs=1e-6)


def test_a_length_beyond_the_positions_is_the_number_of_positions(
    open_encoder: Callable[..., Encoder],
) -> None:
    assert open_encoder(max_tokens=1000, n_positions=32).facts.max_tokens == 32
    assert open_encoder(max_tokens=None, n_positions=32).facts.max_tokens == 16


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_what_is_saved_gives_the_same_bits(
    open_encoder: Callable[..., Encoder], precision: Precision, tmp_path: Path
) -> None:
    encoder = open_encoder(precision)
    encoder.save(tmp_path)
    loaded = Encoder.load(tmp_path)
    assert loaded.facts == encoder.facts
    assert np.array_equal(loaded.encode(TEXTS).vectors, encoder.encode(TEXTS).vectors)


@pytest.mark.parametrize("precision", ["float32", "int8", "bfloat16"])
def test_every_kind_is_saved_and_loaded(
    reference: Any, precision: Precision, tmp_path: Path
) -> None:
    encoder = Encoder.of(find(str(reference.folder)), precision)
    encoder.save(tmp_path)
    loaded = Encoder.load(tmp_path)
    assert loaded.facts == encoder.facts
    assert np.array_equal(loaded.encode(TEXTS).vectors, encoder.encode(TEXTS).vectors)


def test_remembered_texts_are_not_encoded_again(
    open_encoder: Callable[..., Encoder], cache: Path, n_encoded: list[int]
) -> None:
    encoder = open_encoder()
    first = encoder.encode(TEXTS[:3] * 2, remember=True)
    assert n_encoded == [3]
    assert np.array_equal(first.vectors[:3], first.vectors[3:])
    again = open_encoder().encode(TEXTS, remember=True)
    assert n_encoded == [3, 2]
    assert np.array_equal(again.vectors[:3], first.vectors[:3])
    assert np.array_equal(again.n_pieces[:3], first.n_pieces[:3])
    assert again.vectors == pytest.approx(encoder.encode(TEXTS).vectors, abs=1e-6)
    assert len([path for path in cache.iterdir() if path.is_dir()]) == 1


def test_other_ways_of_encoding_remember_apart(
    open_encoder: Callable[..., Encoder], cache: Path, n_encoded: list[int]
) -> None:
    ways: list[dict[str, Any]] = [
        {},
        {"precision": "int8"},
        {"max_tokens": 9},
        {"pooling": "cls"},
        {"normalise": False},
        {"seed": 1},
    ]
    for way in ways:
        open_encoder(**way).encode(TEXTS, remember=True)
    assert n_encoded == [5] * len(ways)


def test_nothing_is_kept_unless_asked(open_encoder: Callable[..., Encoder], cache: Path) -> None:
    open_encoder().encode(TEXTS)
    assert not cache.exists()


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        ("tokenizer.json", b'{"version": "1.0"}', "tokenizer.json"),
        ("encoder.json", b"{}", "encoder.json is broken"),
        ("encoder.safetensors", b"\x00" * 16, "encoder.safetensors"),
    ],
)
def test_a_damaged_file_is_named(
    open_encoder: Callable[..., Encoder], tmp_path: Path, file: str, content: bytes, problem: str
) -> None:
    open_encoder().save(tmp_path)
    (tmp_path / file).write_bytes(content)
    with pytest.raises(BundleFormatError, match=problem):
        Encoder.load(tmp_path)


def test_texts_that_are_not_remembered_are_counted_once_each(
    open_encoder: Callable[..., Encoder], cache: Path
) -> None:
    encoder = open_encoder()
    texts = [*TEXTS, TEXTS[0]]
    assert encoder.unread(texts) == 5
    encoder.encode(TEXTS[:2], remember=True)
    assert encoder.unread(texts) == 3
    encoder.encode(texts)
    assert encoder.unread(texts) == 3
    encoder.encode(texts, remember=True)
    assert encoder.unread(texts) == 0
