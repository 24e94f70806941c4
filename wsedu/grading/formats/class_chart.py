"""The picture of a class's misconceptions: a bar for each, under its exercise, with how many students have it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from ...extras import require
from ...views.overhead_fonts import LATIN, chinese_fonts, font_note, spoken_language
from ...views.palette import BLACK, SKY_BLUE, THEMES, Theme
from .words import exercise_number, exercise_title, idea_name, words_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .class_table import Row

WIDTH = 9.6
"""Inches."""

BASE = 12.0
"""Points of the type."""

LINE = {"en": 46, "zh": 24}
"""Characters of a line of a misconception's name."""


def chart(rows: Sequence[Row], students: int, language: str, theme: Literal["light", "dark"]) -> Figure:
    """The bars, the most frequent of each exercise first.

    Arguments:
        rows: from `rows_of`.
        students: how many have handed something in.
        language: `en` or `zh`; another where no font has its characters.
        theme: `light` or `dark`.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figures = require("matplotlib.figure", "overhead")
    spoken, missing = spoken_language(language)
    say, colours = words_of(spoken).say, THEMES[theme]
    labels = [_label(row, spoken) for row in rows]
    places = _places(rows, labels)
    height = 2.0 + 0.3 * (places[-1][1] if places else 1.5)
    figure = figures.Figure(figsize=(WIDTH, height), layout="constrained")
    figure.suptitle(say("chart.title"), fontsize=BASE + 5, weight="bold", x=0.02, ha="left", color=colours.foreground)
    axes = figure.subplots()
    if rows:
        _bars(axes, rows, labels, [middle for middle, _ in places], colours, spoken)
        axes.set_xlabel(say("chart.x", students=students), fontsize=BASE)
    else:
        axes.text(0.0, 0.5, "\n".join(textwrap.wrap(say("chart.none"), 70)), fontsize=BASE, transform=axes.transAxes)
        axes.set_axis_off()
    if missing:
        figure.text(0.99, 0.005, font_note(spoken), ha="right", fontsize=BASE - 3, color=colours.muted)
    _dress(figure, axes, colours, spoken)
    return figure  # type: ignore[no-any-return]


def _label(row: Row, language: str) -> str:
    name = idea_name(row.idea, language)
    return "\n".join(textwrap.wrap(f"{row.idea}  {name}" if name != row.idea else row.idea, LINE[language]))


def _places(rows: Sequence[Row], labels: Sequence[str]) -> list[tuple[float, float]]:
    """The middle and the end of each bar, from above, in lines of type; an exercise's name has two lines."""
    places, at, before = [], 0.0, ""
    for row, label in zip(rows, labels, strict=True):
        at += 1.9 if row.exercise != before else 0.0
        lines = 0.8 + label.count("\n") + 0.7
        places.append((at + lines / 2, at + lines))
        at, before = at + lines, row.exercise
    return places


def _bars(axes: Any, rows: Sequence[Row], labels: list[str], middles: list[float], colours: Theme, spoken: str) -> None:
    most = max(len(row.students) for row in rows)
    before = ""
    for row, middle, label in zip(rows, middles, labels, strict=True):
        count = len(row.students)
        axes.barh(middle, count, height=0.85, color=SKY_BLUE, edgecolor=BLACK, linewidth=0.8)
        axes.text(count + most * 0.015, middle, str(count), va="center", weight="bold", fontsize=BASE)
        if row.exercise != before:
            top = middle - (0.8 + label.count("\n") + 0.7) / 2
            title = f"{exercise_number(row.exercise)} {exercise_title(row.exercise, spoken)}"
            axes.text(0, top - 0.25, f" {title}", va="bottom", weight="bold", fontsize=BASE)
            before = row.exercise
    axes.set_yticks(middles, labels)
    axes.set_ylim(middles[-1] + 1.2, 0)
    axes.set_xlim(0, most * 1.08)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=True, axis="x", color=colours.line, alpha=0.35)
    axes.set_axisbelow(True)


def _dress(figure: Any, axes: Any, colours: Theme, language: str) -> None:
    """Fonts that have the characters, and the colours of the theme."""
    texts = require("matplotlib.text", "overhead")
    families = [*LATIN, *(chinese_fonts() if language == "zh" else ())]
    figure.set_facecolor(colours.background)
    axes.set_facecolor(colours.background)
    for side, spine in axes.spines.items():
        spine.set_color(colours.line)
        spine.set_visible(side in ("left", "bottom"))
    axes.tick_params(which="both", colors=colours.foreground, labelsize=BASE - 1)
    for text in figure.findobj(texts.Text):
        text.set_fontfamily(families)
        if language == "zh":
            text.set_fontweight("normal")  # most Chinese fonts have no bold
        if text.get_color() == "black":
            text.set_color(colours.foreground)
