"""What is made for platforms, used as the platforms use it: the real nbgrader, a folder laid out as Gradescope's, the
commands of GitHub's workflow."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from wsedu.grading.adapters import github, gradescope, nbgrader
from wsedu.grading.adapters.copies import ExistsError
from wsedu.grading.exercise import exercises, find_exercise
from wsedu.grading.notebooks import cells_of

ROOT = Path(__file__).parents[2]
WANTED = tuple(find_exercise(name) for name in ("accept_key", "apply_mask"))
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
"""With the commands of this Python's packages, as where its environment is active: nbgrader calls one."""

SURROUNDINGS = {**os.environ, "PATH": PATH, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}


def run(command: Sequence[str], folder: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        **{"env": SURROUNDINGS, "timeout": 110, **more},
    )
    assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    return done


# --- nbgrader ---


def nb(course: Path, *arguments: str) -> str:
    done = run([sys.executable, "-m", "nbgrader", *arguments], course)
    return done.stdout + done.stderr


@pytest.mark.timeout(300)
def test_the_round_trip_of_the_real_nbgrader(tmp_path: Path) -> None:
    """The assignment is made and released; one student has all, one a part, one nothing; it is graded and told."""
    course = tmp_path / "course"
    course.mkdir()
    run([sys.executable, "-m", "wsedu", "grade", str(course), "--make", "nbgrader", "--exercises", "1,13"], course)
    nb(course, "generate_assignment", nbgrader.ASSIGNMENT, "--create")
    released = course / "release" / nbgrader.ASSIGNMENT / nbgrader.NOTEBOOK
    handed_out = released.read_text(encoding="utf-8")
    assert "hashlib.sha1" not in handed_out
    assert "HIDDEN TESTS" not in handed_out
    assert "NotImplementedError" in handed_out
    wrong = next(variant for variant in WANTED[0].wrong if variant.way == "hexdigest alone").source
    answers = {
        "alice": [exercise.solution for exercise in WANTED],
        "bob": [wrong, WANTED[1].solution],
        "carol": None,
    }
    for student, sources in answers.items():
        hand_in(course, student, json.loads(handed_out), sources)
    nb(course, "autograde", nbgrader.ASSIGNMENT, "--create")
    nb(course, "generate_feedback", nbgrader.ASSIGNMENT)
    steps = [len(exercise.steps(0)) for exercise in WANTED]
    nb(course, "export")
    lines = (course / "grades.csv").read_text(encoding="utf-8").splitlines()
    head = lines[0].split(",")
    scores = {
        row[head.index("student_id")]: float(row[head.index("score")])
        for row in (line.split(",") for line in lines[1:])
    }
    assert scores == {"alice": sum(steps), "bob": steps[1], "carol": 0}
    told = (course / "feedback" / "bob" / nbgrader.ASSIGNMENT / "exercises.html").read_text(encoding="utf-8")
    assert "M02" in told


def hand_in(course: Path, student: str, notebook: dict[str, Any], sources: Sequence[str] | None) -> None:
    """A student's notebook where nbgrader's `collect` puts it."""
    tagged = [cell for cell in notebook["cells"] if cell["metadata"].get("tags")]
    for cell, source in zip(tagged, sources or (), strict=False):
        cell["source"] = source
    folder = course / "submitted" / student / nbgrader.ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / nbgrader.NOTEBOOK).write_text(json.dumps(notebook), encoding="utf-8")


def test_the_whole_course_as_a_notebook() -> None:
    notebook = nbgrader.source_notebook(exercises(), "zh")
    answers = cells_of(json.dumps(notebook))
    assert list(answers) == [exercise.name for exercise in exercises()]
    for exercise in exercises():
        compile(answers[exercise.name], exercise.file, "exec")
        assert exercise.text("zh")["title"] in json.dumps(notebook, ensure_ascii=False)
    said = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    assert 'wsedu.check("accept_key")' in said[1], "a notebook is checked by a call, and not on a command line"
    assert "python -m wsedu" not in "".join(said)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)


def test_submitted_notebooks_can_be_graded_without_nbgrader(tmp_path: Path) -> None:
    """The folder `submitted` of a course is a class: nothing of a student runs beside what counts the marks."""
    notebook = nbgrader.source_notebook(WANTED, "en")
    hand_in(tmp_path, "alice", notebook, [exercise.solution for exercise in WANTED])
    command = [
        sys.executable,
        "-m",
        "wsedu",
        "grade",
        "submitted",
        "--trust-submissions",
        "--exercises",
        "1,13",
        "--json",
    ]
    facts = json.loads(run(command, tmp_path).stdout)
    assert [(result["student"], result["points"]) for result in facts["results"]] == [("alice", 2)]


def test_nothing_of_a_course_is_replaced(tmp_path: Path) -> None:
    nbgrader.make(tmp_path, WANTED, "en")
    config = tmp_path / "nbgrader_config.py"
    config.write_text("# mine\n", encoding="utf-8")
    nbgrader.make(tmp_path, WANTED, "en")
    assert config.read_text(encoding="utf-8") == "# mine\n"
    with pytest.raises(ExistsError):
        nbgrader.make(tmp_path, WANTED, "zh")


# --- Gradescope ---


def gradescope_folder(tmp_path: Path) -> Path:
    """/autograder as Gradescope lays it out, in another place."""
    top = tmp_path / "autograder"
    (path,) = gradescope.make(tmp_path, WANTED, "en", 5)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(top / "source")
    shutil.copy(top / "source" / "run_autograder", top / "run_autograder")
    (top / "run_autograder").chmod(0o755)
    (top / "results").mkdir()
    (top / "submission").mkdir()
    return top


def run_autograder(top: Path) -> dict[str, Any]:
    surroundings = {"PATH": os.environ["PATH"], "PYTHON": sys.executable, "LC_ALL": "C.UTF-8"}
    run(["./run_autograder"], top, env=surroundings)
    facts: dict[str, Any] = json.loads((top / "results" / "results.json").read_text(encoding="utf-8"))
    return facts


def test_the_autograder_runs_as_gradescope_runs_it(tmp_path: Path) -> None:
    top = gradescope_folder(tmp_path)
    (top / "submission" / "accept_key.py").write_text(WANTED[0].solution, encoding="utf-8")
    metadata = {"users": [{"email": "alice@example.org", "name": "Alice"}]}
    (top / "submission_metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    facts = run_autograder(top)
    by_exercise: dict[str, list[float]] = {}
    for test in facts["tests"]:
        scores = by_exercise.setdefault(test["tags"][0], [0, 0])
        scores[0] += test["score"]
        scores[1] += test["max_score"]
    count = len(WANTED[0].steps(0))
    assert by_exercise == {"accept_key": [count, count], "apply_mask": [0, len(WANTED[1].steps(0))]}
    seed = facts["extra_data"]["seed"]
    assert run_autograder(top)["extra_data"]["seed"] == seed
    (top / "submission_metadata.json").unlink()
    assert run_autograder(top)["extra_data"]["seed"] != seed


def test_an_autograder_with_nothing_to_grade_still_answers(tmp_path: Path) -> None:
    facts = run_autograder(gradescope_folder(tmp_path))
    assert all(test["score"] == 0 for test in facts["tests"])
    assert "nothing in it" in facts["output"]


def test_the_zip_has_its_scripts_at_the_top_and_is_small(tmp_path: Path) -> None:
    data = gradescope.autograder(WANTED, "en", 5)
    assert data == gradescope.autograder(WANTED, "en", 5)
    assert len(data) < 5_000_000
    (tmp_path / "a.zip").write_bytes(data)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        for name in ("setup.sh", "run_autograder"):
            assert (archive.getinfo(name).external_attr >> 16) & stat.S_IXUSR
            script = archive.read(name).decode()
            assert script.startswith("#!/usr/bin/env bash\n")
            run(["bash", "-n", "-c", script], tmp_path)


def test_the_autograder_installs_what_wsedu_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert list(gradescope.PACKAGES) == project["dependencies"]


# --- GitHub Classroom ---


def test_the_workflow_is_what_github_classroom_reads() -> None:
    facts = yaml.safe_load(github.workflow(exercises(), "zh"))
    assert set(facts) == {"name", "on", "permissions", "jobs"}
    (job,) = facts["jobs"].values()
    graders = [step for step in job["steps"] if "autograding-command-grader" in step.get("uses", "")]
    reporter = job["steps"][-1]
    assert [step["with"]["max-score"] for step in graders] == [len(exercise.steps(0)) for exercise in exercises()]
    assert reporter["with"]["runners"].split(",") == [step["id"] for step in graders]
    assert reporter["env"] == {
        f"{step['id'].upper()}_RESULTS": "${{steps." + step["id"] + ".outputs.result}}" for step in graders
    }
    for step, exercise in zip(graders, exercises(), strict=True):
        assert exercise.text("zh")["title"] in step["name"]


def test_the_workflows_commands_say_by_their_status_what_is_right(tmp_path: Path) -> None:
    (tmp_path / WANTED[0].file).write_text(WANTED[0].solution, encoding="utf-8")
    (tmp_path / WANTED[1].file).write_text(WANTED[1].stub, encoding="utf-8")
    github.make(tmp_path, WANTED, "en")
    facts = yaml.safe_load((tmp_path / github.PLACE).read_text(encoding="utf-8"))
    commands = [step["with"]["command"] for step in facts["jobs"]["run-autograding-tests"]["steps"] if "id" in step]
    statuses = [
        subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, env=SURROUNDINGS, capture_output=True, timeout=60
        ).returncode
        for command in commands
    ]
    assert statuses == [0, 1]
