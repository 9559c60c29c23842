from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from newsdesk.errors import ConfigError
from newsdesk.features import near_duplicates
from newsdesk.features.near_duplicates import find_clusters, find_exact, find_pairs
from newsdesk.types import Documents, numbered, string_array

STORY = "Sea lion rescued from Santa Barbara oil spill dies at marine park"
OTHERS = ["Storm closes two airports in the north", "Keeper saves two penalties in the final"]


def clusters(*texts: str) -> list[int]:
    return find_clusters(Documents.from_texts(texts)).tolist()


def sentences(n: int, *, length: int = 14, seed: int = 0) -> list[str]:
    """Make n sentences of words that hardly ever occur twice."""
    rng = np.random.default_rng(seed)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = ["".join(row) for row in rng.choice(letters, (n * length, 7))]
    return [" ".join(words[at : at + length]) for at in range(0, n * length, length)]


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        str.title,
        lambda text: text + " (VIDEO)",
        lambda text: text.replace("marine", "ocean"),
        lambda text: text.replace("Sea lion", "Sea-lion,"),
        lambda text: "PHOTOS: " + text,
        lambda text: " ".join(reversed(text.split())),
    ],
)
def test_small_changes_make_near_duplicates(change: Callable[[str], str]) -> None:
    assert clusters(STORY, *OTHERS, change(STORY)) == [0, 1, 2, 0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "Photos of the day from all the world, 3/12",
            "Photos of the day from all the world, 3/13",
        ),
        ("Markets at noon: index up 4 points on oil", "Markets at noon: index up 7 points on oil"),
        ("Weekend roundup", "Sunday roundup"),
        ("Plan A", "Plan B"),
        ("!!!", "???"),
        ("", " "),
    ],
)
def test_texts_that_report_different_things_are_no_near_duplicates(first: str, second: str) -> None:
    assert clusters(first, second) == [0, 1]


def test_a_number_that_one_side_adds_is_no_contradiction() -> None:
    assert clusters(STORY, STORY + " (3 photos)") == [0, 0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Море вернуло тысячи писем из прошлого века", "МОРЕ вернуло сотни писем из прошлого века"),
        ("北京今天下午迎来第一场大雪部分航班取消", "北京今天下午迎来第一场大雪部份航班取消"),
        ("दिल्ली में आज सुबह भारी बारिश", "दिल्ली में आज सुबह भारी बारिश (वीडियो)"),
        ("Straße in Köln nach Rohrbruch gesperrt", "STRASSE in Köln nach Rohrbruch gesperrt"),
    ],
)
def test_every_script_has_near_duplicates(first: str, second: str) -> None:
    assert clusters(first, *OTHERS, second) == [0, 1, 2, 0]


def test_exact_copies_share_a_cluster_even_without_a_word() -> None:
    assert clusters("", "…", "", "a", "…", "a") == [0, 1, 0, 2, 1, 2]


def test_fields_are_compared_together() -> None:
    found = "The animal had been found in May."
    headlines = string_array([STORY, OTHERS[0], STORY + " (VIDEO)"])
    fields = {"headline": headlines, "text": string_array([found, "", found])}
    assert find_clusters(Documents(numbered(3), fields)).tolist() == [0, 1, 0]


def test_items_of_a_column_with_a_common_frame_stay_apart() -> None:
    frame = "We all need help with our daily practice and hope that these words will give you some"
    texts = [f"Daily thought: {sentence}. {frame}" for sentence in sentences(12, length=4)]
    assert clusters(*texts) == list(range(12))
    # Of what is its own, an item may have near-duplicates all the same.
    words = sentences(1, length=16)[0]
    assert clusters(*texts, f"{words}. {frame}", f"{words} (VIDEO). {frame}")[12:] == [12, 12]


def test_many_long_versions_of_one_text_are_found_all_the_same() -> None:
    text = sentences(1, length=60)[0].split()
    versions = [" ".join([*text[:n], f"new{chr(97 + n)}", *text[n + 1 :]]) for n in range(10)]
    assert set(clusters(text[0], " ".join(text), *versions)) == {0, 1}


def test_planted_near_duplicates_are_found_among_many() -> None:
    texts = sentences(3000)
    changed = [text.replace(text.split()[n % 14], "replaced") for n, text in enumerate(texts)]
    found = np.array(clusters(*texts, *changed))
    assert (found[:3000] == found[3000:]).mean() > 0.99
    assert len(set(found[:3000])) == 3000


def test_fifty_thousand_texts_of_one_template_are_searched_in_linear_time() -> None:
    own = sentences(50_000, length=4)
    frame = "the weather report for today with all that you need to know about"
    texts = [f"{frame} {text}" for text in own]
    found = find_clusters(Documents.from_texts([*texts, *texts[:100]]))
    assert found[50_000:].tolist() == list(range(100))
    assert len(set(found.tolist())) == 50_000
    assert not find_clusters(Documents.from_texts([texts[0]] * 50_000)).any()


def test_the_threshold_decides() -> None:
    texts = Documents.from_texts(["one two three four five", "one two three four six"])
    assert find_clusters(texts).tolist() == [0, 1]  # 4 of 6
    assert find_clusters(texts, threshold=0.6).tolist() == [0, 0]
    for threshold in (0.0, 0.29, 1.1, float("nan")):
        with pytest.raises(ConfigError, match="similarity"):
            find_clusters(texts, threshold=threshold)


@pytest.mark.parametrize("n_threads", ["1", "3"])
def test_the_result_does_not_depend_on_threads(
    n_threads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = sentences(300)
    documents = Documents.from_texts([*texts, *(text + " again" for text in texts)])
    monkeypatch.setenv("NEWSDESK_THREADS", n_threads)
    assert find_clusters(documents).tolist() == [*range(300), *range(300)]


def test_no_documents_have_no_clusters_and_no_pairs() -> None:
    documents = Documents.from_texts([])
    assert find_clusters(documents).tolist() == []
    assert find_pairs(documents).rows.shape == (0, 2)


def test_pairs_come_with_their_similarity_in_ascending_order() -> None:
    documents = Documents.from_texts([STORY, OTHERS[0], STORY + " (VIDEO)", STORY.upper()])
    pairs = find_pairs(documents)
    assert pairs.rows.tolist() == [[0, 2], [0, 3]]
    assert pairs.similarity.tolist() == [12 / 13, 1.0]


def test_pairs_of_one_bucket_are_listed_however_many_they_are() -> None:
    text = sentences(1, length=60)[0]
    documents = Documents.from_texts(
        [f"{text} {extra}" for extra in sentences(30, length=1, seed=1)]
    )
    assert len(find_pairs(documents).rows) == 30 * 29 // 2


def test_progress_is_told_of_words_and_bands() -> None:
    told: dict[str, int] = {}

    class Told:
        def task(self, name: str, total: int, unit: str) -> Told:
            told[name] = total
            self.name = name
            return self

        def __enter__(self) -> Callable[[int], None]:
            name = self.name

            def done(n: int) -> None:
                told[name] -= n

            return done

        def __exit__(self, *_: object) -> None:
            return None

    find_clusters(Documents.from_texts([STORY, *OTHERS]), progress=Told())
    assert told == {"words": 0, "near duplicates": 0}


def two_fields(first: list[str], second: list[str]) -> Documents:
    columns = {"a": string_array(first), "b": string_array(second)}
    return Documents(numbered(len(first)), columns)


def test_exact_copies_are_equal_in_all_fields() -> None:
    documents = two_fields(["a", "b", "a", "a", ""], ["x", "x", "y", "x", ""])
    assert find_exact(documents).tolist() == [0, 1, 2, 0, 3]
    assert find_exact(two_fields([], [])).tolist() == []


def test_a_text_moved_from_one_field_to_the_next_is_no_exact_copy() -> None:
    assert find_exact(two_fields(["a b", "a"], ["", "b"])).tolist() == [0, 1]


def test_warming_up_twice_is_harmless() -> None:
    near_duplicates.warm_up()
    near_duplicates.warm_up()
    assert clusters("a", "a") == [0, 0]
