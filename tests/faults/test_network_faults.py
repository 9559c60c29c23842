"""Rows 8, 10, 11, 19, 20 and 21 for the networks on words, odd lengths, and bad vector files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from newsdesk.bundle import Bundle, Fitted
from newsdesk.cli.main import app
from newsdesk.errors import BundleError, LabelError
from newsdesk.models import registry
from newsdesk.models.neural.awd_lstm.params import AwdLstmParams
from newsdesk.models.neural.nnlm.params import NnlmParams
from newsdesk.types import Documents, LabelSet

FAMILIES = ["lstm", "cnn-text", "lstm-vectors", "vectors-mean"]
FAMILIES += ["nnlm-linear", "nnlm-lstm", "ulmfit"]
OWN: dict[str, dict[str, Any]] = {"cnn-text": {"filters": 4}, "vectors-mean": {}, "nnlm-linear": {}}
OWN["ulmfit"] = {"min_updates": 0}
PLAIN = [
    "keeper saves penalty in cup final",
    "bank raises interest rates again",
    "phone maker updates its app browser",
]
NAMES = LabelSet(["sport", "business", "tech"])
HOSTILE = {
    "empty": "",
    "nul": "keeper\x00saves \x00",
    "bidi": "\u202ekeeper\u202c \u2066saves\u2069",
    "emoji": "👩‍👩‍👧 keeper 👍🏽",
    "composed": "caf\u00e9 keeper",
    "decomposed": "cafe\u0301 keeper",
    "zero width": "kee\u200bper \ufeffsaves",
    "marks": "k" + "\u0301" * 100_000,
    "one long word": "keeper" * 20_000,
    "many brackets": "(" * 20_000 + "keeper",
    "line separators": "keeper\u2028saves\u2029penalty\x1ccup\x85final",
    "turkish": "İSTANBUL KEEPER",
    "kelvin": "\u212aeeper saves",
    "<pad>": "<pad> <OOV> pad oov",
}
LONG = "keeper saves " * 50_000

Fit = Callable[..., Fitted]


def of_width(family: str, width: int) -> dict[str, Any]:
    """Say how many numbers a word has."""
    if family.startswith("nnlm-"):
        return {"pretraining": NnlmParams(embedding_dim=width, epochs=1, n_buckets=3)}
    if family == "ulmfit":
        sizes = {"embedding_dim": width, "units": 4, "layers": 1}
        language = {"epochs": 1, "min_updates": 0, "min_count": 1}
        return {"pretraining": AwdLstmParams(**sizes, **language, n_samples=0)}
    return {"embedding_dim": width}


@pytest.fixture(params=FAMILIES)
def fit(request: pytest.FixtureRequest) -> Fit:
    """Fit a tiny network of a family on texts."""

    def fitted(texts: list[str], y: Any, labels: LabelSet = NAMES, **settings: Any) -> Fitted:
        own = OWN.get(request.param, {"units": 4})
        quick = {**of_width(request.param, 5), "epochs": 2, "batch_size": 8, "min_count": 1}
        if request.param == "ulmfit":
            if settings.pop("stop_words", "none") != "none":
                pytest.skip("a language model reads stop words too")
            settings |= {"vocab_size": 3} if "vocab_size" in settings else {}
        params = registry.find(request.param).load().Params(**{**quick, **own, **settings})
        documents, y = Documents.from_texts(texts), np.array(y)
        valid = documents.slice(0, 6), y[:6]  # so that nothing is fitted once per fold
        return Bundle.fit(
            documents, y, labels=labels, valid=valid, family=request.param, params=params
        )

    return fitted


def test_row_19_hostile_texts_are_learnt_saved_and_predicted(fit: Fit, tmp_path: Path) -> None:
    texts = [*HOSTILE.values(), *PLAIN * 6]
    labels = LabelSet(["新闻 🗞", "ספורט\u200f", 'e\u0301 \u2028 "quoted"'])
    bundle = fit(texts, np.arange(len(texts)) % 3, labels).bundle
    bundle.save(tmp_path / "bundle")
    asked = Documents.from_texts(texts)
    before, after = bundle.predict(asked), Bundle.load(tmp_path / "bundle").predict(asked)
    assert np.array_equal(before.proba, after.proba)
    assert np.isfinite(before.proba).all()
    alone = bundle.predict(Documents.from_texts(["caf\u00e9 keeper", "cafe\u0301 keeper"])).proba
    assert np.array_equal(alone[0], alone[1])  # composed and decomposed are one word
    if bundle.family == "vectors-mean":
        for text, explanation in zip(texts, bundle.explain(asked), strict=True):
            for span in explanation.spans[:50]:
                assert 0 <= span.start < span.end <= len(text)


@pytest.mark.parametrize(
    "y",
    [[0] * 14 + [1], [0, 1] * 7 + [2], list(range(15)), [0] * 15, [0] * 5 + [1] * 5 + [4] * 5],
    ids=["one row", "one row of three", "every row its own", "one class", "classes without rows"],
)
def test_row_20_rare_and_missing_classes_are_columns_like_others(fit: Fit, y: list[int]) -> None:
    texts = [f"{PLAIN[label % 3]} again" for label in y]
    names = LabelSet([f"class {number}" for number in range(max(y) + 2)])
    bundle = fit(texts, y, names, class_weight="balanced").bundle
    proba = bundle.predict(Documents.from_texts([*PLAIN, "zzz"])).proba
    assert proba.shape == (4, len(names))
    assert np.isfinite(proba).all()
    assert proba.sum(axis=1) == pytest.approx(np.ones(4), abs=1e-5)


def test_row_20_one_label_is_refused(fit: Fit) -> None:
    with pytest.raises(LabelError):
        fit(PLAIN * 3, [0] * 9, LabelSet(["only"]))


@pytest.mark.parametrize("stop_words", ["none", "en"])
def test_row_21_texts_of_no_known_word_get_the_class_frequencies(fit: Fit, stop_words: str) -> None:
    bundle = fit(PLAIN * 6, [0, 1, 2] * 6, stop_words=stop_words).bundle
    blank = ["", " ", "...!?", "zzz", "qqq zzz " * 900, *["the and of"] * (stop_words == "en")]
    found = bundle.predict(Documents.from_texts([*blank, "zzz keeper", "keeper"]))
    assert found.low_evidence.tolist() == [True] * len(blank) + [False, False]
    assert np.array_equal(found.proba[: len(blank)], np.tile(bundle.prior, (len(blank), 1)))


def test_row_21_training_rows_of_stop_words_alone_leave_nothing_to_know(fit: Fit) -> None:
    fitted = fit(["the", "and of", "", "it is"] * 4, [0, 1, 2, 0] * 4, stop_words="en")
    found = fitted.bundle.predict(Documents.from_texts(["the", "bank", ""]))
    assert found.low_evidence.all()
    assert np.array_equal(found.proba, np.tile(fitted.bundle.prior, (3, 1)))
    assert "16 texts have no known word" in fitted.notes[0]


def test_a_text_of_a_hundred_thousand_words_costs_what_its_first_ones_cost(
    fit: Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsdesk.models.neural import loop

    longest = []
    original = loop.train

    def watched(network: Any, examples: Any, *others: Any, **options: Any) -> Any:
        longest.append(int(examples.lengths.max()))
        return original(network, examples, *others, **options)

    monkeypatch.setattr(loop, "train", watched)
    fitted = fit([LONG, *PLAIN * 6], [0, *[0, 1, 2] * 6], max_tokens=50)
    assert longest == [50 + (fitted.bundle.family == "ulmfit")]  # and a separator
    assert "are cut off (1 text)" in fitted.notes[0]
    begin = "keeper saves " * 25
    found = fitted.bundle.predict(Documents.from_texts([LONG, begin, "keeper"])).proba
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


def test_a_text_of_a_hundred_thousand_words_is_read_to_its_end_when_asked(fit: Fit) -> None:
    bundle = fit(PLAIN * 6, [0, 1, 2] * 6, max_tokens=100_000).bundle
    texts = [LONG, LONG + "bank " * 5000, "keeper"]
    proba = bundle.predict(Documents.from_texts(texts)).proba
    assert np.isfinite(proba).all()
    assert proba.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-5)


@pytest.mark.parametrize("max_tokens", [1, 2])
def test_texts_of_one_word_and_limits_of_one_word_work(fit: Fit, max_tokens: int) -> None:
    bundle = fit(["keeper", "bank", "phone"] * 6, [0, 1, 2] * 6, max_tokens=max_tokens).bundle
    found = bundle.predict(Documents.from_texts(["keeper", "keeper zzz", "zzz keeper"]))
    assert np.isfinite(found.proba).all()
    assert found.low_evidence.tolist() == [False, False, max_tokens == 1]


def test_a_vocabulary_of_marks_alone_knows_nothing(fit: Fit) -> None:
    bundle = fit(PLAIN * 6, [0, 1, 2] * 6, vocab_size=2).bundle
    found = bundle.predict(Documents.from_texts([*PLAIN, ""]))
    assert found.low_evidence.all()
    assert np.array_equal(found.proba, np.tile(bundle.prior, (4, 1)))


@pytest.mark.parametrize("n", [2, 3, 5])
def test_a_handful_of_rows_is_enough(fit: Fit, n: int) -> None:
    proba = fit(PLAIN[:n] * 2, [*range(min(n, 3))] * 2).bundle.predict(
        Documents.from_texts([*PLAIN, "zzz"])
    )
    assert np.isfinite(proba.proba).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_handful_of_rows_without_valid_is_enough(family: str) -> None:
    params = registry.find(family).load().Params(epochs=1, **of_width(family, 4))
    documents, y = Documents.from_texts([*PLAIN, *PLAIN[:2]]), np.array([0, 1, 2, 0, 1])
    fitted = Bundle.fit(documents, y, labels=NAMES, family=family, params=params)
    assert fitted.out_of_fold
    assert np.isfinite(fitted.valid_proba).all()


@pytest.mark.parametrize("padding", ["pre", "post"])
@pytest.mark.parametrize("family", ["lstm", "cnn-text", "lstm-vectors", "nnlm-lstm"])
def test_filling_that_is_read_makes_no_text_depend_on_its_company(
    family: str, padding: str
) -> None:
    cls: Any = registry.find(family).load()
    settings = {"masking": False, "padding": padding, "max_tokens": 9, "min_count": 1}
    params = cls.Params(epochs=1, **of_width(family, 4), **settings)
    documents, y = Documents.from_texts(PLAIN * 6), np.array([0, 1, 2] * 6)
    bundle = Bundle.fit(
        documents, y, labels=NAMES, valid=(documents, y), family=family, params=params
    ).bundle
    texts = [*PLAIN, "", "keeper", "zzz", LONG]
    together = bundle.predict(Documents.from_texts(texts)).proba
    for text, proba in zip(texts, together, strict=True):
        assert np.array_equal(bundle.predict(Documents.from_texts([text])).proba[0], proba)


@pytest.mark.parametrize("name", ["weights.safetensors", "vocab.json", "network.json"])
def test_rows_8_and_10_damaged_files_of_a_network_are_refused(
    fit: Fit, name: str, tmp_path: Path
) -> None:
    fit(PLAIN * 6, [0, 1, 2] * 6).bundle.save(tmp_path / "bundle")
    path = tmp_path / "bundle" / name
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 1
    for content in (bytes(damaged), whole[:-1], b""):
        path.write_bytes(content)
        with pytest.raises(BundleError, match=name):
            Bundle.load(tmp_path / "bundle")
    path.unlink()
    with pytest.raises(BundleError, match=name):
        Bundle.load(tmp_path / "bundle")


def test_row_11_weights_that_are_no_numbers_are_refused(fit: Fit, tmp_path: Path) -> None:
    bundle = fit(PLAIN * 6, [0, 1, 2] * 6).bundle
    classifier: Any = bundle.classifier
    bias = next(name for name in ("output.bias", "bias") if name in classifier.tensors)
    classifier.tensors[bias][0] = np.nan
    bundle.save(tmp_path / "bundle")
    with pytest.raises(BundleError, match=r"weights\.safetensors"):
        Bundle.load(tmp_path / "bundle")


BINARY = b"2 3\nthe " + np.float32([1, 2, 3]).tobytes() + b"\nof " + np.float32([4]).tobytes()
FILES = {
    "missing": (None, "There is no file vectors"),
    "empty": (b"", "vectors"),
    "a dimension of its own": (b"the 0.5 1 -2\nof 3 4\n", "vectors, line 2: the vector has 2"),
    "a word for a number": (b"the 0.5 1 -2\nof 3 four 5\n", "vectors, line 2"),
    "truncated binary": (BINARY, "vectors"),
    "no vectors": (b"\x89PNG\r\n\x1a\n" + bytes(64), "vectors"),
}


@pytest.mark.parametrize(("content", "said"), FILES.values(), ids=FILES)
@pytest.mark.parametrize("family", ["lstm-vectors", "vectors-mean"])
def test_a_bad_file_of_vectors_is_two_lines_and_leaves_nothing(
    family: str,
    content: bytes | None,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path / "cache"))
    if content is not None:
        Path("vectors").write_bytes(content)
    arguments = ["train", "sample", "--rows", "100", "--family", family, "--set", "vectors=vectors"]
    done = CliRunner().invoke(app(), [*arguments, "--out", "run", "--quiet"])
    assert done.exit_code == 1
    problem, remedy = done.stderr.splitlines()
    assert problem.startswith("error: ")
    assert said in problem
    assert not problem.startswith("error: unexpected")
    assert remedy.startswith("  → ")
    assert {path.name for path in tmp_path.iterdir()} <= {"vectors", "cache"}
    assert not [path for path in tmp_path.glob("cache/*/*") if path.is_dir()]
