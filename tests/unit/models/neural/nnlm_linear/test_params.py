from __future__ import annotations

from typing import Any

import pytest

from newsdesk.errors import ConfigError
from newsdesk.models.neural.nnlm_linear import NnlmLinearParams


@pytest.mark.parametrize(
    ("name", "value"), [("min_count", 2), ("masking", False), ("hidden", (5,)), ("dropout", 1.0)]
)
def test_what_the_family_cannot_do_is_refused(name: str, value: object) -> None:
    wrong: dict[str, Any] = {name: value}
    with pytest.raises(ConfigError, match=f"Family nnlm-linear: {name}"):
        NnlmLinearParams(**wrong)
