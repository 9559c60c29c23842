"""Rows 8 to 12 and 15: bundles that are broken, forged or of another time."""

from __future__ import annotations

import io
import os
import pickle
import shutil
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from newsdesk import store
from newsdesk.bundle import Bundle
from newsdesk.errors import BundleError, BundleFormatError, BundleIntegrityError, NewsdeskError
from newsdesk.types import Documents, string_array

GOLDEN = Path(__file__).parent / "golden"
FILES = ("bundle.json", "linear.json", "manifest.json", "weights.safetensors")


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A saved bundle to spoil."""
    return Path(shutil.copytree(GOLDEN / "bundle", tmp_path / "bundle"))


def reseal(folder: Path) -> None:
    """Make the manifest agree with whatever files stand there now."""
    path = folder / "manifest.json"
    manifest = msgspec.json.decode(path.read_bytes(), type=store.Manifest)
    path.unlink()
    store.seal(folder, manifest)


def edit(folder: Path, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a JSON file as a forger would, manifest included."""
    value = msgspec.json.decode((folder / name).read_bytes())
    change(value)
    (folder / name).write_bytes(msgspec.json.encode(value))
    if name != "manifest.json":
        reseal(folder)


def forge_header(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the header of the weights, manifest included."""
    path = folder / "weights.safetensors"
    raw = path.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = msgspec.json.decode(raw[8 : 8 + length])
    change(header)
    encoded = msgspec.json.encode(header)
    path.write_bytes(len(encoded).to_bytes(8, "little") + encoded + raw[8 + length :])
    reseal(folder)


# ── row 8 ────────────────────────────────────────────────────────────────────────────────────────


def test_row_08_every_flipped_bit_is_refused(saved: Path) -> None:
    rng = np.random.default_rng(0)
    sizes = np.array([(saved / name).stat().st_size for name in FILES])
    accepted = []
    for _ in range(500):
        name = FILES[rng.choice(4, p=sizes / sizes.sum())]
        path = saved / name
        intact = path.read_bytes()
        at, bit = int(rng.integers(len(intact))), int(rng.integers(8))
        flipped = bytearray(intact)
        flipped[at] ^= 1 << bit
        path.write_bytes(flipped)
        try:
            Bundle.load(saved, expect_digest=GOLDEN_DIGEST)
            accepted.append((name, at, bit))
        except BundleError:
            path.write_bytes(intact)
    assert not accepted
    Bundle.load(saved, expect_digest=GOLDEN_DIGEST)


def test_row_08_the_spoilt_file_is_named(saved: Path) -> None:
    path = saved / "weights.safetensors"
    spoilt = bytearray(path.read_bytes())
    spoilt[-1] ^= 1
    path.write_bytes(spoilt)
    with pytest.raises(BundleIntegrityError, match=r"sha256 mismatch for weights\.safetensors"):
        Bundle.load(saved)


# ── row 9 ────────────────────────────────────────────────────────────────────────────────────────


def test_row_09_a_forged_manifest_is_refused_by_the_expected_digest(saved: Path) -> None:
    edit(saved, "bundle.json", lambda value: value["labels"].reverse())
    Bundle.load(saved)
    with pytest.raises(BundleIntegrityError, match=f"expected is {GOLDEN_DIGEST}"):
        Bundle.load(saved, expect_digest=GOLDEN_DIGEST)


def test_row_09_the_digest_of_a_loaded_bundle_is_known(saved: Path) -> None:
    assert Bundle.load(saved).digest == GOLDEN_DIGEST
    assert Bundle.load(saved, expect_digest=GOLDEN_DIGEST.upper()).digest == GOLDEN_DIGEST


# ── row 10 ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("resealed", [False, True])
@pytest.mark.parametrize("length", [0, 4, 8, 50, -1])
@pytest.mark.parametrize("name", FILES)
def test_row_10_a_truncated_file_is_refused_by_name(
    saved: Path, name: str, length: int, resealed: bool
) -> None:
    path = saved / name
    # The last byte of a JSON file is a line feed, without which it is still whole.
    cut = length - (1 if length < 0 and name.endswith(".json") else 0)
    path.write_bytes(path.read_bytes()[:cut])
    if resealed and name != "manifest.json":
        reseal(saved)
    with pytest.raises(BundleError, match=name):
        Bundle.load(saved)


@pytest.mark.parametrize("name", FILES)
def test_row_10_a_missing_file_is_refused_by_name(saved: Path, name: str) -> None:
    (saved / name).unlink()
    with pytest.raises(BundleError, match=name):
        Bundle.load(saved)


@pytest.mark.parametrize("name", FILES[:2] + FILES[3:])
def test_row_10_a_file_that_the_manifest_misses_too_is_refused(saved: Path, name: str) -> None:
    (saved / name).unlink()
    reseal(saved)
    with pytest.raises(NewsdeskError, match=name):
        Bundle.load(saved)


@pytest.mark.parametrize("name", ["extra.json", "README", ".hidden", "weights.safetensors~"])
def test_row_10_an_extra_file_is_refused_by_name(saved: Path, name: str) -> None:
    (saved / name).write_text("{}")
    with pytest.raises(BundleIntegrityError, match=f"{name} is not in the manifest"):
        Bundle.load(saved)


def test_row_10_an_extra_folder_is_refused(saved: Path) -> None:
    (saved / "more").mkdir()
    with pytest.raises(BundleIntegrityError, match="more is not in the manifest"):
        Bundle.load(saved)


@pytest.mark.parametrize("name", FILES)
def test_row_10_a_link_is_no_member(saved: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    (saved / name).rename(elsewhere)
    (saved / name).symlink_to(elsewhere)
    with pytest.raises(BundleError, match="no plain file"):
        Bundle.load(saved)


def test_row_10_a_device_or_pipe_is_no_member(saved: Path) -> None:
    (saved / "linear.json").unlink()
    os.mkfifo(saved / "linear.json")
    with pytest.raises(BundleIntegrityError, match=r"linear\.json is no plain file"):
        Bundle.load(saved)


@pytest.mark.parametrize(
    "name", ["../outside.json", "/etc/passwd", "a/b.json", "..json", "x.pkl", "manifest.json", ""]
)
def test_row_10_a_name_that_no_bundle_holds_is_refused_unopened(saved: Path, name: str) -> None:
    fact = {"size_bytes": 1, "sha256": "0" * 64}
    edit(saved, "manifest.json", lambda value: value["files"].update({name: fact}))
    with pytest.raises(BundleIntegrityError, match="which no bundle holds"):
        Bundle.load(saved)


# ── row 11 ───────────────────────────────────────────────────────────────────────────────────────

BOMBS = """
    import resource, shutil, sys
    from pathlib import Path

    import msgspec

    from newsdesk import store
    from newsdesk.bundle import Bundle
    from newsdesk.errors import NewsdeskError

    folder, golden = Path(sys.argv[1]), Path(sys.argv[2])
    Bundle.load(golden)  # libraries and tables that every load needs

    def header(n_claimed, n_written):
        with (folder / "weights.safetensors").open("wb") as file:
            file.write(n_claimed.to_bytes(8, "little"))
            file.truncate(8 + n_written)

    def edit(name, **values):
        content = msgspec.json.decode((folder / name).read_bytes())
        content["params"].update(fields="apart", bits=10)
        (folder / name).write_bytes(msgspec.json.encode(content | values))

    bombs = {
        "header of 2**63 bytes": lambda: header(2**63, 100),
        "header of 2**64 - 1 bytes": lambda: header(2**64 - 1, 100),
        "header of 100 MB": lambda: header(100_000_000, 100_000_000),
        "JSON of 100 MB": lambda: (folder / "bundle.json").open("wb").truncate(100_000_000),
        "a thousand million fields": lambda: edit("linear.json", n_fields=1_000_000_000),
        "a thousand million classes": lambda: edit("linear.json", n_classes=1_000_000_000),
        "a negative number of fields": lambda: edit("linear.json", n_fields=-5),
        "nesting": lambda: (folder / "linear.json").write_bytes(b'{"x":' + b"[" * 10_000_000),
    }
    for name, plant in bombs.items():
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(golden, folder)
        plant()
        path = folder / "manifest.json"
        manifest = msgspec.json.decode(path.read_bytes(), type=store.Manifest)
        path.unlink()
        store.seal(folder, manifest)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            Bundle.load(folder)
            refused = "accepted"
        except NewsdeskError as error:
            refused = "refused" if error.remedy else "without remedy"
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(f"{name}: {refused}", "within 50 MB" if grown < 50_000 else f"taking {grown} kB")
"""


def test_row_11_header_bombs_are_refused_in_little_memory(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(BOMBS), tmp_path / "bomb", GOLDEN / "bundle"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 8
    assert not [line for line in lines if not line.endswith(": refused within 50 MB")]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("tensor", ["weights", "bias", "idf"])
def test_row_11_weights_that_are_not_finite_are_refused(
    saved: Path, tensor: str, bad: float
) -> None:
    path = saved / "weights.safetensors"
    raw = bytearray(path.read_bytes())
    length = int.from_bytes(raw[:8], "little")
    about = msgspec.json.decode(raw[8 : 8 + length])[tensor]
    dtype = {"F16": np.float16, "F32": np.float32}[about["dtype"]]
    value = np.array([bad], dtype=dtype).tobytes()
    at = 8 + length + about["data_offsets"][0]
    raw[at : at + len(value)] = value
    path.write_bytes(raw)
    reseal(saved)
    with pytest.raises(BundleFormatError, match=f"{tensor} holds values that are not finite"):
        Bundle.load(saved)


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header["weights"].update(shape=header["weights"]["shape"][::-1]),
        lambda header: header["idf"].update(dtype="I32"),
        lambda header: header["idf"].update(shape=[1, *header["idf"]["shape"]]),
        lambda header: header["bias"].update(data_offsets=[0, 1 << 62]),
        lambda header: header.update(more=header.pop("bias")),
        lambda header: header.pop("slots"),
    ],
    ids=["transposed", "other type", "other rank", "beyond the end", "other name", "missing"],
)
def test_row_11_a_header_that_does_not_fit_is_refused(
    saved: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    forge_header(saved, change)
    with pytest.raises(BundleFormatError, match=r"weights\.safetensors"):
        Bundle.load(saved)


@pytest.mark.parametrize("slot", [-1, 1 << 30])
def test_row_11_slots_beyond_the_table_are_refused(saved: Path, slot: int) -> None:
    path = saved / "weights.safetensors"
    raw = bytearray(path.read_bytes())
    length = int.from_bytes(raw[:8], "little")
    at = 8 + length + msgspec.json.decode(raw[8 : 8 + length])["slots"]["data_offsets"][0]
    raw[at : at + 4] = slot.to_bytes(4, "little", signed=True)
    path.write_bytes(raw)
    reseal(saved)
    with pytest.raises(BundleFormatError, match="feature table"):
        Bundle.load(saved)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("bundle.json", {"temperature": 0.0}),
        ("bundle.json", {"temperature": -1.0}),
        ("bundle.json", {"slope": [1e300, 1.0, 1.0]}),
        ("bundle.json", {"offset": [1.0]}),
        ("bundle.json", {"prior": [2.0, -1.0, 0.0]}),
        ("bundle.json", {"prior": [0.5, 0.5]}),
        ("bundle.json", {"labels": ["A", "A", "B"]}),
        ("bundle.json", {"fields": []}),
        ("bundle.json", {"family": "prior"}),
        ("bundle.json", {"family": "no-such-family"}),
        ("bundle.json", {"family": "os:system"}),
        ("linear.json", {"n_classes": 2}),
    ],
)
def test_row_11_files_that_contradict_each_other_are_refused(
    saved: Path, name: str, change: dict[str, Any]
) -> None:
    edit(saved, name, lambda value: value.update(change))
    with pytest.raises(NewsdeskError) as caught:
        Bundle.load(saved)
    assert caught.value.remedy


def test_row_11_fewer_classes_than_the_weights_have_are_refused(saved: Path) -> None:
    def drop(value: dict[str, Any]) -> None:
        for name in ("labels", "slope", "offset"):
            value[name].pop()
        value["prior"] = [0.5, 0.5]

    edit(saved, "bundle.json", drop)
    with pytest.raises(BundleFormatError, match="2 classes"):
        Bundle.load(saved)


# ── row 12 ───────────────────────────────────────────────────────────────────────────────────────


class Touch:
    """Runs a command when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.marker}",)


def payloads(marker: Path) -> dict[str, bytes]:
    """Files that run a command when a careless reader opens them."""
    pickled = pickle.dumps(Touch(marker))
    array = io.BytesIO()
    np.save(array, np.array([Touch(marker)], dtype=object), allow_pickle=True)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("archive/data.pkl", pickled)
        file.writestr("archive/version", "3\n")
    return {
        "model.pkl": pickled,
        "model.joblib": pickle.dumps({"model": Touch(marker)}, protocol=2),
        "data.npy": array.getvalue(),
        "model.pt": archive.getvalue(),
    }


@pytest.mark.parametrize("kind", ["model.pkl", "model.joblib", "data.npy", "model.pt"])
@pytest.mark.parametrize("place", [None, "extra.json", "extra.safetensors", *FILES])
def test_row_12_code_inside_a_bundle_never_runs(
    saved: Path, tmp_path: Path, kind: str, place: str | None
) -> None:
    marker = tmp_path / "marker"
    payload = payloads(marker)[kind]
    (saved / (place or kind)).write_bytes(payload)
    if place != "manifest.json":
        reseal(saved)
    if place in {"extra.json", "extra.safetensors"}:
        Bundle.load(saved)  # sealed with the rest, and never opened
    else:
        with pytest.raises(BundleError):
            Bundle.load(saved)
    assert not marker.exists()


def test_row_12_the_payloads_are_live(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    pickle.loads(payloads(marker)["model.pkl"])
    assert marker.exists()


# ── row 15 ───────────────────────────────────────────────────────────────────────────────────────

ANSWERS = msgspec.json.decode((GOLDEN / "answers.json").read_bytes())
GOLDEN_DIGEST: str = ANSWERS["digest"]


def test_row_15_a_bundle_of_a_newer_format_says_both_numbers(saved: Path) -> None:
    newer = store.FORMAT + 1
    # Whatever else a newer format changes must not be what the message is about.
    (saved / "manifest.json").write_bytes(
        msgspec.json.encode({"format": newer, "members": [{"path": "x"}]})
    )
    said = f"is of format {newer}, this build reads up to {store.FORMAT}"
    with pytest.raises(BundleFormatError, match=said) as caught:
        Bundle.load(saved)
    assert caught.value.remedy == "Upgrade newsdesk."


def test_row_15_a_text_step_of_a_newer_build_is_refused_and_never_left_out(saved: Path) -> None:
    edit(saved, "bundle.json", lambda value: value["cleaner"].update(stem=True))
    with pytest.raises(BundleFormatError, match="cleans texts by 'stem'") as caught:
        Bundle.load(saved)
    assert caught.value.remedy == "Upgrade newsdesk."


@pytest.mark.parametrize(
    "content", [b"{}", b'{"format": 0}', b'{"format": "one"}', b'{"format": null}', b"[1]", b""]
)
def test_row_15_a_manifest_without_a_format_number_is_no_bundle(
    saved: Path, content: bytes
) -> None:
    (saved / "manifest.json").write_bytes(content)
    with pytest.raises(BundleFormatError, match="manifest"):
        Bundle.load(saved)


def test_row_15_the_golden_bundle_of_format_1_still_gives_its_answers() -> None:
    bundle = Bundle.load(GOLDEN / "bundle", expect_digest=GOLDEN_DIGEST)
    headlines, descriptions = zip(*ANSWERS["asked"], strict=True)
    documents = Documents(
        ids=string_array([str(number) for number in range(len(headlines))]),
        fields={"headline": string_array(headlines), "description": string_array(descriptions)},
    )
    assert bundle.predict(documents).proba == pytest.approx(np.array(ANSWERS["proba"]), abs=1e-5)
