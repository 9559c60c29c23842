from __future__ import annotations

from newsdesk.models.history import Epoch, History
from newsdesk.models.neural.ulmfit.params import UlmfitParams
from newsdesk.models.neural.ulmfit.told import told

EPOCHS = tuple(
    Epoch(number, 3 * number, 0.5, 0.5, None, None, None, 1e-3, 1.5) for number in range(1, 6)
)


def cells(params: UlmfitParams, column: str) -> list[object]:
    stage = told(params, 2, History(EPOCHS, 5))
    return [dict(zip(stage.columns, row, strict=True))[column] for row in stage.rows]


def test_what_moves_is_told_of_each_epoch_the_last_group_first() -> None:
    params = UlmfitParams()
    everything = "dense blocks, layer 2, layer 1, word vectors"
    assert cells(params, "moving") == [
        "dense blocks",
        "dense blocks, layer 2",
        "dense blocks, layer 2, layer 1",
        everything,
        everything,
    ]
    assert cells(params, "frozen") == [
        "layer 2, layer 1, word vectors",
        "layer 1, word vectors",
        "word vectors",
        None,
        None,
    ]
    assert cells(params, "epoch") == [1, 2, 3, 4, 5]
    assert cells(params, "seconds") == [1.5] * 5


def test_rates_stand_in_the_order_of_what_moves() -> None:
    params = UlmfitParams(learning_rate=0.01, rate_decay=2.0)
    rates = cells(params, "peak rates in this order")
    assert rates[0] == "0.01"
    assert rates[4] == "0.01, 0.005, 0.0025, 0.0013"


def test_without_unfreezing_all_moves_at_once() -> None:
    assert cells(UlmfitParams(unfreeze=False), "frozen") == [None] * 5
    assert (
        cells(UlmfitParams(unfreeze=False, rate_decay=1.0), "peak rates in this order")
        == ["0.005, 0.005, 0.005, 0.005"] * 5
    )


def test_without_a_language_model_this_is_said() -> None:
    params = UlmfitParams(pretrained=False)
    stage = told(params, 2, History(EPOCHS, 5))
    assert stage.notes == ("Without a language model: all from first values.",)
    assert cells(params, "frozen") == [None] * 5
    assert set(cells(params, "peak rates in this order")) == {"0.005, 0.005, 0.005, 0.005"}
    assert not told(UlmfitParams(), 2, History(EPOCHS, 5)).notes
