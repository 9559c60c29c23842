"""Write ``src/newsdesk/features/writing_systems.json`` from Unicode's ``Scripts.txt``.

Python's own database has no script property; fontTools, which comes with matplotlib, carries the
file as Unicode publishes it (UAX #24).
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from pathlib import Path

from fontTools.unicodedata import Scripts

# They belong to no writing system of their own; the package expects them first, in this order.
SHARED = ["Zyyy", "Zinh", "Zzzz"]
N_CODES = 0x110000


def main() -> None:
    """Write the table as runs of code points."""
    own = sorted(set(Scripts.VALUES) - set(SHARED), key=lambda code: str(Scripts.NAMES[code]))
    number = {code: index for index, code in enumerate([*SHARED, *own])}
    ends = [*Scripts.RANGES[1:], N_CODES]
    found = re.search(r"Scripts-([\d.]+)\.txt", inspect.getsource(Scripts))
    if found is None:
        raise SystemExit("fontTools does not say from which Scripts.txt its table was made")
    table = {
        "unicode": found.group(1),
        "names": [Scripts.NAMES[code].replace("_", " ") for code in number],
        "lengths": [end - start for start, end in zip(Scripts.RANGES, ends, strict=True)],
        "scripts": [number[code] for code in Scripts.VALUES],
    }
    target = Path(__file__).parents[1] / "src/newsdesk/features/writing_systems.json"
    target.write_text(json.dumps(table, separators=(",", ":")) + "\n", encoding="utf-8")
    runs = len(table["lengths"])
    sys.stdout.write(f"{target.name}: {runs} runs, Unicode {table['unicode']}\n")


if __name__ == "__main__":
    main()
