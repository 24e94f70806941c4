"""Two exchanges side by side, what happens in each at the same time: with and without a heartbeat, a mask, a check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rich.box import Box
from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
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
from .styles import BAD, CROSS, MUTED, NONE, STRONG, verdict_mark
from .tables import plain_table, role_name

_DIGITS = 3
"""Decimals of a second: what happens in the same millisecond stands in the same row."""

_SHOWN = 24
"""Bytes of a payload that are shown at most."""


_RULED = Box("\n".join(["  │ "] * 2 + [" ─┼ "] + ["  │ "] * 5))
"""A rule between columns, and one below their names."""


class Told(NamedTuple):
    """What is said of something that happens, with the mark that stands before it, if one does."""

    words: str
    mark: str = ""
    style: Style = NONE


class Event(NamedTuple):
    """Something that happens: when, in seconds, in which order, and what."""

    time: float
    order: int
    told: Told


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
    table.box, table.show_edge, table.border_style, table.padding = _RULED, False, MUTED, (0, 1)
    table.add_column(words.say("view.beside.time"), justify="right", no_wrap=True)
    for name in names:
        table.add_column(name, ratio=1, overflow="fold")
    columns = [by_moment(trace, words) for trace in (left, right)]
    for moment in sorted({*columns[0], *columns[1]}):
        table.add_row(Text(f"{moment:,.{_DIGITS}f}", MUTED), *(_cell(column.get(moment, [])) for column in columns))
    ends = [_cell(at_the_end(trace, words)) for trace in (left, right)]
    table.add_row(Text(words.say("view.beside.end"), MUTED), *ends)
    title = words.say("view.beside.title", one=names[0], other=names[1])
    return Group(Text(""), Prose(title, STRONG), table)


def _cell(lines: list[Told]) -> RenderableType:
    """A line for each thing that happens; its mark stands before it, apart from its words however these wrap."""
    cell = Table.grid(padding=(0, 1, 0, 0))
    cell.add_column(width=1)
    cell.add_column()
    for told in lines:
        cell.add_row(Text(told.mark, told.style), Prose(told.words, told.style))
    return cell if lines else Text("")


def by_moment(trace: Trace, words: Catalogue) -> dict[float, list[Told]]:
    """What happens in an exchange, by the second in which it does."""
    found: dict[float, list[Told]] = {}
    for event in sorted(_events(trace, words), key=lambda event: event.order):
        found.setdefault(round(event.time, _DIGITS), []).append(event.told)
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


def _travels(unit: Unit, words: Catalogue) -> Told:
    """A head or a frame, from whom, and whether it arrives."""
    sender = words.say("picture.network") if unit.added else role_name(sender_of(unit.direction), words.language)
    told = f"{sender} ─▶ {_named(unit, words)}"
    if unit.fate in (Fate.ARRIVED, Fate.UNSEEN):
        return Told(told)
    fate = words.say(f"picture.fate.{unit.fate.value}")
    return Told(words.say("view.beside.fate", fate=fate, told=told), CROSS, BAD)


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


def _happens(record: Record, words: Catalogue) -> Told | None:
    """What a step has to say besides what travels; None for most."""
    step = record.step
    if isinstance(step, WorldStep):
        told = world_words(step, words)
        return Told(told, CROSS, BAD) if harmful(step) else Told(told)
    if step.endpoint is None:
        return None
    who = role_name(step.endpoint, words.language)
    if isinstance(step, Violation):
        return Told(f"{who}: {step.rule}", CROSS, BAD)
    if isinstance(step, TimerExpired) and words.has(f"picture.timer.{step.timer}"):
        return Told(f"{who}: {words.say(f'picture.timer.{step.timer}', seconds=step.seconds)}")
    if isinstance(step, CloseStatus):
        mark, style = verdict_mark(step.clean)
        return Told(f"{who}: {words.say('picture.close.code', code=str(step.code))}", mark, style)
    return None


def at_the_end(trace: Trace, words: Catalogue) -> list[Told]:
    """The state that each endpoint is in when nothing more happens."""
    states: dict[Role, str] = {}
    for record in trace.records:
        if isinstance(record.step, StateChanged) and record.step.endpoint is not None:
            states[record.step.endpoint] = record.step.state
    return [Told(f"{role_name(role, words.language)}: {states[role]}") for role in Role if role in states]
