from __future__ import annotations

import pytest
import torch

from newsdesk.errors import ConfigError
from newsdesk.models.neural import devices

CPU = torch.device("cpu")


def computed(device: torch.device, precision: str, **more: bool) -> torch.dtype:
    with devices.precise(device, precision, **more):
        return (torch.ones(2, 2) @ torch.ones(2, 2)).dtype


def test_the_processor_is_found_where_it_is_asked_for_or_there_is_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert devices.find("cpu") == CPU
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert devices.find("auto") == CPU


def test_cuda_is_taken_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert devices.find("auto") == devices.find("cuda") == torch.device("cuda", 0)
    assert devices.find("cpu") == CPU


def test_cuda_that_is_not_there_is_refused_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="no CUDA device") as caught:
        devices.find("cuda")
    assert "--set device=cpu" in caught.value.remedy


def test_a_processor_computes_in_float32_unless_told_otherwise() -> None:
    assert computed(CPU, "auto") == computed(CPU, "float32") == torch.float32
    assert computed(CPU, "bfloat16") == torch.bfloat16


@pytest.mark.parametrize("avx512", [True, False])
@pytest.mark.parametrize("amx", [True, False])
def test_a_processor_that_can_computes_in_bfloat16_what_it_suits(
    avx512: bool, amx: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    able = torch.bfloat16 if avx512 or amx else torch.float32
    assert computed(CPU, "auto", bfloat16=True) == able
    assert computed(CPU, "auto") == torch.float32
    assert computed(CPU, "float32", bfloat16=True) == torch.float32
    assert computed(CPU, "bfloat16", bfloat16=True) == torch.bfloat16


@pytest.mark.parametrize("able", [True, False])
def test_a_cuda_device_that_can_trains_in_bfloat16(
    able: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, torch.dtype]] = []

    def noted(kind: str, dtype: torch.dtype) -> object:
        asked.append((kind, dtype))
        return object()

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: able)
    monkeypatch.setattr(torch, "autocast", noted)
    devices.precise(torch.device("cuda", 0), "auto")
    devices.precise(torch.device("cuda", 0), "float32")
    assert asked == ([("cuda", torch.bfloat16)] if able else [])


def test_the_generator_is_seeded_and_left_as_it_was() -> None:
    before = torch.get_rng_state()
    draws = []
    for seed in (3, 3, 4):
        with devices.prepared(CPU, seed):
            draws.append(torch.rand(1).item())
    assert draws[0] == draws[1] != draws[2]
    assert torch.equal(torch.get_rng_state(), before)


def test_a_seed_of_63_bits_is_taken() -> None:
    with devices.prepared(CPU, 2**63 - 1):
        torch.rand(1)


def test_the_number_of_threads_is_the_environments_and_comes_back_after_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEWSDESK_THREADS", "3")
    before, within = torch.get_num_threads(), []

    def fail() -> None:
        within.append(torch.get_num_threads())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), devices.prepared(CPU, 0):
        fail()
    assert within == [3]
    assert torch.get_num_threads() == before


def test_a_number_of_threads_that_is_none_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEWSDESK_THREADS", "none")
    before = torch.get_rng_state()
    with pytest.raises(ConfigError), devices.prepared(CPU, 0):
        pytest.fail("it was prepared")
    assert torch.equal(torch.get_rng_state(), before)
