"""What a class got wrong: exercise × misconception, as rows, text, CSV and a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..results import Grades, ideas_of
from .spreadsheet import as_table
from .words import exercise_number, exercise_title, idea_name, words_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".txt", ".csv", ".svg", ".png")
"""What the table can be written as."""

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True)
class Row:
    """A misconception in an exercise.

    Arguments:
        exercise: its name.
        idea: the id of the misconception.
        name: its name in the language.
        students: who has it.
    """

    exercise: str
    idea: str
    name: str
    students: tuple[str, ...]


def rows_of(grades: Grades, language: str) -> list[Row]:
    """The rows, by exercise, the most frequent misconception first."""
    found = ideas_of(grades)
    order = {name: place for place, name in enumerate(grades.exercises)}
    keys = sorted(found, key=lambda key: (order[key[0]], -len(found[key]), key[1]))
    return [Row(key[0], key[1], idea_name(key[1], language), tuple(found[key])) for key in keys]


def handed_in(grades: Grades) -> int:
    """How many students have handed something in."""
    return sum(any(mark.state != "missing" for mark in result.marks) for result in grades.results)


def as_text(grades: Grades, language: str, width: int = 100) -> str:
    """The table as lines for a terminal."""
    from io import StringIO

    from rich.console import Console

    from ...views.styles import new_console

    console: Console = new_console(file=StringIO(), width=width, no_color=True)
    console.print(table(grades, language))
    text = console.file.getvalue()  # type: ignore[attr-defined] # it is the StringIO
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def table(grades: Grades, language: str) -> object:
    """The table for a console of rich; a sentence where nothing is certain."""
    from rich import box
    from rich.table import Table

    from ...views.prose import Prose

    say = words_of(language).say
    rows = rows_of(grades, language)
    if not rows:
        return Prose(say("table.none"))
    made = Table(box=box.SIMPLE_HEAD, title=say("table.class"), title_justify="left", title_style="", pad_edge=False)
    made.add_column(say("table.exercise"), no_wrap=True)
    made.add_column(say("table.idea"), no_wrap=True)
    made.add_column(say("table.misconception"))
    made.add_column(say("table.students"), justify="right", no_wrap=True)
    for row in rows:
        made.add_row(
            f"{exercise_number(row.exercise)} {row.exercise}", row.idea, Prose(row.name), str(len(row.students))
        )
    return made


def as_csv(grades: Grades, language: str) -> str:
    """The table as CSV, with who has it."""
    say = words_of(language).say
    head = [say(f"table.{key}") for key in ("exercise", "name", "idea", "misconception", "students", "who")]
    return as_table(
        [
            head,
            *(
                [
                    exercise_title(row.exercise, language),
                    row.exercise,
                    row.idea,
                    row.name,
                    len(row.students),
                    "; ".join(row.students),
                ]
                for row in rows_of(grades, language)
            ),
        ]
    )


def written(grades: Grades, suffix: str, language: str, theme: ThemeName = "light") -> bytes:
    """The table as a file.

    Arguments:
        grades: of the class.
        suffix: one of `SUFFIXES`.
        language: `en` or `zh`.
        theme: of a picture.

    Raises:
        MissingExtraError: matplotlib, which draws pictures, is not installed.
    """
    if suffix == ".txt":
        return as_text(grades, language).encode()
    if suffix == ".csv":
        return as_csv(grades, language).encode()
    from ...views.overhead_charts import saved

    return saved(picture(grades, language, theme), suffix)


def picture(grades: Grades, language: str, theme: ThemeName = "light") -> Figure:
    """The table as bars, one for each misconception, with a letter and a texture for each exercise.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    from .class_chart import chart

    return chart(rows_of(grades, language), handed_in(grades), language, theme)
