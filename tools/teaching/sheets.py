"""The run sheet of a lesson, and the course plans: what to press and to ask, minute by minute."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools.teaching.lessons import Lesson, lessons
from tools.teaching.texts import SOURCES, filled, say, source, table, up
from tools.teaching.texts import row as cells
from wsedu.course.question import RIGHT, UNNAMED, Question
from wsedu.explain.catalogue import part_catalogue
from wsedu.views.question_told import LETTERS, section_of

SHORT = ("HandshakeStepper", "FrameBuilder", "OverheadLab", "ExchangeFilm", "LiveExchange")
"""Widgets that the texts speak of by a short name, `short_…` in words.toml."""


def sheet_name(number: int) -> str:
    """The name of the page of a lesson."""
    return f"lesson-{number:02}.md"


def sheet(number: int, language: str) -> str:
    """The page of a lesson.

    Arguments:
        number: of the lesson.
        language: `en` or `zh`.

    Raises:
        ValueError: the steps do not fit into the lesson's minutes.
    """
    lesson, given = lessons(language)[number], source(f"{number:02}")
    words = {key: filled(text, language) for key, text in given[language].items()}
    parts = [
        *head(say("sheet", language, number=number, title=lesson.title), sheet_name(number), f"{number:02}", language),
        _facts(lesson, language),
        *_section("objectives", language, [f"- {one}" for one in lesson.objectives]),
        *_section("before", language, [say("before_all", language), "", words["before"]]),
        *_section("run", language, _steps(lesson, given["step"], language)),
        *_section("questions", language, _questions(lesson, language)),
        *_section("ideas", language, _ideas(lesson, language)),
        *_section("leave", language, [words["leave"]]),
        "",
        say("next", language),
    ]
    return "\n".join(parts) + "\n"


def head(title: str, page: str, made_from: str, language: str) -> list[str]:
    """The head of a page: its title, from what it is made, the same page in the other language."""
    beside = f"zh/{page}" if language == "en" else f"../{page}"
    made = say("made", language, source=f"docs/teaching/source/{made_from}.toml")
    return [f"# {title}", "", f"<!-- {made} -->", "", f"[{say('other', language)}]({beside})", ""]


def _section(name: str, language: str, lines: Sequence[str]) -> list[str]:
    return ["", f"## {say(name, language)}", "", *lines]


def _facts(lesson: Lesson, language: str) -> str:
    sub = "" if language == "en" else f"{language}/"
    between = ", " if language == "en" else "、"
    exercises = [say("exercise", language, name=one.name, minutes=one.facts["minutes"]) for one in lesson.exercises]
    return say(
        "facts",
        language,
        minutes=lesson.minutes,
        file=f"{lesson.stem}.ipynb",
        path=f"{up(language)}/notebooks/{sub}{lesson.stem}.ipynb",
        exercises=between.join(exercises) or say("none", language),
        widgets=between.join(f"`{name}`" for name in lesson.widgets) or say("none", language),
    )


def _steps(lesson: Lesson, steps: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    """A row for each step; the step with `rest` takes the minutes that the others leave."""
    fixed = sum(step.get("minutes", 0) for step in steps)
    rest = lesson.minutes - fixed
    if rest <= 0 or sum("rest" in step for step in steps) != 1:
        told = f"the steps take {fixed} of {lesson.minutes} minutes, and one step must have what is left (rest = true)"
        raise ValueError(f"{lesson.number:02}.toml: {told}")
    timed = [{**step, "minutes": step.get("minutes", rest)} for step in steps]
    return minutes_table(timed, ("press", "ask"), language)


def minutes_table(steps: Sequence[Mapping[str, Any]], columns: Sequence[str], language: str) -> list[str]:
    """A table of steps with the minutes in which they are.

    Arguments:
        steps: each with `minutes` and a table of texts for each language.
        columns: the names of the texts; `lesson` is a link to the lessons of the step.
        language: `en` or `zh`.
    """
    rows, begin = [], 0
    for step in steps:
        end = begin + step["minutes"]
        texts = [
            lesson_links(step.get("lessons", ()), language)
            if name == "lesson"
            else filled(step[language].get(name, ""), language)
            for name in columns
        ]
        rows.append(cells(f"{begin}–{end}", *texts))
        begin = end
    return table([say(name, language) for name in ("minute", *columns)], rows)


def lesson_links(numbers: Sequence[int], language: str) -> str:
    """Numbers of lessons, as links to their run sheets."""
    there = lessons(language)
    return ", ".join(f"[{one}]({sheet_name(one)})" if one in there else str(one) for one in numbers)


def _questions(lesson: Lesson, language: str) -> list[str]:
    rows = [cells(*_question(one, lesson, language)) for one in lesson.questions]
    return [say("questions_lead", language), "", *table([say(n, language) for n in ("question", "so", "wrong")], rows)]


def _question(asked: Question, lesson: Lesson, language: str) -> Iterator[str]:
    yield one_cell(asked.ask) + (say("recall", language) if asked.recall else "")
    if asked.kind == "choice":
        right = asked.ideas.index(RIGHT)
        yield f"{LETTERS[right]}. {asked.options[right]}"
        wrong = [
            f"{LETTERS[at]}. {option}{_idea(idea)}"
            for at, (option, idea) in enumerate(zip(asked.options, asked.ideas, strict=True))
            if idea != RIGHT
        ]
    else:
        known = asked.answer if asked.answer is not None else lesson.answers.get(asked.name)
        yield one_cell(str(known)) if known is not None else say("computed", language)
        wrong = [f"`{said}`{_idea(idea)}" for said, idea in asked.wrong]
    yield "<br>".join(wrong)


def _idea(idea: str) -> str:
    return "" if idea in (RIGHT, UNNAMED) else f" → {idea}"


def one_cell(text: str) -> str:
    """A text as it can stand in a cell of a table."""
    return " ".join(text.split())


def _ideas(lesson: Lesson, language: str) -> list[str]:
    words, given = part_catalogue("misconceptions", language), source("ideas")[language]
    rows = [
        cells(
            idea,
            words.say(f"name.{idea}"),
            say("cited", language, fact=words.say(f"fact.{idea}"), section=section_of(idea, language)),
            filled(given[idea], language),
            ", ".join(f"`{name}`" for name in lesson.where(idea)),
        )
        for idea in lesson.ideas
    ]
    heads = [say(name, language) for name in ("id", "believed", "tell", "let", "shows")]
    elsewhere = _elsewhere(lesson, " ".join(given[idea] for idea in lesson.ideas), language)
    return [say("ideas_lead", language), "", *elsewhere, *table(heads, rows)]


def _elsewhere(lesson: Lesson, told: str, language: str) -> list[str]:
    """Where the widgets are that are spoken of and that this lesson does not have."""
    places = []
    for name in SHORT:
        short = say(f"short_{name}", language)
        if name not in lesson.widgets and re.search(rf"(?<!\w){short}(?!\w)", told, re.ASCII):
            number = next(one.number for one in lessons(language).values() if name in one.widgets)
            places.append(say("elsewhere_one", language, short=short, number=number))
    between = ", " if language == "en" else "，"
    return [say("elsewhere", language, places=between.join(places)), ""] if places else []


def sheets_given() -> list[int]:
    """The lessons that have a run sheet in docs/teaching/source."""
    return sorted(int(path.stem) for path in SOURCES.glob("[0-9][0-9].toml"))


def plans(language: str) -> str:
    """The page of course plans.

    Raises:
        ValueError: the steps of a session do not come to its minutes.
    """
    given = source("plans")
    lines = [*head(say("plans", language), "plans.md", "plans", language), filled(given[language]["lead"], language)]
    for plan in given["plan"]:
        text = plan[language]
        title = f"{filled(text['title'], language)} ({_length(plan['session'], language)})"
        lines += ["", f"## {title}", "", filled(text["lead"], language)]
        for number, session in enumerate(plan["session"], 1):
            if len(plan["session"]) > 1:
                lines += ["", f"### {say('session', language, number=number, minutes=session['minutes'])}"]
            spent = sum(step["minutes"] for step in session["step"])
            if spent != session["minutes"]:
                raise ValueError(f"plans.toml: {text['title']}: {spent} minutes in a session of {session['minutes']}")
            lines += ["", *minutes_table(session["step"], ("lesson", "press", "ask"), language)]
    return "\n".join([*lines, "", say("next", language)]) + "\n"


def _length(sessions: Sequence[Mapping[str, Any]], language: str) -> str:
    """How long a plan is: the minutes of its sessions, which are alike if there are several."""
    minutes = {session["minutes"] for session in sessions}
    if len(minutes) > 1:
        raise ValueError(f"plans.toml: sessions of {sorted(minutes)} minutes in one plan")
    alone = say("plan_minutes", language, minutes=minutes.pop())
    return alone if len(sessions) == 1 else f"{len(sessions)} × {alone}"
