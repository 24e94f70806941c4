"""The learner's folder: a copy of the notebooks and of the exercises that never takes away what a learner has done."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..explain.catalogue import LANGUAGES
from ..grading.started import COURSE, Started, files, start
from ..grading.started import FOLDER as EXERCISES
from ..grading.state import write_whole
from .manifest import NAME, Manifest, load_manifest
from .notebooks import notebook_digest, notebooks

FOLDER = COURSE
"""The folder that is made where none is named."""


@dataclass(frozen=True)
class Copied:
    """What `copy_course` did.

    Arguments:
        folder: that the course is in.
        language: of the notebooks.
        solutions: whether their exercises are solved.
        new: notebooks that were not there.
        renewed: notebooks that nobody had changed, and that there was another version of.
        same: notebooks that were there as they are.
        kept: notebooks that somebody has worked in, and that were left alone.
        older: those of them that there is another version of by now.
        exercises: what was done with the files of the exercises.
        damaged: whether what was written before could not be read.
        before: the language that the folder had, where that is another one; else empty.
        behind: what has stayed in that language, because somebody has worked on it, by its path in the folder.
    """

    folder: Path
    language: str
    solutions: bool
    new: tuple[str, ...]
    renewed: tuple[str, ...]
    same: tuple[str, ...]
    kept: tuple[str, ...]
    older: tuple[str, ...]
    exercises: Started
    damaged: bool
    before: str = ""
    behind: tuple[str, ...] = ()

    @property
    def is_first(self) -> bool:
        """Whether none of the notebooks was there."""
        return bool(self.new) and not (self.same or self.renewed or self.kept)


def usual_folder() -> Path:
    """The folder of the course where none is named: the one that we are in, if it is one; else `FOLDER` in it."""
    here = Path.cwd()
    return here if (here / NAME).exists() else Path(FOLDER)


def copy_course(folder: Path, language: str | None, fallback: str, *, solutions: bool | None = None) -> Copied:
    """Put the notebooks and the exercises into a folder, or what is new of them.

    Each file is there whole or as it was before; what was interrupted is finished the next time.

    Arguments:
        folder: is made where it is not there.
        language: of the notebooks; None for that of the folder.
        fallback: the language where the folder has none yet.
        solutions: whether exercises are solved; None for as the folder has it, at first not.

    Raises:
        OSError: the folder cannot be written to; the error names it.
    """
    _try(folder)
    manifest = load_manifest(folder)
    before = manifest.language
    manifest.language = language or manifest.language or fallback
    manifest.solutions = manifest.solutions if solutions is None else solutions
    wanted = notebooks(manifest.language, solutions=manifest.solutions)
    digests = {name: notebook_digest(text) for name, text in wanted.items()}
    there = {name: _digest(folder / name) for name in wanted if _is_there(folder / name)}
    kept = tuple(name for name, found in there.items() if _is_changed(manifest, name, found))
    older = tuple(name for name in kept if manifest.written.get(name, digests[name]) != digests[name])
    same = tuple(name for name, found in there.items() if found == digests[name])
    new = tuple(name for name in wanted if name not in there)
    renewed = tuple(name for name in there if name not in kept and name not in same)
    for name in (*new, *renewed):
        write_whole(folder / name, wanted[name])
    manifest.written |= {name: digests[name] for name in wanted if name not in kept}
    exercises = start(folder / EXERCISES, manifest.language)
    manifest.save()
    switched = before not in ("", manifest.language)
    return Copied(
        folder,
        manifest.language,
        manifest.solutions,
        new,
        renewed,
        same,
        kept,
        older,
        exercises,
        manifest.damaged,
        before if switched else "",
        tuple(_behind(folder, kept, exercises, manifest.language)) if switched else (),
    )


def _behind(folder: Path, kept: tuple[str, ...], exercises: Started, language: str) -> Iterator[str]:
    """What of the files that were left alone is not in a language: a notebook says its own in its first cell, and an
    exercise states what it asks for."""
    for name in kept:
        if f'begin(\\"{language}\\")' not in _text(folder / name):
            yield name
    for name in exercises.kept:
        _, *statement = files(language)[name].split('"""')
        wanted = statement[0] if statement else files(language)[name].partition("\n")[0]
        if wanted not in _text(exercises.folder / name):
            yield f"{EXERCISES}/{name}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _try(folder: Path) -> None:
    """Make the folder, and see whether a file can be made in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".wsedu-"):
            pass
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, "is a file", str(folder)) from None
    except OSError as error:
        # The name that the user knows, not that of the temporary file.
        error.filename = str(folder)
        raise


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _digest(path: Path) -> str:
    """Of a notebook in the folder; empty if it can be read as none, such as one with the marks of a merge."""
    try:
        return notebook_digest(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""


def _is_changed(manifest: Manifest, name: str, found: str) -> bool:
    """Whether somebody has worked in a notebook: it is neither as it was written nor as it would be written now."""
    if found and found == manifest.written.get(name):
        return False
    return all(
        found != notebook_digest(notebooks(language, solutions=solutions).get(name, '{"cells": []}'))
        for language in LANGUAGES
        for solutions in (False, True)
    )
