from __future__ import annotations

import pytest

pytest.importorskip("starlette", reason="needs the extra serve")
from newsdesk.serving.act import Act


def test_an_act_that_says_nothing_more_is_answered_200_in_the_native_dialect() -> None:
    act = Act("Do it.")
    assert (act.statuses, act.tag, act.takes, act.gives, act.kind) == (
        (200,),
        "native",
        None,
        None,
        "",
    )
