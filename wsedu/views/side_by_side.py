"""Two exchanges side by side, what happens in each at the same time: with and without a heartbeat, a mask, a check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.text import Text

from ..explain.catalogue import Catalogue, catalogue
from ..explain.shown import bytes_hex, is_text, quoted
from ..protocol.steps import (
    CloseStatus,
    EndReceived,
    EndSent,
    FrameComplete,
    HandshakeRequest,
    HandshakeResponse,
    StateChanged,
    TimerExpired,
    Violation,
)
from ..protocol.types import Opcode, Role
from ..trace.trace import Record, Trace
from ..trace.worldsteps import WorldStep
from .ladder_cards import opcode_title
from .ladder_units import Fate, Unit, find_units
from .ladder_world import harmful, sender_of, world_words
from .prose import Prose
from .styles import BAD, CROSS, MUTED, STRONG, verdict_mark
from .tables import plain_table, role_name

_DIGITS = 3
"""Decimals of a second: what happens in the same millisecond stands in the same row."""

_SHOWN = 24
"""Bytes of a payload that are shown at most."""


class Event(NamedTuple):
    """Something that happens: when, in seconds, in which order, and what."""

    time: float
    order: int
    told: Text


def side_by_side(left: Trace, right: Trace, language: str) -> RenderableType:
    """A table with a row for each moment in which something happens, and a column for each exchange.

    Arguments:
        left: an exchange, in virtual time.
        right: another one.
        language: `en` or `zh`.
    """
    words = catalogue(language)
    names = [trace.header.scenario or "" for trace in (left, right)]
    table = plain_table(expand=True)
    table.add_column(words.say("view.beside.time"), justify="right", no_wrap=True)
    for name in names:
        table.add_column(name, ratio=1, overflow="fold")
    columns = [_by_moment(trace, words) for trace in (left, right)]
    for moment in sorted({*columns[0], *columns[1]}):
        table.add_row(Text(f"{moment:,.{_DIGITS}f}", MUTED), *(_cell(column.get(moment, [])) for column in columns))
    ends = [Text("\n").join(_at_the_end(trace, words)) for trace in (left, right)]
    table.add_row(Text(words.say("view.beside.end"), MUTED), *(Prose(end) for end in ends))
    title = words.say("view.beside.title", one=names[0], other=names[1])
    return Group(Text(""), Prose(title, STRONG), table)


def _cell(events: list[Event]) -> RenderableType:
    return Prose(Text("\n").join([event.told for event in events])) if events else Text("")


def _by_moment(trace: Trace, words: Catalogue) -> dict[float, list[Event]]:
    found: dict[float, list[Event]] = {}
    for event in sorted(_events(trace, words), key=lambda event: event.order):
        found.setdefault(round(event.time, _DIGITS), []).append(event)
    return found


def _events(trace: Trace, words: Catalogue) -> Iterator[Event]:
    for unit in find_units(trace.records):
        record = unit.sent or unit.arrived
        if record is not None and not isinstance(unit.step, (EndSent, EndReceived)):
            yield Event(record.t, record.n, _travels(unit, words))
    for record in trace.records:
        told = _happens(record, words)
        if told is not None:
            yield Event(record.t, record.n, told)


def _travels(unit: Unit, words: Catalogue) -> Text:
    """A head or a frame, from whom, and whether it arrives."""
    sender = words.say("picture.network") if unit.added else role_name(sender_of(unit.direction), words.language)
    told = Text(f"{sender} ─▶ {_named(unit, words)}")
    if unit.fate not in (Fate.ARRIVED, Fate.UNSEEN):
        told.append(f" {CROSS} {words.say(f'picture.fate.{unit.fate.value}')}", BAD)
    return told


def _named(unit: Unit, words: Catalogue) -> str:
    step = unit.step
    if isinstance(step, (HandshakeRequest, HandshakeResponse)):
        return step.line
    if not isinstance(step, FrameComplete):
        return words.say("picture.bytes.other")
    payload = step.frame.payload
    code = payload[:2] if step.frame.opcode == Opcode.CLOSE else b""
    # Of a text in lines, the first one.
    rest = payload[len(code) :].split(b"\r\n")[0][:_SHOWN]
    more = "" if len(payload) <= len(code) + len(rest) else " …"
    shown = [str(int.from_bytes(code, "big"))] if code else []
    if rest:
        shown.append((quoted(rest) if is_text(rest) else bytes_hex(rest)) + more)
    return " ".join([opcode_title(step.frame.opcode, words), *shown])


def _happens(record: Record, words: Catalogue) -> Text | None:
    """What a step has to say besides what travels; None for most."""
    step = record.step
    if isinstance(step, WorldStep):
        told = world_words(step, words)
        return Text(f"{CROSS} {told}", BAD) if harmful(step) else Text(told)
    if step.endpoint is None:
        return None
    who = role_name(step.endpoint, words.language)
    if isinstance(step, Violation):
        return Text(f"{CROSS} {who}: {step.rule}", BAD)
    if isinstance(step, TimerExpired) and words.has(f"picture.timer.{step.timer}"):
        return Text(f"{who}: {words.say(f'picture.timer.{step.timer}', seconds=step.seconds)}")
    if isinstance(step, CloseStatus):
        mark, style = verdict_mark(step.clean)
        return Text(f"{mark} {who}: {words.say('picture.close.code', code=str(step.code))}", style)
    return None


def _at_the_end(trace: Trace, words: Catalogue) -> list[Text]:
    """The state that each endpoint is in when nothing more happens."""
    states: dict[Role, str] = {}
    for record in trace.records:
        if isinstance(record.step, StateChanged) and record.step.endpoint is not None:
            states[record.step.endpoint] = record.step.state
    return [Text(f"{role_name(role, words.language)}: {states[role]}") for role in Role if role in states]
