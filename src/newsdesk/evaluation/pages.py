"""HTML pages that need nothing else, made from the templates of a room."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from newsdesk.evaluation.summary import percent, percent_range

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["Pages"]


class Pages:
    """The templates of a package, with the report's style and charts beside them.

    Templates escape every value. They know the filters ``clip``, ``count``, ``percent`` and
    ``percent_range``; a name that is not given is an error.

    Parameters
    ----------
    package : str
        The package whose folder ``templates`` is looked into first.
    **filters : Callable[..., str]
        Further filters, by name.

    Examples
    --------
    >>> Pages("newsdesk.evaluation").render("report.css").splitlines()[0]
    ':root {'
    """

    def __init__(self, package: str, **filters: Callable[..., str]) -> None:
        self._package = package
        self._filters = filters

    def render(self, template: str, /, **values: Any) -> str:  # noqa: ANN401  whatever it asks for
        """Fill a template.

        Parameters
        ----------
        template : str
            Its file name.
        **values : Any
            What it speaks of.

        Returns
        -------
        str
            The page, without indentation and blank lines.
        """
        page = self._environment.get_template(template).render(values)
        # Blank lines of the template's own making weigh more than the words in large pages.
        return "\n".join(line for line in map(str.strip, page.splitlines()) if line) + "\n"

    @cached_property
    def _environment(self) -> Environment:
        from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

        packages = dict.fromkeys((self._package, "newsdesk.evaluation"))
        environment = Environment(
            loader=ChoiceLoader([PackageLoader(package) for package in packages]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters |= {
            "clip": _clip,
            "count": "{:,}".format,
            "percent": percent,
            "percent_range": percent_range,
            **self._filters,
        }
        return environment


def _clip(text: object, length: int = 60) -> str:
    words = str(text)
    return words if len(words) <= length else words[: length - 1] + "…"
