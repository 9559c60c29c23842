"""Rows 19 and 21: texts that break naive code, and texts that say nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from newsdesk.bundle import Bundle
from newsdesk.errors import InputError
from newsdesk.features.clean import Cleaner
from newsdesk.models.linear import LinearParams
from newsdesk.types import Documents, LabelSet

HOSTILE = {
    "NUL": "bank\x00rates",
    "controls": "bank\x01\x1b[31m\x7f rates",
    "bidi": "\u202ebank \u2066rates\u2069 \u200frise",
    "emoji of several": "👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 goal",
    "composed": "café rises",
    "decomposed": "cafe\u0301 rises",
    "zero width": "ba\u200bnk \ufeffrates\u2060",
    "marks": "e" + "\u0301" * 100_000,
    "marks that sorting in place would take minutes for": "a" + "\u0301\u0316" * 200_000,
    "marks alone": "\u0301" * 1000,
    "no character": "\ufffe\uffff\U0010ffff",
    "private": "\ue000 bank",
    "line separators": "bank\u2028rates\u2029rise\x85up",
    "all planes": "".join(map(chr, range(0x20, 0xD800, 97))) + "𝕓𝕒𝕟𝕜 𒀀 🜁",
    "one long word": "a" * 100_000,
}
MARKED = {
    "tags that never end": "<a href='bank" * 20_000,
    "comments that never end": "rates <!--" * 20_000,
    "scripts that never end": "<script>bank" * 20_000,
    "brackets": "bank " + "<" * 100_000 + ">" * 100_000,
    "ampersands": "&" * 100_000 + "#x" * 1000 + " bank",
    "addresses that never end": "bank@" * 20_000 + "http://(" * 20_000,
    "one long number": "1," * 50_000 + "5" * 50_000 + "$",
    "mojibake": "bank Ã©tÃ© â€œratesâ€\x9d rise " * 2000,
    "mojibake of mojibake": "bank ÃƒÂ©tÃƒÂ© rates",
    "references to what is no character": "&#0; &#xD800; &#x110000; &#1; bank",
}
PLAIN = ["bank rates rise", "goal cup final", "bank profit rates", "cup goal keeper"]


EVERY_STEP = Cleaner.of(["repair", "html", "urls", "numbers", "lower", "ascii"])


def trained(
    texts: list[str],
    char_ngrams: tuple[int, int] | None = None,
    cleaner: Cleaner | None = None,
) -> Bundle:
    y = np.arange(len(texts)) % 2
    params = LinearParams(bits=12, min_df=1, char_ngrams=char_ngrams)
    labels = LabelSet(["BUSINESS", "SPORT"])
    documents = Documents.from_texts(texts)
    return Bundle.fit(documents, y, labels=labels, params=params, cleaner=cleaner).bundle


@pytest.mark.parametrize("name", [*HOSTILE, *MARKED])
@pytest.mark.parametrize("cleaner", [None, EVERY_STEP, Cleaner(repair=True, html=True)], ids=str)
def test_row_19_a_hostile_text_is_predicted_and_explained(
    name: str, cleaner: Cleaner | None
) -> None:
    bundle = trained(PLAIN * 3, (3, 4), cleaner)
    text = (HOSTILE | MARKED)[name]
    documents = Documents.from_texts([text])
    assert np.isfinite(bundle.predict(documents).proba).all()
    (explained,) = bundle.explain(documents)
    # Of very many words a hundred all over the text are looked at.
    for span in explained.spans[:: 1 + len(explained.spans) // 100]:
        assert 0 <= span.start < span.end <= len(text)
        # Places in code points and, for browsers, in UTF-16 units name the same stretch.
        units = text.encode("utf-16-le")
        first = 2 * len(text[: span.start].encode("utf-16-le")) // 2
        last = 2 * len(text[: span.end].encode("utf-16-le")) // 2
        assert units[first:last].decode("utf-16-le") == text[span.start : span.end]


@pytest.mark.parametrize("cleaner", [None, EVERY_STEP, Cleaner(repair=True)], ids=str)
def test_row_19_hostile_texts_can_be_trained_on_and_saved(
    tmp_path: Path, cleaner: Cleaner | None
) -> None:
    texts = [*HOSTILE.values(), *MARKED.values(), *PLAIN]
    bundle = trained(texts, (3, 5), cleaner)
    bundle.save(tmp_path / "bundle")
    asked = Documents.from_texts(texts)
    before = bundle.predict(asked)
    after = Bundle.load(tmp_path / "bundle").predict(asked)
    assert np.array_equal(before.proba, after.proba)
    assert np.array_equal(before.low_evidence, after.low_evidence)
    assert np.isfinite(before.proba).all()


def test_row_19_composed_and_decomposed_texts_are_the_same_text() -> None:
    bundle = trained([*PLAIN, HOSTILE["composed"], "keeper goal"] * 2, (3, 5))
    asked = Documents.from_texts([HOSTILE["composed"], HOSTILE["decomposed"]])
    proba = bundle.predict(asked).proba
    assert np.array_equal(proba[0], proba[1])


def test_row_19_class_names_of_any_script_survive_the_disk(tmp_path: Path) -> None:
    labels = LabelSet(["新闻 🗞", "ספורט\u200f", 'e\u0301 \u2028 "quoted"'])
    y = np.arange(12) % 3
    fitted = Bundle.fit(Documents.from_texts(PLAIN * 3), y, labels=labels, seed=1)
    fitted.bundle.save(tmp_path / "bundle")
    assert Bundle.load(tmp_path / "bundle").labels == labels


@pytest.mark.parametrize("text", ["\ud800", "bank \udfff rates"])
def test_row_19_a_lone_surrogate_is_refused_at_the_door(text: str) -> None:
    with pytest.raises(InputError, match="Text 1 holds a lone surrogate") as caught:
        Documents.from_texts(["fine", text])
    assert "replace" in caught.value.remedy


def test_row_19_bytes_that_are_no_utf8_are_refused_at_the_door() -> None:
    with pytest.raises(InputError, match="Text 0 is of type bytes"):
        Documents.from_texts([b"bank \xff rates"])  # type: ignore[list-item]


SILENT = {
    "empty": "",
    "blank": " \t\n\u3000",
    "unknown words": "xylophone quartet zzz",
    "all punctuation": "... !!! — ?",
    "one emoji": "😀",
    "one letter": "a",
    "marks alone": "\u0301\u0301",
}


@pytest.mark.parametrize("name", SILENT)
@pytest.mark.parametrize("family", ["linear", "prior"])
def test_row_21_a_text_that_says_nothing_gets_the_class_frequencies(name: str, family: str) -> None:
    y = np.array([0, 1, 1, 1] * 5)
    texts = ["bank rates", "goal cup", "cup final", "keeper goal"] * 5
    labels = LabelSet(["BUSINESS", "SPORT"])
    bundle = Bundle.fit(Documents.from_texts(texts), y, labels=labels, family=family).bundle
    found = bundle.predict(Documents.from_texts([SILENT[name], "bank rates"]))
    if family == "linear":
        assert found.proba[0] == pytest.approx([6 / 22, 16 / 22])
        assert found.low_evidence.tolist() == [True, False]
        assert found.abstain(0.0)[0]
    assert np.isfinite(found.proba).all()
    assert found.proba.sum(axis=1) == pytest.approx([1, 1], abs=1e-6)


@pytest.mark.parametrize("name", SILENT)
def test_row_21_a_text_that_says_nothing_has_nothing_to_explain(name: str) -> None:
    bundle = trained(PLAIN * 3)
    (explained,) = bundle.explain(Documents.from_texts([SILENT[name]]))
    assert explained.spans == ()
    assert explained.low_evidence
    assert explained.proba == pytest.approx(0.5)


EMPTIED = {
    "tags alone": "<br><p></p>",
    "a script": "<script>bank rates</script>",
    "a comment": "<!-- goal cup -->",
    "another script": "банк 大阪 \u202eγκολ",
    "marks and controls": "\u0301\x00\x1b\ufeff",
}


@pytest.mark.parametrize("name", EMPTIED)
def test_row_21_a_text_that_cleaning_empties_gets_the_class_frequencies(
    name: str, tmp_path: Path
) -> None:
    bundle = trained(PLAIN * 3, cleaner=EVERY_STEP)
    asked = Documents.from_texts([EMPTIED[name], "bank rates"])
    found = bundle.predict(asked)
    assert found.low_evidence.tolist() == [True, False]
    assert found.proba[0] == pytest.approx([0.5, 0.5])
    assert np.isfinite(found.proba).all()
    explained, _ = bundle.explain(asked)
    assert explained.spans == ()
    bundle.save(tmp_path / "bundle")
    loaded = Bundle.load(tmp_path / "bundle")
    assert loaded.cleaner == EVERY_STEP
    assert np.array_equal(loaded.predict(asked).proba, found.proba)


def test_row_21_training_rows_that_all_say_nothing_give_the_class_frequencies() -> None:
    bundle = trained(["", ".", "", "!", "", "?"])
    found = bundle.predict(Documents.from_texts(["bank", ""]))
    assert found.proba == pytest.approx(np.full((2, 2), 0.5))
    assert found.low_evidence.all()
