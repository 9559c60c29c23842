"""Small runs and tables: what is promoted, and what it is measured on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from newsdesk import training

WORDS = {
    "SPORT": ["keeper", "penalty", "striker", "club", "match", "coach"],
    "BUSINESS": ["bank", "interest", "shares", "profit", "market", "prices"],
    "WEATHER": ["storm", "rain", "snow", "wind", "flood", "sunshine"],
}


def written(path: Path, n: int, labels: list[str], first: int = 0) -> Path:
    """Write a table of n headlines of each label, all of them different."""
    lines = ["label,headline"]
    for number in range(first, first + n):
        for label in labels:
            words = WORDS[label]
            one, two = words[number % 6], words[(number // 6) % 6]
            lines.append(f"{label},the {one} and the {two} again {label.lower()}{number}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="session")
def table() -> Callable[..., Path]:
    """Write a table; takes its path, rows of each label, the labels and the first number."""
    return written


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Run folders: ``good`` of two classes, ``grown`` of three, ``poor`` of the class sizes."""
    folder = tmp_path_factory.mktemp("runs")
    data = written(folder / "two.csv", 60, ["SPORT", "BUSINESS"])
    more = written(folder / "three.csv", 60, ["SPORT", "BUSINESS", "WEATHER"])
    for name, source, family in (
        ("good", data, "linear"), ("grown", more, "linear"), ("poor", data, "prior"),
    ):  # fmt: skip
        settings = ["bits=12"] if family == "linear" else []
        training.train(source, family=family, settings=settings, out=folder / name)
    return {name: folder / name for name in ("good", "grown", "poor")}
