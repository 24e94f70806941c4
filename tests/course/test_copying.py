"""The folder of the course: what is new comes, and what a learner has done stays."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from wsedu.course import copying
from wsedu.course.copying import Copied, copy_course
from wsedu.course.manifest import DAMAGED, NAME
from wsedu.course.notebooks import notebook_digest, notebooks, notebooks_folder, solved
from wsedu.grading.exercise import find_exercise

LESSON = "03_frames.ipynb"
EXERCISE = "wsedu-exercises/01_accept_key.py"


def copy(folder: Path, language: str | None = None, **options: Any) -> Copied:
    return copy_course(folder, language, "en", **options)


def edited(path: Path, text: str = "mine") -> str:
    """A notebook with a cell of the learner's; gives its text."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    whole["cells"].append({"cell_type": "code", "id": "x", "metadata": {}, "outputs": [], "source": [text]})
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path.read_text(encoding="utf-8")


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """wsedu comes with other notebooks than those that were copied."""
    plain = notebooks

    def changed(language: str, *, solutions: bool = False) -> dict[str, str]:
        texts = plain(language, solutions=solutions)
        return {name: text.replace('"cell_type": "markdown"', '"cell_type": "raw"', 1) for name, text in texts.items()}

    monkeypatch.setattr(copying, "notebooks", changed)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_new_folder_has_all_notebooks_and_all_exercises(tmp_path: Path, language: str) -> None:
    done = copy(tmp_path / "deep" / "course", language)
    assert set(done.new) == {path.name for path in done.folder.glob("*.ipynb")} == set(notebooks(language))
    for name, text in notebooks(language).items():
        assert (done.folder / name).read_text(encoding="utf-8") == text
    assert (done.folder / EXERCISE).is_file()
    assert (done.kept, done.same, done.damaged) == ((), (), False)


def test_both_languages_have_the_same_lessons() -> None:
    assert list(notebooks("en")) == list(notebooks("zh"))
    assert LESSON in notebooks("en")


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    copy(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.[ip]*")}
    again = copy(tmp_path)
    assert (again.new, again.renewed, again.kept, again.exercises.written) == ((), (), (), ())
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.[ip]*")} == before


def test_what_a_learner_has_worked_on_is_kept(tmp_path: Path) -> None:
    copy(tmp_path)
    mine = edited(tmp_path / LESSON)
    (tmp_path / EXERCISE).write_text("mine = 1\n", encoding="utf-8")
    again = copy(tmp_path)
    assert (again.kept, again.older, again.new, again.renewed) == ((LESSON,), (), (), ())
    assert again.exercises.kept == ("01_accept_key.py",)
    assert (tmp_path / LESSON).read_text(encoding="utf-8") == mine
    assert (tmp_path / EXERCISE).read_text(encoding="utf-8") == "mine = 1\n"


def test_what_a_cell_has_shown_is_work_too(tmp_path: Path) -> None:
    copy(tmp_path)
    whole = json.loads((tmp_path / LESSON).read_text(encoding="utf-8"))
    code = next(cell for cell in whole["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["seen\n"]}]
    (tmp_path / LESSON).write_text(json.dumps(whole), encoding="utf-8")
    assert copy(tmp_path, "zh").kept == (LESSON,)


def test_opening_and_saving_is_no_work(tmp_path: Path) -> None:
    """JupyterLab lays the file out its own way, and adds what it knows of the kernel."""
    copy(tmp_path)
    whole = json.loads((tmp_path / LESSON).read_text(encoding="utf-8"))
    whole["metadata"]["language_info"]["version"] = "3.99"
    for cell in whole["cells"]:
        cell["source"] = "".join(cell["source"])
        cell["metadata"]["trusted"] = True
    (tmp_path / LESSON).write_text(json.dumps(whole, indent=4), encoding="utf-8")
    assert copy(tmp_path, "zh").renewed == tuple(notebooks("en"))
    assert (tmp_path / LESSON).read_text(encoding="utf-8") == notebooks("zh")[LESSON]


@pytest.mark.usefixtures("newer")
def test_a_newer_version_replaces_what_nobody_has_changed_and_only_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(copying, "notebooks", notebooks)
        copy(tmp_path)
    done = copy(tmp_path)
    assert done.renewed == tuple(notebooks("en"))
    mine = edited(tmp_path / LESSON)
    with monkeypatch.context() as before:
        before.setattr(copying, "notebooks", notebooks)
        done = copy(tmp_path)
    assert (done.kept, done.older) == ((LESSON,), (LESSON,))
    assert (tmp_path / LESSON).read_text(encoding="utf-8") == mine
    (tmp_path / LESSON).rename(tmp_path / "mine.ipynb")
    assert LESSON in copy(tmp_path).new
    assert (tmp_path / "mine.ipynb").read_text(encoding="utf-8") == mine


def test_the_language_stays_until_another_one_is_asked_for(tmp_path: Path) -> None:
    copy(tmp_path, "zh")
    assert copy(tmp_path).language == "zh"
    assert copy(tmp_path, "en").language == "en"
    assert (tmp_path / LESSON).read_text(encoding="utf-8") == notebooks("en")[LESSON]


def test_what_stays_in_the_old_language_is_known_by_what_it_says(tmp_path: Path) -> None:
    """There and back: what was left alone on the way there is in the right language again."""
    copy(tmp_path, "en")
    edited(tmp_path / LESSON)
    (tmp_path / EXERCISE).write_text((tmp_path / EXERCISE).read_text(encoding="utf-8") + "#", encoding="utf-8")
    (tmp_path / "wsedu-exercises" / "README.md").write_text("mine", encoding="utf-8")
    there = copy(tmp_path, "zh")
    assert (there.before, there.behind) == ("en", (LESSON, EXERCISE, "wsedu-exercises/README.md"))
    back = copy(tmp_path, "en")
    assert (back.before, back.behind) == ("zh", ("wsedu-exercises/README.md",))
    assert (copy(tmp_path).before, copy(tmp_path, "en").behind) == ("", ())


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"language": "en"}', '{"language": 1, "solutions": 0, "written": []}']
)
def test_a_damaged_record_is_put_aside_and_nothing_is_lost(tmp_path: Path, text: str) -> None:
    copy(tmp_path)
    mine = edited(tmp_path / LESSON)
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    done = copy(tmp_path)
    assert done.damaged
    assert done.kept == (LESSON,)
    assert (tmp_path / DAMAGED).read_text(encoding="utf-8") == text
    assert (tmp_path / LESSON).read_text(encoding="utf-8") == mine
    assert not copy(tmp_path).damaged


def test_without_a_record_what_is_ours_is_known_by_its_content(tmp_path: Path) -> None:
    copy(tmp_path, "zh")
    (tmp_path / NAME).unlink()
    assert copy(tmp_path, "en").renewed == tuple(notebooks("en"))


@pytest.mark.parametrize("text", ["", "<<<<<<< mine\n", "\0\xff"])
def test_what_is_no_notebook_any_more_is_kept(tmp_path: Path, text: str) -> None:
    copy(tmp_path)
    (tmp_path / LESSON).write_text(text, encoding="latin-1")
    assert copy(tmp_path, "zh").kept == (LESSON,)
    assert (tmp_path / LESSON).read_text(encoding="latin-1") == text


def test_an_interrupted_copy_is_finished_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(copying, "start", lambda *_: (_ for _ in ()).throw(OSError("no space")))
        with pytest.raises(OSError, match="no space"):
            copy(tmp_path)
    assert not (tmp_path / NAME).exists()
    done = copy(tmp_path)
    assert (done.kept, done.same) == ((), tuple(notebooks("en")))
    assert (tmp_path / EXERCISE).is_file()
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".new"] == []


# --- The learner's copy, and the teacher's ---


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_answer_is_given_away_before_a_cell_is_run(language: str) -> None:
    for name, text in notebooks(language).items():
        kept = json.loads((notebooks_folder(language) / name).read_text(encoding="utf-8"))["cells"]
        mine = json.loads(text)["cells"]
        assert [cell["source"] for cell in mine] == [cell["source"] for cell in kept]
        assert any(cell.get("outputs") for cell in kept)
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in mine)


def cells_of(text: str, name: str) -> list[Any]:
    return [cell for cell in json.loads(text)["cells"] if f"exercise:{name}" in cell["metadata"].get("tags", ())]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_in_the_teachers_copy_every_exercise_is_solved(language: str) -> None:
    found = 0
    for name, text in notebooks(language, solutions=True).items():
        tags = re.findall(r'"exercise:(\w+)"', notebooks(language)[name])
        for exercise in tags:
            (cell,) = cells_of(text, exercise)
            assert "".join(cell["source"]) == find_exercise(exercise).solution.strip("\n")
            assert cell["outputs"] == []
            ast.parse("".join(cell["source"]))
            found += 1
            (stub,) = cells_of(notebooks(language)[name], exercise)
            assert "".join(stub["source"]) != "".join(cell["source"])
    assert found


def test_a_verdict_on_the_stub_is_not_shown_with_the_solution() -> None:
    before = json.loads((notebooks_folder("en") / LESSON).read_text(encoding="utf-8"))["cells"]
    after = json.loads(notebooks("en", solutions=True)[LESSON])["cells"]
    judged = [number for number, cell in enumerate(before) if "wsedu.check(" in "".join(cell["source"])]
    assert judged
    for number, (one, other) in enumerate(zip(before, after, strict=True)):
        if number in judged:
            assert one["outputs"]
            assert other["outputs"] == []
        elif "tags" not in one["metadata"]:
            assert one == other


def test_a_notebook_without_exercises_stays_as_it_is() -> None:
    text = json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": "check(1)", "outputs": [1]}]})
    assert json.loads(solved(text)) == json.loads(text)


def test_a_folder_stays_a_teachers_copy_until_it_is_told_otherwise(tmp_path: Path) -> None:
    assert copy(tmp_path, solutions=True).solutions
    assert copy(tmp_path).solutions
    assert (tmp_path / LESSON).read_text(encoding="utf-8") == notebooks("en", solutions=True)[LESSON]
    done = copy(tmp_path, solutions=False)
    assert not done.solutions
    assert LESSON in done.renewed
    assert (tmp_path / LESSON).read_text(encoding="utf-8") == notebooks("en")[LESSON]


# --- Where it cannot be ---


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for place in (tmp_path / "file", tmp_path / "file" / "course"):
        with pytest.raises(NotADirectoryError) as caught:
            copy(place)
        assert caught.value.filename == str(place)


# --- What ships ---


@pytest.mark.parametrize("language", ["en", "zh"])
def test_links_of_a_notebook_lead_to_what_a_learner_has(tmp_path: Path, language: str) -> None:
    """What a notebook finds beside itself here it finds in the folder of a learner too; links that lead nowhere at all
    are found where the notebooks are made."""
    copy(tmp_path, language)
    for name, text in notebooks(language).items():
        for cell in json.loads(text)["cells"]:
            if cell["cell_type"] == "markdown":
                for goal in re.findall(r"\]\((?!https?:)([^)#\s]+)", "".join(cell["source"])):
                    here = (notebooks_folder(language) / goal).exists()
                    assert (tmp_path / goal).exists() or not here, f"{name}: {goal}"


def test_a_digest_is_of_a_notebook() -> None:
    for text in ("", "[]", "{}", '{"cells": [1]}', '{"cells": [{"cell_type": "code"}]}'):
        with pytest.raises(ValueError, match=r"notebook|Expecting"):
            notebook_digest(text)
