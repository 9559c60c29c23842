from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from newsdesk.models.neural.encoders.architecture import Architecture
from newsdesk.models.neural.encoders.kinds import DebertaV2, Kind, ModernBert, MPNet
from newsdesk.models.neural.encoders.network_places import Places, places_of, within

TINY = Architecture(3, 2, 8, 12, 30, 16)
LENGTHS = torch.tensor([5, 2])
MASK = within(LENGTHS, 5)[:, None, None, :]


def made(kind: Kind | None = None) -> Places:
    places = places_of(TINY if kind is None else replace(TINY, kind=kind))
    with torch.no_grad():
        for weight in places.parameters():
            weight.normal_(generator=torch.Generator().manual_seed(0))
    return places


def test_tokens_of_a_text_are_marked() -> None:
    assert within(LENGTHS, 3).tolist() == [[True] * 3, [True, True, False]]


def test_without_distances_the_mask_is_passed_on() -> None:
    assert [place.mask for place in made()(5, None)] == [None] * 3
    assert all(place.mask is MASK for place in made()(5, MASK))


def test_the_same_distance_adds_the_same_number_in_all_layers() -> None:
    places = made(MPNet())
    first, second, third = places(5, MASK)
    assert first is second is third
    added = first.mask
    assert isinstance(added, Tensor)
    assert added.shape == (2, 2, 5, 5)
    assert torch.isinf(added[1, :, :, 2:]).all()
    along = torch.diagonal(added[0], offset=1, dim1=1, dim2=2)
    assert (along == along[:, :1]).all()
    assert (added[0, 0] != added[0, 0].T).any()  # before is not behind


def test_far_tokens_are_not_seen_by_layers_that_look_at_near_ones() -> None:
    near, whole, _ = made(ModernBert(100.0, 10.0, 1, (1,)))(5, None)
    assert whole.mask is None
    assert near.mask is not None
    assert near.mask[0, 0, 2].tolist() == [False, True, True, True, False]
    assert near.turns is not None
    assert whole.turns is not None
    assert near.turns[0].shape == (5, 2)
    assert not torch.equal(near.turns[1], whole.turns[1])


def test_what_stands_behind_the_end_of_a_text_sees_itself() -> None:
    near = made(ModernBert(100.0, 10.0, 1, (1,)))(5, MASK)[0].mask
    assert near is not None
    assert near.any(dim=-1).all()
    assert near[1, 0, 1].tolist() == [True, True, False, False, False]


def test_short_texts_are_near_as_a_whole() -> None:
    assert made(ModernBert(100.0, 10.0, 4, ()))(5, MASK)[0].mask is MASK
    mask = made(ModernBert(100.0, 10.0, 3, ()))(5, None)[0].mask
    assert mask is not None
    assert (~mask).nonzero()[:, 2:].tolist() == [[0, 4], [4, 0]]


def test_distances_have_vectors_in_the_order_of_the_keys() -> None:
    places = made(DebertaV2(4, 16))
    (place, *_) = places(3, None)
    assert place.distances is not None
    assert place.distances.shape == (5, 8)
    table = places.get_parameter("distances")
    normed = torch.nn.functional.layer_norm(
        table,
        (8,),
        places.get_parameter("distances_norm.weight"),
        places.get_parameter("distances_norm.bias"),
        TINY.epsilon,
    )
    assert torch.equal(place.distances, normed[[6, 5, 4, 3, 2]])


def test_tables_that_follow_from_the_architecture_are_not_kept() -> None:
    for kind in (MPNet(), DebertaV2(4, 16), ModernBert(100.0, 10.0, 4, ())):
        kept = {f"places.{name}" for name in made(kind).state_dict()}
        assert kept == {n for n in replace(TINY, kind=kind).shapes if n.startswith("places.")}
