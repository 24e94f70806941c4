"""`film`: a trace as plain data for a player: its steps in columns, the states of both endpoints, and three lanes.

A film is JSON. It is made of *reels*: a `Camera` takes steps as they come, and gives a reel of what is new, so that
a film can be watched while it is made; the film of a whole trace is its first reel.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ..explain.catalogue import Catalogue, catalogue
from ..explain.shown import bytes_hex, quoted
from ..explain.words import step_title
from ..protocol.steps import (
    BytesIgnored,
    BytesReceived,
    BytesSent,
    CloseStatus,
    FrameComplete,
    HandshakeRequest,
    HandshakeResponse,
    Level,
    MessageComplete,
    PingAnswered,
    PongMatched,
    StateChanged,
    Step,
    TransportOpened,
    Violation,
)
from ..protocol.types import Direction, Opcode, Role, State, opcode_name
from ..trace.trace import Record
from ..trace.worldsteps import WorldStep
from .film_items import DIRECTIONS, SHORT, Items, Landing, same_place
from .ladder_legend import KIND_FILLS, LINES, STATE_FILLS
from .ladder_streams import Passage, Stretch
from .palette import BLACK, BLUE, WHITE
from .states import phase_text

Film = dict[str, Any]

ROLES = tuple(Role)
NETWORK = len(ROLES)
NOBODY = -1

GROUPS = ("frame", "control", "state", "handshake", "bytes", "violation", "other")
"""What a step is about, by which a list of steps can be filtered; a control frame is of its own group."""

SHORTEST = 0.3
"""Seconds of the film between two steps that follow at once."""

STRETCH = 0.2
"""Seconds of the film that are added for each power of ten by which the real time is longer than `AT_ONCE`."""

AT_ONCE = 1e-4
"""Seconds of real time that count as at once."""


def film(records: Iterable[Record], language: str, level: Level = Level.CORE) -> Film:
    """The film of one connection.

    Arguments:
        records: of one connection, in order.
        language: `en` or `zh`.
        level: the finest steps that are shown.

    Returns:
        See `Camera.reel`.
    """
    records = list(records)
    passages = {direction: Passage(records, direction) for direction in Direction}

    def landing(direction: Direction, sent: Stretch) -> Stretch | None:
        parts = passages[direction].landings(sent)
        return Stretch(parts[0].first, parts[-1].end) if parts else None

    camera = Camera(language, level, landing)
    for record in records:
        camera.take(record)
    return camera.reel()


def film_seconds(real: float) -> float:
    """How long a film shows what took so long: the shortest times can be watched, the longest ones are bearable.

    Arguments:
        real: seconds between two steps.
    """
    return SHORTEST + STRETCH * max(0.0, math.log10(max(real, AT_ONCE) / AT_ONCE))


def looks() -> dict[str, dict[str, Any]]:
    """How each kind of item and each state is drawn, by its name: the same as in the ladder."""
    fills = {**KIND_FILLS, **{state.name: look for state, look in STATE_FILLS.items()}}
    found: dict[str, dict[str, Any]] = {
        name: {"fill": fill, "ink": WHITE if fill == BLUE else BLACK} for name, (fill, _) in fills.items()
    }
    for kind, line in LINES.items():
        found[kind] |= {"width": line.width, "dashes": [float(part) for part in (line.dashes or "").split()]}
    found["cut"] = {"fill": "", "ink": BLACK, "width": 0, "dashes": []}
    return found


class Camera:
    """Makes a film of steps while they come in.

    Arguments:
        language: `en` or `zh`.
        level: the finest steps that are shown; give it every step all the same.
        landing: where bytes arrive; for whole traces, in which a network may have changed the streams.
    """

    def __init__(self, language: str, level: Level = Level.CORE, landing: Landing = same_place) -> None:
        self._words: Catalogue = catalogue(language)
        self._level = level
        self._items = Items(
            landing,
            lambda opcode: self._words.say(f"opcode.{opcode_name(opcode)}"),
            self._words.say("picture.tcp.reset"),
        )
        self._count = 0
        self._texts: dict[str, int] = {}
        self._texts_told = 0
        self._titles: dict[tuple[Any, ...], str] = {}
        self._last: float | None = None
        self._at = 0.0
        self._states: dict[Role, tuple[str, str]] = dict.fromkeys(Role, (State.CONNECTING.name, State.CONNECTING.name))
        self._roles: set[Role] = set()
        self._clear()

    def _clear(self) -> None:
        self._columns: dict[str, list[Any]] = {
            name: [] for name in ("n", "t", "at", "who", "group", "way", "title", "note")
        }
        self._changes: list[list[Any]] = []

    @property
    def count(self) -> int:
        """Steps of the film so far."""
        return self._count

    def take(self, record: Record) -> None:
        """Take the next step of the connection."""
        step = record.step
        if step.endpoint is not None:
            self._roles.add(step.endpoint)
        if step.level <= self._level:
            self._show(record)
        self._items.add(step, max(0, self._count - 1))

    def _show(self, record: Record) -> None:
        step = record.step
        if self._last is not None:
            self._at += film_seconds(record.t - self._last)
        self._last = record.t
        if isinstance(step, StateChanged) and step.endpoint is not None:
            self._states[step.endpoint] = (step.state, phase_text(step.after, step.state))
        if isinstance(step, StateChanged) or not self._count:
            self._changes.append([self._count, *(part for role in ROLES for part in self._states[role])])
        row = (
            record.n,
            round(record.t, 6),
            round(self._at, 3),
            who_of(step),
            GROUPS.index(group_of(step)),
            -1 if step.span is None else DIRECTIONS.index(step.span.direction),
            self._text(self._title(step)),
            self._text(note_of(step)),
        )
        for column, value in zip(self._columns.values(), row, strict=True):
            column.append(value)
        self._count += 1

    def _title(self, step: Step) -> str:
        """The title of a step; those of frames and bytes, of which there are many, are made once."""
        match step:
            case FrameComplete():
                key: tuple[Any, ...] = (step.sent, step.frame.opcode)
            case BytesSent() | BytesReceived():
                key = (type(step),)
            case _:
                return step_title(step, self._words.language)
        if key not in self._titles:
            self._titles[key] = step_title(step, self._words.language)
        return self._titles[key]

    def _text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def reel(self) -> Film:
        """What is new since the last reel.

        Returns:
            `first`, the index of its first step; `steps` in columns: number, real and film time in seconds, who (0
            client, 1 server, 2 the network, -1 nobody), index of `GROUPS`, direction (0 towards the server, 1 towards
            the client, -1 none), and indexes of `texts` for a title and a note; `texts` that are new; `states` from
            an index on: RFC state and phase of the client and of the server; `lanes` of items, new or changed, as
            `film_items.ROW`; `roles`, the endpoints that were recorded.
        """
        texts = list(self._texts)[self._texts_told :]
        made = {
            "first": self._count - len(self._columns["n"]),
            "steps": self._columns,
            "texts": texts,
            "states": self._changes,
            "lanes": self._items.take(),
            "roles": sorted(ROLES.index(role) for role in self._roles),
        }
        self._texts_told = len(self._texts)
        self._clear()
        return made


# --- A step in a line ---


def who_of(step: Step) -> int:
    """Whose step it is, as a number."""
    if isinstance(step, WorldStep):
        return NETWORK
    return NOBODY if step.endpoint is None else ROLES.index(step.endpoint)


def group_of(step: Step) -> str:
    """The group that a step belongs to: one of `GROUPS`."""
    match step:
        case FrameComplete():
            return "control" if step.frame.is_control else "frame"
        case PingAnswered() | PongMatched():
            return "control"
        case StateChanged() | CloseStatus():
            return "state"
        case BytesSent() | BytesReceived() | BytesIgnored():
            return "bytes"
        case Violation():
            return "violation"
    return "handshake" if step.kind.startswith("handshake.") else "frame" if step.kind.startswith("frame.") else "other"


def note_of(step: Step) -> str:
    """What a step is about, in a few words of the wire: its payload, its first bytes, its start line."""
    match step:
        case FrameComplete():
            frame = step.frame
            textual = frame.opcode in (Opcode.TEXT, Opcode.CONTINUATION) and not frame.rsv1
            return quoted(frame.payload, 2 * SHORT) if textual else bytes_hex(frame.payload, SHORT // 2)
        case BytesSent() | BytesReceived():
            return bytes_hex(step.data, SHORT // 2)
        case HandshakeRequest() | HandshakeResponse():
            return step.line
        case StateChanged():
            return f"{step.before} → {step.after}"
        case CloseStatus():
            return str(step.code)
        case TransportOpened():
            return f"{step.local} → {step.remote}"
        case MessageComplete():
            return quoted(step.data, 2 * SHORT) if step.opcode == Opcode.TEXT else bytes_hex(step.data, SHORT // 2)
    return step.rule or ""
