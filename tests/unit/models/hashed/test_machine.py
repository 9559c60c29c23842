from __future__ import annotations

import numpy as np
import pytest

from newsdesk.errors import BundleFormatError, NotFittedError
from newsdesk.models.hashed.machine import Machine
from newsdesk.models.linear import LinearParams
from newsdesk.types import Documents, Floats, Indices, Silent

WORDS = [["bank", "rates", "profit"], ["goal", "cup", "keeper"], ["chip", "phone", "code"]]
ALL = [word for words in WORDS for word in words]


def documents(n: int, *, told: bool = True, seed: int = 0) -> tuple[Documents, Indices, Floats]:
    """Texts that tell the class or do not, and vectors that do."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    texts = [" ".join(rng.choice(WORDS[c] if told else ALL, 4)) for c in y]
    vectors = rng.normal(0, 0.1, (n, 4)).astype(np.float32)
    vectors[np.arange(n), y] += 1
    return Documents.from_texts(texts), y, vectors


def fitted(width: int, vectors: Floats | None, texts: Documents, y: Indices) -> Machine:
    machine = Machine(LinearParams(bits=12), 3, 1, width)
    rng = np.random.default_rng(0)
    counts = machine.count(texts, Silent())
    return machine.fit(counts, y, vectors=vectors, rng=rng, progress=Silent())


def test_dense_numbers_tell_what_texts_do_not() -> None:
    texts, y, vectors = documents(90, told=False)
    machine = fitted(4, vectors, texts, y)
    unseen, truth, beside = documents(60, told=False, seed=1)
    found = machine.decision(unseen, beside).values.argmax(axis=1)
    assert (found == truth).mean() > 0.9


def test_a_document_has_the_same_margins_alone_and_in_any_company() -> None:
    texts, y, vectors = documents(90)
    machine = fitted(4, vectors, texts, y)
    together = machine.decision(texts, vectors).values
    alone = [machine.decision(texts.slice(i, i + 1), vectors[i : i + 1]).values for i in range(90)]
    assert np.array_equal(np.concatenate(alone), together)
    many = np.arange(9000) % 90
    assert np.array_equal(machine.decision(texts.take(many), vectors[many]).values, together[many])


def test_more_documents_are_learnt_together_with_the_first() -> None:
    texts, y, vectors = documents(90)
    first, rest = np.arange(60), np.arange(60, 90)
    rng = np.random.default_rng(0)
    machine = fitted(4, vectors[first], texts.take(first), y[first])
    machine.refit(texts.take(rest), y[rest], vectors=vectors[rest], rng=rng, progress=Silent())
    whole = fitted(4, vectors, texts, y)
    found = machine.decision(texts, vectors).values
    assert found == pytest.approx(whole.decision(texts, vectors).values, abs=0.15)
    machine.release()
    with pytest.raises(NotFittedError, match="no fit to continue"):
        machine.refit(texts, y, vectors=vectors, rng=rng, progress=Silent())


def test_what_is_saved_answers_with_the_same_bits() -> None:
    texts, y, vectors = documents(60)
    machine = fitted(4, vectors, texts, y)
    again = Machine(LinearParams(bits=12), 3, 1, 4).take(machine.tensors)
    expected = machine.decision(texts, vectors).values
    assert np.array_equal(again.decision(texts, vectors).values, expected)
    assert {name: array.dtype for name, array in machine.tensors.items()} == {
        name: dtype for name, (dtype, _) in machine.expected().items()
    }


def test_a_table_that_does_not_fit_the_dense_numbers_is_refused() -> None:
    texts, y, vectors = documents(60)
    tensors = fitted(4, vectors, texts, y).tensors
    with pytest.raises(BundleFormatError, match="does not fit the weights"):
        Machine(LinearParams(bits=12), 3, 1, 5).take(tensors)


def test_a_machine_that_is_not_fitted_says_so() -> None:
    with pytest.raises(NotFittedError, match="not fitted"):
        Machine(LinearParams(), 3, 1).decision(Documents.from_texts(["a"]))


def test_dense_numbers_take_memory() -> None:
    texts, _, _ = documents(90)
    plans = [Machine(LinearParams(), 3, 1, width).plan(texts) for width in (0, 384)]
    assert plans[1] - plans[0] >= 90 * 384 * 8
