"""Where a training runs, and in which precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch

from newsdesk.config import n_threads
from newsdesk.errors import ConfigError

__all__ = ["find", "precise", "prepared"]


def find(wanted: str) -> torch.device:
    """Find the device to train on.

    Parameters
    ----------
    wanted : str
        ``auto``, ``cpu`` or ``cuda``.

    Returns
    -------
    torch.device
        The processor, or the first CUDA device.

    Raises
    ------
    ConfigError
        If CUDA is asked for and there is none.
    """
    present = torch.cuda.is_available()
    if wanted == "cuda" and not present:
        problem = "device is cuda, but there is no CUDA device that this PyTorch can use."
        raise ConfigError(problem, remedy="Train on the processor (--set device=cpu).")
    return torch.device("cuda", 0) if present and wanted != "cpu" else torch.device("cpu")


@contextmanager
def prepared(device: torch.device, seed: int) -> Iterator[None]:
    """Seed the generators and set the number of threads, and leave both as they were.

    Parameters
    ----------
    device : torch.device
        Where the training runs.
    seed : int
        Of dropout.

    Yields
    ------
    None
        Once.
    """
    before = torch.get_num_threads()
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        torch.set_num_threads(n_threads())
        try:
            yield
        finally:
            torch.set_num_threads(before)


def precise(
    device: torch.device, precision: str, *, bfloat16: bool = False
) -> AbstractContextManager[object]:
    """Choose the precision of a forward pass.

    On processors bfloat16 is chosen by itself for networks that say that it suits them, and only
    where there are instructions for it: PyTorch's LSTM takes 16 times as long in it as in float32
    (BiLSTM of 64 units, PyTorch 2.13).

    Parameters
    ----------
    device : torch.device
        Where it runs.
    precision : str
        ``auto``, ``float32`` or ``bfloat16``.
    bfloat16 : bool
        Whether ``auto`` may mean bfloat16 on a processor.

    Returns
    -------
    AbstractContextManager[object]
        To run it in.
    """
    if precision == "auto":
        if device.type == "cuda":
            able = torch.cuda.is_bf16_supported()
        else:
            able = bfloat16 and _processor_multiplies_bfloat16()
        precision = "bfloat16" if able else "float32"
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


def _processor_multiplies_bfloat16() -> bool:
    # Without the instructions PyTorch computes in float32 and converts back and forth.
    avx512 = torch.cpu._is_avx512_bf16_supported()
    return bool(avx512 or torch.cpu._is_amx_tile_supported())
