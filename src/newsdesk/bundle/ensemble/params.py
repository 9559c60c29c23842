"""Settings of family ``ensemble``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from newsdesk import config
from newsdesk.bundle.families import default_params
from newsdesk.errors import ConfigError
from newsdesk.models import registry

__all__ = ["NAME", "EnsembleParams"]

NAME = "ensemble"
"""The family's own name: it is no member of itself."""
_DEFAULT = ("linear", "tfidf-nb")


@dataclass(frozen=True)
class EnsembleParams:
    """Whom an ensemble is made of.

    Parameters
    ----------
    members : tuple[str, ...]
        Families that are trained on the same rows, ``linear,hybrid``. None means linear and
        tfidf-nb, or nobody beside given bundles.
    settings : tuple[str, ...]
        Settings of those, ``FAMILY.KEY=VALUE``, such as ``linear.C=0.3,hybrid.vector_weight=2``.
    bundles : tuple[str, ...]
        Folders of bundles that were trained before, ``runs/a/bundle,runs/b/bundle``: on other rows
        than the valid and test rows here, and of the same classes.
    trust : bool
        Whether bundles are taken of which it is not known that they have seen neither valid nor
        test rows.
    """

    members: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    bundles: tuple[str, ...] = ()
    trust: bool = False

    def __post_init__(self) -> None:
        everybody = [*self.families, *self.bundles]
        if len(everybody) < 2 or len(set(everybody)) < len(everybody):
            problem = f"The members of the ensemble are {', '.join(everybody)}."
            raise ConfigError(problem, remedy="Name two or more, each once.")
        if NAME in self.families:
            problem = "An ensemble cannot be a member of an ensemble."
            raise ConfigError(problem, remedy="Name the members of the inner one.")
        for name in self.families:
            registry.find(name)
        for setting in self.settings:
            name, dot, pair = setting.partition(".")
            if not dot or name not in self.families or "=" not in pair:
                problem = f"The ensemble's setting {setting!r} is not of the form FAMILY.KEY=VALUE."
                remedy = (
                    f"Write, for example, {self.families[0] if self.families else 'linear'}.C=0.3."
                )
                raise ConfigError(problem, remedy=remedy)
        if self.settings:
            self.trained()

    @property
    def families(self) -> tuple[str, ...]:
        """Families that are trained."""
        return self.members or (() if self.bundles else _DEFAULT)

    def trained(self) -> dict[str, Any]:
        """Params of each family that is trained.

        Returns
        -------
        dict[str, Any]
            By its name, in the order of the mixture.
        """
        return {
            name: config.override(
                default_params(name),
                [item.removeprefix(f"{name}.") for item in self.settings if _is_of(name, item)],
                where=f"Member {name}",
            )
            for name in self.families
        }


def _is_of(name: str, setting: str) -> bool:
    return setting.partition(".")[0] == name
