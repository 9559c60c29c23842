"""Files of word vectors that are damaged, and disks and processes that fail (rows 3 to 11, 19)."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from newsdesk.errors import DataError
from newsdesk.features.vectors import embed, open_vectors

VECTORS = np.array([[0.5, 1.0, -2.0], [3.0, 4.0, 5.0]], dtype="<f4")
TEXT = b"the 0.5 1 -2\nof 3 4 5\n"
BINARY = b"2 3\nthe " + VECTORS[0].tobytes() + b"\nof " + VECTORS[1].tobytes() + b"\n"

NEIGHBOURS = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
PRELUDE = """
    import signal, sys
    from pathlib import Path

    from crashing import crash_at, cut_at, end_of, in_child, wait_for_no_disk

    from newsdesk.errors import StorageError
    from newsdesk.features.vectors import open_vectors

    place = Path(sys.argv[1])
    source, cache = place / "vectors.txt", place / "cache"
    n = 2000
    source.write_text("".join(f"word{i} {i} {-i} 0.5\\n" for i in range(n)), encoding="utf-8")
    open_vectors(source, cache=place / "warm")  # compiles

    def check():
        vectors = open_vectors(source, cache=cache)
        rows = vectors.find(["word7", "word1999", "x"])
        assert rows.tolist() == [7, 1999, -1]
        assert vectors.take(rows[:2]).tolist() == [[7, -7, 0.5], [1999, -1999, 0.5]]

    def folders():
        return [path for path in cache.iterdir() if path.is_dir()]
"""

CRASHES = """
    import shutil

    wait_for_no_disk()

    def open_it():
        open_vectors(source, cache=cache)

    for crash, step in ((crash_at, 1), (cut_at, 1 << 10)):
        n, ended, left = 0, None, 0
        while ended != 0:
            n += step
            shutil.rmtree(cache, ignore_errors=True)
            ended = crash(n, open_it)
            assert ended in (0, 9, -signal.SIGXFSZ), (n, ended)
            left += cache.exists() and any(path.name[0] == "." for path in folders())
            check()
            # What was left has not been taken for whole, and is gone.
            assert [path.name[0] for path in folders()] == ["v"], n
        assert left > 3
        print(n)
    print("done")
"""

RACE = """
    import shutil

    for number in range(20):
        children = [in_child(check) for _ in range(4)]
        assert [end_of(child) for child in children] == [0] * 4
        (entry,) = folders()
        shutil.rmtree(entry)
    print("done")
"""

REFUSED = """
    for number in range(2):
        try:
            open_vectors(source, cache=Path(sys.argv[2]) / "cache")
        except StorageError as error:
            print(error)
    print(sorted(path.name[0] for path in Path(sys.argv[2]).rglob("*") if path.is_dir()))
    print("done")
"""


def run(command: list[str | Path]) -> list[str]:
    """Lines that a script printed; it must come to its end."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "done"
    return lines[:-1]


def script(body: str, *places: Path) -> list[str | Path]:
    code = NEIGHBOURS + textwrap.dedent(PRELUDE) + textwrap.dedent(body)
    return [sys.executable, "-c", code, *places]


def on_small_disk(tmp_path: Path, options: str) -> list[str]:
    """Run `REFUSED` with its cache on a file system of its own, or skip."""
    mount = 'mount -t tmpfs -o "$1" none "$2" && shift 2 && exec "$@"'
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("needs unshare to mount a small disk")
    place, disk = tmp_path / "place", tmp_path / "disk"
    place.mkdir()
    disk.mkdir()
    apart: list[str | Path] = [unshare, "-rm", "sh", "-c", mount, "sh", options, disk]
    if subprocess.run([*apart, "true"], capture_output=True, check=False).returncode:
        pytest.skip("may not mount a small disk here (unshare -rm)")
    return run(apart + script(REFUSED, place, disk))


def refusal(folder: Path, data: bytes) -> str:
    """Give the problem of a file that is refused."""
    path = folder / "vectors.txt"
    path.write_bytes(data)
    with pytest.raises(DataError, match=r".") as caught:
        open_vectors(path, cache=folder / "cache")
    assert str(path) in caught.value.problem
    left = [entry for entry in (folder / "cache").iterdir() if entry.is_dir()]
    assert not left
    return caught.value.problem.removeprefix(str(path)).strip(" ,:")


@pytest.mark.slow
def test_row_03_a_crash_at_any_call_or_byte_leaves_nothing_that_is_taken_for_whole(
    tmp_path: Path,
) -> None:
    calls, n_bytes = map(int, run(script(CRASHES, tmp_path)))
    assert calls > 20
    assert n_bytes > 20_000


def test_row_04_several_processes_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    run(script(RACE, tmp_path))


def test_row_06_a_full_disk_is_named_with_the_remedy_and_nothing_is_left(tmp_path: Path) -> None:
    *said, left = on_small_disk(tmp_path, "size=32k")
    assert len(said) == 2
    for line in said:
        assert line.startswith(f"The cache {tmp_path / 'disk' / 'cache'}")
        assert "No space left on device. Set NEWSDESK_CACHE to a folder" in line
    assert left == "['c']"


def test_row_07_a_read_only_cache_is_refused_before_the_file_is_read(tmp_path: Path) -> None:
    *said, _ = on_small_disk(tmp_path, "size=32k,ro")
    assert len(said) == 2
    for line in said:
        assert "Read-only file system. Set NEWSDESK_CACHE to a folder" in line


@pytest.mark.parametrize("packed", [False, True])
def test_row_10_a_binary_cut_anywhere_is_refused(tmp_path: Path, packed: bool) -> None:
    second = BINARY.index(b"\nof")
    for size in range(len(b"2 3\nt"), len(BINARY) - 1):
        data = BINARY[:size]
        problem = refusal(tmp_path, gzip.compress(data) if packed else data)
        assert problem == f"is cut short: {int(size >= second)} of 2 vectors are whole."


def test_row_10_a_text_cut_anywhere_but_behind_a_digit_is_refused(tmp_path: Path) -> None:
    data = b"2 3\n" + TEXT
    for size in range(len(data) - 2):
        assert refusal(tmp_path, data[:size])


def test_row_10_packed_data_cut_anywhere_is_refused(tmp_path: Path) -> None:
    data = gzip.compress(TEXT)
    for size in range(len(data)):
        assert refusal(tmp_path, data[:size])


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is empty."),
        (b"\n", "is empty."),
        (TEXT + b"and 1 2\n", "line 3: the vector has 2 numbers, not 3."),
        (b"2 3\n" + TEXT[:-3] + b"\n", "line 3: the vector has 2 numbers, not 3."),
        (TEXT + b"and 1 2 3 4\n", "line 3: the vector has 4 numbers, not 3."),
        (TEXT + b"and 1 two 3\n", "line 3: 'two' is no number."),
        (TEXT + b"and 1 nan 3\n", "line 3: nan is not finite, or too large for 32 bits."),
        (TEXT + b"and 1 1e99 3\n", "line 3: 1e99 is not finite, or too large for 32 bits."),
        (b"3 3\n" + TEXT, "is cut short: it holds 2 of 3 vectors."),
        (b"2 2\n" + TEXT, "line 2: the vector has 3 numbers, not 2."),
        (b"2 4\n" + TEXT, "line 2: the vector has 3 numbers, not 4."),
        (b"1 3\n" + BINARY[4:], "goes on behind the 1 vectors that its header promises."),
        (b"3 3\n" + BINARY[4:], "is cut short: 2 of 3 vectors are whole."),
        (b"2 300\n" + BINARY[4:], "is cut short: 0 of 2 vectors are whole."),
        (b"label,text\nsport,a\n", "is no file of word vectors: it begins with 'label,text'."),
        ((793712314).to_bytes(4, "little") + b"\x0c\0", "is a fastText model, not a file of"),
    ],
)
def test_row_10_a_file_that_is_not_what_it_should_be_is_named_with_the_place(
    tmp_path: Path, data: bytes, problem: str
) -> None:
    assert refusal(tmp_path, data).startswith(problem)


@pytest.mark.parametrize("header", [b"", b"2 3\n"])
def test_row_10_a_header_or_none_is_the_same(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "vectors.txt"
    path.write_bytes(header + TEXT)
    vectors = open_vectors(path, cache=tmp_path / "cache")
    np.testing.assert_array_equal(vectors.take(vectors.find(["the", "of"])), VECTORS)


@pytest.mark.parametrize("header", [b"9223372036854775808 3\n", b"2 999999999999\n"])
def test_row_11_a_header_that_promises_the_moon_costs_nothing(
    tmp_path: Path, header: bytes
) -> None:
    for data in (TEXT, BINARY[4:]):
        problem = refusal(tmp_path, header + data)
        assert problem.startswith(("is cut short", "line 1: the header promises"))


def test_row_19_words_of_any_characters_are_found(tmp_path: Path) -> None:
    words = [
        "a\0b",
        "\u202eb",
        "👩\u200d💻",
        "é",
        "e\u0301",
        "a\u00a0b",
        "a" + "\u0301" * 1000,
        "\x85",
    ]
    path = tmp_path / "vectors.txt"
    lines = "".join(f"{word} {row} 0.5\n" for row, word in enumerate(words))
    path.write_text(lines, encoding="utf-8", newline="")
    vectors = open_vectors(path, cache=tmp_path / "cache")
    assert vectors.find(words).tolist() == list(range(len(words)))
    assert embed(words, vectors).matrix[:, 0].tolist() == list(range(len(words)))


def test_row_19_words_that_are_no_text_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    path.write_bytes(b"caf\xe9 1 1 1\n" + TEXT + b"the 9 9 9\n")
    vectors = open_vectors(path, cache=tmp_path / "cache")
    assert vectors.notes == (
        "1 vector of a word that stood before is left out",
        "1 vector of a word in no valid UTF-8 is left out",
    )
    np.testing.assert_array_equal(vectors.take(vectors.find(["the", "of"])), VECTORS)
