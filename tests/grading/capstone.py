"""Exercise 25, done, run as its learner runs it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.loopback.net import DEADLINE
from wsedu.grading.exercise import find_exercise
from wsedu.grading.started import docstring, statement

EXERCISE = find_exercise("endpoint")

WAYS = {"solution": EXERCISE.solution} | {variant.way: variant.source for variant in EXERCISE.right}
"""The solution and the other correct ways: name and file."""

PEERS = ("websockets", "Chromium")

TRIED = {
    "text": PEERS,
    "binary, every byte": PEERS,
    "empty messages": PEERS,
    "125, 126, 65,535 and 65,536 bytes": PEERS,
    "1 MiB": PEERS,
    "text in fragments": PEERS[:1],
    "Ping and its Pong": PEERS[:1],
    "Ping between fragments": PEERS[:1],
    "compression offered, and not used": PEERS,
    "closed by the client: 1000": PEERS,
    "closed by the client: 4000 and a reason": PEERS,
    "TCP ended without a Close; the next client is served": PEERS[:1],
    "two clients at once": PEERS,
    "its page, as a user sees it": PEERS[1:],
}
"""What the solution is tried with, and by which peers."""


def table() -> str:
    """The table of docs/exercises.md."""
    rows = [f"| the solution of exercise 25, in conversation with | {' | '.join(PEERS)} |", "| --- | :-: | :-: |"]
    rows += [f"| {name} | {' | '.join('✔' if peer in by else '—' for peer in PEERS)} |" for name, by in TRIED.items()]
    why = (
        "—: a page in a browser cannot send fragments or Pings, nor end TCP by itself; and only a browser shows a page."
    )
    return "\n".join([*rows, "", why])


@contextmanager
def running(folder: Path, source: str = EXERCISE.solution) -> Iterator[str]:
    """The learner's file, with the statement at its top, as a program of its own; gives the address that it prints.

    Ctrl-C has to end it, without a word.
    """
    (folder / EXERCISE.file).write_text(docstring(statement(EXERCISE, "en")) + "\n" + source, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, EXERCISE.file], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGINT)
        try:
            rest = process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
    assert (process.returncode, *rest) == (0, "", "")
