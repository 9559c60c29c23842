from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from newsdesk.models.neural.encoders.network_parts import Affine, Norm


def test_a_map_without_a_bias_is_a_product() -> None:
    x = torch.randn(2, 3, generator=torch.Generator().manual_seed(0))
    biased, plain = Affine(3, 4), Affine(3, 4, biased=False)
    with torch.no_grad():
        for part in (biased, plain):
            part.weight.copy_(torch.arange(12.0).view(4, 3))
        assert biased.bias is not None
        biased.bias.fill_(2.0)
        assert torch.equal(plain(x), F.linear(x, plain.weight))
        assert (biased(x) - plain(x)).numpy() == pytest.approx(2.0)
    assert [name for name, _ in plain.named_parameters()] == ["weight"]


def test_a_norm_without_a_bias_is_centred_at_zero() -> None:
    x = 3 + torch.randn(5, 8, generator=torch.Generator().manual_seed(0))
    norm = Norm(8, 1e-6, biased=False)
    with torch.no_grad():
        norm.weight.fill_(2.0)
        found = norm(x)
    assert found.mean(dim=1).numpy() == pytest.approx(0, abs=1e-5)
    assert found.std(dim=1, unbiased=False).numpy() == pytest.approx(2, abs=1e-4)
    assert [name for name, _ in norm.named_parameters()] == ["weight"]
