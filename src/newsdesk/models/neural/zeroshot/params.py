"""The settings of family ``zeroshot``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from newsdesk.config import suggest
from newsdesk.errors import ConfigError
from newsdesk.models.neural.encoders.packing import Precision
from newsdesk.models.neural.encoders.places import DEFAULT
from newsdesk.models.neural.encoders.settings import Encoding

__all__ = ["ZeroShotParams"]

_PLACE = "{}"


@dataclass(frozen=True)
class ZeroShotParams:
    """Settings of family ``zeroshot``.

    Parameters
    ----------
    encoder : str
        A name of the Hugging Face hub, or a folder.
    encoder_precision : Precision
        ``int8`` rounds the encoder's numbers to 8-bit integers: faster, and a quarter
        of the size; ``float32`` leaves them as they are; ``bfloat16`` is between both, and takes
        PyTorch to predict.
    max_tokens : int | None
        Longer texts are cut, 3 to 100,000 word pieces; None means as the encoder was trained.
    template : str
        A sentence with ``{}`` where the class goes.
    descriptions : dict[str, str]
        What stands in the sentence instead of a class's name, by that name, such as
        ``{BUSINESS = "money, firms and markets"}``.
    temperature : float
        Cosines are divided by it before the softmax; 0.001 to 10. Held-out rows, where there are
        any, replace it by one of theirs. 0.05 is what all-MiniLM-L6-v2 was trained with (Reimers &
        Gurevych 2019, released code: a scale of 20).
    """

    family: ClassVar[str] = "zeroshot"
    FACTORS: ClassVar[dict[str, tuple[Any, ...]]] = {
        "template": ("This text is about {}.", "{}", "A news article about {}."),
        "encoder_precision": ("int8", "float32"),
    }

    encoder: str = DEFAULT
    encoder_precision: Precision = "int8"
    max_tokens: int | None = None
    template: str = "This text is about {}."
    descriptions: dict[str, str] = field(default_factory=dict)
    temperature: float = 0.05

    def __post_init__(self) -> None:
        in_range = self.max_tokens is None or 3 <= self.max_tokens <= 100_000
        self._require(in_range, "max_tokens", "3 to 100,000")
        self._require(bool(self.encoder), "encoder", "a name or a folder")
        self._require(self.template.count(_PLACE) == 1, "template", "a text with one {}")
        self._require(0.001 <= self.temperature <= 10, "temperature", "0.001 to 10")

    @property
    def encoding(self) -> Encoding:
        """Which encoder, and how it is run."""
        return Encoding(self.encoder, self.encoder_precision, self.max_tokens)

    def sentences(self, names: Sequence[str]) -> list[str]:
        """Say each class in a sentence.

        Parameters
        ----------
        names : Sequence[str]
            What the classes are called.

        Returns
        -------
        list[str]
            As many sentences.

        Raises
        ------
        ConfigError
            If something is described that is no class.

        Examples
        --------
        >>> ZeroShotParams(descriptions={"BIZ": "money"}).sentences(["BIZ", "WORLD_NEWS"])
        ['This text is about money.', 'This text is about world news.']
        """
        for name in self.descriptions:
            if name not in names:
                problem = f"Family {self.family}: descriptions has {name!r}, which is no class."
                raise ConfigError(problem, remedy=suggest(name, names))
        return [
            self.template.replace(_PLACE, self.descriptions.get(name) or _in_words(name))
            for name in names
        ]

    def _require(self, holds: bool, name: str, allowed: str) -> None:
        if not holds:
            problem = (
                f"Family {self.family}: {name} is {getattr(self, name)}, allowed is: {allowed}."
            )
            raise ConfigError(problem, remedy=f"Set {name} within that range.")


def _in_words(name: str) -> str:
    """Write a label as texts would."""
    words = name.replace("_", " ")
    return words.lower() if words.isupper() else words
