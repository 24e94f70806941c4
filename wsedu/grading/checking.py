"""A learner's file is read and checked in a process of its own; what came of it, with the text and what was printed."""

from __future__ import annotations

import codecs
import io
import tokenize
from dataclasses import dataclass
from pathlib import Path

from .examine import Report, examine, examine_loaded
from .exercise import Exercise
from .ordering import player_for
from .outcome import Outcome
from .players import ChildPlayer


@dataclass(frozen=True)
class Checked:
    """What came of a check.

    Arguments:
        report: of the examination.
        source: the text of the file.
        printed: what its code printed.
    """

    report: Report
    source: str
    printed: bytes


class UnreadableError(ValueError):
    """A file that is no text; `path` says which, `why` is `utf16` or `text`."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(path, why)
        self.path, self.why = path, why


def read_source(path: Path) -> str:
    """The text of a Python file, in the encoding that it declares, or UTF-8.

    Raises:
        OSError: it cannot be read.
        UnreadableError: it is no text in that encoding.
    """
    data = path.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableError(path, "utf16")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except (SyntaxError, UnicodeError, LookupError):
        raise UnreadableError(path, "text") from None


def check_source(exercise: Exercise, source: str, *, seed: int, player: ChildPlayer | None = None) -> Checked:
    """Check the text of a learner's file.

    Arguments:
        exercise: which it is for.
        source: the text.
        seed: of the random inputs.
        player: to play with; it is closed afterwards.
    """
    player = player or ChildPlayer()
    try:
        report = examine(exercise, source, player_for(exercise, player), seed=seed)
    finally:
        player.close()
    return Checked(report, source, player.printed)


def check_file(exercise: Exercise, path: Path, *, seed: int, player: ChildPlayer | None = None) -> Checked:
    """Check a learner's file; one that is no text fails like one that is no Python.

    Raises:
        OSError: it cannot be read.
    """
    try:
        source = read_source(path)
    except UnreadableError as error:
        outcome = Outcome("raised", None, ("SyntaxError",), _WHY[error.why])
        return Checked(examine_loaded(exercise, ChildPlayer(), outcome, seed=seed), "", b"")
    return check_source(exercise, source, seed=seed, player=player)


_WHY = {"utf16": "UTF-16, not UTF-8", "text": "not UTF-8"}
