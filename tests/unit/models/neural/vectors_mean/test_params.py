from __future__ import annotations

import pytest

from newsdesk.errors import ConfigError
from newsdesk.models.neural.vectors_mean import VectorsMeanParams


@pytest.mark.parametrize("size", [0, 4097])
def test_vectors_of_no_or_too_many_numbers_are_refused(size: int) -> None:
    with pytest.raises(ConfigError, match="Family vectors-mean: embedding_dim"):
        VectorsMeanParams(embedding_dim=size)


def test_filling_is_never_part_of_a_mean() -> None:
    with pytest.raises(ConfigError, match="masking is False, allowed is: true"):
        VectorsMeanParams(masking=False)
