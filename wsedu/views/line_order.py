"""Lines of a program to put in order, some of which belong into none: as text, as a picture and as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..explain.catalogue import part_catalogue
from .answers import Line, Part, plain_lines
from .answers_svg import parts_svg
from .html_page import page
from .svg_draw import escape
from .svg_theme import ThemeName


def order_parts(lines: Mapping[str, str], order: Sequence[str], name: str, language: str) -> list[Part]:
    """The program so far, and the lines that are left.

    Arguments:
        lines: by their letter.
        order: the letters of the program.
        name: of the exercise; empty for none.
        language: `en` or `zh`.
    """
    say = part_catalogue("line_order", language).say
    left = [letter for letter in sorted(lines) if letter not in order]
    title = say("order.titled", name=name) if name else say("order.title")
    parts: list[Part] = [Line(title, "strong"), Line(say("order.program", count=len(order)))]
    parts += [Line(f"{letter}  {lines[letter]}", indent=1, code=True) for letter in order]
    parts.append(Line(say("order.left", count=len(left))))
    parts += [Line(f"{letter}  {lines[letter]}", "muted", indent=1, code=True) for letter in left]
    return parts


def order_text(lines: Mapping[str, str], order: Sequence[str], name: str, language: str) -> str:
    """The same as plain text; see `order_parts`."""
    return "".join(f"{line}\n" for line in plain_lines(order_parts(lines, order, name, language)))


def order_svg(lines: Mapping[str, str], order: Sequence[str], name: str, language: str, theme: ThemeName) -> str:
    """The same as a picture; see `order_parts`."""
    return parts_svg(order_parts(lines, order, name, language), language=language, theme=theme)


def order_html(lines: Mapping[str, str], order: Sequence[str], name: str, language: str) -> str:
    """The same as a page without a script; see `order_parts`."""
    title, *rest = order_parts(lines, order, name, language)
    assert isinstance(title, Line)
    body = "".join(
        f"<pre>{escape(part.text)}</pre>" if part.code else f"<h2>{escape(part.text)}</h2>"
        for part in rest
        if isinstance(part, Line)
    )
    body = body.replace("</pre><pre>", "\n")
    say = part_catalogue("line_order", language).say
    return page(title.text, language, f"<h1>{escape(title.text)}</h1>", [body], escape(say("order.made")))
