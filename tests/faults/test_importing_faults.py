"""Foreign weights that are damaged or hostile, and imports that are cut off."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.errors import DataError
from newsdesk.training.importing import import_weights


class Touch:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.path,)


def torch_files(place: Path, state: Any, words: Any) -> list[Path]:
    torch = pytest.importorskip("torch")
    torch.save(state, place / "lm.pth")
    (place / "itos.pkl").write_bytes(pickle.dumps(words))
    return [place / "lm.pth", place / "itos.pkl"]


def words_that_run_code(place: Path) -> list[Path]:
    return torch_files(place, {}, ["the", Touch(place / "made")])


def weights_that_run_code(place: Path) -> list[Path]:
    return torch_files(place, {"0.encoder.weight": Touch(place / "made")}, ["the"])


def weights_that_are_a_bare_pickle(place: Path) -> list[Path]:
    files = torch_files(place, {}, ["the"])
    files[0].write_bytes(pickle.dumps(Touch(place / "made")))
    return files


def array_of_objects(place: Path) -> list[Path]:
    np.save(place / "vectors.npy", np.array([Touch(place / "made")], dtype=object))
    (place / "tokens.txt").write_text("the\n", encoding="utf-8")
    return [place / "vectors.npy", place / "tokens.txt"]


def array_that_is_cut_short(place: Path) -> list[Path]:
    files = array_of_objects(place)
    np.save(files[0], np.ones((1, 64), np.float32))
    files[0].write_bytes(files[0].read_bytes()[:-1])
    return files


def array_with_a_hole(place: Path) -> list[Path]:
    files = array_of_objects(place)
    np.save(files[0], np.full((1, 3), np.nan, np.float32))
    return files


def elmo_without_arrays(place: Path) -> list[Path]:
    h5py = pytest.importorskip("h5py")
    lstm = {"use_skip_connections": True, "projection_dim": 2, "dim": 2, "n_layers": 1}
    convolutions = {"filters": [[1, 2]], "embedding": {"dim": 2}, "n_characters": 262}
    convolutions |= {"activation": "relu", "max_characters_per_token": 50}
    said = json.dumps({"lstm": lstm, "char_cnn": convolutions})
    (place / "options.json").write_text(said, encoding="utf-8")
    with h5py.File(place / "weights.hdf5", "w") as file:
        file["char_embedding"] = np.zeros((261, 2), np.float32)
    return [place / "options.json", place / "weights.hdf5"]


def elmo_that_is_cut_short(place: Path) -> list[Path]:
    files = elmo_without_arrays(place)
    files[1].write_bytes(files[1].read_bytes()[:1000])
    return files


def vectors_that_are_cut_short(place: Path) -> list[Path]:
    (place / "vectors.bin").write_bytes(b"2 2\nthe " + bytes(8))
    return [place / "vectors.bin"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (words_that_run_code, r"itos\.pkl is refused"),
        (weights_that_run_code, r"lm\.pth is refused: it holds more than weights"),
        (weights_that_are_a_bare_pickle, r"lm\.pth is"),
        (array_of_objects, r"vectors\.npy is no array of floats"),
        (array_that_is_cut_short, r"vectors\.npy is no array of floats"),
        (array_with_a_hole, r"vectors\.npy holds a number that is not finite"),
        (elmo_without_arrays, r"weights\.hdf5 has no array char_embed; .* char_embedding"),
        (elmo_that_is_cut_short, r"weights\.hdf5 cannot be read as HDF5"),
        (vectors_that_are_cut_short, r"vectors\.bin is cut short"),
    ],
)
def test_bad_weights_are_refused_run_nothing_and_leave_nothing(
    make: Callable[[Path], list[Path]], said: str, tmp_path: Path
) -> None:
    files = make(tmp_path)
    (tmp_path / "runs").mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataError, match=said) as caught:
        import_weights(files, tmp_path / "runs/out")
    assert caught.value.remedy
    assert sorted(tmp_path.rglob("*")) == before


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    (tmp_path / "vectors.txt").write_text("the 1 2\nof 3 4\n", encoding="utf-8")
    return tmp_path / "vectors.txt"


SLOW = """
    import sys
    from newsdesk.models.neural.importing import apart
    from newsdesk.training import importing

    reader = '''
    import os, pathlib, sys, time
    pathlib.Path(sys.argv[1], "begun").touch()
    begin = os.getppid()
    while os.getppid() == begin:
        time.sleep(0.02)
    '''
    command = (sys.executable, "-c", reader)
    importing.read_apart = lambda *given: apart.read_apart(*given, command=command)
    importing.import_weights(sys.argv[1:2], sys.argv[2])
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_an_import_that_is_cut_off_publishes_nothing_and_is_swept_away(
    number: signal.Signals, vectors: Path, tmp_path: Path
) -> None:
    out = tmp_path / "runs/out"
    command = [sys.executable, "-c", textwrap.dedent(SLOW), str(vectors), str(out)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + 60
        while not list(tmp_path.glob("runs/.out.tmp-*/work/begun")):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.02)
        process.send_signal(number)
        process.wait(60)
    left = list(out.parent.iterdir())
    assert out not in left
    assert len(left) == (1 if number == signal.SIGKILL else 0)
    import_weights([vectors], out)
    assert list(out.parent.iterdir()) == [out]


FULL = """
    import sys
    from newsdesk.errors import StorageError
    from newsdesk.training.importing import import_weights

    try:
        import_weights(sys.argv[1:2], sys.argv[2] + "/out")
    except StorageError as error:
        print(error.problem)
"""


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("needs unshare to mount a small disk")
    lines = "".join(f"word{n} {'0.5 ' * 64}\n" for n in range(2000))
    (tmp_path / "vectors.txt").write_text(lines, encoding="utf-8")
    (tmp_path / "disk").mkdir()
    mount = 'mount -t tmpfs -o size=200k none "$1" && "$2" -c "$3" "$4" "$1" && ls -A "$1"'
    apart = [unshare, "-rm", "sh", "-c", mount, "sh", str(tmp_path / "disk")]
    if subprocess.run([*apart, "true", "", ""], capture_output=True, check=False).returncode:
        pytest.skip("may not mount a small disk here (unshare -rm)")
    given = [sys.executable, textwrap.dedent(FULL), str(tmp_path / "vectors.txt")]
    done = subprocess.run([*apart, *given], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "disk is full" in done.stdout or "No space left" in done.stdout
    assert len(done.stdout.splitlines()) == 1
