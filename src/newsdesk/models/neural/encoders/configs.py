"""What the JSON files beside an encoder's weights say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec

from newsdesk.errors import ConfigError, DataError
from newsdesk.models.neural.encoders.architecture import Architecture, Pooling
from newsdesk.models.neural.encoders.config_types import OTHER, Size, read_type
from newsdesk.models.neural.encoders.foreign import REMEDY, decoded, is_plain, needed
from newsdesk.models.neural.encoders.layouts import Layout

__all__ = ["Configs", "read_configs"]


class Configs(NamedTuple):
    """What the files say of an encoder."""

    architecture: Architecture
    """Its size."""
    layout: Layout
    """How its tensors are called."""
    pooling: Pooling
    """How tokens become one vector."""
    normalise: bool
    """Whether that vector is brought to length 1."""
    max_tokens: int
    """Tokens that a text is cut to, special ones included."""
    folder: Path
    """Where weights and tokenizer stand: the given folder or one in it."""


class _Module(msgspec.Struct):
    """One entry of ``modules.json``."""

    type: str
    path: str = ""


class _Pooling(msgspec.Struct):
    """``config.json`` of the pooling."""

    pooling_mode: str | list[str] | None = None
    pooling_mode_cls_token: bool = False
    pooling_mode_mean_tokens: bool = False
    pooling_mode_max_tokens: bool = False
    pooling_mode_mean_sqrt_len_tokens: bool = False
    pooling_mode_weightedmean_tokens: bool = False
    pooling_mode_lasttoken: bool = False

    @property
    def modes(self) -> list[str]:
        """How tokens are pooled; several are put side by side."""
        if self.pooling_mode is not None:
            mode = self.pooling_mode
            return [mode] if isinstance(mode, str) else mode
        named = [field for field in self.__struct_fields__ if getattr(self, field)]
        found = [field.removeprefix("pooling_mode_").removesuffix("_tokens") for field in named]
        return [mode.removesuffix("_token") for mode in found] or ["mean"]


class _Reading(msgspec.Struct):
    """``sentence_bert_config.json``."""

    max_seq_length: Size | None = None
    do_lower_case: bool = False


class _Prompts(msgspec.Struct):
    """``config_sentence_transformers.json``."""

    prompts: dict[str, str] = {}
    default_prompt_name: str | None = None


class _TokenizerConfig(msgspec.Struct):
    """``tokenizer_config.json``; where no length is set it holds 10^30."""

    model_max_length: Annotated[float, msgspec.Meta(ge=1)] | None = None
    auto_map: Any = None


class _Modules(NamedTuple):
    folder: Path
    pooling: Pooling
    normalise: bool


def read_configs(folder: Path) -> Configs:
    """Read what the JSON files of an encoder say.

    Without ``modules.json``, which sentence-transformers writes, the vector of a text is the plain
    mean of its tokens, which is what sentence-transformers makes of such an encoder.

    Parameters
    ----------
    folder : Path
        The encoder's files.

    Returns
    -------
    Configs
        Sizes, names and pooling.

    Raises
    ------
    ConfigError
        If it is an encoder of a kind that is not supported, or needs code of its own.
    DataError
        If a file is missing or damaged, or holds sizes that cannot be.
    """
    modules = _read_modules(folder)
    architecture, layout = read_type(modules.folder / "config.json")
    path = modules.folder / "tokenizer_config.json"
    cut = decoded(path, _TokenizerConfig) or _TokenizerConfig()
    if cut.auto_map:
        problem = f"{path} needs Python code of its own (auto_map), and foreign code is not run."
        raise ConfigError(problem, remedy=OTHER)
    n_positions = architecture.n_positions
    longest = _read_longest(modules.folder) or cut.model_max_length or n_positions
    max_tokens = int(min(longest, n_positions))
    return Configs(
        architecture, layout, modules.pooling, modules.normalise, max_tokens, modules.folder
    )


def _read_modules(folder: Path) -> _Modules:
    path = folder / "modules.json"
    modules = decoded(path, list[_Module])
    if modules is None:
        return _Modules(folder, "mean", normalise=False)
    kinds = []
    for module in modules:
        package, _, kind = module.type.rpartition(".")
        if package.partition(".")[0] != "sentence_transformers" or kind not in _KNOWN:
            problem = f"{path}: modules of the type {module.type!r} are not supported."
            remedy = "Name an encoder of transformer, pooling and, where wanted, normalisation."
            raise ConfigError(problem, remedy=remedy)
        if module.path and not is_plain(module.path):
            raise DataError(f"{path} names {module.path!r}, no plain name.", remedy=REMEDY)
        kinds.append(kind)
    if kinds not in (list(_KNOWN[:2]), list(_KNOWN)):
        problem = f"{path} lists {', '.join(kinds) or 'nothing'}, which is no encoder of sentences."
        raise ConfigError(problem, remedy=f"Supported is {', '.join(_KNOWN)}, in this order.")
    _check_prompts(folder / "config_sentence_transformers.json")
    pooling = _read_pooling(folder / modules[1].path / "config.json")
    return _Modules(folder / modules[0].path, pooling, normalise=len(modules) == len(_KNOWN))


_KNOWN = ("Transformer", "Pooling", "Normalize")


def _read_pooling(path: Path) -> Pooling:
    modes = needed(path, _Pooling).modes
    if modes == ["mean"]:
        return "mean"
    if modes == ["cls"]:
        return "cls"
    problem = f"{path}: pooling by {' and '.join(modes) or 'nothing'} is not supported."
    raise ConfigError(problem, remedy="Name an encoder that pools by mean or by cls.")


def _check_prompts(path: Path) -> None:
    """Refuse a text that is put before every document; what is on offer by name is no matter."""
    found = decoded(path, _Prompts)
    if found is not None and found.prompts.get(found.default_prompt_name or ""):
        problem = f"{path}: the prompt {found.default_prompt_name!r} before all texts is not added."
        raise ConfigError(problem, remedy="Name an encoder without default_prompt_name.")


def _read_longest(folder: Path) -> int | None:
    path = folder / "sentence_bert_config.json"
    reading = decoded(path, _Reading) or _Reading()
    if reading.do_lower_case:
        problem = f"{path}: do_lower_case beside the tokenizer's own is not supported."
        raise ConfigError(problem, remedy="Let the tokenizer lower the case, or name another.")
    return reading.max_seq_length
