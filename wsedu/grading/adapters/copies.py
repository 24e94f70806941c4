"""The exercises as files to hand out: without their solutions, or with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...trace.files import write_whole
from ..exercise import Exercise
from ..started import docstring, learner_file, statement


class ExistsError(FileExistsError):
    """A file that is there already and is another one; `filename` is its path."""


def copies(folder: Path, wanted: Sequence[Exercise], language: str, *, solutions: bool) -> list[Path]:
    """Write a file for each exercise.

    Arguments:
        folder: is made where it is not there.
        wanted: the exercises.
        language: of their statements.
        solutions: whether the gap is filled.

    Returns:
        The files, in order.

    Raises:
        ExistsError: one is there already and differs; nothing is written then.
        OSError: one cannot be written.
    """
    texts = {folder / exercise.file: _text(exercise, language, solutions=solutions) for exercise in wanted}
    write_new(texts)
    return list(texts)


def _text(exercise: Exercise, language: str, *, solutions: bool) -> str:
    if not solutions:
        return learner_file(exercise, language)
    return docstring(statement(exercise, language)) + "\n" + exercise.solution.lstrip("\n")


def write_new(files: dict[Path, str]) -> None:
    """Write files, unless one of them would replace another one.

    Raises:
        ExistsError: which it is; nothing is written then.
        OSError: one cannot be written.
    """
    for path, text in files.items():
        if path.exists() and (not path.is_file() or path.read_bytes() != text.encode()):
            raise ExistsError(17, "exists", str(path))
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
