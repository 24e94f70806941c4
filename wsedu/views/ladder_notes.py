"""What is written beside the lifelines: states, chunks, broken rules, timers, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..explain.catalogue import Catalogue
from ..explain.words import field_label, quoted
from ..protocol.closing import STATES, Phase
from ..protocol.steps import (
    BytesIgnored,
    CloseStatus,
    HandshakeAgreed,
    HandshakeCheck,
    MessageComplete,
    ScenarioAct,
    StateChanged,
    Step,
    TimerExpired,
    Violation,
)
from ..protocol.types import Role, State
from ..trace.trace import Record
from .ladder_cards import SMALL
from .ladder_units import Chunk, Unit
from .svg_text import BOLD, wrap

NAME_SIZE = 11.0
"""Pixels of the font of a rule's name."""

VANISH = "vanish"
"""The verb of an act by which an endpoint falls silent."""


class NoteLine(NamedTuple):
    """A line of a note: its text, its classes, and whether its font is a monospaced one."""

    text: str
    cls: str = "ws-m"
    mono: bool = False

    @property
    def size(self) -> float:
        """Of the font in pixels."""
        return NAME_SIZE if self.mono else SMALL

    def wrapped(self, room: float) -> list[str]:
        """Its text in lines of at most `room` pixels."""
        factor = BOLD if "ws-b" in self.cls and not self.mono else 1.0
        return wrap(self.text, room, self.size * factor, mono=self.mono)


class Note(NamedTuple):
    """Something that happened at one endpoint.

    Arguments:
        record: when.
        role: whose it is.
        lines: what is written.
        state: the state that begins here, None if none does.
    """

    record: Record
    role: Role
    lines: tuple[NoteLine, ...]
    state: State | None = None


def first_states(records: Iterable[Record]) -> dict[Role, State]:
    """The state of each endpoint before the first record."""
    found: dict[Role, State] = {}
    for record in records:
        step = record.step
        if isinstance(step, StateChanged) and step.endpoint is not None and step.endpoint not in found:
            found[step.endpoint] = _state(step.before)
    return {role: found.get(role, State.CONNECTING) for role in Role}


def _state(phase: str) -> State:
    return STATES[Phase(phase)] if phase in tuple(Phase) else State.CONNECTING


def find_notes(records: Sequence[Record], words: Catalogue) -> list[Note]:
    """The notes of one connection, in order.

    Arguments:
        records: of one connection, in order.
        words: the catalogue of the language.
    """
    states = first_states(records)
    checks: list[Record] = []
    notes: list[Note] = []
    for record in records:
        step = record.step
        if isinstance(step, HandshakeCheck):
            checks.append(record)
            continue
        if checks:
            notes.append(_checked(checks, words))
            checks = []
        if step.endpoint is None:
            continue
        if isinstance(step, StateChanged):
            state = State(step.state)
            if state is not states[step.endpoint]:
                states[step.endpoint] = state
                notes.append(Note(record, step.endpoint, (NoteLine(state.value, "ws-t ws-b"),), state))
            continue
        lines = _lines(step, words)
        if lines:
            notes.append(Note(record, step.endpoint, tuple(lines)))
    return notes + ([_checked(checks, words)] if checks else [])


def _checked(records: Sequence[Record], words: Catalogue) -> Note:
    steps = [record.step for record in records if isinstance(record.step, HandshakeCheck)]
    failed = [step for step in steps if step.passed is False]
    if failed:
        label = field_label(failed[0].field, words.language)
        line = NoteLine(words.say("picture.checks.failed", field=label), "ws-bad")
    else:
        line = NoteLine(words.say("picture.checks.passed", count=sum(step.passed is True for step in steps)), "ws-good")
    return Note(records[-1], steps[-1].endpoint or Role.SERVER, (line,))


def _lines(step: Step, words: Catalogue) -> list[NoteLine]:
    """What a step has to say; nothing for most."""
    match step:
        case Violation():
            return _violation(step, words)
        case BytesIgnored():
            return [NoteLine("✖ " + words.say("picture.ignored", length=step.length), "ws-bad")]
        case TimerExpired():
            key = f"picture.timer.{step.timer}"
            return [NoteLine(words.say(key, seconds=step.seconds) if words.has(key) else step.timer, "ws-t")]
        case CloseStatus():
            return _closed(step, words)
        case HandshakeAgreed(subprotocol=str(name)):
            return [NoteLine(words.say("picture.subprotocol", name=name))]
        case MessageComplete(fragments=count) if count > 1:
            return [NoteLine("✔ " + words.say("picture.message", fragments=count), "ws-good")]
        case ScenarioAct(verb=verb) if verb == VANISH:
            return [NoteLine(words.say("picture.vanish"), "ws-bad")]
        case _:
            return []


def _violation(step: Violation, words: Catalogue) -> list[NoteLine]:
    lines = [NoteLine(words.say("picture.violation", rule=step.rule), "ws-bad ws-b", True)]
    if step.offset is None:
        lines.append(NoteLine(words.say("picture.violation.section", section=step.rfc), "ws-t"))
    else:
        lines.append(NoteLine(words.say("picture.violation.where", section=step.rfc, offset=step.offset), "ws-t"))
    if step.local:
        lines.append(NoteLine(words.say("picture.violation.local"), "ws-t"))
    elif step.code is not None:
        lines.append(NoteLine(words.say("picture.violation.code", code=str(step.code)), "ws-t"))
    elif step.status is not None:
        lines.append(NoteLine(words.say("picture.violation.status", status=str(step.status)), "ws-t"))
    return lines


def _closed(step: CloseStatus, words: Catalogue) -> list[NoteLine]:
    key = "picture.close.reason" if step.reason else "picture.close.code"
    return [
        NoteLine(words.say(key, code=str(step.code), reason=quoted(step.reason)), "ws-t"),
        NoteLine(words.say("picture.close.clean"), "ws-good")
        if step.clean
        else NoteLine(words.say("picture.close.unclean"), "ws-bad"),
    ]


# --- Chunks ---


class Batch(NamedTuple):
    """Units that were read together: in one chunk, or in chunks that share units.

    Arguments:
        chunks: in order.
        units: in order.
    """

    chunks: tuple[Chunk, ...]
    units: tuple[Unit, ...]

    def label(self, words: Catalogue) -> str:
        """Which chunks, and how many bytes."""
        length = sum(chunk.stretch.end - chunk.stretch.first for chunk in self.chunks)
        first, last = self.chunks[0].number, self.chunks[-1].number
        if first == last:
            return words.say("picture.chunk", number=first, length=length)
        return words.say("picture.chunk.many", first=first, last=last, length=length)


def find_batches(units: Iterable[Unit]) -> list[Batch]:
    """The units that arrived, put together with those that share a chunk with them; in the order of the stream.

    Arguments:
        units: of one direction.
    """
    batches: list[tuple[list[Chunk], list[Unit]]] = []
    for unit in sorted((unit for unit in units if unit.chunks), key=lambda unit: unit.landing or unit.stretch):
        if batches and batches[-1][0][-1].number >= unit.chunks[0].number:
            chunks, members = batches[-1]
            chunks += [chunk for chunk in unit.chunks if chunk.number > chunks[-1].number]
            members.append(unit)
        else:
            batches.append((list(unit.chunks), [unit]))
    return [Batch(tuple(chunks), tuple(members)) for chunks, members in batches]
