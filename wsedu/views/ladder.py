"""`ladder_svg`: the ladder diagram of a trace, two lifelines with every head, frame and end of TCP between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..explain.catalogue import Catalogue, catalogue
from ..protocol.steps import TransportOpened
from ..protocol.types import Direction, Role, State
from ..trace.trace import Record, Trace
from ..trace.worldsteps import WorldStep
from .ladder_cards import CHIP, PAD, PITCH, SMALL, Card, CardLine, Chip
from .ladder_layout import (
    ARROWS,
    BAND,
    CLIENT_X,
    MARGIN,
    NOTES,
    ROW,
    SERVER_X,
    TIMES,
    WIDTH,
    Band,
    Layout,
    PlacedBatch,
    PlacedNote,
    PlacedUnit,
    PlacedWorld,
    lay_out_ladder,
)
from .ladder_legend import KIND_FILLS, LINES, NETWORK_DASHES, STATE_FILLS, Drawn, draw_legend
from .ladder_units import Fate
from .svg_draw import SIZE, line, path, rect, text
from .svg_text import shorten, width
from .svg_theme import Textures, ThemeName, document, drawing_id

TITLE_SIZE = 22.0
HEADER = 74.0
"""Pixels from the top of a connection's part to its lifelines."""


def ladder_svg(trace: Trace, *, language: str, theme: ThemeName = "auto") -> str:
    """The ladder diagram of a trace, time running downwards, as an SVG document that needs nothing else.

    Arguments:
        trace: at any level; what it does not hold is not drawn.
        language: `en` or `zh`.
        theme: `light`, `dark`, or `auto` for that of whoever looks at it.

    Returns:
        the document as text; its width is fixed, its height grows with the trace.

    Raises:
        ValueError: there is no such language or theme.
    """
    return draw_ladder(trace, language, theme)


def draw_ladder(trace: Trace, language: str, theme: ThemeName | None) -> str:
    """As `ladder_svg`; without a theme, a part of a page that has the style sheet."""
    words = catalogue(language)
    name = drawing_id("ladder", trace.header, len(trace), language)
    textures = Textures(name)
    title = words.say("picture.ladder.title")
    body = [text(MARGIN, 38, title, "ws-t ws-b", size=TITLE_SIZE)]
    body.append(text(MARGIN, 66, _subtitle(trace, words), "ws-m"))
    y, units, drawn = 92.0, 0, Drawn()
    parts = _connections(trace)
    for number, records in parts.items():
        layout = lay_out_ladder(records, words, y + HEADER)
        if not layout.units and not layout.notes and not layout.worlds:
            continue
        units += len(layout.units)
        drawn.add(layout, list(_fragments(layout.units)))
        body += _header(number if len(parts) > 1 else None, records, words, y)
        body += _connection(layout, _Clock(trace), textures, words)
        y = layout.bottom + 2 * ROW
    if y == 92.0:
        body.append(text(MARGIN, y + 20, words.say("picture.ladder.empty"), "ws-m"))
        y += 3 * ROW
    legend, y = draw_legend(y, drawn, textures, words)
    body += legend
    return document(
        [textures.definitions(), *body],
        width=WIDTH,
        height=y + MARGIN,
        name=name,
        title=title,
        description=words.say("picture.ladder.desc", units=units),
        language=language,
        theme=theme,
    )


def _connections(trace: Trace) -> dict[int | None, list[Record]]:
    """The records of endpoints and of the network between them, by connection."""
    parts: dict[int | None, list[Record]] = {}
    for record in trace.records:
        if record.step.endpoint is not None or isinstance(record.step, WorldStep):
            parts.setdefault(record.connection, []).append(record)
    return parts


def _subtitle(trace: Trace, words: Catalogue) -> str:
    header = trace.header
    parts = []
    if header.scenario is not None:
        parts.append(words.say("picture.ladder.scenario", scenario=header.scenario))
    if header.seed is not None:
        parts.append(words.say("picture.ladder.seed", seed=str(header.seed)))
    parts.append(words.say("picture.ladder.version", version=header.version))
    return shorten(" · ".join(parts), WIDTH - 2 * MARGIN, SIZE)


class _Clock:
    """Writes times as a trace of that length needs them."""

    def __init__(self, trace: Trace) -> None:
        last = trace.records[-1].t if trace.records else 0.0
        # A thousandth of a millisecond is a step of the core; over a minute nobody asks for it.
        self.key, self._factor, self._digits = ("s", 1, 3) if last >= 100 else ("ms", 1000, 3 if last < 10 else 1)

    def show(self, seconds: float) -> str:
        return f"{seconds * self._factor:,.{self._digits}f}"


# --- A connection ---


def _header(number: int | None, records: Iterable[Record], words: Catalogue, y: float) -> Iterator[str]:
    """The names and addresses above the lifelines."""
    opened = {step.endpoint: step for step in (r.step for r in records) if isinstance(step, TransportOpened)}
    if number is not None:
        label = words.say("picture.ladder.connection", number=str(number))
        yield text((CLIENT_X + SERVER_X) / 2, y + 16, label, "ws-t ws-b", anchor="middle", size=16)
    for role, x in ((Role.CLIENT, CLIENT_X), (Role.SERVER, SERVER_X)):
        yield text(x, y + 16, words.say(f"picture.{role.value}"), "ws-t ws-b", anchor="middle", size=17)
        address = _address(role, opened.get(role), opened.get(role.peer), words)
        if address:
            room = 2 * (TIMES + NOTES)
            shown = shorten(address, room, SMALL, mono=True)
            yield text(x, y + 40, shown, "ws-m ws-mono", anchor="middle", size=SMALL)


def _address(role: Role, own: TransportOpened | None, peer: TransportOpened | None, words: Catalogue) -> str:
    address = own.local if own else peer.remote if peer else ""
    step = own or peer
    if step is not None and step.tls and address:
        return words.say("picture.tls", address=address, tls=step.tls)
    return address


def _connection(layout: Layout, clock: _Clock, textures: Textures, words: Catalogue) -> list[str]:
    body = [_band(band, textures) for band in layout.bands]
    body += [_column_head(band, clock, words) for band in layout.bands if band.top == layout.bands[0].top]
    body += [part for placed in layout.units for part in _arrow(placed)]
    body += _fragments(layout.units)
    body += [part for placed in layout.units for part in _card(placed, textures)]
    body += [part for world in layout.worlds for part in _world(world, clock, textures, words)]
    body += [part for batch in layout.batches for part in _batch(batch)]
    body += [part for placed in layout.notes for part in _note(placed, textures)]
    body += _times(layout, clock)
    return body


def _column_head(band: Band, clock: _Clock, words: Catalogue) -> str:
    """Above a lifeline: the unit of its times, or that it has none."""
    if band.state is None:
        return text(_life_x(band.role), band.top - 14, words.say("picture.unrecorded"), "ws-m", anchor="middle")
    unit = words.say(f"picture.time.{clock.key}")
    return text(_time_x(band.role), band.top - 12, unit, "ws-m", size=11, anchor=_outwards(band.role))


def _life_x(role: Role) -> float:
    return CLIENT_X if role is Role.CLIENT else SERVER_X


def _side(role: Role) -> int:
    """The way from a lifeline to its margin: -1 to the left, 1 to the right."""
    return -1 if role is Role.CLIENT else 1


def _outwards(role: Role) -> str:
    """The anchor of text that begins at a lifeline and goes outwards."""
    return "end" if role is Role.CLIENT else "start"


def _time_x(role: Role) -> float:
    return _life_x(role) + _side(role) * (BAND / 2 + 16)


def _note_x(role: Role) -> float:
    return _life_x(role) + _side(role) * (BAND / 2 + TIMES)


def _band(band: Band, textures: Textures) -> str:
    x, height = _life_x(band.role) - BAND / 2, band.bottom - band.top
    if band.state is None:
        middle = _life_x(band.role)
        return line(middle, band.top, middle, band.bottom, cls="ws-line", stroke_width=2, stroke_dasharray="2 6")
    fill, texture = STATE_FILLS[band.state]
    if band.state is State.CLOSED:
        return rect(x, band.top, BAND, height, cls="ws-closed", stroke_dasharray="3 3")
    return textures.fill(x, band.top, BAND, height, fill, texture) + rect(x, band.top, BAND, height, cls="ws-fore")


def _times(layout: Layout, clock: _Clock) -> Iterator[str]:
    """The time beside everything that happens, once where several things share it."""
    shown: dict[Role, str] = {}
    for mark in sorted(layout.marks, key=lambda mark: mark.y):
        written = clock.show(mark.record.t)
        if shown.get(mark.role) != written:
            shown[mark.role] = written
            yield text(_time_x(mark.role), mark.y, written, "ws-m", size=11, anchor=_outwards(mark.role))


def _note(placed: PlacedNote, textures: Textures) -> Iterator[str]:
    note, side = placed.note, _side(placed.note.role)
    x, y = _note_x(note.role), placed.y
    if note.state is not None:
        fill, texture = STATE_FILLS[note.state]
        left = x if side > 0 else x - 12
        if note.state is State.CLOSED:
            yield rect(left, y - 6, 12, 12, cls="ws-closed", stroke_dasharray="3 3")
        else:
            yield textures.fill(left, y - 6, 12, 12, fill, texture)
            yield rect(left, y - 6, 12, 12, cls="ws-fore")
        x += side * 19
    for number, written in enumerate(note.lines):
        cls = f"{written.cls} ws-mono" if written.mono else written.cls
        yield text(x, y + ROW * number, written.text, cls, size=written.size, anchor=_outwards(note.role))


def _batch(placed: PlacedBatch) -> Iterator[str]:
    """What was read together: a bracket beside the arrivals, and which chunk it was."""
    side = _side(placed.role)
    edge = _life_x(placed.role) + side * (BAND / 2 + 4)
    top, bottom = placed.top - 7, placed.bottom + 7
    yield path(
        ((edge, top), (edge + side * 6, top), (edge + side * 6, bottom), (edge, bottom)),
        cls="ws-fore",
        stroke_width=1.5,
    )
    for number, label in enumerate(placed.label):
        yield text(
            _note_x(placed.role), placed.top + ROW * number, label, "ws-m", size=SMALL, anchor=_outwards(placed.role)
        )


# --- Arrows ---


def _arrow(placed: PlacedUnit) -> Iterator[str]:
    """The line of a unit with its head; it ends early where nothing arrives."""
    lost = placed.unit.fate not in (Fate.ARRIVED, Fate.UNSEEN)
    bend = (placed.x_at(placed.slope_from), placed.start)
    if placed.unit.added:
        # It comes out of the network: its line begins at the card.
        bend = (placed.x_at(ARROWS / 2), placed.middle)
    tip = (placed.x_at(ARROWS), placed.end)
    if lost:
        share = 0.0 if placed.unit.fate is Fate.UNSENT else 0.5
        tip = (bend[0] + (tip[0] - bend[0]) * share, bend[1] + (tip[1] - bend[1]) * share)
    cls = "ws-wrong" if placed.card.wrong else "ws-fore"
    style = LINES[placed.card.kind]
    points = (bend, tip) if placed.unit.added else ((placed.x_at(0), placed.start), bend, tip)
    yield path(points, cls=cls, stroke_width=style.width, stroke_dasharray=style.dashes)
    if not lost:
        yield _tip(bend, tip, "ws-bad" if placed.card.wrong else "ws-t")
    elif placed.unit.fate is not Fate.UNSENT:
        for slope in (1, -1):
            yield line(tip[0] - 7, tip[1] - 7 * slope, tip[0] + 7, tip[1] + 7 * slope, cls=cls, stroke_width=2.5)


def _tip(start: tuple[float, float], tip: tuple[float, float], cls: str) -> str:
    """An arrow head."""
    dx, dy = tip[0] - start[0], tip[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5
    ux, uy = dx / length, dy / length
    back = (tip[0] - 12 * ux, tip[1] - 12 * uy)
    corners = (tip, (back[0] - 5 * uy, back[1] + 5 * ux), (back[0] + 5 * uy, back[1] - 5 * ux))
    return path(corners, closed=True, cls=cls)


def _fragments(units: Sequence[PlacedUnit]) -> Iterator[str]:
    """A bracket at the side of the sender that joins the cards of one fragmented message."""
    for direction in Direction:
        message: list[PlacedUnit] = []
        for placed in [unit for unit in units if unit.unit.direction is direction and unit.unit.fragments]:
            if placed.unit.fragment == 1:
                message = []
            message.append(placed)
            if placed.unit.fragment == placed.unit.fragments and not any(part.near for part in message):
                yield _join(message, direction)


def _join(message: Sequence[PlacedUnit], direction: Direction) -> str:
    side = -1 if direction is Direction.TO_SERVER else 1
    middle = (CLIENT_X + SERVER_X) / 2
    x = middle + side * (ARROWS / 4 + 8)
    points: list[tuple[float, float]] = []
    for placed in message:
        touch = middle + side * (placed.card.width / 2)
        # Below the middle, where the arrow does not touch the card on this side.
        y = placed.middle + 11
        points += [(x, y), (touch, y), (x, y)]
    return path(points, cls="ws-fore", stroke_width=2)


# --- Cards ---


def _card(placed: PlacedUnit, textures: Textures) -> Iterator[str]:
    card = placed.card
    x = min(placed.x_at(placed.card_from), placed.x_at(placed.card_from + card.width))
    yield from _box(card, x, placed.middle - card.height / 2, textures)


def _world(placed: PlacedWorld, clock: _Clock, textures: Textures, words: Catalogue) -> Iterator[str]:
    """What the network does, between the two lifelines, and when."""
    card = placed.card
    x, y = (CLIENT_X + SERVER_X - card.width) / 2, placed.y - card.height / 2
    yield from _box(card, x, y, textures, dashes=NETWORK_DASHES)
    time = f"{clock.show(placed.record.t)} {words.say(f'picture.time.{clock.key}')}"
    yield text(x + card.width - PAD, y + 4 + PITCH / 2, time, "ws-m", size=11, anchor="end")


def _box(card: Card, x: float, y: float, textures: Textures, *, dashes: str | None = None) -> Iterator[str]:
    """A card whose upper left corner is there."""
    cls = "ws-box-wrong" if card.wrong else "ws-box"
    edge = 2.5 if card.wrong else 1.8 if dashes else 1.2
    yield rect(x, y, card.width, card.height, rx=5, cls=cls, stroke_width=edge, stroke_dasharray=dashes)
    fill, texture = KIND_FILLS[card.kind]
    if fill:
        yield textures.fill(x + 1, y + 5, 4, card.height - 10, fill, texture)
    for number, written in enumerate(card.lines):
        yield from draw_card_line(written, x + PAD, y + 4 + PITCH * (number + 0.5))


def draw_card_line(written: CardLine, x: float, y: float) -> Iterator[str]:
    """One line of a card from x on, with its middle at y."""
    cls = written.cls + (" ws-mono" if written.mono else "") + (" ws-b" if written.bold else "")
    if written.chips_first:
        for chip in written.chips:
            yield from draw_chip(chip, x, y)
            x += chip.width
    if written.text:
        yield text(x, y, written.text, cls, size=written.size)
    if not written.chips_first:
        x += width(written.text, written.size, mono=written.mono, bold=written.bold) + 8
        for chip in written.chips:
            yield from draw_chip(chip, x, y)
            x += chip.width


def draw_chip(chip: Chip, x: float, y: float) -> Iterator[str]:
    """A field's letter on its fill, and its value."""
    yield rect(x, y - CHIP / 2 + 1, CHIP, CHIP - 2, rx=3, fill=chip.mark.fill)
    yield text(
        x + CHIP / 2,
        y,
        chip.mark.letter,
        "ws-b",
        size=11 if len(chip.mark.letter) == 1 else 9,
        anchor="middle",
        fill=chip.mark.ink,
    )
    if chip.value:
        yield text(x + CHIP + 4, y, chip.value, "ws-t ws-mono", size=SMALL)
