"""A tiny encoder stands in for the default one: what families promise does not depend on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from newsdesk.models.neural.elmo import pretraining as elmo
from newsdesk.models.neural.elmo.params import ElmoParams
from newsdesk.models.neural.encoders import settings
from newsdesk.models.neural.encoders.pretrained import Pretrained, find
from newsdesk.models.neural.params import LoopParams
from newsdesk.models.neural.transformer import family as transformer
from newsdesk.types import Documents

ELMO = ElmoParams(filters=((1, 4), (3, 8)), projection_dim=8, units=8, epochs=1, min_updates=0)


@pytest.fixture(scope="module", autouse=True)
def _tiny_language_models() -> Iterator[None]:
    """Language models of the training texts are tiny too, and few rows get no further passes."""
    from_texts = elmo.from_texts

    def trained(documents: Documents, _params: ElmoParams, **rest: Any) -> Any:
        return from_texts(documents, ELMO, **rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elmo, "from_texts", trained)
        patch.setattr(LoopParams, "settled_by", lambda self, _: replace(self, min_updates=0))
        yield


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
