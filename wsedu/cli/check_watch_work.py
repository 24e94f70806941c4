"""What watch mode waits for: a file that is saved, in whatever way an editor does it, and a check in another thread."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ..grading.checking import Checked, check_file
from ..grading.exercise import Exercise
from ..grading.players import ChildPlayer

POLL_SECONDS = 0.1
"""How often the file is looked at (seconds)."""

BUSY_SECONDS = 0.02
"""How often a check that is running is looked at (seconds)."""

STOP_SECONDS = 1.0
"""How long a check that was stopped may take to end (seconds)."""

EMPTY_SECONDS = 0.5
"""How long an editor may take to fill a file that it has emptied (seconds)."""

Stamp = tuple[int, int, int] | None
"""When a file was changed (nanoseconds), its size (bytes) and which file it is; None for none."""


def stamp_of(path: Path) -> Stamp:
    """What tells whether a file was saved."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


class Watched:
    """A file that is looked at again and again.

    Arguments:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = stamp_of(path)
        self._gone_since: float | None = None

    def saved(self) -> bool:
        """Whether the file was saved since the last time.

        A file that is empty or away is one that an editor is about to write, unless it stays so.
        """
        found = stamp_of(self.path)
        if found == self._seen:
            self._gone_since = None
            return False
        if found is None or found[1] == 0:
            now = time.monotonic()
            self._gone_since = now if self._gone_since is None else self._gone_since
            if now - self._gone_since < EMPTY_SECONDS:
                return False
        self._gone_since = None
        self._seen = found
        return True


Found = tuple[Exercise, Checked | Exception]
"""An exercise, and what came of its check, or what went wrong: an `OSError` if its file cannot be read."""


class Work:
    """Checks one exercise or several, one after the other, in a thread, so that keys are heard meanwhile.

    Arguments:
        exercises: what to check.
        folder: that their files are in.
        seed: of the random inputs.
    """

    def __init__(self, exercises: Sequence[Exercise], folder: Path, seed: int) -> None:
        self.exercises = tuple(exercises)
        self.found: queue.SimpleQueue[Found] = queue.SimpleQueue()
        self.began = time.monotonic()
        self._folder, self._seed = folder, seed
        self._stopped = False
        self._player: ChildPlayer | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        for exercise in self.exercises:
            if self._stopped:
                return
            self._player = ChildPlayer()
            try:
                path = self._folder / exercise.file
                self.found.put((exercise, check_file(exercise, path, seed=self._seed, player=self._player)))
            except Exception as error:
                # Of what was stopped nothing is wanted, not even why it failed; of the rest the loop decides.
                if not self._stopped:
                    self.found.put((exercise, error))

    def stop(self) -> None:
        """End it, and the process that it waits for, again if another one was just being started."""
        self._stopped = True
        until = time.monotonic() + STOP_SECONDS
        while self._thread.is_alive() and time.monotonic() < until:
            # The thread may close the same process at this very moment, and then it is closed.
            with suppress(AttributeError):
                if self._player is not None:
                    self._player.close()
            self._thread.join(BUSY_SECONDS)
