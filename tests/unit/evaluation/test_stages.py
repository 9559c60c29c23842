from __future__ import annotations

import pytest

from newsdesk.evaluation.stages import number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *[(0, "0"), (7, "7"), (12_345, "12,345"), (12_345.6, "12,346"), (100.4, "100")],
        *[(99.96, "100"), (7.126, "7.13"), (0.5, "0.5"), (0.00123456, "0.00123"), (-250.2, "-250")],
        *[("layer 2", "layer 2"), ("", ""), (None, "–"), (1e-9, "1e-09"), (4.0, "4")],
    ],
)
def test_a_cell_has_three_digits_or_all_before_the_point(
    value: float | str | None, text: str
) -> None:
    assert number(value) == text
