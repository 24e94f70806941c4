"""The teacher's guide: its pages are what their sources say, and the sources are whole in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import wsedu
from tools import teaching_pages
from tools.teaching import sheets, texts
from tools.teaching.index import FILM_KEYS
from tools.teaching.lessons import lessons
from wsedu.course.lessons import LESSONS
from wsedu.explain.catalogue import LANGUAGES

COURSE = range(11)
"""The numbers of the lessons."""
FILES = sorted(path.stem for path in texts.SOURCES.glob("*.toml") if path.stem != "words")


def test_the_pages_are_as_their_sources_say() -> None:
    assert list(teaching_pages.problems()) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FILES)
def test_every_text_can_be_filled_in(name: str, language: str) -> None:
    """Its labels are in the catalogue, its expressions have values, and no mark is left over."""
    found = [texts.filled(text, language) for text in _of(texts.source(name), language)]
    assert found
    assert not [text for text in found if "[[" in text or "{{" in text or not text]


def _of(value: Any, language: str) -> list[str]:
    """The texts of one language in a file, wherever they stand."""
    if isinstance(value, list):
        return [text for one in value for text in _of(one, language)]
    if not isinstance(value, dict):
        return []
    own = list(texts.texts(value.get(language, {})))
    return own + [text for key, one in value.items() if key not in LANGUAGES for text in _of(one, language)]


@pytest.mark.parametrize("name", [*FILES, "words"])
def test_both_languages_say_the_same_things(name: str) -> None:
    def alike(value: Any) -> None:
        if isinstance(value, dict):
            if set(LANGUAGES) & set(value):
                assert value["en"].keys() == value["zh"].keys()
            for one in value.values():
                alike(one)
        elif isinstance(value, list):
            for one in value:
                alike(one)

    alike(texts.source(name))


def test_there_is_a_run_sheet_for_each_lesson_and_something_to_show_for_each_misconception() -> None:
    assert sheets.sheets_given() == list(COURSE)
    assert texts.source("ideas")["en"].keys() == LESSONS.keys()


def test_plans_and_claims_name_lessons_that_there_are() -> None:
    planned = {
        lesson
        for plan in texts.source("plans")["plan"]
        for session in plan["session"]
        for step in session["step"]
        for lesson in step.get("lessons", ())
    }
    claimed = {lesson for claim in texts.source("article")["claim"] for lesson in claim["lessons"]}
    assert planned == set(COURSE)
    assert claimed <= set(COURSE)


def test_a_page_tells_what_the_notebook_has() -> None:
    """Minutes, objectives, questions with what was revealed, and the misconceptions behind wrong answers."""
    page = sheets.sheet(3, "en")
    lesson = lessons("en")[3]
    assert page.startswith("# Lesson 3 · Frames, bit by bit")
    assert f"\n{lesson.minutes} minutes." in page
    assert f"–{lesson.minutes} |" in page
    assert all(f"- {one}\n" in page for one in lesson.objectives)
    assert "How many bytes has the header of its frame? | 4 | `2` → M20<br>" in page
    assert "| M20 | 126 and 127 are lengths as well |" in page
    assert "`frames.header_126`, `length_field`" in page


@pytest.mark.parametrize("page", sorted(texts.GUIDE.rglob("*.md")), ids=lambda page: page.name)
def test_every_row_of_a_table_has_as_many_cells_as_its_head(page: Path) -> None:
    columns = 0
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert cells == (columns or cells) or not cells, line
        columns = cells


def test_the_keys_are_those_that_a_film_lists() -> None:
    script = (Path(wsedu.__file__).parent / "widgets" / "static" / "film_keys.js").read_text(encoding="utf-8")
    listed = re.findall(r'\[\[((?:"[^"]+"(?:, )?)+)\], "(\w+)"\]', script)
    keys = {name: re.findall(r'"([^"]+)"', keys) for keys, name in listed}
    assert keys.pop("scenario") == ["1–9"]
    told = {name: re.findall(r"`([^`]+)`", text) for name, text in FILM_KEYS.items()}
    assert told.pop("scenario") == ["1", "9"]
    assert keys == told


def test_a_plan_says_how_long_it_is() -> None:
    heads = re.findall(r"(?m)^## .*\((.+)\)$", sheets.plans("en"))
    assert heads == ["15 minutes", "50 minutes", "90 minutes", "3 × 90 minutes"]


def test_chinese_lines_are_joined_without_a_space() -> None:
    assert texts.one_line("一行\n又一行 and\nmore") == "一行又一行 and more"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It takes 14 bytes.", ["14"]),
        ("It takes {{7 * 2}} bytes, `81 05` in lesson 3 (§5.2, M20).", []),
        ("The code 1006, in RFC 6455, is 7 bytes.", ["7"]),
        ("头部有 14 个字节，见第 3 课。", ["14"]),
    ],
)
def test_a_typed_number_is_found(text: str, found: list[str]) -> None:
    assert texts.typed_numbers(text) == found


@pytest.mark.parametrize("text", ["[[frame_builder:builder.nothing]]", "{{no_such_name}}"])
def test_what_cannot_be_filled_in_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"nothing|no_such_name"):
        texts.filled(text, "en")


@pytest.mark.parametrize("minutes", [35, 60])
def test_steps_that_do_not_fit_into_the_lesson_are_refused(minutes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    given = texts.source("03")
    steps = [{**given["step"][0], "minutes": minutes}, given["step"][-1]]
    monkeypatch.setattr(sheets, "source", lambda name: {**given, "step": steps} if name == "03" else texts.source(name))
    with pytest.raises(ValueError, match=rf"03\.toml: the steps take {minutes} of 35 minutes"):
        sheets.sheet(3, "en")


def test_a_session_that_does_not_come_to_its_minutes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    given = texts.source("plans")
    session = {**given["plan"][0]["session"][0], "minutes": 16}
    plan = {**given["plan"][0], "session": [session]}
    monkeypatch.setattr(sheets, "source", lambda _: {**given, "plan": [plan]})
    with pytest.raises(ValueError, match="15 minutes in a session of 16"):
        sheets.plans("en")


def test_a_stale_page_a_dead_link_and_a_lesson_without_a_sheet_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text("[gone](gone.md#part) [there](page.md) [far](https://example.com/gone)")
    monkeypatch.setattr(teaching_pages, "GUIDE", tmp_path)
    monkeypatch.setattr(teaching_pages, "pages", lambda: [(page, b"another text")])
    monkeypatch.setattr(teaching_pages, "sheets_given", lambda: [number for number in COURSE if number != 3])
    assert list(teaching_pages.problems()) == [
        "lesson 3 has no run sheet in docs/teaching/source",
        "page.md is not as its sources say: run python tools/teaching_pages.py",
        "page.md: gone.md is not there",
    ]
