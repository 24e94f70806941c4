"""The folder that a learner works in: a file for each exercise with its statement, a README, and tests for pytest."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..explain.catalogue import LANGUAGES, Catalogue, part_catalogue
from ..views.prose import wrapped
from .exercise import Exercise, exercises
from .state import NAME, State, digest, load_state, write_whole

FOLDER = "wsedu-exercises"
"""The folder that is made where none is named."""

COURSE = "wsedu-course"
"""The folder that the course is copied to where none is named; it has a folder of exercises in it."""

BACKUPS = "backups"
"""Where the learner's version of a file that is made anew goes."""

TESTS, README = "test_exercises.py", "README.md"

_CELLS = 98
"""Cells of a line of a statement."""


@dataclass(frozen=True)
class Started:
    """What `start` did.

    Arguments:
        folder: that the files are in.
        written: names of the files that are new, or made anew.
        kept: names of the files that the learner has changed, and that were left alone.
        backups: where the learner's version of a file that was made anew is kept, by its name.
        same: names of the files that were there as they are.
        damaged: whether what was done so far could not be read.
    """

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]
    backups: dict[str, str]
    same: tuple[str, ...] = ()
    damaged: bool = False


def learner_file(exercise: Exercise, language: str) -> str:
    """The file that a learner gets: the statement as its docstring, then the stub.

    Arguments:
        exercise: of which.
        language: `en` or `zh`.
    """
    return docstring(statement(exercise, language)) + "\n" + exercise.stub.lstrip("\n")


def statement(exercise: Exercise, language: str, *, notebook: bool = False) -> str:
    """What an exercise asks for, what it teaches and leaves out, and how to check it; one text with line ends.

    Arguments:
        exercise: of which.
        language: `en` or `zh`.
        notebook: for a cell of Markdown, where it is checked by a call.
    """
    words, texts = part_catalogue("exercises", language), exercise.text(language)
    title = words.say("statement.title", number=f"{exercise.number:02}", title=texts["title"])
    parts = [title, str(texts["statement"]).strip("\n"), *_given_lines(exercise, words)]
    notes = [words.say(f"statement.{key}", text=texts[key]) for key in ("teaches", "leaves_out") if texts.get(key)]
    rfc = words.say("statement.comma").join(f"§{section}" for section in exercise.rfc)
    notes.append(words.say("statement.facts", rfc=rfc, minutes=int(exercise.facts.get("minutes", 10))))
    if notebook:
        notes.append(words.say("statement.check_notebook", name=exercise.name))
        return "\n\n".join([*parts, *notes])
    notes.append(words.say("statement.check", name=exercise.name))
    if exercise.kind == "order":
        notes.append(words.say("statement.order", name=exercise.name))
    return "\n\n".join([*parts, "\n".join(line for note in notes for line in wrapped(note, _CELLS))])


def _given_lines(exercise: Exercise, words: Catalogue) -> Iterator[str]:
    """For lines to be put in order: the lines with their letters, unless the file shows them itself."""
    if exercise.kind == "order" and not all(line in exercise.stub for line in exercise.checks.LINES.values()):
        lines = [f"    {letter}  {line}" for letter, line in sorted(exercise.checks.LINES.items())]
        yield words.say("statement.lines") + "\n\n" + "\n".join(lines)


def docstring(text: str) -> str:
    """A text as the docstring of a file, which reads as it is."""
    text = text.replace('"""', "'''")
    return ('r"""' if "\\" in text else '"""') + text + '\n"""\n'


@cache
def files(language: str) -> Mapping[str, str]:
    """Every file of the folder by its name."""
    words = part_catalogue("exercises", language)
    made = {exercise.file: learner_file(exercise, language) for exercise in exercises()}
    return {**made, README: _readme(words), TESTS: _tests(words)}


def _readme(words: Catalogue) -> str:
    rows = [
        f"| {exercise.number:02} | [{exercise.text(words.language)['title']}]({exercise.file}) "
        f"| {words.say('kind.' + exercise.kind)} | {exercise.facts.get('minutes', 10)} |"
        for exercise in exercises()
    ]
    return words.say("readme.text", table="\n".join(rows), folder=FOLDER) + "\n"


def _tests(words: Catalogue) -> str:
    return docstring(words.say("tests.text")) + _TESTS


_TESTS = """
from pathlib import Path

import pytest
from wsedu.grading.pytests import Folder

FOLDER = Folder(Path(__file__).parent)


@pytest.mark.parametrize("check", FOLDER.checks(), ids=str)
def test_exercise(check):
    message = FOLDER.message(check)
    if message:
        pytest.fail(message, pytrace=False)
"""


# --- Writing them ---


def start(folder: Path, language: str, *, force: bool = False) -> Started:
    """Write the files into a folder: all of them or none.

    Arguments:
        folder: is made where it is not there.
        language: of the texts.
        force: also writes files anew that the learner has changed; the learner's version is kept in `backups`.

    Raises:
        OSError: the folder cannot be written to; it is as it was before.
    """
    wanted = files(language)
    state = load_state(folder)
    there = {name: _text(folder / name) for name in wanted if (folder / name).exists()}
    changed = [name for name, text in there.items() if is_changed(state, name, text)]
    kept = () if force else tuple(changed)
    same = tuple(name for name, text in there.items() if name not in kept and _same(text, wanted[name]))
    written = [name for name in wanted if name not in kept and name not in same]
    state.language = language
    state.written |= {name: digest(wanted[name]) for name in wanted if name not in kept}
    backups = {name: backup_of(folder, name) for name in changed if name in written}
    _put(folder, {name: wanted[name] for name in written}, state, backups)
    return Started(
        folder, tuple(written), kept, {name: str(path) for name, path in backups.items()}, same, state.damaged
    )


def is_changed(state: State, name: str, text: str | None) -> bool:
    """Whether a learner has changed a file: it is neither as it was written nor as it would be written now."""
    if text is None:
        return True
    found = digest(text)
    if state.written.get(name) == found:
        return False
    return all(found != digest(files(language)[name]) for language in LANGUAGES)


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def _same(text: str | None, wanted: str) -> bool:
    return text is not None and digest(text) == digest(wanted)


def backup_of(folder: Path, name: str) -> Path:
    """A name in `backups`, relative to the folder, that no file has yet."""
    path = Path(name)
    number = 1
    while (folder / BACKUPS / f"{path.stem}.{number}{path.suffix}").exists():
        number += 1
    return Path(BACKUPS) / f"{path.stem}.{number}{path.suffix}"


def _put(folder: Path, texts: dict[str, str], state: State, backups: dict[str, Path]) -> None:
    """Write all files beside the folder, then move them into it; what fails is undone."""
    parent = folder.absolute().parent
    new = not folder.exists()
    parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".wsedu-", dir=parent if new else folder))
    undo: list[tuple[Path, Path | None]] = []
    try:
        for name, text in texts.items():
            write_whole(beside / name, text)
        if new:
            State(**{**vars(state), "folder": beside}).save()
            beside.chmod(0o777 & ~_umask())
            os.replace(beside, folder)
            return
        for name, path in backups.items():
            (folder / BACKUPS).mkdir(exist_ok=True)
            shutil.copy2(folder / name, folder / path)
        for name in texts:
            old = beside / f"{name}.old"
            if (folder / name).exists():
                os.replace(folder / name, old)
                undo.append((folder / name, old))
            else:
                undo.append((folder / name, None))
            os.replace(beside / name, folder / name)
        state.save()
    except BaseException:
        for place, before in reversed(undo):
            place.unlink(missing_ok=True)
            if before is not None:
                os.replace(before, place)
        raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _umask() -> int:
    """What new files of this user do not get; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def reset(folder: Path, exercise: Exercise, language: str) -> Path | None:
    """Write the file of an exercise anew; gives where the learner's version is kept, None if there was none.

    Raises:
        OSError: the folder cannot be written to.
    """
    state = load_state(folder)
    path = folder / exercise.file
    kept = None
    text = learner_file(exercise, language)
    if path.exists() and is_changed(state, exercise.file, _text(path)):
        kept = backup_of(folder, exercise.file)
        (folder / BACKUPS).mkdir(exist_ok=True)
        shutil.copy2(path, folder / kept)
    write_whole(path, text)
    state.written[exercise.file] = digest(text)
    state.mark(exercise.name, False)
    state.save()
    return kept


def find_folder(here: Path) -> Path | None:
    """The folder of the exercises, seen from here; None if there is none.

    It is this one, the one that `start` makes in it, or the one in the course that `lab` copies here.
    """
    for folder in (here, here / FOLDER, here / COURSE / FOLDER):
        if (folder / NAME).exists() or any((folder / exercise.file).exists() for exercise in exercises()):
            return folder
    return None
