"""The study for people: one HTML file that needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from newsdesk.evaluation.pages import Pages
from newsdesk.study.charts import draw_epochs, draw_factor, inline
from newsdesk.study.findings import FactorFinding
from newsdesk.study.result import StudyResult
from newsdesk.study.sentences import about, conclusions, of_factor
from newsdesk.training.choices import written

__all__ = ["render"]


@dataclass(frozen=True)
class _Section:
    """What the page says of one factor; the sentence goes on after its name."""

    found: FactorFinding
    sentence: str
    chart: str
    epochs: str | None


def render(found: StudyResult, created: str) -> str:
    """Write the page.

    Parameters
    ----------
    found : StudyResult
        The study.
    created : str
        When, as it is to be read.

    Returns
    -------
    str
        An HTML page that loads nothing.
    """
    return Pages("newsdesk.study", written=written).render(
        "study.html.j2",
        title=f"{found.name}: what each setting does",
        found=found,
        created=created,
        conclusions=conclusions(found),
        about=about(found),
        sections=[_section(factor) for factor in found.findings.factors],
        grid=found.findings.plan.design == "grid",
    )


def _section(found: FactorFinding) -> _Section:
    key = found.factor.key
    epochs = draw_epochs(found)
    return _Section(
        found=found,
        sentence=of_factor(found).removeprefix(key),
        chart=inline(draw_factor(found), f"Accuracy and log loss against {key}"),
        epochs=None if epochs is None else inline(epochs, f"Epoch by epoch for each {key}"),
    )
