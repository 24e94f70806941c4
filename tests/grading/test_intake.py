"""What students hand in, however they do: found, read, and named with its path where something is wrong."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from pathlib import Path

import pytest

from wsedu.explain.catalogue import LANGUAGES, part_catalogue
from wsedu.grading import intake_files
from wsedu.grading.exercise import exercises, find_exercise
from wsedu.grading.formats.words import problem_line
from wsedu.grading.intake import Submission, submission_of
from wsedu.grading.intake_files import Problem
from wsedu.grading.notebooks import NotebookError, cells_of, without_magics
from wsedu.grading.students import one_student, seed_of, students_in

SOLUTION = find_exercise("accept_key").solution
ONE = (find_exercise("accept_key"),)


def hand_in(path: Path, name: str, data: str | bytes = SOLUTION) -> Path:
    target = path / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data if isinstance(data, bytes) else data.encode())
    return target


def zipped(path: Path, members: dict[str, str | bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def notebook(*cells: tuple[str, list[str]]) -> str:
    made = [{"cell_type": "code", "metadata": {"tags": tags}, "source": source} for source, tags in cells]
    return json.dumps({"cells": made, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})


def of_class(path: Path) -> dict[str, Submission]:
    return {entry.student: submission_of(entry, ONE) for entry in students_in(path)}


def of_one(path: Path) -> Submission:
    return submission_of(one_student(path, "me"), ONE)


def problems(submission: Submission) -> list[tuple[str, str]]:
    return [(problem.what, problem.path) for problem in submission.problems]


# --- Who ---


def test_a_folder_a_file_a_notebook_and_a_zip_are_each_a_student(tmp_path: Path) -> None:
    hand_in(tmp_path, "alice/01_accept_key.py")
    hand_in(tmp_path, "bob.py")
    hand_in(tmp_path, "carol.ipynb", notebook((SOLUTION, ["exercise:accept_key"])))
    zipped(tmp_path / "dave.zip", {"work/accept_key.py": SOLUTION})
    found = of_class(tmp_path)
    assert list(found) == ["alice", "bob", "carol", "dave"]
    for submission in found.values():
        assert submission.problems == ()
        assert submission.works["accept_key"].source.strip() == SOLUTION.strip()


def test_files_of_several_exercises_beside_each_other_belong_to_who_stands_before(tmp_path: Path) -> None:
    hand_in(tmp_path, "doejane_123_01_accept_key.py")
    hand_in(tmp_path, "smith-accept_key-1.py")
    found = of_class(tmp_path)
    assert list(found) == ["doejane_123", "smith"]
    assert all("accept_key" in submission.works for submission in found.values())


def test_the_zip_of_a_class_is_a_class(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"accept_key.py": SOLUTION}).read_bytes()
    path = zipped(
        tmp_path / "class.zip", {"alice/01_accept_key.py": SOLUTION, "bob/hw.zip": inner, "carol.py": SOLUTION}
    )
    found = of_class(path)
    assert list(found) == ["alice", "bob", "carol"]
    assert all("accept_key" in submission.works for submission in found.values())


def test_a_student_who_is_there_twice_is_named_with_both_paths_and_graded_twice(tmp_path: Path) -> None:
    one, other = hand_in(tmp_path, "Alice/accept_key.py").parent, zipped(tmp_path / "alice.zip", {"a.py": SOLUTION})
    found = of_class(tmp_path)
    assert len(found) == 2
    for submission in found.values():
        (problem,) = submission.problems
        line = problem_line(problem, "en")
        assert problem.what == "student.twice"
        assert str(one) in line
        assert str(other) in line


def test_a_file_that_is_named_like_an_exercise_is_no_name_of_a_student(tmp_path: Path) -> None:
    path = hand_in(tmp_path, "01_accept_key.py")
    (submission,) = of_class(tmp_path).values()
    assert problems(submission) == [("student.exercise", str(path))]


def test_the_seed_of_a_student_is_the_same_each_time_and_another_for_each() -> None:
    assert seed_of(1, "alice") == seed_of(1, "alice")
    assert len({seed_of(seed, name) for seed in (1, 2) for name in ("alice", "bob", "12")}) == 6


# --- Which file ---


@pytest.mark.parametrize(
    "name",
    ["01_accept_key.py", "accept_key.py", "1.py", "01.py", "alice_accept_key.py", "01_accept_key (2).py",
     "01-Accept Key.py", "Accept_Key - Copy.py", "my own.py", "deep/in/here/accept_key.py"],
)  # fmt: skip
def test_a_file_is_found_by_its_name_or_by_what_it_defines(tmp_path: Path, name: str) -> None:
    hand_in(tmp_path, f"alice/{name}")
    submission = of_one(tmp_path / "alice")
    assert submission.works["accept_key"].source == SOLUTION
    assert submission.problems == ()


def test_of_several_the_one_whose_name_fits_best_is_taken_and_the_others_are_named(tmp_path: Path) -> None:
    best = hand_in(tmp_path, "alice/01_accept_key.py")
    other = hand_in(tmp_path, "alice/old/accept_key.py", "def accept_key(key): ...")
    hand_in(tmp_path, "alice/notes.py", "def accept_key(key): return 1")
    submission = of_one(tmp_path / "alice")
    assert submission.works["accept_key"].path == str(best)
    assert problems(submission) == [("several", str(best))]
    assert str(other) in problem_line(submission.problems[0], "en")


def test_a_file_for_another_exercise_is_not_searched_for_functions(tmp_path: Path) -> None:
    """The file of a later exercise may have the function of an earlier one in it, given."""
    other = next((exercise for exercise in exercises() if exercise.name != "accept_key"), None)
    name = other.file if other is not None else "99.py"
    hand_in(tmp_path, f"alice/{name}")
    found = of_one(tmp_path / "alice").works
    assert (found == {}) is (other is not None)


@pytest.mark.parametrize(("content", "what"), [("x = 1", "nothing"), ("def broken(:", "nothing")])
def test_a_file_that_is_for_no_exercise(tmp_path: Path, content: str, what: str) -> None:
    folder = hand_in(tmp_path, "alice/main.py", content).parent
    assert problems(of_one(folder)) == [(what, str(folder))]


# --- What is wrong with files ---


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "alice").mkdir()
    assert problems(of_one(tmp_path / "alice")) == [("empty", str(tmp_path / "alice"))]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_and_named(tmp_path: Path, encoding: str) -> None:
    path = hand_in(tmp_path, "alice/accept_key.py", SOLUTION.encode(encoding))
    submission = of_one(path.parent)
    assert submission.works["accept_key"].source == SOLUTION
    assert problems(submission) == [("utf16", str(path))]


@pytest.mark.parametrize(
    "data",
    [SOLUTION.encode("utf-8-sig"), SOLUTION.replace("\n", "\r\n").encode(), SOLUTION.replace("\n", "\r").encode(),
     ("# -*- coding: latin-1 -*-\n# é\n" + SOLUTION).encode("latin-1"),
     ("# coding: gbk\n# 中\n" + SOLUTION).encode("gbk")],
)  # fmt: skip
def test_text_that_python_itself_can_read_is_read(tmp_path: Path, data: bytes) -> None:
    path = hand_in(tmp_path, "alice/accept_key.py", data)
    submission = of_one(path.parent)
    assert submission.problems == ()
    assert submission.works["accept_key"].source.endswith(SOLUTION)


def test_text_that_nobody_can_read_is_named_with_the_byte(tmp_path: Path) -> None:
    path = hand_in(tmp_path, "alice/accept_key.py", b"# abc\xff\n")
    submission = of_one(path.parent)
    assert problems(submission) == [("undecodable", str(path))]
    assert submission.problems[0].facts["at"] == 5
    assert not submission.works["accept_key"].readable


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = hand_in(tmp_path, "secret.py")
    folder = tmp_path / "class" / "alice"
    folder.mkdir(parents=True)
    (folder / "accept_key.py").symlink_to(secret)
    (folder / "more").symlink_to(tmp_path)
    (tmp_path / "class" / "bob").symlink_to(tmp_path)
    found = of_class(tmp_path / "class")
    assert {what for what, _ in problems(found["alice"])} == {"symlink"}
    assert found["alice"].works == found["bob"].works == {}
    assert problems(found["bob"]) == [("symlink", str(tmp_path / "class" / "bob"))]


def test_a_pipe_that_is_named_like_a_file_does_not_stop_anything(tmp_path: Path) -> None:
    folder = hand_in(tmp_path, "alice/notes.txt").parent
    os.mkfifo(folder / "accept_key.py")
    assert problems(of_one(folder)) == [("no_file", str(folder / "accept_key.py"))]


def test_a_file_that_is_too_long_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_files, "MAX_FILE", 100)
    path = hand_in(tmp_path, "alice/accept_key.py", "#" * 101)
    assert problems(of_one(path.parent)) == [("large", str(path))]


def test_more_files_and_folders_than_anybody_has_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_files, "MAX_FILES", 3)
    for number in range(5):
        hand_in(tmp_path, f"alice/{number}.py", "")
    deep = "/".join("d" * (intake_files.MAX_DEPTH + 3))
    hand_in(tmp_path, f"bob/{deep}/accept_key.py")
    assert ("many", str(tmp_path / "alice")) in problems(of_one(tmp_path / "alice"))
    assert [what for what, _ in problems(of_one(tmp_path / "bob"))] == ["deep"]


def test_what_tools_leave_behind_is_left_out(tmp_path: Path) -> None:
    hand_in(tmp_path, "alice/accept_key.py")
    for name in ("__pycache__", ".ipynb_checkpoints", "__MACOSX", ".git", "venv"):
        hand_in(tmp_path, f"alice/{name}/accept_key.py", "x")
    zipped(tmp_path / "bob.zip", {"accept_key.py": SOLUTION, "__MACOSX/._accept_key.py": b"\xff"})
    for submission in of_class(tmp_path).values():
        assert submission.problems == ()
        assert submission.works["accept_key"].source == SOLUTION


# --- Zips ---


def test_a_path_that_leads_out_of_a_zip(tmp_path: Path) -> None:
    names = [
        "../accept_key.py",
        "a/../../accept_key.py",
        "/etc/accept_key.py",
        "..\\accept_key.py",
        "C:\\accept_key.py",
    ]
    path = zipped(tmp_path / "alice.zip", dict.fromkeys(names, SOLUTION))
    submission = of_one(path)
    assert submission.works == {}
    assert [what for what, _ in problems(submission)] == ["traversal"] * len(names)
    assert not (tmp_path / "accept_key.py").exists()


def test_a_link_in_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "alice.zip", "w") as archive:
        member = zipfile.ZipInfo("accept_key.py")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "/etc/passwd")
    assert [what for what, _ in problems(of_one(tmp_path / "alice.zip"))] == ["symlink"]


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_files, "MAX_WHOLE", 1000)
    path = zipped(tmp_path / "class" / "alice.zip", {f"{number}.py": bytes(900) for number in range(10)})
    assert path.stat().st_size < 2000
    (submission,) = of_class(tmp_path / "class").values()
    assert problems(submission) == [("bomb", str(path))]


def test_one_large_file_in_a_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path / "alice.zip", {"accept_key.py": bytes(intake_files.MAX_FILE + 1)})
    assert [what for what, _ in problems(of_one(path))] == ["large"]


def test_zips_in_zips_in_zips_are_not_opened(tmp_path: Path) -> None:
    third = zipped(tmp_path / "3.zip", {"accept_key.py": SOLUTION}).read_bytes()
    second = zipped(tmp_path / "2.zip", {"3.zip": third}).read_bytes()
    path = zipped(tmp_path / "alice.zip", {"2.zip": second})
    assert [what for what, _ in problems(of_one(path))] == ["nested"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 and nothing more", b"not a zip"])
def test_what_is_no_zip(tmp_path: Path, data: bytes) -> None:
    path = hand_in(tmp_path, "alice.zip", data)
    assert problems(of_one(path)) == [("zip", str(path))]


def test_a_zip_whose_content_is_damaged_says_which_file(tmp_path: Path) -> None:
    path = zipped(tmp_path / "alice.zip", {"accept_key.py": SOLUTION, "bob.py": "x = 1"})
    data = bytearray(path.read_bytes())
    data[60:90] = bytes(30)
    path.write_bytes(data)
    assert ("zip", f"{path}/accept_key.py") in problems(of_one(path))


# --- Notebooks ---


def test_tagged_cells_are_joined_in_order_and_magics_are_comments() -> None:
    text = notebook(
        ("%time\nimport os", ["exercise:accept_key"]), ("x", []), ("  !ls\ny = 5 % 3", ["exercise:accept_key", "a"])
    )
    assert cells_of(text) == {"accept_key": "# %time\nimport os\n\n  # !ls\ny = 5 % 3\n"}


def test_magics_keep_their_lines() -> None:
    assert without_magics("a\n%b\n?c\nd % e\n").count("\n") == 4


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"cells": [{', "cut"),
        ("", "cut"),
        ("[" * 100_000, "cut"),
        ("{}", "form"),
        ("[]", "form"),
        ('{"cells": 1}', "form"),
    ],
)
def test_what_is_no_notebook(text: str, what: str) -> None:
    with pytest.raises(NotebookError, match=what):
        cells_of(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [('{"cells": [{', "notebook_cut"), ("{}", "notebook_form"), (notebook(("x", [])), "notebook_tags")],
)
def test_a_notebook_without_an_answer_is_named(tmp_path: Path, text: str, what: str) -> None:
    path = hand_in(tmp_path, "alice/work.ipynb", text)
    assert problems(of_one(path.parent)) == [(what, str(path))]


def test_a_notebook_without_an_answer_beside_one_with_answers_is_no_problem(tmp_path: Path) -> None:
    hand_in(tmp_path, "alice/00_start.ipynb", notebook(("x", [])))
    path = hand_in(tmp_path, "alice/02_handshake.ipynb", notebook(("x", ["exercise:accept_key"])))
    found = of_one(path.parent)
    assert list(found.works) == ["accept_key"]
    assert problems(found) == []


def test_cells_of_odd_forms_are_passed_over() -> None:
    cells = [1, {"cell_type": "code"}, {"cell_type": "code", "metadata": {"tags": "exercise:a"}},
             {"cell_type": "code", "metadata": {"tags": ["exercise:a", 5]}, "source": ["x\n", "y"]}]  # fmt: skip
    assert cells_of(json.dumps({"cells": cells})) == {"a": "x\ny\n"}


# --- Sentences ---

FACTS = {"most": 3, "why": "w", "size": 5, "count": 7, "student": "s", "one": "o", "other": "p", "exercise": "e",
         "encoding": "UTF-8", "at": 1, "tag": "exercise:"}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_is_one_line_that_begins_with_its_path(language: str) -> None:
    known = part_catalogue("grade", language).texts
    keys = [key for key in known if key.startswith("problem.") and key != "problem.line"]
    assert len(keys) == 21
    for key in keys:
        line = problem_line(Problem(key.removeprefix("problem."), "a/b\n.py", FACTS), language)
        assert line.startswith("a/b�.py")
        assert "\n" not in line


def test_the_digest_follows_what_is_graded(tmp_path: Path) -> None:
    path = hand_in(tmp_path, "alice/accept_key.py")
    first = of_one(path.parent).digest
    assert of_one(path.parent).digest == first
    path.write_text(SOLUTION + "\n# more")
    assert of_one(path.parent).digest != first
