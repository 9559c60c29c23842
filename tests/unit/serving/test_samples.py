from __future__ import annotations

from pathlib import Path

import pytest

from newsdesk.errors import ConfigError

pytest.importorskip("starlette", reason="needs the extra serve")
from newsdesk.serving.samples import Samples


def table(folder: Path, text: str) -> Path:
    path = folder / "samples.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_with_a_text_and_a_label_are_samples(tmp_path: Path) -> None:
    text = "id,headline,body,label\n7,a,,x\n8,,,x\n9,b,c,\n,d,e,y\n"
    samples = Samples.read(table(tmp_path, text))
    assert len(samples) == 2
    drawn = {one.label: one for one in (samples.draw() for _ in range(200))}
    assert drawn["x"].fields == {"headline": "a"}
    assert drawn["x"].id == "7"
    assert drawn["y"].fields == {"headline": "d", "body": "e"}


@pytest.mark.parametrize("text", ["id,label\n1,x\n", "id,text\n1,a\n", "text,label\na,\n"])
def test_a_table_without_samples_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        Samples.read(table(tmp_path, text))
