"""A workflow for GitHub Classroom: each exercise is a test of `autograding-command-grader`, all points or none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ... import __version__
from ..exercise import Exercise
from .copies import write_new

PLACE = Path(".github", "workflows", "classroom.yml")
MINUTES = 2
"""How long a test may take; the time limits of grading are far below."""

HEAD = """\
name: Autograding Tests
'on':
- push
- workflow_dispatch
- repository_dispatch
permissions:
  checks: write
  actions: read
  contents: read
jobs:
  run-autograding-tests:
    runs-on: ubuntu-latest
    if: github.actor != 'github-classroom[bot]'
    steps:
    - name: Checkout code
      uses: actions/checkout@v4
    - name: Python
      uses: actions/setup-python@v5
      with:
        python-version: '3.12'
    - name: wsedu
      run: python -m pip install 'wsedu=={version}'
"""

TEST = """\
    - name: {title}
      id: {id}
      uses: classroom-resources/autograding-command-grader@v1
      with:
        test-name: {title}
        setup-command: ''
        command: {command}
        timeout: {minutes}
        max-score: {points}
"""

COMMAND = (
    'python -m wsedu grade . --student "${{GITHUB_ACTOR:-student}}" --exercises {name} --lang {language}'
    " --trust-submissions --results {name}.grades.json"
)

REPORTER = """\
    - name: Autograding Reporter
      uses: classroom-resources/autograding-grading-reporter@v1
      env:
{results}
      with:
        runners: {runners}
"""


def make(folder: Path, wanted: Sequence[Exercise], language: str) -> list[Path]:
    """Write the workflow into the folder of an assignment's repository.

    Raises:
        ExistsError: there is another one already.
        OSError: it cannot be written.
    """
    files = {folder / PLACE: workflow(wanted, language)}
    write_new(files)
    return list(files)


def workflow(wanted: Sequence[Exercise], language: str) -> str:
    """The workflow as YAML; JSON's strings are strings of YAML too."""
    parts = [HEAD.format(version=__version__)]
    ids = []
    for exercise in wanted:
        ids.append(f"e{exercise.folder.name}")
        title = json.dumps(f"{exercise.number:02} {exercise.text(language)['title']}", ensure_ascii=False)
        command = json.dumps(COMMAND.format(name=exercise.name, language=language))
        facts = {"title": title, "id": ids[-1], "command": command, "minutes": MINUTES}
        parts.append(TEST.format(**facts, points=len(exercise.steps(0))))
    results = "\n".join(f'        {one.upper()}_RESULTS: "${{{{steps.{one}.outputs.result}}}}"' for one in ids)
    return "".join([*parts, REPORTER.format(results=results, runners=",".join(ids))])
