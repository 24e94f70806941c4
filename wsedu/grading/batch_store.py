"""The file that a run writes its results to as they come, and that the next run goes on from."""

from __future__ import annotations

import time
from pathlib import Path

from ..trace.files import write_whole
from .results import Grades, as_json, from_json, json_bytes

EVERY = 2.0
"""Seconds between two writings while grading goes on."""


class Store:
    """Grades in a file that is whole at every moment.

    Arguments:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._written = 0.0

    def before(self) -> Grades | None:
        """What an earlier run has left; None if there is no file.

        Raises:
            SchemaError: the file holds something else, and must not be replaced.
            OSError: it cannot be read.
        """
        if not self.path.exists():
            return None
        return from_json(self.path.read_text(encoding="utf-8"))

    def write(self, grades: Grades, *, now: bool = True) -> None:
        """Write the grades; if it must not be now, only if it has not just been done.

        Raises:
            OSError: it cannot be written.
        """
        if now or time.monotonic() - self._written >= EVERY:
            write_whole(self.path, json_bytes(as_json(grades)))
            self._written = time.monotonic()
