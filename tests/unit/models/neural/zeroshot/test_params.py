from __future__ import annotations

import pytest

from newsdesk import config
from newsdesk.errors import ConfigError
from newsdesk.models.neural.encoders.settings import Encoding
from newsdesk.models.neural.zeroshot.params import ZeroShotParams


def test_the_encoder_is_named_by_the_settings() -> None:
    params = ZeroShotParams(encoder="a", encoder_precision="float32", max_tokens=40)
    assert params.encoding == Encoding("a", "float32", 40)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("SPORTS", "sports"),
        ("U.S. NEWS", "u.s. news"),
        ("world_news", "world news"),
        ("McKinsey", "McKinsey"),
        ("新闻", "新闻"),
    ],
)
def test_a_name_is_written_as_texts_would(name: str, said: str) -> None:
    assert ZeroShotParams(template="{}!").sentences([name]) == [f"{said}!"]


def test_a_description_stands_instead_of_a_name_as_it_is() -> None:
    params = ZeroShotParams(template="On {}", descriptions={"A": "Money {} and FIRMS", "B": ""})
    assert params.sentences(["A", "B"]) == ["On Money {} and FIRMS", "On b"]


def test_the_description_of_an_unknown_class_is_refused() -> None:
    params = ZeroShotParams(descriptions={"SPORT": "games"})
    with pytest.raises(ConfigError, match="'SPORT', which is no class") as caught:
        params.sentences(["SPORTS", "TECH"])
    assert caught.value.remedy == "Did you mean 'SPORTS'?"


def test_descriptions_are_given_as_a_table() -> None:
    pair = 'descriptions={"U.S. NEWS" = "news of America"}'
    params = config.override(ZeroShotParams(), [pair], where="Family zeroshot")
    assert params.sentences(["U.S. NEWS"]) == ["This text is about news of America."]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("max_tokens", 2),
        ("encoder", ""),
        ("template", "no place"),
        ("template", "{} and {}"),
        ("temperature", 0.0),
    ],
)
def test_settings_out_of_range_are_named(setting: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"zeroshot: {setting} is"):
        ZeroShotParams(**{setting: value})  # type: ignore[arg-type]
