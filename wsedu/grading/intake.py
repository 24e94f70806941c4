"""Which file of a student answers which exercise, and its text; whatever is wrong with one is named, with the path."""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from .exercise import Exercise, exercises
from .intake_files import Found, Problem
from .notebooks import TAG, NotebookError, cells_of
from .students import Entry, is_exercise, plain_stem

GENERAL = frozenset({"order", "answers", "tests", "main"})
"""Names that files of several exercises have: they do not tell which exercise a file is for."""


@dataclass(frozen=True)
class Work:
    """A student's answer to an exercise.

    Arguments:
        exercise: its name.
        path: of the file.
        source: the text, empty where it could not be read.
        readable: False for a file that is there and cannot be read.
    """

    exercise: str
    path: str
    source: str
    readable: bool = True


@dataclass(frozen=True)
class Submission:
    """What a student handed in.

    Arguments:
        student: the name.
        path: of the whole.
        works: by the exercise's name.
        problems: everything that was wrong.
    """

    student: str
    path: str
    works: dict[str, Work]
    problems: tuple[Problem, ...]

    @property
    def digest(self) -> str:
        """A hash that changes when anything that is graded changes."""
        parts = [self.student, *(f"{work.exercise}\0{work.source}" for _, work in sorted(self.works.items()))]
        parts += [f"{problem.what}\0{problem.path}" for problem in self.problems]
        return hashlib.sha256("\1".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def submission_of(entry: Entry, wanted: Sequence[Exercise] | None = None) -> Submission:
    """Find the answers of a student.

    Arguments:
        entry: what the student handed in.
        wanted: the exercises that are asked for; None for all.
    """
    wanted = exercises() if wanted is None else wanted
    problems = list(entry.problems)
    texts = [(found, _text(found, problems)) for found in entry.files]
    candidates: dict[str, list[tuple[int, int, str, Work]]] = {}
    for found, text in texts:
        for rank, work in _works(found, text, wanted, problems):
            depth = found.within.count("/")
            candidates.setdefault(work.exercise, []).append((rank, depth, found.within, work))
    works = {}
    for name, several in candidates.items():
        best = min(several, key=lambda one: (not one[3].readable, *one[:3]))
        rivals = [one for one in several if one is not best and one[0] <= NAMED and one[3].source != best[3].source]
        if rivals and best[0] <= NAMED:
            facts = {"exercise": name, "other": ", ".join(sorted(one[3].path for one in rivals))}
            problems.append(Problem("several", best[3].path, facts))
        works[name] = best[3]
    if works:  # a notebook beside the answers, such as the first one of the course, may have none
        problems = [problem for problem in problems if problem.what != "notebook_tags"]
    if not entry.files and not entry.problems:
        problems.append(Problem("empty", entry.path))
    elif not works and not problems:
        problems.append(Problem("nothing", entry.path))
    return Submission(entry.student, entry.path, works, tuple(problems))


EXACT, NAMED, TAGGED, DEFINES = range(4)
"""How sure it is that a file is for an exercise: its name says so, or nearly, a cell's tag, the names in it."""


def _works(
    found: Found, text: str | None, wanted: Sequence[Exercise], problems: list[Problem]
) -> Iterable[tuple[int, Work]]:
    """What a file answers, and how sure that is."""
    if found.within.lower().endswith(".ipynb"):
        for name, source in _tagged(found, text, wanted, problems).items():
            yield TAGGED, Work(name, found.path, source)
        return
    named = [(rank, exercise) for exercise in wanted if (rank := _rank(found.within, exercise)) is not None]
    if named:
        rank, exercise = min(named, key=lambda one: (one[0], -len(one[1].name)))
        yield rank, Work(exercise.name, found.path, text or "", text is not None)
    elif text is not None and not is_exercise(found.within):
        defined = _defined(text)
        for exercise in wanted:
            names = set(exercise.names) - GENERAL
            if names and names <= defined:
                yield DEFINES, Work(exercise.name, found.path, text)


def _rank(within: str, exercise: Exercise) -> int | None:
    stem = plain_stem(PurePosixPath(within).name)
    if stem in (exercise.folder.name, exercise.name):
        return EXACT
    if stem in (f"{exercise.number}", f"{exercise.number:02}", f"{exercise.number}_{exercise.name}"):
        return NAMED
    return NAMED if stem.endswith((f"_{exercise.name}", f"_{exercise.folder.name}")) else None


def _tagged(found: Found, text: str | None, wanted: Sequence[Exercise], problems: list[Problem]) -> dict[str, str]:
    if text is None:
        return {}
    try:
        cells = cells_of(text)
    except NotebookError as error:
        problems.append(Problem(f"notebook_{error}", found.path))
        return {}
    known = {exercise.name for exercise in wanted}
    chosen = {name: source for name, source in cells.items() if name in known}
    if not chosen and not cells:
        problems.append(Problem("notebook_tags", found.path, {"tag": TAG}))
    return chosen


def _defined(text: str) -> set[str]:
    """The names that a file defines at its top."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names = {node.name for node in body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
    for node in body:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


# --- Text ---


def _text(found: Found, problems: list[Problem]) -> str | None:
    """A file's text; UTF-16, which Python itself cannot run, is read and named."""
    data = found.data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(found, "utf-16", problems, Problem("utf16", found.path))
    if b"\0" in data[:64] and data[:64].count(b"\0") >= len(data[:64]) // 3:
        name = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
        return _decoded(found, name, problems, Problem("utf16", found.path))
    if found.within.lower().endswith(".ipynb"):
        return _decoded(found, "utf-8-sig", problems)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError:
        encoding = "utf-8-sig"
    return _decoded(found, encoding, problems)


def _decoded(found: Found, encoding: str, problems: list[Problem], note: Problem | None = None) -> str | None:
    try:
        text = found.data.decode(encoding)
    except UnicodeDecodeError as error:
        facts = {"encoding": encoding.upper().removesuffix("-SIG"), "at": error.start}
        problems.append(Problem("undecodable", found.path, facts))
        return None
    if note is not None:
        problems.append(note)
    return text.replace("\r\n", "\n").replace("\r", "\n")
