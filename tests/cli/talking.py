"""`serve` as a process that runs beside a test, stopped in the end by the signal that a user would send."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

DEADLINE = 30.0
"""Seconds that anything may take."""


class Serving:
    """A running `serve`.

    Attributes:
        process: the process.
        uri: where it listens.
    """

    def __init__(self, process: subprocess.Popen[str], *, json: bool) -> None:
        self.process = process
        self._lines: dict[str, queue.Queue[str]] = {}
        self._read: dict[str, list[str]] = {}
        self._threads = []
        for name, stream in (("out", process.stdout), ("err", process.stderr)):
            assert stream is not None
            self._lines[name], self._read[name] = queue.Queue(), []
            reader = threading.Thread(target=self._collect, args=(stream, self._lines[name]), daemon=True)
            reader.start()
            self._threads.append(reader)
        line = self.until(r"^listening on ", stream="err" if json else "out")
        self.uri = line.split()[-1]

    @staticmethod
    def _collect(stream: IO[str], lines: queue.Queue[str]) -> None:
        for line in stream:
            lines.put(line.rstrip("\n"))

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.uri.rstrip("/").rpartition(":")[2])

    def until(self, pattern: str, *, stream: str = "out") -> str:
        """Wait for a line in which a pattern is found."""
        while True:
            line = self._lines[stream].get(timeout=DEADLINE)
            self._read[stream].append(line)
            if re.search(pattern, line):
                return line

    def stop(self, number: int = signal.SIGINT) -> tuple[str, str, int]:
        """Send it a signal; all that it wrote on both streams, and its exit status."""
        self.process.send_signal(number)
        return self.end()

    def end(self) -> tuple[str, str, int]:
        """Wait for its end; all that it wrote on both streams, and its exit status."""
        status = self.process.wait(DEADLINE)
        for thread in self._threads:
            thread.join(DEADLINE)
        for name, lines in self._lines.items():
            while not lines.empty():
                self._read[name].append(lines.get())
        return "\n".join(self._read["out"]), "\n".join(self._read["err"]), status


def environment() -> dict[str, str]:
    """The surroundings of a process: English, UTF-8, 80 columns."""
    return os.environ | {"WSEDU_LANG": "en", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", "COLUMNS": "80"}


@contextmanager
def serving(*arguments: str) -> Iterator[Serving]:
    """A `serve` on a free port, which is gone when the block is over."""
    process = subprocess.Popen(
        [sys.executable, "-m", "wsedu", "serve", "--port", "0", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    )
    try:
        yield Serving(process, json="--json" in arguments)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()
