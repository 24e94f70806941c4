"""What `lab` has put into a folder: a small file in it, written whole or not at all."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..explain.catalogue import LANGUAGES
from ..grading.state import write_whole

NAME = ".wsedu-course.json"
"""The name of the file."""

DAMAGED = ".wsedu-course.damaged.json"
"""What a file that cannot be read is renamed to, so that nothing is lost."""


@dataclass
class Manifest:
    """What is kept.

    Arguments:
        folder: that the file is in.
        language: of the notebooks in the folder; empty if it is not known.
        solutions: whether their exercises are solved.
        written: the digest of each notebook as it was written, by its name.
        damaged: whether there was a file that could not be read.
    """

    folder: Path
    language: str = ""
    solutions: bool = False
    written: dict[str, str] = field(default_factory=dict)
    damaged: bool = False

    def save(self) -> None:
        """Write the file: whoever reads it, even after a crash, finds the old or the new one.

        Raises:
            OSError: the folder cannot be written to.
        """
        kept = {"version": 1, "language": self.language, "solutions": self.solutions, "written": self.written}
        write_whole(self.folder / NAME, json.dumps(kept, ensure_ascii=False, indent=1) + "\n")


def load_manifest(folder: Path) -> Manifest:
    """What is kept in a folder; a new one where there is none, or where it is damaged.

    Arguments:
        folder: of the course.
    """
    path = folder / NAME
    try:
        return _read(folder, json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return Manifest(folder)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        with suppress(OSError):
            os.replace(path, folder / DAMAGED)
        return Manifest(folder, damaged=True)


def _read(folder: Path, kept: dict[str, Any]) -> Manifest:
    """What a file holds.

    Raises:
        ValueError: it is none; so do TypeError, KeyError and AttributeError.
    """
    if kept["language"] not in LANGUAGES or not isinstance(kept["solutions"], bool):
        raise ValueError(kept)
    written = {str(name): str(digest) for name, digest in kept["written"].items()}
    return Manifest(folder, kept["language"], kept["solutions"], written)
