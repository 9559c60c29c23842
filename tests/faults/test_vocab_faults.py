"""Rows 19 and 21 for vocabularies: odd characters, and texts that say nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from newsdesk.errors import InputError
from newsdesk.features.sequences import OOV, Reading
from newsdesk.features.stop_words import stop_words
from newsdesk.features.vocab import Vocab
from newsdesk.models.files import read_json, write_json
from newsdesk.types import Documents

HOSTILE = {
    "nul": "keeper\x00saves \x00",
    "bidi": "\u202ekeeper\u202c \u2066saves\u2069",
    "emoji": "👩‍👩‍👧 keeper 👍🏽",
    "composed": "caf\u00e9 keeper",
    "decomposed": "cafe\u0301 keeper",
    "zero width": "kee\u200bper \ufeffsaves",
    "marks": "k" + "\u0301" * 100_000,
    "marks on what is taken apart": "\u0958" + "\u0301" * 100_000 + " keeper",
    "one long word": "keeper" * 20_000,
    "line separators": "keeper\u2028saves\u2029penalty\x1ccup\x85final",
    "turkish": "İSTANBUL KEEPER",
    "last code point": "\U0010ffff keeper \ufffe",
}


def test_row_19_hostile_texts_are_learnt_saved_and_read_again(tmp_path: Path) -> None:
    documents = Documents.from_texts(list(HOSTILE.values()))
    vocab, sequences = Vocab.learn(documents, size=1000, stop_words=list(HOSTILE.values())[:2])
    write_json(tmp_path / "vocab.json", vocab)
    loaded = read_json(tmp_path / "vocab.json", Vocab)
    again = loaded.encode(documents)
    assert np.array_equal(again.indptr, sequences.indptr)
    assert np.array_equal(again.ids, sequences.ids)
    for position, text in enumerate(HOSTILE.values()):
        places = loaded.places(documents.slice(position, position + 1))
        assert all(0 <= place.start < place.end <= len(text) for place in places)


def test_row_19_composed_and_decomposed_twins_have_equal_numbers() -> None:
    texts = [HOSTILE["composed"], HOSTILE["decomposed"], "CAFE\u0301 Keeper"]
    _, sequences = Vocab.learn(Documents.from_texts(texts), size=10)
    assert len({tuple(row) for row in sequences.ids.reshape(3, 2).tolist()}) == 1


def test_row_19_a_lone_surrogate_never_comes_in() -> None:
    vocab, _ = Vocab.learn(Documents.from_texts(["keeper"]), size=10)
    with pytest.raises(InputError, match="surrogate"):
        vocab.encode(Documents.from_texts(["keeper \ud800"]))


def test_row_19_a_text_of_a_hundred_thousand_words_is_cut_at_the_chosen_end() -> None:
    text = " ".join(["keeper", *["saves"] * 99_998, "penalty"])
    vocab, sequences = Vocab.learn(Documents.from_texts([text]), size=10)
    cut = sequences.cut(200, "post")
    assert vocab.decode(cut.ids[:2]) == ["keeper", "saves"]
    assert vocab.decode(sequences.cut(200, "pre").ids[-2:]) == ["saves", "penalty"]
    reading = Reading.between(sequences, cut)
    assert (reading.n_tokens, reading.n_cut, reading.n_documents_cut) == (100_000, 99_800, 1)


@pytest.mark.parametrize(
    ("text", "ids"),
    [("", [OOV]), (" … !", [OOV]), ("It was the, and not THEY", [OOV]), ("zzz qqq", [OOV, OOV])],
    ids=["empty", "no word", "stop words alone", "unknown words alone"],
)
def test_row_21_texts_that_say_nothing_have_a_defined_sequence(text: str, ids: list[int]) -> None:
    learnt = Documents.from_texts(["keeper saves the penalty", "bank raises rates"])
    vocab, _ = Vocab.learn(learnt, size=99, stop_words=stop_words("en"))
    sequences = vocab.encode(Documents.from_texts([text, "keeper"]))
    assert Reading.between(sequences, sequences).n_documents_blank == 1
    assert sequences.nonempty().ids.tolist()[:-1] == ids


def test_row_21_learning_from_texts_that_say_nothing_leaves_the_specials() -> None:
    silent = Documents.from_texts(["", "the and", "…"])
    vocab, sequences = Vocab.learn(silent, size=99, stop_words=stop_words("en"))
    assert len(vocab) == 2
    assert sequences.nonempty().ids.tolist() == [OOV, OOV, OOV]
