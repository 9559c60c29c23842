from __future__ import annotations

import sys
from pathlib import Path

import pytest

from newsdesk import optional
from newsdesk.errors import MissingExtraError


def test_a_module_or_an_attribute_of_one_is_loaded() -> None:
    import json

    assert optional.load("json", extra="") is json
    assert optional.load("json:dumps", extra="") is json.dumps


def test_a_missing_library_is_named_with_the_command_that_installs_it() -> None:
    with pytest.raises(MissingExtraError) as caught:
        optional.load("no_such_library.room:Model", extra="torch")
    assert "no_such_library" in caught.value.problem
    assert caught.value.remedy == 'Install it with: pip install "newsdesk[torch]".'


def test_a_missing_base_library_asks_for_a_new_install() -> None:
    with pytest.raises(MissingExtraError, match="Reinstall newsdesk"):
        optional.load("no_such_library", extra="")


def test_the_library_that_an_own_module_lacks_is_the_one_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "room_without_library.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingExtraError, match="room_without_library needs no_such_library"):
        optional.load("room_without_library:Model", extra="torch")


def test_an_attribute_that_is_not_there_is_no_missing_extra() -> None:
    with pytest.raises(AttributeError):
        optional.load("json:no_such_name", extra="torch")


def test_an_installed_library_is_not_imported_to_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "this", raising=False)
    optional.require("this", extra="torch")
    assert "this" not in sys.modules


@pytest.mark.parametrize("blocked", [True, False])
def test_a_required_library_that_is_missing_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, blocked: bool
) -> None:
    if blocked:
        monkeypatch.setitem(sys.modules, "no_such_library", None)
    with pytest.raises(MissingExtraError, match="no_such_library is not installed") as caught:
        optional.require("no_such_library", extra="torch")
    assert caught.value.remedy == 'Install it with: pip install "newsdesk[torch]".'
