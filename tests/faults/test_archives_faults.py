"""Row 13 of the fault catalogue: archives that are made to do harm, or are damaged."""

from __future__ import annotations

import gzip
import io
import random
import stat
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.data import tables
from newsdesk.data.readers import archives, compressed
from newsdesk.errors import DataError, NewsdeskError, SchemaError

CSV = b"headline,label\n" + b"".join(b"headline %d,A\n" % n for n in range(200))
END_BYTES = 22


def _packed(files: dict[str, bytes], **options: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", options.pop("compression", zipfile.ZIP_DEFLATED)) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.compress_type = archive.compression
            for key, value in options.items():
                setattr(info, key, value)
            archive.writestr(info, content)
    return buffer.getvalue()


def _write(tmp_path: Path, content: bytes, name: str = "news.zip") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def _refused(path: Path, reason: str) -> None:
    """Refused in one way or the other, and nothing new lies on the disk."""
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(DataError) as caught:
        tables.read(path)
    assert reason in caught.value.problem
    assert path.name in caught.value.problem
    assert sorted(path.parent.rglob("*")) == before


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../evil.csv", "is no plain path"),
        ("a/../../evil.csv", "is no plain path"),
        ("./news.csv", "is no plain path"),
        ("a//b.csv", "is no plain path"),
        ("/etc/evil.csv", "is an absolute path"),
        ("C:/evil.csv", "is an absolute path"),
        ("c:evil.csv", "is an absolute path"),
        ("..\\evil.csv", "has a backslash in its name"),
        ("a\\b.csv", "has a backslash in its name"),
    ],
)
def test_row_13_names_that_lead_elsewhere_are_refused(
    tmp_path: Path, name: str, reason: str
) -> None:
    _refused(_write(tmp_path, _packed({"news.csv": CSV, name: CSV})), reason)


def test_row_13_a_nul_in_a_name_is_refused(tmp_path: Path) -> None:
    packed = _packed({"newsX.csv": CSV}).replace(b"newsX.csv", b"news\0.csv")
    _refused(_write(tmp_path, packed), "has a NUL in its name")


@pytest.mark.parametrize(
    ("one", "two", "reason"),
    [
        ("news.csv", "news.csv", "twice"),
        ("news.csv", "News.CSV", "the same name on other systems"),
        ("stra\u00dfe.csv", "STRASSE.csv", "the same name on other systems"),
        ("caf\u00e9.csv", "cafe\u0301.csv", "the same name on other systems"),
        ("news", "news/", "the same name on other systems"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_row_13_names_that_are_one_name_elsewhere_are_refused(
    tmp_path: Path, one: str, two: str, reason: str
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in (one, two):
            archive.writestr(name, b"" if name.endswith("/") else CSV)
    _refused(_write(tmp_path, buffer.getvalue()), reason)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFBLK])
@pytest.mark.parametrize("system", [0, 3], ids=["dos", "unix"])
def test_row_13_links_and_devices_are_refused(tmp_path: Path, kind: int, system: int) -> None:
    packed = _packed(
        {"news.csv": b"/etc/passwd"}, external_attr=(kind | 0o777) << 16, create_system=system
    )
    _refused(_write(tmp_path, packed), "is a link or a device")


@pytest.mark.parametrize("flag", [0x1, 0x40, 0x2000])
def test_row_13_encrypted_members_are_refused(tmp_path: Path, flag: int) -> None:
    packed = bytearray(_packed({"news.csv": CSV}))
    entry = packed.rfind(b"PK\x01\x02")
    for place in (6, entry + 8):
        struct.pack_into("<H", packed, place, flag)
    _refused(_write(tmp_path, bytes(packed)), "is encrypted")


def test_row_13_other_packing_methods_are_refused(tmp_path: Path) -> None:
    packed = _packed({"news.csv": CSV}, compression=zipfile.ZIP_LZMA)
    _refused(_write(tmp_path, packed), "is packed by method 14")


def test_row_13_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    packed = bytearray(_packed({"news.csv": CSV}, compression=zipfile.ZIP_STORED))
    packed[packed.find(b"headline 7")] ^= 1
    _refused(_write(tmp_path, bytes(packed)), "news.csv is damaged: Bad CRC-32")


@pytest.mark.parametrize("claim", [0, 10, len(CSV) - 1, len(CSV) + 1, 2**32 - 2])
def test_row_13_a_false_length_is_refused(tmp_path: Path, claim: int) -> None:
    packed = bytearray(_packed({"news.csv": CSV}))
    entry = packed.rfind(b"PK\x01\x02")
    # The checksum is made to fit the piece, which a reader that trusts the claim would accept.
    checksum = zlib.crc32(CSV[:claim])
    for place in (14, entry + 16):
        struct.pack_into("<L", packed, place, checksum)
    for place in (22, entry + 24):
        struct.pack_into("<L", packed, place, claim)
    _refused(_write(tmp_path, bytes(packed)), "is damaged")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_row_13_an_archive_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    packed = _packed({"news.csv": CSV, "more.csv": CSV})
    with pytest.raises(DataError, match=r"cut short|damaged"):
        tables.read(_write(tmp_path, packed[: int(share * len(packed))]))


def test_row_13_a_second_end_in_the_comment_is_refused(tmp_path: Path) -> None:
    packed = bytearray(_packed({"news.csv": CSV}))
    struct.pack_into("<H", packed, len(packed) - 2, END_BYTES)
    hidden = b"PK\x05\x06" + bytes(8) + struct.pack("<2LH", 1000, 0, 0)
    _refused(_write(tmp_path, bytes(packed) + hidden), "is damaged")


def _bomb(n_members: int) -> bytes:
    """Members that all share one run of packed bytes (Fifield, WOOT 2019, quoted in 2.1)."""
    packed = _packed({"a": b"x" * 100_000})
    entry = packed.rfind(b"PK\x01\x02")
    local, end = packed[:entry], packed.rfind(b"PK\x05\x06")
    directory = b"".join(packed[entry : entry + 46] + b"%c" % (97 + n) for n in range(n_members))
    tail = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, n_members, n_members, len(directory), entry, 0
    )
    assert len(packed) - end == END_BYTES
    return local + directory + tail


def test_row_13_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    _refused(_write(tmp_path, _bomb(20)), "share bytes of the archive")


def test_row_13_a_member_that_reaches_into_the_directory_is_refused(tmp_path: Path) -> None:
    packed = bytearray(_packed({"news.csv": CSV}))
    entry = packed.rfind(b"PK\x01\x02")
    struct.pack_into("<L", packed, entry + 20, entry)
    _refused(_write(tmp_path, bytes(packed)), "reaches into the archive's directory")


@pytest.mark.parametrize("member", ["news.csv", "sport/1.txt", "news.parquet", "news.jsonl"])
def test_row_13_a_zip_bomb_is_stopped_by_its_ratio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, member: str
) -> None:
    monkeypatch.setattr(compressed, "FREE_BYTES", 1 << 20)
    path = _write(tmp_path, _packed({member: bytes(30 << 20)}))
    tracemalloc.start()
    _refused(path, "more than 200 times")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 25 << 20


def test_row_13_one_member_and_all_together_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _write(tmp_path, _packed({f"{n}.csv": CSV for n in range(5)}))
    monkeypatch.setattr(archives, "MAX_ARCHIVE_BYTES", 4 * len(CSV))
    _refused(path, f"unpacks to more than the {4 * len(CSV):,} bytes")
    monkeypatch.setattr(archives, "MAX_MEMBER_BYTES", len(CSV) - 1)
    _refused(path, "news.zip/0.csv unpacks to more than")


def test_row_13_a_million_entries_are_refused_from_their_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    n = archives.MAX_ENTRIES + 1
    directory = bytes(46) * n
    long_end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, n, n, len(directory), 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    monkeypatch.setattr(zipfile, "ZipFile", _never)
    _refused(_write(tmp_path, directory + long_end + locator + end), "1,000,001 entries")


def test_row_13_more_entries_than_the_archive_owns_up_to_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = bytearray(_packed({f"{n}.csv": CSV for n in range(50)}))
    struct.pack_into("<2H", packed, len(packed) - END_BYTES + 8, 1, 1)
    monkeypatch.setattr(zipfile, "ZipFile", _never)
    _refused(_write(tmp_path, bytes(packed)), "its directory is not of the 1 entries it names")


def _never(*_: object) -> None:
    pytest.fail("the archive was opened")


@pytest.mark.parametrize("name", ["inner.zip", "inner.tar", "news.csv.gz"])
def test_row_13_archives_in_archives_are_refused(tmp_path: Path, name: str) -> None:
    _refused(_write(tmp_path, _packed({"a.csv": CSV, name: b"x"})), "an archive in an archive")


@pytest.mark.parametrize("name", ["news.tar", "news.tar.gz", "news.tgz", "news.7z", "news.csv.xz"])
def test_row_13_other_archives_are_refused_unread(tmp_path: Path, name: str) -> None:
    with pytest.raises(SchemaError, match="packed in a way that is not read"):
        tables.read(_write(tmp_path, b"anything", name))


GZIP = gzip.compress(CSV, mtime=0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (GZIP + b"garbage", "holds other bytes after the end"),
        (GZIP + b"\0\0\x1f\x8c", "holds other bytes after the end"),
        (GZIP[:-1], "is cut short"),
        (GZIP[: len(GZIP) // 2], "is cut short"),
        (GZIP + GZIP[:5], "is cut short"),
        (b"", "is cut short"),
        (CSV, "cannot be unpacked as gzip"),
        (GZIP[:-8] + b"\0\0\0\0" + GZIP[-4:], "cannot be unpacked as gzip"),
        (GZIP[:-4] + b"\0\0\0\0", "cannot be unpacked as gzip"),
    ],
    ids=["garbage", "zeros", "end", "half", "second", "empty", "plain", "checksum", "length"],
)
def test_row_13_damaged_gzip_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    _refused(_write(tmp_path, content, "news.csv.gz"), reason)


def test_row_13_a_gzip_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed, "FREE_BYTES", 1 << 20)
    path = _write(tmp_path, gzip.compress(bytes(60 << 20)), "news.csv.gz")
    tracemalloc.start()
    _refused(path, "more than 200 times")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50 << 20
    monkeypatch.setattr(compressed, "MAX_MEMBER_BYTES", 1000)
    _refused(_write(tmp_path, GZIP, "news.csv.gz"), "more than the 1,000 bytes")


def test_row_13_a_real_table_repeated_is_no_bomb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compressed, "FREE_BYTES", 1 << 16)
    labels = random.Random(0).choices(["BUSINESS", "SPORTS"], k=20_000)
    lines = "headline,label\n" + "".join(f"Again and again,{label}\n" for label in labels)
    path = _write(tmp_path, gzip.compress(lines.encode()), "a.csv.gz")
    assert len(lines) > 30 * path.stat().st_size
    assert tables.read(path).n_read == 20_000


def _mutate(data: bytes, places: list[tuple[int, int]]) -> bytes:
    changed = bytearray(data)
    for place, byte in places:
        changed[place % len(changed)] = byte
    return bytes(changed)


@given(
    places=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4),
    pack=st.sampled_from(["zip", "gz"]),
)
@settings(deadline=None, max_examples=300)
def test_row_13_a_damaged_archive_is_refused_or_gives_the_same_rows(
    places: list[tuple[int, int]], pack: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = _packed({"news.csv": CSV, "more.csv": CSV}) if pack == "zip" else GZIP
    path = tmp_path_factory.getbasetemp() / f"damaged.csv.{pack}"
    path = path.with_suffix("").with_suffix(".zip") if pack == "zip" else path
    path.write_bytes(_mutate(data, places))
    rows = CSV.decode().splitlines()[1:] * (2 if pack == "zip" else 1)
    try:
        read = tables.read(path)
    except NewsdeskError:
        return
    # A changed name may hide a member as a hidden file, or as no table; never change a row.
    found = [f"{row['headline']},{row['label']}" for row in read.table.to_pylist()]
    assert found in (rows, rows[: len(rows) // 2])
