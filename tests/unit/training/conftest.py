"""News of three sections that a linear model tells apart, but not always; quick runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pytest

WORDS = {
    "business": ["bank", "shares", "profit", "market", "rates", "fall", "merger", "oil"],
    "sport": ["goal", "cup", "striker", "coach", "final", "match", "league", "keeper"],
    "tech": ["phone", "chip", "browser", "app", "update", "battery", "screen", "robot"],
}
OUTLETS = 12


def news(n: int, *, seed: int = 0, sections: int = 3, n_own: int = 2) -> pa.Table:
    """Make n distinct headlines of words of their section, and as many of any section."""
    rng = np.random.default_rng(seed)
    names = sorted(WORDS)[:sections]
    everything = [word for name in names for word in WORDS[name]]
    y = rng.permutation(np.arange(n) % sections)
    headlines = []
    for row, index in enumerate(y.tolist()):
        own = rng.choice(WORDS[names[index]], n_own)
        any_section = rng.choice(everything, 2)
        headlines.append(" ".join([*own, *any_section, f"no{seed}x{row}"]))
    return pa.table(
        {
            "headline": headlines,
            "section": [names[index] for index in y],
            "outlet": [f"outlet {number}" for number in rng.integers(0, OUTLETS, n)],
        }
    )


@pytest.fixture(autouse=True, scope="package")
def _measure_speed_briefly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("newsdesk.training.result._LEAST_SECONDS", 0.0)
        yield


@pytest.fixture(name="news", scope="session")
def _news() -> Callable[..., pa.Table]:
    return news
