"""Files are there whole or not at all, with the permissions that they should have."""

from __future__ import annotations

import errno
import io
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wsedu import Trace
from wsedu.trace.files import write_whole

posix = os.name == "posix"


@pytest.fixture
def umask() -> Iterator[int]:
    """A umask that is not the usual one."""
    before = os.umask(0o027)
    yield 0o027
    assert os.umask(before) == 0o027


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_and_one_that_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "data"
    for data in (b"first, and long", b"second", b""):
        write_whole(path, data)
        assert path.read_bytes() == data
    assert os.listdir(tmp_path) == ["data"]


def test_a_path_can_be_text(tmp_path: Path) -> None:
    write_whole(str(tmp_path / "data"), b"x")
    assert (tmp_path / "data").read_bytes() == b"x"


def test_a_new_file_obeys_the_umask(tmp_path: Path, umask: int) -> None:
    write_whole(tmp_path / "new", b"x")
    assert mode(tmp_path / "new") == ((0o666 & ~umask) if posix else mode(tmp_path / "new") | stat.S_IRUSR)


@pytest.mark.parametrize("bits", [0o600, 0o644, 0o755])
def test_a_file_that_is_there_keeps_its_permissions(tmp_path: Path, bits: int) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"old")
    path.chmod(bits)
    before = mode(path)
    write_whole(path, b"new")
    assert (path.read_bytes(), mode(path)) == (b"new", before)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_who_reads_the_old_file_reads_it_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "data"
    write_whole(path, b"old and long")
    with open(path, "rb") as reader:
        assert reader.read(3) == b"old"
        write_whole(path, b"new")
        assert reader.read() == b" and long"


class FullDisk(io.BytesIO):
    """A file on a disk that is full after some bytes."""

    def write(self, data: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def full_disk(handle: int, mode: str) -> FullDisk:
    os.close(handle)
    return FullDisk()


def refuse(*arguments: object, **options: object) -> None:
    raise OSError(errno.EACCES, os.strerror(errno.EACCES))


@pytest.mark.parametrize(("function", "failure"), [("fdopen", full_disk), ("chmod", refuse), ("replace", refuse)])
@pytest.mark.parametrize("old", [b"old", None], ids=["replaced", "new"])
def test_a_write_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, failure: Any, old: bytes | None
) -> None:
    path = tmp_path / "data"
    if old is not None:
        path.write_bytes(old)
    with monkeypatch.context() as patched:
        patched.setattr(os, function, failure)
        with pytest.raises(OSError, match=r"space|denied"):
            write_whole(path, b"new")
    assert os.listdir(tmp_path) == ([] if old is None else ["data"])
    assert old is None or path.read_bytes() == old


def test_a_folder_that_is_not_there_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "nowhere" / "data", b"x")
    with pytest.raises(OSError, match=r"[Dd]irectory|denied"):
        write_whole(tmp_path, b"x")


def test_what_is_no_file_is_written_to_and_not_replaced() -> None:
    write_whole(os.devnull, b"gone")
    assert not Path(os.devnull).is_file()


def test_a_trace_that_cannot_be_saved_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "trace.jsonl"
    Trace().save(str(path))
    before = path.read_bytes()
    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(PermissionError):
        Trace().save(str(path))
    assert path.read_bytes() == before
