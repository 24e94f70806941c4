"""Where everything on a ladder stands: from top to bottom in the order of the trace, so that nothing overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..explain.catalogue import Catalogue
from ..protocol.types import Direction, Role, State
from ..trace.trace import Record
from .ladder_cards import MAX_WIDTH, SMALL, Card, make_card
from .ladder_notes import Batch, Note, find_batches, find_notes, first_states
from .ladder_units import Fate, Unit, crossing, find_units, recorded_roles
from .ladder_world import find_misread, find_world
from .svg_text import wrap

MARGIN = 24.0
NOTES = 214.0
"""Pixels for the text beside a lifeline."""

TIMES = 76.0
"""Pixels for the time and the bracket of a chunk, between the text and the lifeline."""

BAND = 14.0
ARROWS = 2 * MAX_WIDTH + 30
CLIENT_X = MARGIN + NOTES + TIMES + BAND / 2
SERVER_X = CLIENT_X + BAND + ARROWS
WIDTH = SERVER_X + BAND / 2 + TIMES + NOTES + MARGIN

ROW = 18.0
"""Pixels of one line of text beside a lifeline."""

STEP = 8.0
"""How much lower something later stands at least."""

DROP = 26.0
"""How much lower an arrow ends than it begins, at least."""

FALL = 90.0
"""How much lower an arrow may end only to pass below a card."""

GAP = 9.0
"""Between two cards."""

NEAR = 12.0
"""Between a lifeline and a card that stands beside it."""


class Mark(NamedTuple):
    """A point of time at one lifeline."""

    role: Role
    y: float
    record: Record


@dataclass
class PlacedUnit:
    """An arrow with its card.

    Arguments:
        unit: what it is.
        card: what stands on it.
        near: whether the card stands beside the sender, not in the middle.
        start: y at the sender's lifeline.
        end: y at the receiver's, or where it would be.
    """

    unit: Unit
    card: Card
    near: bool
    start: float = 0.0
    end: float = 0.0

    @property
    def middle(self) -> float:
        """y of the middle of the card: where the arrow begins, or halfway along it."""
        return self.start if self.near else (self.start + self.end) / 2

    @property
    def card_from(self) -> float:
        """Pixels from the sender's lifeline to the card."""
        return NEAR if self.near else (ARROWS - self.card.width) / 2

    def x_at(self, distance: float) -> float:
        """x of a point so many pixels from the sender's lifeline."""
        edge = BAND / 2
        if self.unit.direction is Direction.TO_SERVER:
            return CLIENT_X + edge + distance
        return SERVER_X - edge - distance

    @property
    def slope_from(self) -> float:
        """Pixels from the sender's lifeline to where the arrow leaves the level of its beginning."""
        return NEAR + self.card.width if self.near else 0.0

    def end_to_clear(self, other: PlacedUnit) -> float:
        """The y at which the arrow has to end so that it passes below a card at the other lifeline."""
        reach = ARROWS - NEAR - other.card.width - self.slope_from
        share = reach / (ARROWS - self.slope_from)
        low = other.middle + other.card.height / 2 + GAP
        # Between two broad cards the arrow would have to fall steeply; there it passes behind the card.
        return self.start if share < 0.3 or low <= self.start else self.start + (low - self.start) / share

    @property
    def lane(self) -> str:
        """Which part of the width the card takes."""
        return self.unit.sender.value if self.near else "middle"


class PlacedNote(NamedTuple):
    """A note, and y of its first line."""

    note: Note
    y: float


class PlacedBatch(NamedTuple):
    """What was read together, y of its first and of its last arrival, and what is written beside it."""

    batch: Batch
    role: Role
    top: float
    bottom: float
    label: tuple[str, ...]


class PlacedWorld(NamedTuple):
    """What the network does: its card between the lifelines, and y of the card's middle."""

    record: Record
    card: Card
    y: float


class Band(NamedTuple):
    """A state of an endpoint from one y to another; None for one that was not recorded."""

    role: Role
    state: State | None
    top: float
    bottom: float


@dataclass
class Layout:
    """A ladder in pixels."""

    units: list[PlacedUnit] = field(default_factory=list)
    notes: list[PlacedNote] = field(default_factory=list)
    worlds: list[PlacedWorld] = field(default_factory=list)
    batches: list[PlacedBatch] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    bottom: float = 0.0


_SAME_LANES = {"middle": ("middle", "client", "server"), "client": ("client", "middle"), "server": ("server", "middle")}


class _Placer:
    """Puts one thing after the other below what is there."""

    def __init__(self, top: float, batches: Sequence[Batch], words: Catalogue) -> None:
        self.layout = Layout()
        self._words = words
        self._last = top
        self._free = dict.fromkeys(Role, top)  # the first y below the text of each side
        self._cards = dict.fromkeys(_SAME_LANES, top)  # the same for the cards of each lane
        self._flying: dict[Direction, PlacedUnit | None] = dict.fromkeys(Direction)
        self._near: dict[Role, list[PlacedUnit]] = {role: [] for role in Role}  # the last cards beside each lifeline
        self._labels = {id(batch.units[0]): batch for batch in batches}
        self.arrivals: dict[int, float] = {}

    def depart(self, placed: PlacedUnit) -> None:
        """The beginning of an arrow; that of one which does not arrive is its end too."""
        sender = placed.unit.sender
        y = self._below(sender)
        before = self._flying[placed.unit.direction]
        if before is not None:
            # Two arrows side by side: far enough from each other for both cards.
            y = max(y, before.start + (before.card.height + placed.card.height) / 2 + GAP)
        if placed.near:
            y = max(y, self._room(placed))
        elif placed.unit.arrived is None:
            y = max(y, self._room(placed) - DROP / 2)
        placed.start, placed.end = y, y + DROP
        if placed.near or placed.unit.arrived is None:
            self._settle(placed)
        self._flying[placed.unit.direction] = placed if placed.unit.arrived else None
        self._mark(sender, y, placed.unit.sent)
        self._last = y
        self._free[sender] = y + ROW / 2

    def arrive(self, placed: PlacedUnit) -> None:
        """The end of an arrow."""
        receiver = placed.unit.sender.peer
        if placed.unit.sent is None:
            # Nobody recorded its departure: it begins just above, wherever there is room.
            placed.start = max(self._last + STEP, self._room(placed) - DROP / 2)
        placed.end = max(self._below(receiver), placed.start + DROP)
        if placed.near:
            clear = max((placed.end_to_clear(other) for other in self._near[receiver]), default=0.0)
            placed.end = max(placed.end, min(clear, placed.end + FALL))
        else:
            placed.end += 2 * max(0.0, self._room(placed) - placed.middle)
            self._settle(placed)
        if self._flying[placed.unit.direction] is placed:
            self._flying[placed.unit.direction] = None
        self._mark(receiver, placed.end, placed.unit.arrived)
        self.arrivals[id(placed.unit)] = placed.end
        self._last = placed.end
        self._free[receiver] = placed.end + ROW * max(0.5, len(self.label(placed.unit)) - 0.5)

    def label(self, unit: Unit) -> tuple[str, ...]:
        """What is written beside the first arrival of a batch."""
        batch = self._labels.get(id(unit))
        return () if batch is None else tuple(wrap(batch.label(self._words), NOTES, SMALL))

    def note(self, note: Note) -> None:
        """A note."""
        lines = [line._replace(text=part) for line in note.lines for part in line.wrapped(NOTES)]
        y = self._below(note.role) + (4 if note.state else 0)
        self.layout.notes.append(PlacedNote(note._replace(lines=tuple(lines)), y))
        self._mark(note.role, y, note.record)
        self._last = y
        self._free[note.role] = y + ROW * (len(lines) - 0.5) + 2

    def world(self, record: Record, card: Card) -> None:
        """What the network does."""
        room = max(self._cards.values()) + GAP + card.height / 2
        y = max(self._last + STEP, room)
        self.layout.worlds.append(PlacedWorld(record, card, y))
        self._cards["middle"] = y + card.height / 2
        self._last = y

    @property
    def bottom(self) -> float:
        """The first y below everything."""
        return max(self._last, *self._free.values(), *self._cards.values())

    def _below(self, role: Role) -> float:
        return max(self._last + STEP, self._free[role] + ROW / 2)

    def _room(self, placed: PlacedUnit) -> float:
        """Where the middle of a card may be at the highest."""
        return max(self._cards[lane] for lane in _SAME_LANES[placed.lane]) + GAP + placed.card.height / 2

    def _settle(self, placed: PlacedUnit) -> None:
        """A card has its place: nothing else of its lanes may come above its lower edge."""
        self._cards[placed.lane] = placed.middle + placed.card.height / 2
        if placed.near:
            self._near[placed.unit.sender] = [*self._near[placed.unit.sender][-7:], placed]
        self.layout.units.append(placed)

    def _mark(self, role: Role, y: float, record: Record | None) -> None:
        if record is not None:
            self.layout.marks.append(Mark(role, y, record))


def lay_out_ladder(records: Sequence[Record], words: Catalogue, top: float) -> Layout:
    """Place everything of one connection.

    Arguments:
        records: of one connection, in order.
        words: the catalogue of the language.
        top: y at which the lifelines begin.
    """
    units = find_units(records)
    meeting = crossing(units)
    batches = [batch for way in Direction for batch in find_batches(unit for unit in units if unit.direction is way)]
    placer = _Placer(top, batches, words)
    worlds = find_world(records, words)
    events: list[tuple[int, int, int, PlacedUnit | Note | tuple[Record, Card]]] = []
    for index, unit in enumerate(units):
        lost = unit.arrived is None and unit.fate is not Fate.UNSEEN
        near = not unit.added and (lost or (unit.sent is not None and index in meeting) or _meets(unit, worlds))
        placed = PlacedUnit(unit, make_card(unit, words), near)
        if unit.sent is not None or (unit.arrived is None and not unit.added):
            events.append((unit.sent.n if unit.sent else 0, 0, index, placed))
        if unit.arrived is not None:
            events.append((unit.arrived.n, 1, index, placed))
    notes = [*find_notes(records, words), *find_misread(records, units, words)]
    events += [(note.record.n, 2, index, note) for index, note in enumerate(notes)]
    events += [(record.n, 2, index, (record, card)) for index, (record, card) in enumerate(worlds)]
    for _, kind, _, thing in sorted(events, key=lambda event: event[:3]):
        if isinstance(thing, Note):
            placer.note(thing)
        elif isinstance(thing, tuple):
            placer.world(*thing)
        elif kind:
            placer.arrive(thing)
        else:
            placer.depart(thing)
    layout = placer.layout
    layout.bottom = placer.bottom + ROW
    layout.batches = [_placed(batch, placer) for batch in batches if _first_arrival(batch, placer) is not None]
    layout.bands = _bands(records, layout, top)
    return layout


def _meets(unit: Unit, worlds: Sequence[tuple[Record, Card]]) -> bool:
    """Whether the network does something while a unit is under way."""
    sent, arrived = unit.sent, unit.arrived
    return sent is not None and arrived is not None and any(sent.n < record.n < arrived.n for record, _ in worlds)


def _first_arrival(batch: Batch, placer: _Placer) -> float | None:
    return placer.arrivals.get(id(batch.units[0]))


def _placed(batch: Batch, placer: _Placer) -> PlacedBatch:
    ends = [placer.arrivals[id(unit)] for unit in batch.units if id(unit) in placer.arrivals]
    role = batch.units[0].sender.peer
    return PlacedBatch(batch, role, min(ends), max(ends), placer.label(batch.units[0]))


def _bands(records: Sequence[Record], layout: Layout, top: float) -> list[Band]:
    bands: list[Band] = []
    seen = recorded_roles(records)
    for role, first in first_states(records).items():
        state = first if role in seen else None
        since = top
        for placed in layout.notes:
            if placed.note.role is role and placed.note.state is not None:
                bands.append(Band(role, state, since, placed.y))
                state, since = placed.note.state, placed.y
        bands.append(Band(role, state, since, layout.bottom))
    return bands
