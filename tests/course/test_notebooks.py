"""The notebooks of the course are what their sources say, in both languages, and show what they showed when made."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import jupytext
import nbformat
import pytest

from tools.course.checking import differences, out_of_date
from tools.course.links import dead_links, unknown_links
from tools.course.numbers import listed, numbers_asked, numbers_in, prose
from tools.course.running import RunError, run
from tools.course.source import LANGUAGES, joined, notebook, sources, target
from tools.teaching.lessons import lessons
from wsedu.course.question import parts

LESSONS = [pytest.param(source, id=source.stem) for source in sources()]
BOTH = [
    pytest.param(source, language, id=f"{source.stem}-{language}")
    for source, language in itertools.product(sources(), LANGUAGES)
]
RUNS = [
    pytest.param(source, language, id=f"{source.stem}-{language}", marks=[pytest.mark.long] if language == "zh" else [])
    for source, language in itertools.product(sources(), LANGUAGES)
]
"""Those in Chinese, which have the same code, run in CI and before a merge."""


@pytest.mark.parametrize(("source", "language"), RUNS)
def test_a_lesson_runs_clean_and_shows_what_it_showed(source: Path, language: str, tmp_path: Path) -> None:
    kept = nbformat.read(target(source, language), as_version=4)
    now = run(notebook(source, language), str(tmp_path))
    assert differences(kept, now) == []


@pytest.mark.parametrize(("source", "language"), BOTH)
def test_a_lesson_is_made_of_its_source_as_it_is(source: Path, language: str) -> None:
    assert list(out_of_date(nbformat.read(target(source, language), as_version=4), source, language)) == []


@pytest.mark.parametrize(("source", "language"), BOTH)
def test_a_lesson_has_no_dead_link_and_needs_nothing_from_elsewhere(source: Path, language: str) -> None:
    assert list(dead_links(target(source, language))) == []


@pytest.mark.parametrize("source", LESSONS)
def test_no_number_and_no_address_is_typed(source: Path) -> None:
    assert [*numbers_in(source), *unknown_links(source)] == []


@pytest.mark.parametrize("part", [part for part in parts() if part != "inventory"])
def test_no_number_is_typed_into_what_a_question_asks_and_explains(part: str) -> None:
    assert list(numbers_asked(part)) == []


def test_each_number_that_may_be_typed_is_typed_somewhere() -> None:
    texts = [
        prose(cell.source)
        for source in sources()
        for cell in jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent").cells
        if cell.cell_type == "markdown"
    ]
    unused = [pattern for pattern in listed("numbers") if not any(re.search(pattern, text) for text in texts)]
    assert unused == []
    assert {name.partition(".")[0] for name in listed("questions")} < set(parts())


@pytest.mark.parametrize("source", LESSONS)
def test_both_languages_have_the_same_code_and_as_many_texts(source: Path) -> None:
    made = [nbformat.read(target(source, language), as_version=4) for language in LANGUAGES]
    codes = [[cell.source for cell in each.cells if cell.cell_type == "code"] for each in made]
    assert [re.sub(r"""(["'])zh\1""", r"\1en\1", code) for code in codes[1]] == codes[0]
    assert [cell.cell_type for cell in made[0].cells] == [cell.cell_type for cell in made[1].cells]
    chinese = "".join(cell.source for cell in made[1].cells if cell.cell_type == "markdown")
    assert len(re.findall(r"[\u4e00-\u9fff]", chinese)) > 500


@pytest.mark.parametrize(("source", "language"), BOTH)
def test_a_lesson_has_all_its_parts(source: Path, language: str) -> None:
    cells = nbformat.read(target(source, language), as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    lesson = lessons(language)[int(source.stem[:2])]
    asked = [one for one in lesson.questions if not one.recall]
    begins, capstone = lesson.number == 0, lesson.number == 10
    assert 20 <= lesson.minutes <= 40 or capstone
    assert f"{lesson.minutes} " in text
    assert len(lesson.objectives) >= 3
    assert all(re.search(r"\*\*.+?\*\*", one) for one in lesson.objectives)
    assert sum(one.recall for one in lesson.questions) == 3
    assert asked
    for one in asked:
        assert 0 < code.index(f'ask("{one.name}")') < code.index(f'reveal("{one.name}"'), one.name
    assert any(one.name.endswith(".mistake") for one in asked), "an erroneous example to find"
    assert lesson.widgets
    assert "show_code(" in code
    assert (1 if begins or capstone else 2) <= len(lesson.exercises) <= 3
    assert {one.name for one in lesson.exercises} <= set(re.findall(r'wsedu\.check\("(\w+)"', code))
    assert ("## In short" if language == "en" else "## 小结") in text
    reading = text.split("**Read on:**" if language == "en" else "**延伸阅读：**")[1]
    assert "RFC 6455" in reading
    assert "§" in reading or capstone
    assert any("image/png" in output.get("data", {}) for cell in cells for output in cell.get("outputs", ()))


@pytest.mark.parametrize(
    ("wrapped", "shown"),
    [
        ("- 客户端，\n  服务器\n- **帧**\n\n下一段", "- 客户端，服务器\n- **帧**\n\n下一段"),
        ("一行，\n`81`", "一行，`81`"),
        ("已经去掉：\nChrome", "已经去掉：Chrome"),
        ("101\n（十六进制）", "101（十六进制）"),
        ("第一项；\n1. 第二项。\n\n（注）", "第一项；\n1. 第二项。\n\n（注）"),
        ("两种：\n- 一\n- 二", "两种：\n- 一\n- 二"),
        ("帧\nPing", "帧\nPing"),
        ("two\nlines", "two\nlines"),
        ("```\n帧，\n帧\n```\n帧，\n帧", "```\n帧，\n帧\n```\n帧，帧"),
    ],
)
def test_a_line_end_within_chinese_is_no_space_and_all_others_stay(wrapped: str, shown: str) -> None:
    assert joined(wrapped) == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_code_of_a_statement_is_code_after_a_list_too(language: str) -> None:
    (source,) = (source for source in sources() if source.stem.startswith("10"))
    cells = notebook(source, language).cells
    text = next(cell.source for cell in cells if "0x" not in cell.source and "81 85 37 fa" in cell.source)
    assert "\n```\n81 85 37 fa 21 3d 7f 9f 4d 51 58  ->  81 05 48 65 6c 6c 6f\n88 82 37" in text


# --- The checks can fail ---


def simple(tmp_path: Path, *cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    whole = nbformat.v4.new_notebook(cells=list(cells))
    whole.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "wsedu": {"lesson": "test", "language": "en"},
    }
    return whole


def test_an_expression_is_filled_in(tmp_path: Path) -> None:
    text = nbformat.v4.new_markdown_cell("It has {{len(data)}} bytes.")
    made = run(simple(tmp_path, text, nbformat.v4.new_code_cell("data = b'Hello'")), str(tmp_path))
    assert made.cells[0].source == f"It has {len(b'Hello')} bytes."


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import warnings\nwarnings.warn('old')", "UserWarning"),
        ("import sys\nprint('RuntimeWarning: lost', file=sys.stderr)", "lost"),
    ],
)
def test_an_error_or_a_warning_stops_the_build(tmp_path: Path, code: str, says: str) -> None:
    with pytest.raises(RunError, match=says):
        run(simple(tmp_path, nbformat.v4.new_code_cell(code)), str(tmp_path))


def test_an_expression_without_a_value_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="nothing_here"):
        run(simple(tmp_path, nbformat.v4.new_markdown_cell("{{nothing_here}}")), str(tmp_path))


def test_what_depends_on_zlib_is_marked() -> None:
    (source,) = (source for source in sources() if source.stem.startswith("08"))
    for cell in notebook(source, "en").cells:
        sized = re.search(r"\{\{[^}]*table\[|second\.compressed|len\(frame\.payload\)|sizes\(", cell.source)
        assert ("measured" in cell.metadata) == bool(sized), cell.source
