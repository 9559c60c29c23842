from __future__ import annotations

import contextlib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk import config
from newsdesk.errors import ConfigError


@dataclass(frozen=True)
class Settings:
    """Settings of every kind."""

    rate: float = 0.5
    epochs: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
    loss: Literal["hinge", "logistic"] = "hinge"
    span: tuple[int, int] = (1, 2)
    chars: tuple[int, int] | None = None
    shuffle: bool = True
    name: str = ""


def test_plain_values_become_settings_and_the_rest_keeps_its_defaults() -> None:
    settings = config.decode(Settings, {"rate": 1, "span": [2, 3]}, where="here")
    assert settings == Settings(rate=1.0, span=(2, 3))


def test_an_unknown_key_is_answered_with_the_nearest_known_one() -> None:
    with pytest.raises(ConfigError) as caught:
        config.decode(Settings, {"epoch": 3}, where="train.toml")
    assert caught.value.problem == "train.toml: unknown setting 'epoch'."
    assert caught.value.remedy == "Did you mean 'epochs'?"


def test_a_key_like_no_other_is_answered_with_all_known_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        config.decode(Settings, {"zzz": 3}, where="here")
    assert caught.value.remedy == "Known: rate, epochs, loss, span, chars, shuffle, name."


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"rate": "fast"}, "float"),
        ({"epochs": 0}, ">= 1"),
        ({"epochs": 101}, "<= 100"),
        ({"epochs": 2.5}, "int"),
        ({"loss": "huber"}, "huber"),
        ({"span": [1]}, "length 2"),
        ({"span": 3}, "array"),
        ({"shuffle": "perhaps"}, "bool"),
    ],
)
def test_a_wrong_kind_or_range_is_refused_with_its_place(
    values: dict[str, object], said: str
) -> None:
    (key,) = values
    with pytest.raises(ConfigError) as caught:
        config.decode(Settings, values, where="train.toml")
    assert caught.value.problem.startswith("train.toml: ")
    assert said in caught.value.problem
    assert key in caught.value.problem


def test_a_toml_file_becomes_settings(tmp_path: Path) -> None:
    path = tmp_path / "train.toml"
    path.write_text('rate = 0.25\nloss = "logistic"\nspan = [1, 3]\n', encoding="utf-8")
    assert config.load(Settings, path) == Settings(rate=0.25, loss="logistic", span=(1, 3))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no file"),
        (b"rate = = 3", "no valid TOML"),
        (b"name = '\xff\xfe'", "no valid TOML"),
        (b"epochs = 0", ">= 1"),
        (b"epoch = 1", "unknown setting"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "train.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        config.load(Settings, path)
    assert str(path) in caught.value.problem
    assert said in caught.value.problem


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("rate=0.3", Settings(rate=0.3)),
        ("rate = 1e-3", Settings(rate=0.001)),
        ("epochs=7", Settings(epochs=7)),
        ("loss=logistic", Settings(loss="logistic")),
        ('loss="logistic"', Settings(loss="logistic")),
        ("span=[1, 3]", Settings(span=(1, 3))),
        ("chars=[4,5]", Settings(chars=(4, 5))),
        ("chars=null", Settings(chars=None)),
        ("span=1,3", Settings(span=(1, 3))),
        ("span= 1, 3,", Settings(span=(1, 3))),
        ("shuffle=false", Settings(shuffle=False)),
        ("name=a=b", Settings(name="a=b")),
        ("name=", Settings(name="")),
        ("name=two words", Settings(name="two words")),
    ],
)
def test_a_pair_is_read_as_toml_where_it_is_toml_else_as_a_string(
    pair: str, expected: Settings
) -> None:
    assert config.override(Settings(), [pair], where="here") == expected


def test_pairs_change_only_what_they_name_and_the_last_one_wins() -> None:
    before = Settings(rate=9.0, name="kept")
    after = config.override(before, ["epochs=2", "epochs=5"], where="here")
    assert after == Settings(rate=9.0, name="kept", epochs=5)
    assert before.epochs == 3


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("rate", "not of the form key=value"),
        ("=3", "unknown setting ''"),
        ("rat=3", "Did you mean 'rate'?"),
        ("epochs=many", "int"),
        ("epochs=1000", "<= 100"),
        ("chars=[1,2,3]", "length 2"),
    ],
)
def test_a_wrong_pair_is_refused(pair: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.override(Settings(), [pair], where="--set")
    assert "--set" in str(caught.value)
    assert said in str(caught.value)


@dataclass(frozen=True)
class Named(Settings):
    """Settings of which some go by one name."""

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "published": {"rate": 0.1, "epochs": 10, "span": (1, 3)},
        "quick": {"epochs": 1},
    }


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (["preset=published"], Named(rate=0.1, epochs=10, span=(1, 3))),
        (["preset = quick"], Named(epochs=1)),
        (["preset=published", "epochs=2"], Named(rate=0.1, epochs=2, span=(1, 3))),
        (["epochs=2", "preset=published"], Named(rate=0.1, epochs=2, span=(1, 3))),
        (["preset=published", "preset=quick"], Named(rate=0.1, epochs=1, span=(1, 3))),
        (["name=x"], Named(name="x")),
    ],
)
def test_a_preset_sets_what_goes_by_its_name_and_pairs_win_in_any_order(
    pairs: list[str], expected: Named
) -> None:
    found = config.override(Named(), pairs, where="here")
    assert found == expected
    assert Named.PRESETS["published"] == {"rate": 0.1, "epochs": 10, "span": (1, 3)}


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("publshed", "Did you mean 'published'?"), ("zzz", "Known: published, quick.")],
)
def test_an_unknown_preset_is_answered_with_the_nearest(name: str, remedy: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.override(Named(), [f"preset={name}"], where="--set")
    assert caught.value.problem == f"--set: there is no preset {name!r}."
    assert caught.value.remedy == remedy


def test_settings_without_presets_know_no_preset() -> None:
    with pytest.raises(ConfigError, match="unknown setting 'preset'"):
        config.override(Settings(), ["preset=published"], where="here")


@given(st.text())
def test_any_pair_gives_settings_or_a_configuration_error(pair: str) -> None:
    with contextlib.suppress(ConfigError):
        assert isinstance(config.override(Settings(), [pair], where="--set"), Settings)


def test_the_number_of_threads_is_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEWSDESK_THREADS", "3")
    assert config.n_threads() == 3
    monkeypatch.delenv("NEWSDESK_THREADS")
    assert 1 <= config.n_threads() <= (os.cpu_count() or 1)


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "²", " 2"])
def test_a_number_of_threads_that_is_none_is_refused(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSDESK_THREADS", value)
    with pytest.raises(ConfigError, match="NEWSDESK_THREADS is"):
        config.n_threads()


def test_available_memory_is_a_plausible_number_where_the_system_tells() -> None:
    size_bytes = config.available_memory()
    if not Path("/proc/meminfo").exists():
        assert size_bytes is None
    else:
        assert size_bytes is not None
        assert 1 << 20 < size_bytes < 1 << 50


def test_the_names_of_settings_stand_in_the_order_of_declaration() -> None:
    names = ["rate", "epochs", "loss", "span", "chars", "shuffle", "name"]
    assert config.field_names(Settings) == names
    assert config.field_names(Settings()) == names


@dataclass(frozen=True)
class Outer:
    """Settings that hold settings."""

    inner: Settings = Settings()


def test_settings_within_a_setting_have_dotted_names() -> None:
    names = config.setting_names(Outer())
    assert names[:3] == ["inner", "inner.rate", "inner.epochs"]
    assert config.setting_names(Settings()) == config.field_names(Settings)


def test_settings_that_were_not_given_are_written_too() -> None:
    made = config.decode(Outer, {"inner": {"epochs": 9}}, where="there")
    written = msgspec.to_builtins(made)["inner"]
    assert list(written) == config.field_names(Settings)
    assert written["epochs"] == 9


PLAIN = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner.filter(lambda value: not isinstance(value, dict)), max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), inner, max_size=3)
    ),
    max_leaves=6,
).filter(lambda value: not isinstance(value, list) or not any(isinstance(i, dict) for i in value))


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), PLAIN, max_size=4))
def test_what_is_written_as_toml_is_read_as_the_same(values: dict[str, object]) -> None:
    assert tomllib.loads(config.dump(values)) == values


def test_a_setting_that_is_none_is_left_out_of_the_toml() -> None:
    assert config.dump({"a": None, "b": 1}) == "b = 1\n"


@dataclass(frozen=True)
class Nested:
    """Settings that hold settings."""

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "large": {"inner": {"epochs": 50}, "depth": 9},
    }

    depth: int = 1
    inner: Named = Named(rate=0.25)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (["inner.epochs=7"], Nested(inner=Named(rate=0.25, epochs=7))),
        (["inner.epochs = 7", "depth=2"], Nested(2, Named(rate=0.25, epochs=7))),
        (["inner.span=1,3", "inner.name=a=b"], Nested(inner=Named(0.25, span=(1, 3), name="a=b"))),
        (["inner.epochs=7", "inner.epochs=8"], Nested(inner=Named(rate=0.25, epochs=8))),
        (["inner.preset=quick"], Nested(inner=Named(rate=0.25, epochs=1))),
        (["inner.epochs=2", "inner.preset=quick"], Nested(inner=Named(rate=0.25, epochs=2))),
        (["inner.epochs=2", "preset=large"], Nested(9, Named(rate=0.25, epochs=2))),
        (["preset=large", "depth=3"], Nested(3, Named(rate=0.25, epochs=50))),
    ],
)
def test_settings_within_a_setting_are_named_with_a_dot(pairs: list[str], expected: Nested) -> None:
    before = Nested()
    assert config.override(before, pairs, where="here") == expected
    assert before == Nested(1, Named(rate=0.25))


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("inner.epoch=3", "here, inner: unknown setting 'epoch'. Did you mean 'epochs'?"),
        ("inner.epochs=many", "int"),
        ("inner.epochs=1000", "<= 100"),
        ("inner.preset=slow", "there is no preset 'slow'"),
        ("innr.epochs=3", "unknown setting 'innr.epochs'"),
        ("depth.epochs=3", "unknown setting 'depth.epochs'"),
        ("inner.epochs.more=3", "unknown setting 'epochs.more'"),
        ("inner.=3", "unknown setting 'inner.'"),
        (".epochs=3", "unknown setting '.epochs'"),
        ("inner=3", "here"),
    ],
)
def test_a_wrong_setting_within_a_setting_is_refused_with_its_place(pair: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.override(Nested(), [pair], where="here")
    assert said in str(caught.value)
