from __future__ import annotations

import numpy as np
import torch

import newsdesk
from newsdesk.models.neural.language.versions import versions


def test_they_are_those_that_are_at_work() -> None:
    assert versions() == (newsdesk.__version__, torch.__version__, np.__version__)
