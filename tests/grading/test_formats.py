"""Each format that grades are written in, read back by what reads it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from wsedu.explain.catalogue import LANGUAGES
from wsedu.grading.batch import steps_of
from wsedu.grading.exercise import find_exercise
from wsedu.grading.formats import class_table, markdown
from wsedu.grading.formats.gradescope import as_gradescope
from wsedu.grading.formats.junit import as_junit
from wsedu.grading.formats.prairielearn import MOST, as_prairielearn
from wsedu.grading.formats.spreadsheet import BOM, as_csv, cell
from wsedu.grading.intake_files import Problem
from wsedu.grading.results import Grades, Mark, Result, StepMark

EXERCISE = find_exercise("accept_key")
STEPS = steps_of(EXERCISE)
PASSED = tuple(replace(step, passed=True) for step in STEPS)
TOLD = {"en": ("✖ not so", "  got <b>&\x00\x1b[31m"), "zh": ("✖ 不对",)}


def mark(steps: tuple[StepMark, ...] = STEPS, state: str = "graded", idea: str = "", **facts: object) -> Mark:
    return Mark(EXERCISE.name, state, steps, "a.py", idea, **{"told": TOLD, "seconds": 0.25, **facts})  # type: ignore[arg-type]


def result(student: str, one: Mark, *problems: Problem) -> Result:
    return Result(student, student, "d", 5, (one,), problems)


def of(*results: Result) -> Grades:
    return Grades("0.1", 1, "plain", "c", (EXERCISE.name,), results)


GRADES = of(
    result("alice", mark(PASSED)),
    result("=HYPERLINK(1)", mark(idea="M02"), Problem("utf16", "@a.py")),
    result("bob", mark(state="missing", told={})),
    result("李雷", mark(PASSED[:1] + STEPS[1:])),
    result("eve\x1b", mark(state="lost", told={})),
)


# --- CSV ---


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "＝1",
        "＋1",
        "－1",
        "＠a",
        " =1",
        "|cmd",
        "%x",
        "\n=1",
        "\u00a0=1",
    ],
)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert str(cell(text)).startswith("'")
    assert str(cell(text))[1:] == text


@pytest.mark.parametrize("value", [0, 1.5, -2, "alice", "a=b", "李雷", ""])
def test_other_cells_stay_as_they_are(value: object) -> None:
    assert cell(value) == value


def test_csv_has_a_line_for_each_student() -> None:
    text = as_csv(GRADES, "en")
    assert text.startswith(BOM)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix(BOM))))
    assert [row["Student"] for row in rows] == ["alice", "'=HYPERLINK(1)", "bob", "李雷", "eve\x1b"]
    assert [row["01_accept_key"] for row in rows] == ["1.0", "0.0", "", str(round(1 / 3, 4)), "0.0"]
    assert rows[1]["Misconception"] == "accept_key:M02"
    assert rows[1]["Problems"].startswith("'@a.py: ")
    assert {row["Seed"] for row in rows} == {"5"}


# --- JUnit ---


def test_junit_has_a_case_for_each_step() -> None:
    top = ElementTree.fromstring(as_junit(GRADES, "en").encode())
    suites = {suite.get("name"): suite for suite in top}
    assert list(suites) == ["alice", "=HYPERLINK(1)", "bob", "李雷", "eve�"]
    counts = {name: (suite.get("tests"), suite.get("failures"), suite.get("errors")) for name, suite in suites.items()}
    assert counts == {"alice": ("3", "0", "0"), "=HYPERLINK(1)": ("3", "3", "0"), "bob": ("3", "3", "0"),
                      "李雷": ("3", "2", "0"), "eve�": ("3", "0", "3")}  # fmt: skip
    assert (top.get("tests"), top.get("failures")) == ("15", "11")
    failure = suites["=HYPERLINK(1)"].find("testcase/failure")
    assert failure is not None
    assert failure.text == "✖ not so\n  got <b>&��[31m"
    cases = suites["alice"].findall("testcase")
    assert cases[0].get("name") == "the RFC's own key gives the RFC's own answer"
    assert cases[0].get("classname") == "alice.01_accept_key"
    assert suites["=HYPERLINK(1)"].findtext("system-out", "").startswith("@a.py: ")


# --- Gradescope ---

TEST_FIELDS = {"score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags",
               "visibility", "extra_data"}  # fmt: skip
WHOLE_FIELDS = {"score", "execution_time", "output", "output_format", "test_output_format", "test_name_format",
                "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard"}  # fmt: skip
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}


def gradescope(one: Mark) -> dict[str, object]:
    grades = of(result("alice", one, Problem("utf16", "a.py")))
    facts: dict[str, object] = json.loads(as_gradescope(grades, grades.results[0], "en"))
    return facts


def listed(facts: dict[str, object]) -> list[dict[str, object]]:
    found = facts["tests"]
    assert isinstance(found, list)
    return found


def test_gradescope_has_its_published_fields_only() -> None:
    facts = gradescope(mark(PASSED[:1] + STEPS[1:]))
    assert set(facts) <= WHOLE_FIELDS
    assert {facts["visibility"], facts["stdout_visibility"]} <= VISIBILITIES
    assert "a.py: " in str(facts["output"])
    assert "seed 5" in str(facts["output"])
    (test,) = listed(facts)
    assert set(test) <= TEST_FIELDS
    assert (test["score"], test["max_score"], test["status"]) == (1.0, 3.0, "failed")
    assert "not so" in str(test["output"])


def test_what_hidden_steps_say_is_shown_with_the_grades_only() -> None:
    hidden = StepMark("chance", False, False)
    public, other = listed(gradescope(mark((*PASSED[:2], hidden))))
    assert public["status"] == "passed"
    assert "not so" not in str(public["output"])
    assert (other["visibility"], other["score"], other["max_score"]) == ("after_published", 0.0, 1.0)
    assert "not so" in str(other["output"])
    first, second = listed(gradescope(mark((*STEPS[:2], hidden))))
    assert "not so" in str(first["output"])
    assert second["output"] == ""


def test_long_feedback_is_cut_for_platforms() -> None:
    (test,) = listed(gradescope(mark(told={"en": ("x" * 100_000,)})))
    assert len(str(test["output"])) == 8000


# --- PrairieLearn ---


def prairielearn(*marks: Mark) -> dict[str, object]:
    one = Result("alice", "alice", "d", 5, marks)
    grades = of(one)
    facts: dict[str, object] = json.loads(as_prairielearn(grades, one, "zh"))
    return facts


def test_prairielearn_has_a_score_from_0_to_1() -> None:
    facts = prairielearn(mark(PASSED[:1] + STEPS[1:]))
    assert set(facts) == {"gradable", "score", "message", "output", "tests"}
    assert facts["score"] == round(1 / 3, 6)
    (test,) = listed(facts)
    assert set(test) == {"name", "description", "points", "max_points", "message", "output"}
    assert (test["points"], test["max_points"]) == (1, 3)
    assert test["output"] == "✖ 不对"


def test_nothing_that_can_be_run_is_not_gradable_and_costs_no_attempt() -> None:
    facts = prairielearn(mark(state="missing", told={}))
    assert facts["gradable"] is False
    assert facts["format_errors"]
    assert "score" not in facts


def test_prairielearn_stays_below_its_limit() -> None:
    one = Result("alice", "alice", "d", 5, (mark(told={"en": ("字" * 9000,)}),) * 60)
    assert len(as_prairielearn(of(one), one, "en").encode()) <= MOST


# --- Markdown ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_says_the_marks_the_steps_and_what_was_wrong(language: str) -> None:
    text = markdown.report(
        result("a*b", mark((*PASSED[:2], StepMark("chance", False, False))), Problem("utf16", "a_b.py")), language
    )
    lines = text.splitlines()
    assert lines[0] == "# a\\*b"
    assert any("a\\_b.py" in line for line in lines)
    assert sum(line.startswith("- ✔ ") for line in lines) == 2
    assert sum(line.startswith("- ✖ ") for line in lines) == 1
    assert TOLD[language][0] in lines


def test_nothing_in_a_report_ends_its_block_of_text_early() -> None:
    text = markdown.report(result("a", mark(told={"en": ("```", "<script>", "````")})), "en")
    assert "`````text\n```\n<script>\n````\n`````" in text


def test_names_of_reports_can_be_stored_everywhere_and_are_all_different() -> None:
    names = [
        "../../etc/passwd",
        "a/b",
        "a\\b",
        "CON",
        "con.txt",
        "a:b",
        "",
        "...",
        "x" * 500,
        "李雷",
        "Ann",
        "ann",
        "a\nb",
        "a*b",
    ]
    made = markdown.file_names(of(*(result(name, mark()) for name in names)))
    assert len({name.casefold() for name in made}) == len(names)
    for name in made:
        assert name.endswith(".md")
        assert not set(name) & set('/\\:*?"<>|\n')
        assert len(name) < 100
        assert name.partition(".")[0].lower() not in ("con", "nul", "")


# --- The class's table ---


def test_the_table_counts_students_and_names_them() -> None:
    rows = class_table.rows_of(
        of(result("a", mark(idea="M01")), result("b", mark(idea="M02")), result("c", mark(idea="M02"))), "en"
    )
    assert [(row.idea, row.students) for row in rows] == [("M02", ("b", "c")), ("M01", ("a",))]
    assert rows[0].name != "M02"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_as_text_and_csv(language: str) -> None:
    text = class_table.written(GRADES, ".txt", language).decode()
    assert "M02" in text
    assert "accept_key" in text
    rows = list(csv.reader(io.StringIO(class_table.written(GRADES, ".csv", language).decode().removeprefix(BOM))))
    assert rows[1][1:3] == ["accept_key", "M02"]
    assert rows[1][4:] == ["1", "'=HYPERLINK(1)"]


def test_a_class_without_certain_mistakes_has_a_sentence() -> None:
    assert class_table.written(of(result("a", mark(PASSED))), ".txt", "en").decode().startswith("No mistake")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_as_a_picture(language: str, theme: class_table.ThemeName, tmp_path: Path) -> None:
    png = class_table.written(GRADES, ".png", language, theme)
    assert png.startswith(b"\x89PNG")
    svg = class_table.written(GRADES, ".svg", language, theme)
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert class_table.written(of(), ".svg", language, theme)


def test_bars_are_as_long_as_their_counts_and_say_them() -> None:
    students = [result(str(number), mark(idea="M01" if number < 3 else "M02")) for number in range(5)]
    axes = class_table.picture(of(*students), "en").axes[0]
    assert [bar.get_width() for bar in axes.patches] == [3, 2]
    assert [text.get_text() for text in axes.texts if text.get_text().isdigit()] == ["3", "2"]
