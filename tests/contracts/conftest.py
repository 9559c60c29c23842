"""A tiny encoder stands in for the default one: what families promise does not depend on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsdesk.models.neural.encoders import settings
from newsdesk.models.neural.encoders.pretrained import Pretrained, find
from newsdesk.models.neural.transformer import family as transformer


@pytest.fixture(scope="module", autouse=True)
def _tiny_encoder(
    make_encoder: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    folder = make_encoder(n_positions=128, max_tokens=64)

    def found(_name: str) -> Pretrained:
        return find(str(folder))

    with pytest.MonkeyPatch.context() as patch:
        for module in (settings, transformer):
            patch.setattr(module, "find", found)
        patch.setenv("NEWSDESK_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
