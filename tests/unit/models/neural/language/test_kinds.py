from __future__ import annotations

import sys

import pytest

from newsdesk.errors import MissingExtraError
from newsdesk.models.neural.awd_lstm import pretraining
from newsdesk.models.neural.awd_lstm.params import AwdLstmParams
from newsdesk.models.neural.language.kinds import KINDS, default_params, pretrainer


def test_the_settings_and_the_training_of_a_kind_are_found_by_its_name() -> None:
    assert default_params("awd-lstm") == AwdLstmParams()
    assert pretrainer("awd-lstm") is pretraining.from_texts


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_settings_of_its_own(kind: str) -> None:
    params = default_params(kind)
    assert params.kind == kind
    assert params.family == kind


@pytest.mark.parametrize("kind", KINDS)
def test_without_torch_there_is_no_training_but_the_settings_are_known(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert default_params(kind).kind == kind
    with pytest.raises(MissingExtraError) as caught:
        pretrainer(kind)
    assert 'pip install "newsdesk[torch]"' in caught.value.remedy
