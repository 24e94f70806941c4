"""What a learner has done so far: a small file in the folder of the exercises, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAME = ".wsedu-exercises.json"
"""The name of the file."""

DAMAGED = ".wsedu-exercises.damaged.json"
"""What a file that cannot be read is renamed to, so that nothing is lost."""

_SEEDS = 1_000_000


@dataclass
class State:
    """What is kept.

    Arguments:
        folder: that the file is in.
        language: of the texts in the folder; empty if it is not known.
        seed: of the random inputs.
        done: names of the exercises that have passed.
        hints: how many hints were asked for, by exercise.
        written: what was written by `exercises start`: the digest of each file by its name.
        damaged: whether there was a file that could not be read.
    """

    folder: Path
    language: str = ""
    seed: int = field(default_factory=lambda: secrets.randbelow(_SEEDS))
    done: list[str] = field(default_factory=list)
    hints: dict[str, int] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    damaged: bool = False

    def save(self) -> None:
        """Write the file: whoever reads it, even after a crash, finds the old or the new one.

        Raises:
            OSError: the folder cannot be written to.
        """
        kept = {
            "version": 1,
            "language": self.language,
            "seed": self.seed,
            "done": self.done,
            "hints": self.hints,
            "written": self.written,
        }
        write_whole(self.folder / NAME, json.dumps(kept, ensure_ascii=False, indent=1) + "\n")

    def mark(self, name: str, passed: bool) -> bool:
        """Note whether an exercise passes; gives whether that is news."""
        if passed == (name in self.done):
            return False
        self.done = sorted({*self.done, name}) if passed else [other for other in self.done if other != name]
        return True


def load_state(folder: Path) -> State:
    """The state of a folder; a new one where there is none, or where it is damaged.

    Arguments:
        folder: of the exercises.
    """
    path = folder / NAME
    try:
        return _read(folder, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return State(folder)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        with suppress(OSError):
            os.replace(path, folder / DAMAGED)
        return State(folder, damaged=True)


def _read(folder: Path, kept: dict[str, Any]) -> State:
    """The state that a file holds.

    Raises:
        TypeError: it is none; so do ValueError, KeyError and AttributeError.
    """
    state = State(folder, str(kept["language"]), int(kept["seed"]))
    state.done = _checked(list(kept["done"]), str)
    state.hints = {str(name): int(count) for name, count in kept["hints"].items()}
    state.written = {str(name): str(digest) for name, digest in kept["written"].items()}
    return state


def _checked(values: list[Any], kind: type) -> list[Any]:
    if not all(type(value) is kind for value in values):
        raise TypeError(values)
    return values


def digest(text: str) -> str:
    """What tells whether a text was changed; line ends do not count."""
    return hashlib.sha256("\n".join(text.splitlines()).encode("utf-8", "surrogatepass")).hexdigest()


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there with all of its text or as it was before.

    Raises:
        OSError: that cannot be done; nothing is left behind.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(beside, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
