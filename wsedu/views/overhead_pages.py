"""The overhead lab as plain text and as a page without a script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .html_page import Cell, page, paragraph, scrolling, section, table
from .overhead_picture import View, charts, setting_line
from .overhead_sheet import figures, layers, lines
from .overhead_story import article_heads, chapters, story_title
from .overhead_svg import lab_svg
from .svg_draw import element, escape


def lab_text(view: View, notes: Sequence[str]) -> str:
    """Everything that the lab says, as plain text: the setting, both tables, the charts in words, the story.

    Arguments:
        view: what is looked at.
        notes: on what was measured.
    """
    say = view.own.say
    drawn = charts(view)
    made = [say("lab.title"), setting_line(view.setting, view.language, view.runs), "", *notes, ""]
    for one in (figures(view), layers(view)):
        made += [*lines(one), *([one["note"]] if one["note"] else []), ""]
    made += [f"{chart['title']}\n  {chart['said']}" for chart in drawn.values()]
    made += ["", story_title(view.language)]
    for number, chapter in enumerate(chapters(view.language), 1):
        made += [f"{number}. {chapter.title(view.language)}: {chapter.question(view.language)}"]
        made += [f"   {label}" for _, label in chapter.options]
        made += [f"   → {told}" for told in chapter.reveal]
    return "\n".join(made) + "\n"


def lab_html(view: View, notes: Sequence[str]) -> str:
    """The lab as a page: charts, tables and the story with its answers folded away; arguments as in `lab_text`."""
    say = view.own.say
    title = say("lab.title")
    picture = scrolling(lab_svg(view, None, alone=False), say("lab.charts"))
    parts = [
        section("charts", say("lab.charts"), [*map(paragraph, notes), picture]),
        section("tables", say("lab.table"), [_table(figures(view)), _table(layers(view))]),
        section("story", story_title(view.language), _story(view)),
    ]
    head = element("h1", escape(title)) + paragraph(setting_line(view.setting, view.language, view.runs), "muted")
    return page(title, view.language, head, parts, "")


def _table(made: dict[str, Any]) -> str:
    rows = [[row[0], *(Cell(escape(cell), "number") for cell in row[1:])] for row in made["rows"]]
    return table(made["title"], made["head"], rows) + (paragraph(made["note"], "muted") if made["note"] else "")


def _story(view: View) -> Iterator[str]:
    say = view.own.say
    for number, chapter in enumerate(chapters(view.language), 1):
        yield element("h3", escape(f"{number}. {chapter.title(view.language)}"))
        if number == 1:
            yield from (element("pre", escape(head)) for head in article_heads())
        yield paragraph(chapter.question(view.language))
        if chapter.options:
            yield element("ul", "".join(element("li", escape(label)) for _, label in chapter.options))
        answer = "".join(map(paragraph, chapter.reveal))
        yield element("details", element("summary", escape(say("story.answer"))) + answer)
