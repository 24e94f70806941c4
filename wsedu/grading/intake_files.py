"""The files that somebody handed in, from a folder or a zip, however it was made: nothing is followed, unpacked to the
disk, or read further than a size; whatever is left out is named with its path."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

MAX_FILE = 4 * 1024 * 1024
"""The longest file that is read (bytes)."""

MAX_WHOLE = 32 * 1024 * 1024
"""What a zip may hold in all, unpacked (bytes)."""

MAX_FILES = 1000
"""How many files of a student are looked at."""

MAX_DEPTH = 12
"""How deep folders may lie in each other."""

SKIPPED = frozenset({"__pycache__", "__MACOSX", "node_modules", "venv", "env", "site-packages", "Thumbs.db"})
"""Names of what nobody means to hand in; what begins with a dot is left out too."""

READ = (".py", ".ipynb", ".zip")
"""Suffixes of the files that are read."""


@dataclass(frozen=True)
class Problem:
    """Something that was wrong with what was handed in.

    Arguments:
        what: the key of its sentence, `problem.<what>` of the catalogue `grade`.
        path: of what it is about.
        facts: that the sentence needs besides.
        within: the path within a zip.
    """

    what: str
    path: str
    facts: dict[str, Any] = field(default_factory=dict)
    within: str = ""


@dataclass(frozen=True)
class Found:
    """A file.

    Arguments:
        path: as it is shown.
        within: its path in what was handed in, with slashes.
        data: its bytes.
    """

    path: str
    within: str
    data: bytes


Read = tuple[list[Found], list[Problem]]


def files_in(path: Path) -> Read:
    """The files of a folder or a zip, or the one file."""
    if path.is_symlink():
        return [], [Problem("symlink", str(path))]
    if path.is_dir():
        return _in_folder(path)
    if path.suffix.lower() == ".zip":
        return zip_members(path)
    return _split([_read_file(path, path.name)])


def _split(found: list[Found | Problem]) -> Read:
    files = [one for one in found if isinstance(one, Found)]
    return files, [one for one in found if isinstance(one, Problem)]


# --- Folders ---


def _in_folder(path: Path) -> Read:
    files: list[Found] = []
    problems: list[Problem] = []
    for child, within in _walk(path, path, problems):
        if len(files) >= MAX_FILES:
            problems.append(Problem("many", str(path), {"most": MAX_FILES}))
            break
        found = _read_file(child, within)
        if isinstance(found, Problem):
            problems.append(found)
        elif child.suffix.lower() == ".zip":
            inner, wrong = _members(io.BytesIO(found.data), str(child), depth=1)
            files += inner
            problems += wrong
        else:
            files.append(found)
    return files, problems


def _walk(top: Path, folder: Path, problems: list[Problem], depth: int = 0) -> Iterator[tuple[Path, str]]:
    """The files that are read, in the order of their names, folders last."""
    try:
        children = sorted(folder.iterdir(), key=lambda child: (child.is_dir(), child.name))
    except OSError as error:
        problems.append(Problem("unreadable", str(folder), {"why": error.strerror or str(error)}))
        return
    for child in children:
        if child.name.startswith(".") or child.name in SKIPPED:
            continue
        if child.is_symlink():
            problems.append(Problem("symlink", str(child)))
        elif child.is_dir():
            if depth < MAX_DEPTH:
                yield from _walk(top, child, problems, depth + 1)
            else:
                problems.append(Problem("deep", str(child), {"most": MAX_DEPTH}))
        elif child.suffix.lower() in READ:
            yield child, child.relative_to(top).as_posix()


def _read_file(path: Path, within: str) -> Found | Problem:
    """One file, if it is one: a pipe or a device that is named `x.py` would never end."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                return Problem("no_file", str(path))
            if facts.st_size > MAX_FILE:
                return Problem("large", str(path), {"size": facts.st_size, "most": MAX_FILE})
            return Found(str(path), within, file.read(MAX_FILE))
    except OSError as error:
        return Problem("unreadable", str(path), {"why": error.strerror or str(error)})


# --- Zips ---


def zip_members(path: Path) -> Read:
    """The files of a zip."""
    try:
        with path.open("rb") as file:
            return _members(file, str(path))
    except OSError as error:
        return [], [Problem("unreadable", str(path), {"why": error.strerror or str(error)})]


def _members(file: Any, path: str, depth: int = 0, before: str = "") -> Read:
    """The files of an open zip, and those of zips in it, which may lie one in another only once."""
    files: list[Found] = []
    problems: list[Problem] = []
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > MAX_FILES * (20 if depth == 0 else 1):
                return [], [Problem("bomb", path, {"count": len(members)}, before)]
            if sum(member.file_size for member in members) > MAX_WHOLE * (8 if depth == 0 else 1):
                return [], [Problem("bomb", path, {"count": len(members)}, before)]
            for member in members:
                within = _within(member.filename)
                shown = f"{path}/{member.filename}"
                if _left_out(within):
                    continue
                found = _member(archive, member, shown, f"{before}{within}")
                if isinstance(found, Problem):
                    problems.append(found)
                elif within.lower().endswith(".zip"):
                    if depth:
                        problems.append(Problem("nested", shown, {}, found.within))
                        continue
                    inner, wrong = _members(io.BytesIO(found.data), shown, 1, f"{found.within[:-4]}/")
                    files += inner
                    problems += wrong
                else:
                    files.append(found)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
        problems.append(Problem("zip", path, {"why": str(error)}, before))
    return files, problems


def _within(name: str) -> str:
    return name.replace("\\", "/")


def _left_out(within: str) -> bool:
    parts = PurePosixPath(within).parts
    if ".." not in parts and any(part in SKIPPED or part.startswith(".") for part in parts):
        return True
    return not within.lower().endswith(READ)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, shown: str, within: str) -> Found | Problem:
    parts = PurePosixPath(_within(member.filename)).parts
    if ".." in parts or _within(member.filename).startswith("/") or ":" in parts[0]:
        return Problem("traversal", shown, {}, within)
    if stat.S_ISLNK(member.external_attr >> 16):
        return Problem("symlink", shown, {}, within)
    if member.flag_bits & 1:
        return Problem("encrypted", shown, {}, within)
    if member.file_size > MAX_FILE:
        return Problem("large", shown, {"size": member.file_size, "most": MAX_FILE}, within)
    try:
        with archive.open(member) as file:
            return Found(shown, within, file.read(MAX_FILE))
    except Exception as error:  # zlib, lzma and bz2 each have errors of their own
        return Problem("zip", shown, {"why": str(error)}, within)
