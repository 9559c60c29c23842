"""The folder of a search: journal, table, page, and the run folder of the best setting.

::

    DIR/
      search.jsonl    every finished fit, as it finished
      search.csv      one line per setting, best first
      search.html     the same with a chart
      run/            the best setting, trained and measured: a run folder
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

from newsdesk.data.atomic import replacing
from newsdesk.search.grid import written
from newsdesk.search.page import render
from newsdesk.search.result import SearchResult

__all__ = ["RUN", "write"]

RUN = "run"
"""The run folder inside."""


def write(found: SearchResult, directory: Path) -> None:
    """Write table and page.

    Parameters
    ----------
    found : SearchResult
        The search.
    directory : Path
        Its folder.

    Raises
    ------
    StorageError
        If the disk refuses.
    """
    lines = found.table
    with (
        replacing(directory / "search.csv") as path,
        path.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        for line in lines:
            writer.writerow(
                {
                    key: written(value) if key in found.grid.values else value
                    for key, value in line.items()
                }
            )
    created = f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC"
    with replacing(directory / "search.html") as path:
        path.write_text(render(found, created), encoding="utf-8")
