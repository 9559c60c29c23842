from __future__ import annotations

import numpy as np
import pytest

from newsdesk.errors import BundleFormatError
from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.forward import ScoresNetwork, pieces
from newsdesk.types import Floats

N_WORDS = 60


def drawn() -> dict[str, Floats]:
    """Tensors of a network in which the words 0 and 1 weigh nothing."""
    rng = np.random.default_rng(7)
    weight = rng.random(N_WORDS)
    weight[:2] = 0
    tensors = {"scores": rng.standard_normal((N_WORDS, 5)), "bias": rng.standard_normal(5)}
    return {name: x.astype(np.float32) for name, x in {**tensors, "weight": weight}.items()}


def sequences_of(lengths: list[int]) -> Sequences:
    ids = np.random.default_rng(1).integers(0, N_WORDS, sum(lengths)).astype(np.int32)
    return Sequences(np.cumsum([0, *lengths]), ids)


def test_logits_are_the_sum_with_weights_of_length_one() -> None:
    tensors = drawn()
    sequences = sequences_of([3, 0, 40, 1, 2000])
    sequences.ids[3:6] = [0, 1, 0]  # weighs nothing, at the beginning of the third row
    found = ScoresNetwork(tensors).logits(sequences)
    for row, start, end in zip(found, sequences.indptr[:-1], sequences.indptr[1:], strict=True):
        ids = sequences.ids[start:end]
        weights = tensors["weight"][ids].astype(np.float64)
        share = weights / (np.linalg.norm(weights) or 1)
        assert row == pytest.approx(share @ tensors["scores"][ids] + tensors["bias"], abs=1e-4)


def test_a_row_of_words_that_weigh_nothing_has_the_bias() -> None:
    tensors = drawn()
    nothing = Sequences(np.array([0, 3]), np.array([0, 1, 0], dtype=np.int32))
    network = ScoresNetwork(tensors)
    assert np.array_equal(network.logits(nothing)[0], tensors["bias"])
    assert network.contributions(nothing.ids, 2).tolist() == [0, 0, 0]


def test_no_bit_of_a_row_depends_on_its_company(monkeypatch: pytest.MonkeyPatch) -> None:
    network = ScoresNetwork(drawn())
    sequences = sequences_of([*range(30), 900, 1])
    together = network.logits(sequences)
    alone = [network.logits(sequences.take(np.array([row]))) for row in range(sequences.n)]
    assert np.array_equal(np.concatenate(alone), together)
    monkeypatch.setattr(pieces, "N_TOKENS", 64)
    assert np.array_equal(network.logits(sequences), together)


def test_contributions_and_bias_add_up_to_the_logit() -> None:
    tensors = drawn()
    network = ScoresNetwork(tensors)
    sequences = sequences_of([50])
    for index, logit in enumerate(network.logits(sequences)[0]):
        added = network.contributions(sequences.ids, index)
        assert added.sum() + tensors["bias"][index] == pytest.approx(logit, abs=1e-5)


@pytest.mark.parametrize("name", ["scores", "weight", "bias"])
def test_tensors_that_do_not_fit_together_are_refused(name: str) -> None:
    tensors = drawn()
    missing = {key: tensor for key, tensor in tensors.items() if key != name}
    with pytest.raises(BundleFormatError):
        ScoresNetwork(missing)
    short = {**tensors, name: tensors[name][:-1]}
    with pytest.raises(BundleFormatError):
        ScoresNetwork(short)
