"""The closing machine as plain text, as a picture and as a page without a script."""

from __future__ import annotations

from collections.abc import Iterator

from ..explain.catalogue import Catalogue, part_catalogue
from ..protocol.types import Role
from ..trace.trace import Trace
from .closing_diagram import LABEL, NODE, WIDTH, Edge, diagram, state_of
from .closing_model import Moment, moments, rows
from .html_page import code, page, paragraph, scrolling, section, sentence, table
from .palette import BLUE, ORANGE
from .svg_draw import element, escape, path, rect, text
from .svg_text import wrap
from .svg_theme import ThemeName, document, drawing_id

MARKS = {Role.CLIENT: ("C", ORANGE, "#000000"), Role.SERVER: ("S", BLUE, "#ffffff")}
"""How the two endpoints are marked in the diagram: letter, fill, and ink."""

_MARGIN = 24.0
_SMALL = 12.0
_PITCH = 18.0


def closing_text(trace: Trace, at: int, language: str) -> str:
    """What the closing machine says, as plain text: where both stand, how they came there, and the table.

    Arguments:
        trace: of the exchange.
        at: which moment it shows, from 0.
        language: `en` or `zh`.
    """
    say = part_catalogue("closing_machine", language).say
    found = moments(trace, language)
    now = found[at]
    lines = [say("machine.title"), "", now["sentence"], ""]
    for role in Role:
        lines.append(f"{say(f'machine.{role.value}')}")
        lines += [f"  {say('machine.line', label=label, said=said)}" for label, said in told(now, role, language)]
    lines += [now["tcp"], "", f"{say('machine.steps')}:"]
    for number, moment in enumerate(found):
        states = " | ".join(moment[role.value]["phase"] or say("machine.none") for role in Role)
        lines.append(f"{'>' if number == at else ' '} {number:>3}  [{states}]  {moment['sentence']}")
    lines += ["", f"{say('machine.table')}:"]
    lines += ["  " + " · ".join(part for part in row if part) for row in rows(language)]
    return "\n".join(lines) + "\n"


def told(moment: Moment, role: Role, language: str) -> Iterator[tuple[str, str]]:
    """What there is to say of an endpoint in a moment: what it is about, and what is so.

    Arguments:
        moment: from `moments`.
        role: which endpoint.
        language: `en` or `zh`.
    """
    say = part_catalogue("closing_machine", language).say
    end = moment[role.value]
    phase = (
        end["phase"]
        if end["state"] in ("", end["phase"])
        else say("machine.finer", phase=end["phase"], state=end["state"])
    )
    yield say("machine.state"), phase or say("machine.none")
    yield say("machine.means"), end["means"]
    if end["moved"]:
        yield say("machine.moved"), end["moved"]
    if end["sees"]:
        yield say("machine.application"), end["sees"]
    way = ", ".join(moment["way"][role.value]) or say("machine.way.nothing")
    yield say("machine.way", who=say(f"machine.who.{role.value}")), way


# --- The picture ---


def closing_svg(trace: Trace, at: int, language: str, theme: ThemeName | None, *, alone: bool = True) -> str:
    """The diagram of the table, with both endpoints where they stand, as an SVG document.

    Arguments:
        trace: of the exchange.
        at: which moment it shows, from 0.
        language: `en` or `zh`.
        theme: None for a part of a page that has the style sheet.
        alone: False for the diagram alone, where the page around it has the words.
    """
    words = part_catalogue("closing_machine", language)
    now = moments(trace, language)[at]
    body, y = [], _MARGIN
    if alone:
        body.append(text(_MARGIN, 36, words.say("machine.title"), "ws-t ws-b", size=20))
        y = 66.0
    body.append(element("g", "\n".join(_diagram(now, words)), transform=f"translate({_MARGIN:g} {y:g})"))
    y += diagram().height + 8
    if alone:
        said, y = _words(now, y, language)
        body += said
    phases = {role.value: now[role.value]["phase"] or words.say("machine.none") for role in Role}
    return document(
        body,
        width=WIDTH + 2 * _MARGIN,
        height=y + _MARGIN / 2,
        name=drawing_id("closing", now, language, alone),
        title=words.say("machine.diagram"),
        description=words.say("machine.diagram.said", **phases),
        language=language,
        theme=theme,
    )


def _diagram(now: Moment, words: Catalogue) -> Iterator[str]:
    made = diagram()
    taken = {tuple(now[role.value]["edge"] or ()) for role in Role}
    for edge in made.edges:
        yield from _edge(edge, (edge.before.value, edge.after.value) in taken, words)
    width, height = NODE
    for node in made.nodes:
        here = [role for role in Role if now[role.value]["phase"] == node.phase.value]
        left, top = node.x - width / 2, node.y - height / 2
        stroke = 3 if here else 1
        yield rect(left, top, width, height, rx=8, cls="ws-closed" if here else "ws-box", stroke_width=stroke)
        state = state_of(node.phase)
        name = text(node.x, node.y - (7 if state else 0), node.phase.value, "ws-t ws-b", size=13, anchor="middle")
        yield name
        if state:
            yield text(node.x, node.y + 11, state, "ws-m", size=11, anchor="middle")
        for role in here:
            letter, fill, ink = MARKS[role]
            x, y = (left, top) if role is Role.CLIENT else (left + width, top + height)
            yield element("circle", cx=x, cy=y, r=11, fill=fill, cls="ws-edge", stroke_width=1.5)
            yield text(x, y, letter, "ws-b", size=12, anchor="middle", fill=ink)


def _edge(edge: Edge, taken: bool, words: Catalogue) -> Iterator[str]:
    (x0, y0), (x, y) = edge.points[-2:]
    yield path(edge.points, cls="ws-fore" if taken else "ws-line", stroke_width=3 if taken else 1.2)
    dx, dy = (x > x0) - (x < x0), (y > y0) - (y < y0)
    tip = [(x, y), (x - 9 * dx - 4.5 * dy, y - 9 * dy - 4.5 * dx), (x - 9 * dx + 4.5 * dy, y - 9 * dy + 4.5 * dx)]
    yield path(tip, closed=True, cls="ws-t" if taken else "ws-m")
    for number, happening in enumerate(edge.happenings):
        said = words.say(f"happening.{happening.name}")
        cls = "ws-t ws-b" if taken else "ws-m"
        yield text(edge.label[0], edge.label[1] + LABEL * number, said, cls, size=_SMALL, anchor=edge.anchor)


def _words(now: Moment, y: float, language: str) -> tuple[list[str], float]:
    """What stands below the diagram."""
    say = part_catalogue("closing_machine", language).say
    body = []

    def write(content: str, cls: str = "ws-t", indent: float = 0.0) -> None:
        nonlocal y
        for part in wrap(content, WIDTH - indent, 13.0):
            body.append(text(_MARGIN + indent, y, part, cls))
            y += _PITCH

    write(now["sentence"], "ws-t ws-b")
    for role in Role:
        y += 6
        letter, fill, ink = MARKS[role]
        body.append(element("circle", cx=_MARGIN + 11, cy=y, r=11, fill=fill, cls="ws-edge"))
        body.append(text(_MARGIN + 11, y, letter, "ws-b", size=12, anchor="middle", fill=ink))
        for number, (label, said) in enumerate(told(now, role, language)):
            line = say("machine.line", label=say(f"machine.{role.value}") if number == 0 else label, said=said)
            write(line, "ws-t ws-b" if number == 0 else "ws-t", indent=32.0)
    y += 6
    write(now["tcp"], "ws-m")
    return body, y


# --- The page ---


def closing_html(trace: Trace, at: int, language: str) -> str:
    """The same as a page without a script.

    Arguments:
        trace: of the exchange.
        at: which moment it shows, from 0.
        language: `en` or `zh`.
    """
    say = part_catalogue("closing_machine", language).say
    found = moments(trace, language)
    title, names = say("machine.title"), {role: say(f"machine.{role.value}") for role in Role}
    now = [(f"{names[role]} · {label}", said) for role in Role for label, said in told(found[at], role, language)]
    picture = scrolling(closing_svg(trace, at, language, None, alone=False), say("machine.diagram"))
    head = [say("machine.moment"), *names.values(), say("machine.now"), say("machine.section")]
    steps = []
    for number, moment in enumerate(found):
        states = [code(moment[role.value]["phase"]) for role in Role]
        place = f"§{moment['section']}" if moment["section"] else ""
        steps.append([str(number), *states, sentence(moment["sentence"]), place])
    actions = [say("machine.action.of", who=say(f"machine.who.{role.value}")) for role in Role]
    columns = [*(say(f"machine.{name}") for name in ("before.state", "event", "after")), *actions]
    whole = [[code(row[0]), row[1], code(row[2]), *row[3:]] for row in rows(language)]
    said = "".join(f"<dt>{escape(label)}</dt><dd>{escape(words)}</dd>" for label, words in now)
    parts = [
        section("diagram", say("machine.diagram"), [paragraph(found[at]["sentence"]), picture, element("dl", said)]),
        section("steps", say("machine.steps"), [table(say("machine.steps"), head, steps, caption_shown=False)]),
        section(
            "table",
            say("machine.table"),
            [
                paragraph(say("machine.table.note")),
                table(say("machine.table"), [*columns, say("machine.section")], whole, caption_shown=False),
            ],
        ),
    ]
    return page(title, language, element("h1", escape(title)), parts, escape(found[at]["tcp"]))
