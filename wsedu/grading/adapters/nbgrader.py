"""An assignment for nbgrader: a source notebook whose grading cells let `wsedu grade` look at the notebook's file.

Each grading cell's value is how many steps are right, which nbgrader takes as partial credit.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..exercise import Exercise
from ..formats.words import words_of
from ..gap import BEGIN, END
from ..notebooks import TAG
from ..results import from_json
from ..started import statement
from .copies import write_new

ASSIGNMENT, NOTEBOOK = "websocket", "exercises.ipynb"
"""The names of the assignment and of its notebook."""

PLACEHOLDER = "raise NotImplementedError"
"""What a gap holds if nothing else is said; nbgrader puts the same there. Other gaps are written as they are."""

SECONDS = 120
"""How long a grading cell may take (seconds); nbgrader's own 30 are too short for answers that do not end."""

CONFIG = """\
c = get_config()
c.ExecutePreprocessor.timeout = {seconds}  # an answer that does not end has a budget of its own
"""

GRADING = """\
# {name}
### BEGIN HIDDEN TESTS
from wsedu.grading.adapters.nbgrader import points

points("{exercise}", "{notebook}", language="{language}")
### END HIDDEN TESTS"""


def make(course: Path, wanted: Sequence[Exercise], language: str) -> list[Path]:
    """Write the assignment into a course's folder: `source/websocket/exercises.ipynb`, and nbgrader's settings.

    Arguments:
        course: the folder.
        wanted: the exercises.
        language: of the statements and of the feedback.

    Raises:
        ExistsError: a file is there already and differs.
        OSError: one cannot be written.
    """
    notebook = json.dumps(source_notebook(wanted, language), ensure_ascii=False, indent=1) + "\n"
    files = {course / "source" / ASSIGNMENT / NOTEBOOK: notebook}
    config = course / "nbgrader_config.py"
    if not config.exists():
        files[config] = CONFIG.format(seconds=SECONDS)
    write_new(files)
    return list(files)


def source_notebook(wanted: Sequence[Exercise], language: str) -> dict[str, Any]:
    """The teacher's notebook, with solutions, from which nbgrader makes the students'."""
    say = words_of(language).say
    cells = [_cell("markdown", "intro", f"# {say('copy.title')}\n\n{say('copy.intro')}")]
    for exercise in wanted:
        name = exercise.name
        cells.append(_cell("markdown", f"{name}-text", _statement(exercise, language)))
        cells.append(_answer(exercise))
        title = say("copy.points", name=name).replace("`", "")
        code = GRADING.format(name=title, exercise=name, notebook=NOTEBOOK, language=language)
        cells.append(_cell("code", f"{name}-grade", code, _nbgrader(name, grade=True, points=_steps(exercise))))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _statement(exercise: Exercise, language: str) -> str:
    title = words_of(language).say(
        "copy.heading", number=f"{exercise.number:02}", title=exercise.text(language)["title"]
    )
    body = statement(exercise, language, notebook=True).partition("\n")[2].strip("\n")
    return f"## {title}\n\n{body}"


def _answer(exercise: Exercise) -> dict[str, Any]:
    tags = {"tags": [f"{TAG}{exercise.name}"]}
    name = f"{exercise.name}-answer"
    if exercise.facts.get("stub", PLACEHOLDER) != PLACEHOLDER:
        return _cell("code", name, exercise.stub.strip("\n"), tags)
    source = exercise.template.replace(BEGIN, "### BEGIN SOLUTION").replace(END, "### END SOLUTION").strip("\n")
    return _cell("code", name, source, {**tags, **_nbgrader(exercise.name, grade=False)})


def _nbgrader(name: str, *, grade: bool, points: int | None = None) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": f"{name}-{'grade' if grade else 'answer'}",
        "grade": grade,
        "solution": not grade,
        "locked": grade,
        "task": False,
    }
    if points is not None:
        facts["points"] = points
    return {"nbgrader": facts}


def _cell(kind: str, name: str, source: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    code: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "id": name[:64], "metadata": metadata or {}, "source": source, **code}


def _steps(exercise: Exercise) -> int:
    return len(exercise.steps(0))


# --- What a grading cell does ---


def points(exercise: str, notebook: str, *, language: str = "en") -> float:
    """How many steps of an exercise a notebook has right; the feedback is printed.

    Arguments:
        exercise: its name.
        notebook: the file, in the folder that the cell runs in.
        language: of the feedback.
    """
    path = Path(notebook).absolute()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "wsedu", "grade", str(path), "--student", path.parent.parent.name or "student"]
        command += ["--exercises", exercise, "--results", str(Path(folder) / "grades.json"), "--json", "--jobs", "1"]
        done = subprocess.run([*command, "--trust-submissions"], capture_output=True, check=False)
    if done.returncode not in (0, 1, 2) or not done.stdout:
        raise RuntimeError(done.stderr.decode("utf-8", "replace").strip() or f"wsedu grade: {done.returncode}")
    result = from_json(done.stdout.decode("utf-8")).results[0]
    print(_told(result, language))  # noqa: T201 - it is what the cell shows
    return float(result.marks[0].right)


def _told(result: Any, language: str) -> str:
    from ..formats.words import mark_line, problem_line, told

    mark = result.marks[0]
    lines = [problem_line(problem, language) for problem in result.problems]
    return "\n".join([*lines, told(mark, language), mark_line(mark, language)])
