from __future__ import annotations

import dataclasses

import pytest

from newsdesk.cli.families import described
from newsdesk.config import override
from newsdesk.errors import ConfigError
from newsdesk.models.tfidf import LogregParams, MlpParams, NbParams, SvmParams, TextParams

ALL = [LogregParams, SvmParams, NbParams, MlpParams]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("language", "../en"),
        ("language", "EN"),
        ("ngram_range", (0, 1)),
        ("ngram_range", (2, 1)),
        ("ngram_range", (1, 6)),
        ("min_df", 0),
        ("min_df", 1.5),
        ("min_df", float("nan")),
        ("max_df", -0.1),
        ("max_df", 0),
        ("max_features", 0),
    ],
)
@pytest.mark.parametrize("params", ALL)
def test_a_text_setting_out_of_range_is_refused_with_what_is_allowed(
    params: type[TextParams], name: str, value: object
) -> None:
    with pytest.raises(ConfigError, match=f"{params.family}: {name} is .*, allowed is") as caught:
        params(**{name: value})  # type: ignore[arg-type]
    assert caught.value.remedy == f"Set {name} within that range."


@pytest.mark.parametrize(
    ("params", "name", "value"),
    [
        (LogregParams, "C", 0.0),
        (LogregParams, "C", float("nan")),
        (LogregParams, "max_iter", 0),
        (SvmParams, "C", float("inf")),
        (SvmParams, "cv", 1),
        (SvmParams, "cv", 21),
        (SvmParams, "max_iter", 0),
        (NbParams, "alpha", 0.0),
        (MlpParams, "hidden", ()),
        (MlpParams, "hidden", (100, 0)),
        (MlpParams, "hidden", (1, 1, 1, 1, 1)),
        (MlpParams, "alpha", -1.0),
        (MlpParams, "learning_rate", 0.0),
        (MlpParams, "batch_size", 0),
        (MlpParams, "max_epochs", 0),
        (MlpParams, "patience", 0),
        (MlpParams, "epochs", 0),
    ],
)
def test_a_setting_out_of_range_is_refused(
    params: type[TextParams], name: str, value: object
) -> None:
    with pytest.raises(ConfigError, match=f"{name} is .*, allowed is"):
        params(**{name: value})  # type: ignore[arg-type]


def test_defaults_are_the_published_settings() -> None:
    for params in ALL:
        defaults = params()
        assert (defaults.ngram_range, defaults.min_df, defaults.max_df) == ((1, 2), 3, 0.9)
        assert defaults.sublinear_tf
        assert (defaults.tokens, defaults.language) == ("lemmas", "en")
    assert (LogregParams().C, SvmParams().C, SvmParams().cv) == (5.0, 0.5, 3)
    assert (MlpParams().max_features, MlpParams().hidden) == (10_000, (100, 50))


@pytest.mark.parametrize("params", ALL)
def test_the_help_of_a_family_tells_all_its_settings(params: type[TextParams]) -> None:
    meanings = described(params.__doc__ or "")
    assert all(meanings[field.name] for field in dataclasses.fields(params))


def test_settings_come_from_the_command_line() -> None:
    pairs = ["min_df=0.01", "max_df=500", "ngram_range=[1,3]", "only_ascii=null", "tokens=words"]
    params = override(SvmParams(), pairs, where="tfidf-svm")
    expected = SvmParams(min_df=0.01, max_df=500, ngram_range=(1, 3), tokens="words")
    assert params == expected
    assert isinstance(params.max_df, int)
    with pytest.raises(ConfigError):
        override(SvmParams(), ["tokens=letters"], where="tfidf-svm")
