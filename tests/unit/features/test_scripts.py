from __future__ import annotations

import numpy as np
import pytest

from newsdesk.features.scripts import MARK, SEPARATOR, SINGLE, WORD, character_classes


@pytest.mark.parametrize(
    ("chars", "kind"),
    [
        ("azAZ09_éßǅΩжאبक", WORD),
        (" \t\n\x00.,;:!?'\"-–—/()\u2028\u00a0\u3000\u202e\u200e\ufeff", SEPARATOR),
        ("\u0301\u0308\u0345\u093e\u094d\u0e31\u200d\ufe0f", MARK),
        ("新大ひらカタ", SINGLE),
        ("👩😀❤🇩", SINGLE),
        ("\ud800\udffe\udfff", SEPARATOR),
    ],
)
def test_class_of(chars: str, kind: int) -> None:
    classes = character_classes()
    found = {f"U+{ord(char):04X}": int(classes[ord(char)]) for char in chars}
    assert found == dict.fromkeys(found, kind)


def test_every_code_point_has_a_class_that_nobody_can_change() -> None:
    classes = character_classes()
    assert classes.shape == (0x110000,)
    assert set(np.unique(classes).tolist()) == {SEPARATOR, WORD, MARK, SINGLE}
    with pytest.raises(ValueError, match="read-only"):
        classes[0] = WORD
