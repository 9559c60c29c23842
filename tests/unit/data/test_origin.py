from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.data.corpus import read_corpus
from newsdesk.data.origin import Origin, open_source
from newsdesk.data.prepared import write
from newsdesk.errors import DataError, SchemaError
from newsdesk.types import Silent

TABLE = pa.table({"headline": ["Rates rise", "Cup"], "section": ["MONEY", "SPORT"]})


def _open(source: Any, **options: Any) -> Origin:
    given: dict[str, Any] = {"on_bad_row": "error", "quarantine": None, "encoding": None}
    given |= {"delimiter": None, "text_named": False, "label_named": False, "prefer": ()}
    return open_source(source, **(given | options), progress=Silent())


def test_a_known_set_tells_its_columns_and_licence() -> None:
    origin = _open("sample")
    assert (origin.name, origin.label) == ("sample", "section")
    assert origin.text == ("headline", "description")
    assert origin.licence is not None
    assert origin.steps[-1] == f"licence: {origin.licence}"


def test_of_any_other_table_nothing_is_known_but_its_name(tmp_path: Path) -> None:
    tables.write(TABLE, tmp_path / "news.parquet")
    origin = _open(tmp_path / "news.parquet")
    assert (origin.name, origin.text, origin.label, origin.licence) == ("news", None, None, None)
    assert origin.steps == (f"read {tmp_path / 'news.parquet'}: 2 rows",)


def test_preferred_columns_count_where_the_table_has_them() -> None:
    assert _open(TABLE, prefer=["title", "headline"]).text == ("headline",)
    assert _open(TABLE, prefer=["title"]).text is None


def test_a_prepared_file_tells_its_columns(tmp_path: Path) -> None:
    write(read_corpus(TABLE, text="section", label="headline"), tmp_path / "out.feather")
    origin = _open(tmp_path / "out.feather")
    assert (origin.text, origin.label) == (("section",), "headline")


def test_a_prepared_file_that_lost_a_column_can_be_read_by_naming_others(tmp_path: Path) -> None:
    write(read_corpus(TABLE), tmp_path / "out.feather")
    table = tables.read(tmp_path / "out.feather").table
    renamed = table.rename_columns(["id", "title", "section"])
    renamed = renamed.replace_schema_metadata(table.schema.metadata)
    with pytest.raises(SchemaError, match="no longer has: headline"):
        _open(renamed)
    assert _open(renamed, text_named=True).label == "section"
    assert _open(renamed, prefer=["title"]).text == ("title",)


def test_a_name_that_is_neither_file_nor_known_set_is_refused() -> None:
    with pytest.raises(DataError, match="no known data set 'sampel'") as caught:
        _open("sampel")
    assert caught.value.remedy == "Did you mean 'sample'?"
