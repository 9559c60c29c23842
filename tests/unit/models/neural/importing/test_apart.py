from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.errors import DataError, MissingExtraError
from newsdesk.features.vocab import SPECIALS, Vocab
from newsdesk.models.neural.importing import apart
from newsdesk.models.neural.importing.apart import read_apart
from newsdesk.models.neural.importing.formats import Request
from newsdesk.models.neural.language import folder
from newsdesk.models.neural.language.folder import Encoder, Origin
from newsdesk.models.neural.nnlm.architecture import NnlmArchitecture


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


@pytest.fixture
def vectors(tmp_path: Path) -> Request:
    (tmp_path / "v.txt").write_bytes(b"the 1 2\n, 3 4\n")
    return Request("word-vectors", (str(tmp_path / "v.txt"),))


def script(code: str) -> tuple[str, ...]:
    return (
        sys.executable,
        "-c",
        f"import sys, os, pathlib\nplace = pathlib.Path(sys.argv[1])\n{code}",
    )


def test_weights_come_back_from_the_process(place: Path, vectors: Request) -> None:
    encoder, notes = read_apart(vectors, place)
    assert encoder.tensors["embedding"].tolist() == [[0, 0], [2, 3], [1, 2]]
    assert len(notes) == 2


def test_an_elmo_comes_back_from_the_process(
    place: Path, elmo_arrays: dict[str, np.ndarray], write_elmo: Callable[..., Any]
) -> None:
    encoder, _ = read_apart(Request("allennlp-elmo", write_elmo(elmo_arrays)), place)
    assert encoder.kind == "elmo"
    assert encoder.tensors["projection.bias"].tolist() == elmo_arrays["CNN_proj/b_proj"].tolist()


def test_an_error_of_the_reader_is_raised_here(place: Path, vectors: Request) -> None:
    Path(vectors.files[0]).write_bytes(b"the 1 2\nof 1\n")
    with pytest.raises(DataError, match="line 2: the vector has 1 numbers, not 2"):
        read_apart(vectors, place)


def test_a_process_that_dies_is_an_error_that_says_how(place: Path, vectors: Request) -> None:
    killed = script(f"os.kill(os.getpid(), {signal.SIGKILL.value})")
    with pytest.raises(DataError, match=r"Reading v\.txt ended by signal SIGKILL"):
        read_apart(vectors, place, command=killed)
    with pytest.raises(DataError, match="ended by ZeroDivisionError: division by zero"):
        read_apart(vectors, place, command=script("1 / 0"))
    with pytest.raises(DataError, match="ended by no reason said"):
        read_apart(vectors, place, command=script("sys.exit(7)"))


def test_a_process_that_says_nothing_is_an_error(place: Path, vectors: Request) -> None:
    with pytest.raises(DataError, match="ended without a word"):
        read_apart(vectors, place, command=script("sys.stdin.read()"))
    said = script("""print('{"error": "SystemExit"}')""")
    with pytest.raises(DataError, match="ended without a word"):
        read_apart(vectors, place, command=said)


def test_a_process_that_hangs_is_ended(
    place: Path, vectors: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Recorded(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    hanging = script("import time; time.sleep(600)")
    with pytest.raises(DataError, match="took longer than 1 seconds"):
        read_apart(vectors, place, command=hanging, most_seconds=1)
    assert [process.returncode for process in started] == [-signal.SIGKILL]


TABLE = np.array([[0, 0], [2, 3], [1, 2]], np.float32)
GOOD: Encoder[Any] = Encoder(
    "nnlm",
    NnlmArchitecture(2),
    {"embedding": TABLE},
    Vocab((*SPECIALS, "the")),
    Origin("imported"),
)


@pytest.fixture
def given(place: Path, vectors: Request, tmp_path: Path) -> Callable[[], Any]:
    """Read what a process gives that writes what stands in ``tmp_path / "given"``."""
    (tmp_path / "given/encoder").mkdir(parents=True)
    copy = f"import shutil; shutil.copytree({str(tmp_path / 'given')!r}, place, dirs_exist_ok=True)"
    return lambda: read_apart(vectors, place, command=script(f"{copy}\nprint('{{}}')"))


@pytest.mark.parametrize(
    "encoder",
    [
        replace(GOOD, kind="elmo"),
        replace(GOOD, tensors={"embedding": TABLE * np.float32("nan")}),
        replace(GOOD, tensors={"embedding": TABLE[:2]}),
        replace(GOOD, tensors={"embedding": TABLE.astype("f8")}),
        replace(GOOD, tensors={"embedding": TABLE, "more": TABLE}),
        replace(GOOD, tensors={}),
        replace(GOOD, vocab=None),
        replace(GOOD, architecture=NnlmArchitecture(2, 1)),
    ],
    ids=["kind", "nan", "shape", "type", "more", "less", "no words", "sizes"],
)
def test_what_the_process_writes_is_checked_again(
    encoder: Encoder[Any], given: Callable[[], Any], tmp_path: Path
) -> None:
    folder.write(encoder, tmp_path / "given/encoder")
    with pytest.raises(DataError, match=r"What was read of v\.txt is not whole"):
        given()


@pytest.mark.parametrize("name", ["weights.safetensors", "vocab.json", "encoder.json"])
def test_a_file_that_is_missing_or_damaged_is_noticed(
    name: str, given: Callable[[], Any], tmp_path: Path
) -> None:
    folder.write(GOOD, tmp_path / "given/encoder")
    assert given().encoder.tensors["embedding"].tolist() == TABLE.tolist()
    path = tmp_path / "given/encoder" / name
    path.write_bytes(path.read_bytes()[:-9] + b"\0" * 9)
    with pytest.raises(DataError, match="is not whole"):
        given()


def test_more_memory_than_the_files_could_need_is_refused(
    place: Path, vectors: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "_LEAST_BYTES", 1 << 30)
    code = """
from newsdesk.models.neural.importing import child
child.read = lambda request: bytearray(2 << 30)
told = child.main(sys.stdin.buffer.read(), place)
print(__import__("msgspec").json.encode(told).decode())
"""
    with pytest.raises(DataError, match=r"took more than 1,024 MiB of memory"):
        read_apart(vectors, place, command=script(code))


def test_without_its_library_no_process_is_started(
    place: Path,
    elmo_arrays: dict[str, np.ndarray],
    write_elmo: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = write_elmo(elmo_arrays)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingExtraError, match="h5py is not installed") as caught:
        read_apart(Request("allennlp-elmo", files), place)
    assert "newsdesk[hdf5]" in caught.value.remedy
    assert not list(place.iterdir())
