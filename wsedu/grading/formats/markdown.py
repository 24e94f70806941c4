"""A report for each student, in Markdown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from ..results import Grades, Mark, Result
from .words import exercise_number, exercise_title, mark_line, one_line, problem_line, step_title, told, words_of

_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)


def report(result: Result, language: str) -> str:
    """The report of one student."""
    say = words_of(language).say
    lines = [f"# {escaped(say('report.title', student=one_line(result.student)))}", ""]
    lines += [say("report.points", points=result.points, possible=len(result.marks)), ""]
    lines += [say("report.seed", seed=result.seed), ""]
    if result.problems:
        lines += [f"## {say('report.problems')}", ""]
        lines += [f"- {escaped(problem_line(problem, language))}" for problem in result.problems]
        lines.append("")
    for mark in result.marks:
        lines += _exercise(mark, language)
    return "\n".join(lines)


def _exercise(mark: Mark, language: str) -> Iterable[str]:
    say = words_of(language).say
    title = exercise_title(mark.exercise, language)
    yield f"## {say('report.exercise', number=exercise_number(mark.exercise), title=title)}"
    yield ""
    yield say("report.mark", mark=mark_line(mark, language), name=mark.exercise)
    yield ""
    if mark.state != "graded":
        return
    text = "" if mark.passed else told(mark, language)
    if not text or not all(step.public for step in mark.steps):
        for step in mark.steps:
            name = step_title(mark.exercise, step.name, language)
            shown = name if step.public else say("report.step.hidden", title=name)
            yield f"- {'✔' if step.passed else '✖'} {escaped(shown)}"
        yield ""
    if text:
        fence = "`" * max(3, 1 + max((len(found) for found in re.findall("`+", text)), default=0))
        yield f"{fence}text"
        yield text
        yield fence
        yield ""


def escaped(text: str) -> str:
    """A text in which nothing is a sign of Markdown or HTML."""
    return re.sub(r"([\\`*_{}\[\]<>#|!&~])", r"\\\1", text)


def file_names(grades: Grades) -> list[str]:
    """A name of a file for each student, in order: what every system can store, and none twice."""
    names: list[str] = []
    taken: set[str] = set()
    for result in grades.results:
        name = re.sub(r"[^\w.()@ -]", "_", unicodedata.normalize("NFC", result.student)).strip(". ")[:80] or "_"
        name = f"_{name}" if _RESERVED.match(name.partition(".")[0]) else name
        number, unique = 1, name
        while unique.casefold() in taken:
            number += 1
            unique = f"{name}-{number}"
        taken.add(unique.casefold())
        names.append(f"{unique}.md")
    return names
