"""The parts that any of our pages is made of: elements, tables, sections, and the style sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..explain.catalogue import language_tag
from .palette import THEMES, Theme
from .svg_draw import element, escape
from .svg_theme import MONO, SANS, stylesheet

_NAMES = ("background", "foreground", "muted", "line", "good", "bad")


def _variables(theme: Theme) -> str:
    return "".join(f"--ws-{name}:{getattr(theme, name)};" for name in _NAMES)


_RULES = """
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:1rem;max-width:84rem;background:var(--ws-background);color:var(--ws-foreground);
  font:1rem/1.55 SANS;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.25;margin:.5rem 0 1rem}
h2{font-size:1.3rem;margin:2.5rem 0 .75rem;padding-bottom:.25rem;border-bottom:2px solid var(--ws-line)}
h3{font-size:1.08rem;margin:1.6rem 0 .5rem}
h4{font-size:.95rem;margin:1rem 0 .3rem;color:var(--ws-muted)}
p{margin:.4rem 0;max-width:70ch}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.25rem;margin:0}
dt{color:var(--ws-muted)}dd{margin:0}
code,pre,.mono{font-family:MONO;font-size:.88em}
pre{margin:.3rem 0;padding:.7rem .9rem;border:1px solid var(--ws-line);border-radius:.4rem;white-space:pre-wrap}
.scroll{overflow-x:auto;margin:.4rem 0}
.scroll:focus-visible,summary:focus-visible{outline:3px solid var(--ws-foreground);outline-offset:2px}
.scroll svg{display:block;margin:0 auto;max-width:100%;min-width:54rem;height:auto}
figure{margin:.5rem 0}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;margin:0 0 1rem;padding:0}
nav a{color:inherit}
figcaption,.muted{color:var(--ws-muted);font-size:.9em}
table{border-collapse:collapse;font-size:.92rem;overflow-wrap:normal}
caption{text-align:start;font-weight:bold;padding:.3rem 0}
th,td{padding:.3rem .9rem .3rem 0;text-align:start;vertical-align:top;border-bottom:1px solid var(--ws-line)}
thead th{color:var(--ws-muted);font-weight:normal;white-space:nowrap}
tbody th{font-weight:bold;white-space:nowrap}
td.number{text-align:end;font-variant-numeric:tabular-nums;white-space:nowrap}
td.break{overflow-wrap:anywhere;min-width:11rem}
td.words{min-width:15rem}
.mark{display:inline-block;min-width:1.7em;padding:0 .25em;margin-inline-end:.5em;border-radius:.25em;
  text-align:center;font-weight:bold;font-size:.85em;line-height:1.6}
.good{color:var(--ws-good)}.bad{color:var(--ws-bad)}
.wrong{border:2px solid var(--ws-bad);border-radius:.5rem;padding:.2rem .9rem .6rem;margin:.6rem 0}
summary{cursor:pointer;font-weight:bold;padding:.3rem 0}
article{border-top:1px solid var(--ws-line);padding-bottom:.6rem}h2+article{border-top:0}
@media (min-width:62rem){.narrow{display:none}}@media (max-width:61.99rem){.scroll svg{max-width:none}}
footer{margin-top:3rem;color:var(--ws-muted);font-size:.9rem}
@media (max-width:40rem){body{padding:.75rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}
  h1{font-size:1.35rem}
  table,caption,tbody,tr,tbody th{display:block}
  thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
  tbody tr{padding:.45rem 0;border-bottom:1px solid var(--ws-line)}tbody th,td{padding:.1rem 0;border:0}
  td{display:inline-block;margin-inline-end:1.2rem;max-width:100%}td.words{display:block}
  tbody th{white-space:normal}td.words,td.break{min-width:0}td.number{text-align:start;white-space:normal}
  td{overflow-wrap:anywhere}td::before{content:attr(data-name) " ";color:var(--ws-muted);font-size:.9em}}
@media print{nav{display:none}body{max-width:none;padding:0;font-size:10pt}
  .scroll{overflow:visible}.scroll svg{min-width:0}
  h2,h3,h4{break-after:avoid}tr,.wrong{break-inside:avoid}details::details-content{content-visibility:visible}}
"""


def page_style() -> str:
    """The style sheet of a page and of the drawings in it: light, and dark for a reader who wants that."""
    rules = _RULES.replace("SANS", SANS).replace("MONO", MONO)
    light = f":root{{{_variables(THEMES['light'])}}}"
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{_variables(THEMES['dark'])}}}}}"
    return f"{light}{dark}{rules}{stylesheet('auto')}"


def page(title: str, language: str, header: str, sections: Iterable[str], footer: str) -> str:
    """A whole page.

    Arguments:
        title: of the document, as text.
        language: of the text, `en` or `zh`.
        header: what stands above the sections, as HTML.
        sections: as HTML.
        footer: what stands below them, as HTML.
    """
    return (
        f'<!doctype html>\n<html lang="{language_tag(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{page_style()}</style>\n</head>\n<body>\n"
        f"{element('header', header)}\n{element('main', chr(10).join(sections))}\n{element('footer', footer)}\n"
        "</body>\n</html>\n"
    )


class Section(str):
    """A part of a page as HTML, with what a list of contents has to know of it.

    Arguments:
        content: as HTML.
        name: under which it is found.
        title: its heading, as text.
    """

    name: str
    heading: str

    def __new__(cls, content: str, name: str, title: str) -> Section:
        part = super().__new__(cls, content)
        part.name, part.heading = name, title
        return part


def section(name: str, title: str, content: Iterable[str]) -> Section:
    """A part of a page under a heading, found by readers under its name."""
    heading = element("h2", escape(title), id=f"{name}-h")
    whole = element("section", "\n".join([heading, *content]), id=name, aria_labelledby=f"{name}-h")
    return Section(whole, name, title)


def contents(label: str, sections: Iterable[Section]) -> str:
    """A list of the sections of a page, each a way to it.

    Arguments:
        label: what the list is called.
        sections: as `section` makes them.
    """
    links = (element("a", escape(part.heading), href=f"#{part.name}") for part in sections)
    items = "".join(element("li", link) for link in links)
    return element("nav", element("ul", items), aria_label=label)


def paragraph(text: str, cls: str | None = None) -> str:
    """A paragraph of plain text."""
    return element("p", escape(text), cls=cls)


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Names and values, both as text."""
    return element("dl", "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows))


def scrolling(content: str, label: str) -> str:
    """Something broad that scrolls by itself, so that the page does not; the keyboard reaches it."""
    return element("div", content, cls="scroll", tabindex="0", role="region", aria_label=label)


class Cell(str):
    """A cell of a table whose content is HTML already, with the class of the cell.

    Arguments:
        content: as HTML.
        cls: the class, empty for none.
    """

    cls: str

    def __new__(cls, content: str, name: str = "") -> Cell:
        cell = super().__new__(cls, content)
        cell.cls = name
        return cell


def sentence(text: str) -> Cell:
    """A cell with a sentence."""
    return Cell(escape(text), "words")


def number(text: str) -> Cell:
    """A cell with a number."""
    return Cell(escape(text), "number")


def code(text: str) -> Cell:
    """A cell with bytes or another text that is read letter by letter."""
    return Cell(element("code", escape(text)), "break")


def result(text: str, *, good: bool | None) -> Cell:
    """A cell with what was decided, or that it was not, which is None; the text tells it too."""
    return Cell(escape(text) if good is None else element("span", escape(text), cls="good" if good else "bad"))


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, caption_shown: bool = True) -> str:
    """A table whose first cell of a row is its heading; on a narrow screen each row is a block of its own.

    Arguments:
        caption: what it is, as text.
        head: the names of the columns, as text.
        rows: each as many cells, text or `Cell`.
        caption_shown: False where a heading above says the same; a screen reader still hears it.
    """
    # The roles are those of the elements; they keep their meaning where the style sheet makes blocks of them.
    names = "".join(element("th", escape(name), scope="col", role="columnheader") for name in head)
    top = element("thead", element("tr", names, role="row"), role="rowgroup")
    body = "\n".join(element("tr", _cells(head, row), role="row") for row in rows)
    shown = element("caption", escape(caption)) if caption_shown else ""
    body = element("tbody", body, role="rowgroup")
    label = None if caption_shown else caption
    return scrolling(element("table", f"{shown}{top}{body}", role="table", aria_label=label), caption)


def _cells(head: Sequence[str], row: Sequence[str]) -> str:
    first, *rest = row
    heading = first if isinstance(first, Cell) else escape(first)
    cells = [element("th", heading, scope="row", role="rowheader")]
    for name, cell in zip(head[1:], rest, strict=True):
        inside, cls = (cell, cell.cls) if isinstance(cell, Cell) else (escape(cell), "")
        cells.append(element("td", inside, cls=cls or None, role="cell", data_name=name))
    return "".join(cells)
