from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from newsdesk.errors import DataError
from newsdesk.models.neural.awd_lstm.architecture import AwdLstmArchitecture
from newsdesk.models.neural.importing.fastai import read
from newsdesk.models.neural.importing.formats import Request
from newsdesk.models.neural.importing.found import Found

torch: Any = pytest.importorskip("torch")
State = dict[str, Any]
Write = Callable[..., tuple[str, str]]
WORDS = ("xxunk", "xxpad", "xxbos", "xxmaj", "the", ",", "of", "Paris", "PARIS")
KEPT = ("<pad>", "<OOV>", "<bos>", "the", "of", "paris")
ROWS = [1, 0, 2, 4, 6, 7]


def imported(files: tuple[str, str], **options: Any) -> Found:
    return read(Request("fastai-awd-lstm", files, **options))


def old_names(state: State) -> State:
    """The same tensors as fastai 0.7 names them; it has no bias of the decoder."""
    renamed = {}
    for name, value in state.items():
        name = name.replace("encoder_dp.emb", "encoder_with_dropout.embed")
        if name.endswith("_raw"):
            name = name.replace(".weight_hh", ".module.weight_hh")
        renamed[name] = value
    renamed.pop("1.decoder.bias")
    return renamed


def test_words_with_a_part_come_first_and_the_others_in_their_order(
    awd_state: State, write_awd: Write
) -> None:
    encoder, notes = imported(write_awd(awd_state))
    assert encoder.vocab is not None
    assert encoder.vocab.words == KEPT
    table = awd_state["0.encoder.weight"].numpy()
    np.testing.assert_array_equal(encoder.tensors["embedding"], table[ROWS])
    bias = awd_state["1.decoder.bias"].numpy()
    np.testing.assert_array_equal(encoder.tensors["decoder.bias"], bias[ROWS])
    assert [note.split(" ", 1)[0] for note in notes] == ["1", "1", "1"]


def test_layers_compute_what_pytorch_computes(awd_state: State, write_awd: Write) -> None:
    encoder = imported(write_awd(awd_state)).encoder
    texts = torch.randn(1, 4, 3, generator=torch.Generator().manual_seed(1))
    expected = texts
    for layer, (n_in, units) in enumerate([(3, 2), (2, 3)]):
        lstm = torch.nn.LSTM(n_in, units, batch_first=True)
        module = f"0.rnns.{layer}.module"
        own = {name: awd_state[f"{module}.{name}"] for name in lstm.state_dict()}
        lstm.load_state_dict(own | {"weight_hh_l0": awd_state[f"0.rnns.{layer}.weight_hh_l0_raw"]})
        expected = lstm(expected)[0]
    states = texts[0].numpy()
    for layer in range(2):
        weights = {
            part: encoder.tensors[f"lstm.{layer}.forward.{part}"]
            for part in ("input", "recurrent", "bias")
        }
        units = weights["recurrent"].shape[1]
        state, cell, given = np.zeros(units), np.zeros(units), []
        for x in states:
            i, f, g, o = np.split(
                weights["input"] @ x + weights["recurrent"] @ state + weights["bias"], 4
            )
            i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
            cell = f * cell + i * np.tanh(g)
            state = o * np.tanh(cell)
            given.append(state)
        states = np.array(given)
    np.testing.assert_allclose(states, expected[0].detach().numpy(), rtol=1e-4, atol=1e-6)


def test_sizes_are_found_in_the_tensors(awd_state: State, write_awd: Write) -> None:
    encoder = imported(write_awd(awd_state)).encoder
    assert encoder.architecture == AwdLstmArchitecture(3, 2, 2)
    shapes = {name: array.shape for name, array in encoder.tensors.items()}
    assert shapes == encoder.architecture.shapes(len(KEPT))
    assert encoder.origin.source == "lm.pth, itos.pkl"


@pytest.mark.parametrize(
    "changed",
    [
        old_names,
        lambda state: {"model": state, "opt": {"lr": 0.1}},
        # An encoder alone, as save_encoder writes it.
        lambda state: {n[2:]: value for n, value in state.items() if n.startswith("0.")},
        # Weights that were never dropped.
        lambda state: {
            n.replace(".weight_hh_l0_raw", ".module.weight_hh_l0"): value
            for n, value in state.items()
            if not n.endswith("module.weight_hh_l0")
        },
    ],
    ids=["fastai 0.7", "with an optimizer", "save_encoder", "without dropout"],
)
def test_other_names_of_the_same_tensors_give_the_same(
    awd_state: State, write_awd: Write, changed: Callable[[State], State]
) -> None:
    expected = imported(write_awd(awd_state)).encoder.tensors
    is_old = changed is old_names
    found = imported(write_awd(changed(awd_state), _use_new_zipfile_serialization=not is_old))
    for name, array in found.encoder.tensors.items():
        if name == "decoder.bias" and not array.any():
            continue  # these files have none
        np.testing.assert_array_equal(array, expected[name], err_msg=name)


def test_a_file_without_a_bias_of_the_decoder_has_zeros(awd_state: State, write_awd: Write) -> None:
    found = imported(write_awd(old_names(awd_state)))
    assert found.encoder.tensors["decoder.bias"].tolist() == [0.0] * len(KEPT)


def test_words_that_are_missing_are_made_up_and_said(awd_state: State, write_awd: Write) -> None:
    words = tuple(word.replace("xx", "yy") for word in WORDS)
    encoder, notes = imported(write_awd(awd_state, words))
    assert encoder.vocab is not None
    assert encoder.vocab.words[:4] == ("<pad>", "<OOV>", "<bos>", "yyunk")
    table = encoder.tensors["embedding"]
    mean = awd_state["0.encoder.weight"].numpy().mean(axis=0)
    np.testing.assert_allclose(table[:3], [np.zeros(3), mean, mean], atol=1e-6)
    bias = awd_state["1.decoder.bias"].numpy().mean()
    np.testing.assert_allclose(encoder.tensors["decoder.bias"][:3], bias, atol=1e-6)
    assert sum("is given" in note for note in notes) == 3


def test_the_older_names_of_those_words_are_known(awd_state: State, write_awd: Write) -> None:
    words = ("_unk_", "_pad_", "xbos", "t_up", *WORDS[4:])
    encoder = imported(write_awd(awd_state, words)).encoder
    assert encoder.vocab is not None
    assert encoder.vocab.words == KEPT


def test_words_that_fill_the_vocabulary_up_are_left_out(awd_state: State, write_awd: Write) -> None:
    encoder = imported(
        write_awd(awd_state, (*WORDS[:5], "xxfake", "of", "xxfake", "xxfake"))
    ).encoder
    assert encoder.vocab is not None
    assert encoder.vocab.words == (*KEPT[:4], "of")


def test_the_first_words_alone_are_kept_when_asked(awd_state: State, write_awd: Write) -> None:
    encoder = imported(write_awd(awd_state), n_words=1).encoder
    assert encoder.vocab is not None
    assert encoder.vocab.words == KEPT[:4]


def test_a_model_that_reads_backward_says_so(awd_state: State, write_awd: Write) -> None:
    encoder, _ = imported(write_awd(awd_state), backward=True)
    assert encoder.architecture.direction == "backward"
    _, notes = imported(write_awd(awd_state, name="bwd_wt103.pth"))
    assert (
        notes[-1] == "bwd_wt103.pth is named like a model that reads backward: --backward says so"
    )


def test_more_or_fewer_words_than_vectors_are_refused(awd_state: State, write_awd: Write) -> None:
    for words in (WORDS[:-1], (*WORDS, "more")):
        with pytest.raises(DataError, match=rf"has {len(words)} words, .* has 9 vectors"):
            imported(write_awd(awd_state, words))


@pytest.mark.parametrize("name", ["1.decoder.weight", "0.encoder_dp.emb.weight"])
def test_a_decoder_of_its_own_is_refused(name: str, awd_state: State, write_awd: Write) -> None:
    awd_state[name][3, 1] += 1
    with pytest.raises(DataError, match=f"{name} is not the same"):
        imported(write_awd(awd_state))


@pytest.mark.parametrize(
    "name", ["0.rnns.1.module.weight_ih_l0", "0.rnns.0.module.bias_hh_l0", "0.encoder.weight"]
)
def test_a_missing_tensor_is_named(name: str, awd_state: State, write_awd: Write) -> None:
    del awd_state[name]
    with pytest.raises(DataError, match=r"no tensor (0\.)?" + name.removeprefix("0.")):
        imported(write_awd(awd_state))


@pytest.mark.parametrize(
    "name",
    [
        "0.rnns.0.module.weight_ih_l0",
        "0.rnns.1.weight_hh_l0_raw",
        "0.rnns.1.module.bias_ih_l0",
        "1.decoder.bias",
    ],
)
def test_a_tensor_of_another_shape_is_named(name: str, awd_state: State, write_awd: Write) -> None:
    awd_state[name] = awd_state[name][:-1]
    with pytest.raises(DataError, match=f"{name} has the shape"):
        imported(write_awd(awd_state))


def test_vectors_of_no_table_are_refused(awd_state: State, write_awd: Write) -> None:
    awd_state["0.encoder.weight"] = torch.ones(9)
    with pytest.raises(DataError, match="has word vectors of shape"):
        imported(write_awd(awd_state))


def test_a_number_that_is_not_finite_is_named(awd_state: State, write_awd: Write) -> None:
    awd_state["0.rnns.1.module.bias_ih_l0"][0] = float("inf")
    with pytest.raises(DataError, match="bias_ih_l0 holds a number that is not finite"):
        imported(write_awd(awd_state))
