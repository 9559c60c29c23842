from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from newsdesk.errors import BundleFormatError, ConfigError
from newsdesk.features.sequences import Sequences
from newsdesk.features.stop_words import stop_words
from newsdesk.features.vocab import OOV, PAD, SPECIALS, Place, Vocab
from newsdesk.models.files import read_json, write_json
from newsdesk.types import Documents, numbered, string_array

TEXTS = ["The bank raises rates", "rates rise, the bank says", "Cup final: keeper saves the cup"]


def learnt(texts: list[str], size: int = 99, stops: tuple[str, ...] = ()) -> Vocab:
    return Vocab.learn(Documents.from_texts(texts), size=size, stop_words=stops).vocab


def encoded(vocab: Vocab, *texts: str) -> list[list[int]]:
    sequences = vocab.encode(Documents.from_texts(texts))
    return [part.tolist() for part in np.split(sequences.ids, sequences.indptr[1:-1])]


def same(one: Sequences, other: Sequences) -> bool:
    return np.array_equal(one.indptr, other.indptr) and np.array_equal(one.ids, other.ids)


def test_the_most_frequent_words_have_the_lowest_numbers() -> None:
    vocab = learnt(TEXTS, size=6)
    assert vocab.words == (*SPECIALS, "the", "bank", "cup", "rates")
    assert (vocab.words[PAD], vocab.words[OOV]) == SPECIALS
    assert len(vocab) == 6


def test_words_without_a_number_are_unknown() -> None:
    vocab = learnt(TEXTS, size=6)
    assert encoded(vocab, "The keeper BANK") == [[2, OOV, 3]]
    assert encoded(learnt(TEXTS, size=2), "the bank") == [[OOV, OOV]]


def test_the_documents_of_learning_come_back_encoded() -> None:
    texts = [f"{TEXTS[row % 3]} {'é' * (row % 2)} row{row % 50}" for row in range(5000)]
    documents = Documents.from_texts(texts)
    vocab, sequences = Vocab.learn(documents, size=20, stop_words=["the", "cup final"])
    assert same(vocab.encode(documents), sequences)
    assert sequences.n == 5000
    alone = vocab.encode(documents.slice(2501, 2502)).ids
    assert np.array_equal(alone, sequences.ids[slice(*sequences.indptr[2501:2503])])


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = Documents.from_texts([f"row{row % 999} é{row % 7}x" for row in range(5000)])
    results = []
    for n_threads in ("1", "3"):
        monkeypatch.setenv("NEWSDESK_THREADS", n_threads)
        results.append(Vocab.learn(documents, size=500))
    (vocab, sequences), (other, others) = results
    assert vocab.words == other.words
    assert same(sequences, others)


def test_stop_words_are_neither_numbered_nor_unknown() -> None:
    vocab = learnt(TEXTS, stops=("the", "Says", "cup final"))
    assert vocab.stop_words == ("Says", "cup final", "the")
    assert not {"the", "says", "final"} & set(vocab.words)
    assert "cup" in vocab.words
    assert vocab.decode(np.array(encoded(vocab, "The bank SAYS: cup final rates")[0])) == [
        "bank",
        "rates",
    ]


def test_a_stop_word_is_left_out_though_it_has_a_number() -> None:
    vocab = Vocab((*SPECIALS, "bank", "rates"), ("bank",))
    assert encoded(vocab, "bank rates") == [[3]]


def test_fields_are_read_one_behind_the_other() -> None:
    fields = {"headline": string_array(["rates"]), "text": string_array(["été bank"])}
    vocab = Vocab((*SPECIALS, "bank", "rates", "été"))
    assert vocab.encode(Documents(numbered(1), fields)).ids.tolist() == [3, 4, 2]


def test_case_and_composition_of_characters_do_not_matter() -> None:
    vocab = learnt(["Straße café"])
    assert encoded(vocab, "STRASSE CAFE\u0301", "strasse CAFÉ") == [[3, 2], [3, 2]]


def test_characters_of_scripts_without_spaces_are_words() -> None:
    vocab = learnt(["東京都"])
    assert encoded(vocab, "京東x 大") == [[2, 3, OOV]]


def test_numbers_become_words_again_without_padding() -> None:
    vocab = Vocab((*SPECIALS, "bank"))
    ids = np.array([PAD, 2, OOV, PAD])
    assert vocab.decode(ids) == ["bank", "<OOV>"]
    assert vocab.decode(ids, padding=True) == ["<pad>", "bank", "<OOV>", "<pad>"]


def bucketed(n_buckets: int, *words: str) -> Vocab:
    return Vocab((*SPECIALS, *words), n_buckets=n_buckets)


def test_unknown_words_share_the_numbers_of_buckets() -> None:
    vocab = bucketed(5, "bank", "rates")
    assert (len(vocab), vocab.n_ids) == (4, 9)
    ((bank, *others),) = encoded(vocab, "bank zzz keeper zzz")
    assert bank == 2
    assert others[0] == others[2]
    assert all(4 <= number < 9 for number in others)
    many = encoded(vocab, " ".join(f"word{number}" for number in range(200)))[0]
    assert set(many) == set(range(4, 9))


def test_a_bucket_depends_on_nothing_but_the_word_and_their_number() -> None:
    texts = "zzz ZZZ keeper cafe\u0301", "keeper"
    few, many = bucketed(7, "bank"), bucketed(7, "bank", "rates", "cup")
    shifted = [[number + 2 for number in row] for row in encoded(few, *texts)]
    assert encoded(many, *texts) == shifted
    assert shifted[0][0] == shifted[0][1]


def test_the_bucket_of_a_word_is_that_which_it_has_without_a_number() -> None:
    vocab, plain = bucketed(50, "bank", "rates", "no token"), bucketed(50)
    ids = plain.encode(Documents.from_texts(["bank rates"])).ids + 3
    assert vocab.buckets().tolist() == [OOV, OOV, *ids.tolist(), OOV]
    assert bucketed(0, "bank").buckets().tolist() == [OOV, OOV, OOV]


def test_a_vocabulary_of_no_words_has_buckets_for_all() -> None:
    vocab, sequences = Vocab.learn(Documents.from_texts(["cup final"]), size=2, n_buckets=1)
    assert sequences.ids.tolist() == [2, 2]
    assert encoded(vocab, "cup") == [[2]]


def test_words_are_learnt_beside_buckets_as_without() -> None:
    documents = Documents.from_texts(TEXTS)
    vocab, sequences = Vocab.learn(documents, size=6, stop_words=("says",), n_buckets=3)
    plain, expected = Vocab.learn(documents, size=6, stop_words=("says",))
    assert vocab.words == plain.words
    assert same(vocab.without_buckets(sequences), expected)
    assert same(vocab.encode(documents), sequences)
    assert plain.without_buckets(expected) is expected


def test_a_bucket_is_written_as_an_unknown_word() -> None:
    vocab = bucketed(5, "bank")
    assert vocab.decode(np.array([2, 3, 7, PAD])) == ["bank", "<OOV>", "<OOV>"]


def test_places_of_unknown_words_have_the_numbers_of_buckets() -> None:
    vocab = Vocab((*SPECIALS, "bank"), ("the",), 5)
    document = Documents.from_texts(["The bank zzz"])
    found = [place.id for place in vocab.places(document)]
    assert found == vocab.encode(document).ids.tolist()
    assert found[1] >= len(vocab)


def test_the_names_of_the_specials_in_a_text_are_ordinary_words() -> None:
    vocab = learnt(["<pad> <OOV> pad"])
    assert vocab.words == (*SPECIALS, "pad", "oov")


def test_places_are_those_of_the_raw_text() -> None:
    fields = {
        "headline": string_array(["MASSE, Maße!"]),
        "text": string_array(["they’re in the cafe\u0301 of 東京"]),
    }
    document = Documents(numbered(1), fields)
    vocab = Vocab((*SPECIALS, "masse", "café", "京"), ("the", "they're", "in"))
    assert vocab.places(document) == [
        Place("headline", 0, 5, 2),
        Place("headline", 7, 11, 2),
        Place("text", 15, 20, 3),
        Place("text", 21, 23, OOV),
        Place("text", 24, 25, OOV),
        Place("text", 25, 26, 4),
    ]
    assert [place.id for place in vocab.places(document)] == vocab.encode(document).ids.tolist()


def test_no_documents_make_a_vocabulary_of_specials() -> None:
    vocab, sequences = Vocab.learn(Documents.from_texts([]), size=10)
    assert vocab.words == SPECIALS
    assert (sequences.n, len(sequences.ids)) == (0, 0)
    assert encoded(vocab, "cup", "") == [[OOV], []]
    assert vocab.encode(Documents.from_texts([])).n == 0


def test_a_saved_vocabulary_is_loaded_as_it_was(tmp_path: Path) -> None:
    documents = Documents.from_texts([*TEXTS, "Straße 東京 👍🏽 don't"])
    vocab, _ = Vocab.learn(documents, size=99, stop_words=stop_words("en"), n_buckets=3)
    encoded(vocab, "cup")
    write_json(tmp_path / "vocab.json", vocab)
    loaded = read_json(tmp_path / "vocab.json", Vocab)
    assert (loaded.words, loaded.stop_words) == (vocab.words, vocab.stop_words)
    assert loaded.n_buckets == 3
    assert encoded(loaded, *TEXTS) == encoded(vocab, *TEXTS)


def test_a_vocabulary_that_was_saved_before_there_were_buckets_has_none(tmp_path: Path) -> None:
    content = '{"words": ["<pad>", "<OOV>", "cup"], "stop_words": []}'
    (tmp_path / "vocab.json").write_text(content, encoding="utf-8")
    assert encoded(read_json(tmp_path / "vocab.json", Vocab), "cup bank") == [[2, OOV]]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"words": ["bank", "cup"]}', "begins with"),
        ('{"words": ["<OOV>", "<pad>"]}', "begins with"),
        ('{"words": []}', "begins with"),
        ('{"words": ["<pad>", "<OOV>", "cup", "bank", "cup"]}', "'cup' more than once"),
        ('{"words": ["<pad>", "<OOV>", 3]}', "Expected `str`"),
        ('{"words": ["<pad>", "<OOV>", null]}', "Expected `str`"),
        ('{"words": ["<pad>", "<OOV>"], "n_buckets": -1}', "-1 buckets"),
        ('{"stop_words": []}', "words"),
        ('["<pad>", "<OOV>"]', "Expected `object`"),
    ],
)
def test_a_broken_vocabulary_is_refused(tmp_path: Path, content: str, problem: str) -> None:
    (tmp_path / "vocab.json").write_text(content, encoding="utf-8")
    with pytest.raises(BundleFormatError, match=problem):
        read_json(tmp_path / "vocab.json", Vocab)


def test_a_vocabulary_that_was_put_together_wrongly_is_refused() -> None:
    with pytest.raises(ConfigError, match="Begin with"):
        Vocab(("cup",))
