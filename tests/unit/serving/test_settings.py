from __future__ import annotations

from pathlib import Path

import pytest

from newsdesk.errors import ConfigError
from newsdesk.serving.settings import Keys, Settings, name_of, names_of, samples_beside

KEY = "0123456789abcdef"


def test_a_bundle_is_named_after_its_run(tmp_path: Path) -> None:
    assert name_of(tmp_path / "my run" / "bundle") == "my-run"
    assert name_of(tmp_path / "世界") == "model"


def test_models_are_named_in_order_the_first_is_the_default(tmp_path: Path) -> None:
    found = names_of([f"b={tmp_path}/x", f"{tmp_path}/a/bundle"])
    assert found == {"b": tmp_path / "x", "a": tmp_path / "a/bundle"}
    assert list(found) == ["b", "a"]


def test_a_folder_may_have_an_equals_sign_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "a=b"
    folder.mkdir()
    assert names_of([str(folder)]) == {"a-b": folder}


def test_a_run_folder_stands_for_its_bundle_and_its_samples(tmp_path: Path) -> None:
    bundle = tmp_path / "run" / "bundle"
    bundle.mkdir(parents=True)
    assert names_of([str(tmp_path / "run")]) == {"run": bundle}
    assert samples_beside(bundle) is None
    (tmp_path / "run" / "samples.parquet").touch()
    assert samples_beside(bundle) == tmp_path / "run" / "samples.parquet"
    assert samples_beside(tmp_path / "run") is None


@pytest.mark.parametrize("given", [["a/b=x"], ["=x"], ["n=a", "n=b"], ["-=x"]])
def test_a_name_that_cannot_stand_in_an_address_is_refused(given: list[str]) -> None:
    with pytest.raises(ConfigError):
        names_of(given)


@pytest.mark.parametrize("key", ["short", "x" * 15, "ä" * 20, "tab\tinside-of-a-key"])
def test_weak_keys_are_refused(key: str) -> None:
    with pytest.raises(ConfigError):
        Keys(api=(key,))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])
def test_an_address_that_others_reach_needs_a_key_or_a_word(host: str) -> None:
    with pytest.raises(ConfigError):
        Settings(models={}, host=host)
    assert Settings(models={}, host=host, public=True).public
    assert Settings(models={}, host=host, keys=Keys(api=(KEY,))).host == host


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_an_address_of_this_machine_needs_none(host: str) -> None:
    assert Settings(models={}, host=host).host == host


@pytest.mark.parametrize(
    "wrong", [{"abstain_below": 1.5}, {"workers": 0}, {"proxies": ("10.0.0.0/64",)}]
)
def test_settings_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        Settings(models={}, **wrong)  # type: ignore[arg-type]
