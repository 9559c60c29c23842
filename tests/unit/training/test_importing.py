from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.errors import BundleExistsError, ConfigError, DataError
from newsdesk.models.neural.importing import apart
from newsdesk.models.neural.importing.found import Found
from newsdesk.models.neural.importing.reading import read
from newsdesk.models.neural.language import folder
from newsdesk.models.neural.nnlm.architecture import NnlmArchitecture
from newsdesk.training import importing
from newsdesk.training.importing import import_weights


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Words and vectors of an NN-LM."""
    (tmp_path / "tokens.txt").write_text("the\n,\nof\n", encoding="utf-8")
    np.save(tmp_path / "vectors.npy", np.arange(8, dtype=np.float32).reshape(4, 2))
    return [tmp_path / "tokens.txt", tmp_path / "vectors.npy"]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in this process, which is quicker; the other one has its own tests."""
    monkeypatch.setattr(importing, "read_apart", lambda request, _place: read(request))


def test_an_encoder_folder_is_written_by_a_process_of_its_own(
    files: list[Path], tmp_path: Path
) -> None:
    lines: list[str] = []
    out = tmp_path / "deep/encoder"
    found = import_weights(files, out, note=lines.append)
    encoder = folder.read(out, "nnlm", NnlmArchitecture)
    assert encoder.tensors["embedding"].tolist() == [[0, 0], [6, 7], [0, 1], [4, 5]]
    names = {path.name for path in out.iterdir()}
    assert names == {"encoder.json", "manifest.json", "vocab.json", "weights.safetensors"}
    assert list(out.parent.iterdir()) == [out]
    assert lines == ["reading tokens.txt, vectors.npy as nnlm"]
    assert (found.kind, found.format, found.n_words, found.n_numbers) == ("nnlm", "nnlm", 4, 8)
    assert found.families == ("nnlm-lstm", "nnlm-linear")
    assert found.notes[0].startswith("1 word left out")


def test_the_same_files_give_the_same_bytes(files: list[Path], tmp_path: Path, here: None) -> None:
    for name in ("a", "b"):
        import_weights(files, tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


@pytest.mark.usefixtures("here")
def test_a_folder_that_exists_is_kept_unless_told(files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    import_weights(files, out)
    before = (out / "weights.safetensors").read_bytes()
    np.save(files[1], np.ones((4, 2), np.float32))
    with pytest.raises(BundleExistsError, match="exists already"):
        import_weights(files, out)
    assert (out / "weights.safetensors").read_bytes() == before
    import_weights(files, out, overwrite=True)
    assert (out / "weights.safetensors").read_bytes() != before


@pytest.mark.usefixtures("here")
def test_what_is_no_encoder_folder_is_never_replaced(files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(BundleExistsError, match=r"has no encoder\.json"):
        import_weights(files, tmp_path / "mine", overwrite=True)
    assert (tmp_path / "mine/letter.txt").read_text(encoding="utf-8") == "dear"


@pytest.mark.parametrize("is_there", [True, False])
def test_a_file_that_is_refused_leaves_nothing_new_behind(
    files: list[Path], tmp_path: Path, here: None, is_there: bool
) -> None:
    out = tmp_path / "place/out"
    if is_there:
        import_weights(files, out)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    files[0].write_bytes(pickle.dumps({"the": 0}))
    with pytest.raises(DataError, match="is refused"):
        import_weights(files, out, overwrite=True)
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after.keys() == before.keys()
    assert all(after[path] == before[path] for path in before if path != files[0])


def test_what_the_process_leaves_besides_is_not_published(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave_more(request: Any, place: Path) -> Found:
        (place / "encoder").mkdir()
        (place / "encoder/evil.py").write_text("1", encoding="utf-8")
        return read(request)

    monkeypatch.setattr(importing, "read_apart", leave_more)
    import_weights(files, tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.py"))
    assert not (tmp_path / "out/work").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"format": "nnml"}, r"no format 'nnml' of weights\. Did you mean 'nnlm'"),
        ({"backward": True}, "Weights of nnlm are not read backward"),
        ({"format": "allennlp-elmo", "n_words": 5}, "no words to choose from"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    options: dict[str, Any], said: str, files: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=said):
        import_weights(files, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_a_format_that_is_named_is_not_guessed(files: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="word-vectors needs one file, not 2"):
        import_weights(files, tmp_path / "out", format="word-vectors")
    with pytest.raises(DataError, match="There is no file"):
        import_weights([tmp_path / "gone"], tmp_path / "out", format="nnlm")


def test_what_is_written_names_files_and_format(
    files: list[Path], tmp_path: Path, here: None
) -> None:
    import_weights(files, tmp_path / "out")
    origin = json.loads((tmp_path / "out/encoder.json").read_bytes())["origin"]
    assert (origin["how"], origin["source"]) == ("imported", "tokens.txt, vectors.npy")
    assert origin["settings"] == {"format": "nnlm"}
    assert apart.READER[0] not in json.dumps(origin)
