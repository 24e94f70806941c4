"""Grades a submission for each line that comes, with a peer, in the peer's own environment.

One process for all of them, as the peer would grade a class. It answers with a line of seconds
and how many exercises are right.

python _grade_server.py nbgrader|otter FOLDER
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Callable
from typing import Any


def nbgrader(folder: str) -> Callable[[str], float]:
    """Grades in a course's folder whose assignment `hw` is made already."""
    os.chdir(folder)
    from nbgrader.api import Gradebook
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    config: Any = Config()
    config.CourseDirectory.root = folder
    config.ExecutePreprocessor.timeout = 30
    api = NbGraderAPI(config=config)

    def grade(student: str) -> float:
        api.autograde("hw", student)
        with Gradebook(f"sqlite:///{folder}/gradebook.db") as book:
            try:
                return float(book.find_submission("hw", student).score)
            except Exception:
                return 0.0

    return grade


def otter(folder: str) -> Callable[[str], float]:
    """Grades notebooks of a folder with its `autograder.zip`."""
    os.chdir(folder)
    from otter.run import main

    def grade(student: str) -> float:
        results = main(f"submitted/{student}/hw.ipynb", autograder="autograder.zip", output_dir=None, no_logo=True)
        return float(results.total)

    return grade


def serve(grade: Callable[[str], float]) -> None:
    """Answer every line."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    out.write("ready\n")
    out.flush()
    for line in sys.stdin:
        begin = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            right = grade(line.strip())
        out.write(f"{time.perf_counter() - begin} {right}\n")
        out.flush()


if __name__ == "__main__":
    serve({"nbgrader": nbgrader, "otter": otter}[sys.argv[1]](sys.argv[2]))
