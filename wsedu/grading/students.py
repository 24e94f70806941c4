"""Who handed something in: each folder, zip or file of a class's folder is a student, or a file of one."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from .exercise import exercises
from .intake_files import SKIPPED, Found, Problem, files_in, zip_members

SUFFIXES = (".py", ".ipynb")
"""Files that can be an answer."""


@dataclass
class Entry:
    """What one student handed in.

    Arguments:
        student: the name.
        path: of the folder, zip or file, as it is shown.
        files: that were found and can be read.
        problems: with what could not be.
    """

    student: str
    path: str
    files: list[Found] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def seed_of(seed: int, student: str) -> int:
    """The seed of a student's random inputs: the same in every run with the same `seed`, another for each student."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{student}".encode("utf-8", "surrogatepass")).digest()[:4], "big")


def one_student(path: Path, student: str) -> Entry:
    """The whole of a folder, zip or file as the work of one student.

    Raises:
        OSError: it is not there or cannot be listed.
    """
    path.stat()
    files, problems = files_in(path)
    return Entry(student, str(path), files, problems)


def students_in(path: Path) -> list[Entry]:
    """The students of a class's folder, or of a zip of one, in the order of their names.

    A folder or zip is a student of that name. So is a file, but files whose name ends with that of an exercise
    (`alice_01_accept_key.py`) are together the work of who stands before it.

    Raises:
        OSError: it is not there or cannot be listed.
    """
    entries = _in_zip(path) if path.is_file() else _in_folder(path)
    return _told_apart(sorted(entries, key=lambda entry: (_key(entry.student), entry.path)))


def ignored_in(path: Path) -> list[str]:
    """The names of the files of a class's folder that can be nobody's answer, in order; none in a zip.

    What nobody means to hand in, such as what begins with a dot, is not among them.

    Raises:
        OSError: it cannot be listed.
    """
    if path.is_file():
        return []
    return [child.name for child in _children(path) if not _is_whole(child) and child.suffix.lower() not in SUFFIXES]


def _children(path: Path) -> list[Path]:
    """What somebody has put into a folder."""
    return [child for child in sorted(path.iterdir()) if not child.name.startswith(".") and child.name not in SKIPPED]


def _is_whole(child: Path) -> bool:
    """Whether it is all that a student has handed in."""
    return child.is_symlink() or child.is_dir() or child.suffix.lower() == ".zip"


def _in_folder(path: Path) -> list[Entry]:
    whole, single = [], []
    for child in _children(path):
        if _is_whole(child):
            name = child.stem if child.suffix.lower() == ".zip" else child.name
            whole.append(Entry(name, str(child), *files_in(child)))
        elif child.suffix.lower() in SUFFIXES:
            single.append((child.name, files_in(child)))
    return whole + _by_file_name(str(path), single)


def _in_zip(path: Path) -> list[Entry]:
    """The top folders of a zip, and the files beside them."""
    files, problems = zip_members(path)
    entries: dict[str, Entry] = {}
    single: list[tuple[str, tuple[list[Found], list[Problem]]]] = []
    for found in files:
        top, slash, _ = found.within.partition("/")
        if slash:
            entries.setdefault(top, Entry(top, f"{path}/{top}")).files.append(found)
        elif Path(top).suffix.lower() in SUFFIXES:
            single.append((top, ([found], [])))
    for problem in problems:
        top, slash, _ = problem.within.partition("/")
        place = top if slash else path.stem
        entries.setdefault(place, Entry(place, f"{path}/{top}")).problems.append(problem)
    return [*entries.values(), *_by_file_name(str(path), single)]


def _by_file_name(path: str, single: list[tuple[str, tuple[list[Found], list[Problem]]]]) -> list[Entry]:
    """Files that lie beside each other, put together by who stands in their names."""
    entries: dict[str, Entry] = {}
    for name, (files, problems) in single:
        student = _student_before_exercise(name) or Path(name).stem
        entry = entries.setdefault(student, Entry(student, f"{path}/{name}"))
        if is_exercise(name):
            problems = [*problems, Problem("student.exercise", f"{path}/{name}", {"student": student})]
        entry.files += files
        entry.problems += problems
    return list(entries.values())


def _told_apart(entries: list[Entry]) -> list[Entry]:
    """Two entries of one student: both are graded, and both say so."""
    known: dict[str, Entry] = {}
    for entry in entries:
        first = known.setdefault(_key(entry.student), entry)
        if first is entry:
            continue
        facts = {"student": first.student, "one": first.path, "other": entry.path}
        if not any(problem.what == "student.twice" for problem in first.problems):
            first.problems.append(Problem("student.twice", first.path, facts))
        entry.problems.append(Problem("student.twice", entry.path, facts))
        entry.student = f"{entry.student} ({Path(entry.path).name})"
    return entries


def _key(student: str) -> str:
    return unicodedata.normalize("NFC", student).casefold().strip()


# --- Names of files ---


def plain_stem(name: str) -> str:
    """A file's name without suffix, in small letters, without what browsers and platforms add to it."""
    stem = re.sub(r"\.(py|ipynb)$", "", Path(name).name.lower())
    stem = re.sub(r"([ _-]*\(\d+\)|-\d+| - copy)+$", "", stem)
    return re.sub(r"[ \-.]+", "_", stem)


def is_exercise(name: str) -> bool:
    """Whether a file is named exactly like one of the exercises."""
    return any(plain_stem(name) in (exercise.name, exercise.folder.name) for exercise in exercises())


def _student_before_exercise(name: str) -> str:
    """`alice` of `alice_01_accept_key.py`; nothing where no exercise's name ends the file's."""
    stem = plain_stem(name)
    for exercise in sorted(exercises(), key=lambda exercise: -len(exercise.name)):
        for ending in (exercise.folder.name, exercise.name):
            if stem.endswith(f"_{ending}") and stem != exercise.folder.name:
                return Path(name).name[: len(stem) - len(ending) - 1].rstrip("_- .")
    return ""
