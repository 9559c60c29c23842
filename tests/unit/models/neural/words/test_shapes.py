from __future__ import annotations

from newsdesk.models.neural.words.shapes import head


def test_without_hidden_layers_the_state_goes_to_the_outputs() -> None:
    assert head(10, (), 3) == {"output.weight": (3, 10), "output.bias": (3,)}


def test_each_hidden_layer_takes_what_the_one_before_gives() -> None:
    assert head(None, (8, 5), 3) == {
        "hidden.0.weight": (8, None),
        "hidden.0.bias": (8,),
        "hidden.1.weight": (5, 8),
        "hidden.1.bias": (5,),
        "output.weight": (3, 5),
        "output.bias": (3,),
    }
