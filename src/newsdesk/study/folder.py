"""The folder of a study.

::

    DIR/
      study.jsonl           every finished fit, as it finished
      study.csv             one line per fit
      factors.csv           one line per level of each factor
      study.html            charts, sentences, tables
      charts/FACTOR.png     accuracy and loss against each factor; also as .svg
      charts/FACTOR-epochs.png     epoch by epoch, of families that train in epochs
"""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsdesk.data.atomic import replacing
from newsdesk.study.charts import draw_epochs, draw_factor, save
from newsdesk.study.page import render
from newsdesk.study.result import StudyResult
from newsdesk.training.choices import written

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["CHARTS", "write"]

CHARTS = "charts"
"""The folder of pictures inside."""


def write(found: StudyResult, directory: Path) -> None:
    """Write tables, charts and page.

    Parameters
    ----------
    found : StudyResult
        The study.
    directory : Path
        Its folder.

    Raises
    ------
    StorageError
        If the disk refuses.
    """
    keys = [factor.key for factor in found.findings.plan.factors]
    _table(directory / "study.csv", found.fits, keys)
    _table(directory / "factors.csv", found.levels, ["level"])
    shutil.rmtree(directory / CHARTS, ignore_errors=True)  # those of other factors
    for factor in found.findings.factors:
        name = factor.factor.key
        _pictures(draw_factor(factor), directory / CHARTS / name)
        epochs = draw_epochs(factor)
        if epochs is not None:
            _pictures(epochs, directory / CHARTS / f"{name}-epochs")
    created = f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC"
    with replacing(directory / "study.html") as path:
        path.write_text(render(found, created), encoding="utf-8")


def _table(path: Path, lines: Sequence[Mapping[str, Any]], levels: Sequence[str]) -> None:
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        for line in lines:
            writer.writerow({k: written(v) if k in levels else v for k, v in line.items()})


def _pictures(figure: Figure, stem: Path) -> None:
    for kind in ("png", "svg"):
        with replacing(stem.with_name(f"{stem.name}.{kind}")) as path:
            save(figure, path, kind)
