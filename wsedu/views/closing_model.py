"""`moments`: how two endpoints come to their end, moment by moment, as plain data: what the closing machine shows.

Everything is read from a trace: states from its changes of state, what is on its way from what was sent and not
received, what the applications see from the Close frames and the last report of each endpoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..explain.catalogue import part_catalogue
from ..explain.shown import quoted
from ..explain.words import close_code_sentence, phase_sentence, step_sentence, step_title
from ..protocol.closing import STATES, TRANSITIONS, Action, CloseCode, Happening, Phase
from ..protocol.steps import (
    BytesReceived,
    CloseStatus,
    EndReceived,
    EndSent,
    FrameComplete,
    HandshakeRequest,
    HandshakeResponse,
    ScenarioAct,
    StateChanged,
    Step,
    TimerExpired,
    Violation,
)
from ..protocol.types import Direction, Opcode, Role
from ..scenarios.model import VANISH
from ..trace.trace import Record, Trace
from ..trace.worldsteps import FaultHappened, MiddleboxActed

Moment = dict[str, Any]

_ALWAYS = (StateChanged, CloseStatus, EndSent, EndReceived, TimerExpired, Violation, FaultHappened, MiddleboxActed)
"""Steps that are moments of their own; of frames, only Close frames are."""


@dataclass
class _End:
    """What is known of one endpoint."""

    recorded: bool = False
    phase: Phase = Phase.CONNECTING
    edge: tuple[Phase, Phase] | None = None
    row: StateChanged | None = None
    close: tuple[int, str] | None = None
    status: CloseStatus | None = None
    sent_end: bool = False
    read: int = 0


@dataclass
class _Scene:
    """Both endpoints and what is on its way between them."""

    ends: dict[Role, _End]
    way: dict[Direction, list[tuple[int, Step]]] = field(default_factory=lambda: {way: [] for way in Direction})
    first_end: str = "open"


def moments(trace: Trace, language: str) -> list[Moment]:
    """Every moment of the first connection of a trace that has to do with its states and its end.

    Arguments:
        trace: of both endpoints or of one.
        language: `en` or `zh`.

    Returns:
        for each: `n` (of the step, 0 for the beginning), `who` (`client`, `server` or empty), `title`, `sentence`,
        `section`, and for each role what stands then: see `_end`; `way` for each direction, what is on its way.
    """
    records = _records(trace)
    scene = _Scene({role: _End() for role in Role})
    for record in records:
        if record.step.endpoint is not None:
            scene.ends[record.step.endpoint].recorded = True
    say = part_catalogue("closing_machine", language).say
    beginning = {"n": 0, "who": "", "title": say("machine.beginning"), "sentence": say("machine.before"), "section": ""}
    found = [beginning | _picture(scene, language)]
    for record in records:
        _follow(scene, record.step)
        if _counts(record.step):
            found.append(_told(record, language) | _picture(scene, language))
    return found


def _records(trace: Trace) -> list[Record]:
    """The steps of the first connection that has any states."""
    first = next((record.connection for record in trace if record.connection is not None), None)
    first = next((record.connection for record in trace if isinstance(record.step, StateChanged)), first)
    return [record for record in trace if record.connection == first]


def _counts(step: Step) -> bool:
    if isinstance(step, ScenarioAct):
        return step.verb == VANISH
    return isinstance(step, _ALWAYS) or (isinstance(step, FrameComplete) and step.frame.opcode == Opcode.CLOSE)


def _told(record: Record, language: str) -> Moment:
    step = record.step
    return {
        "n": record.n,
        "who": "" if step.endpoint is None else step.endpoint.value,
        "title": step_title(step, language),
        "sentence": step_sentence(step, language),
        "section": _section(step),
    }


def _section(step: Step) -> str:
    """The section of the RFC; for a change of state, that of its row."""
    if isinstance(step, StateChanged) and step.endpoint is not None:
        keys = [(before, event) for before, event in TRANSITIONS[step.endpoint] if event.value == step.event]
        row = next((TRANSITIONS[step.endpoint][key] for key in keys if key[0].value == step.before), None)
        return "" if row is None else row.section
    return step.rfc or ""


# --- What a step changes ---


def _follow(scene: _Scene, step: Step) -> None:
    end = None if step.endpoint is None else scene.ends[step.endpoint]
    if end is None:
        return
    if isinstance(step, StateChanged):
        _move(scene, end, step)
    elif isinstance(step, FrameComplete):
        _frame(scene, end, step)
    elif isinstance(step, (HandshakeRequest, HandshakeResponse)):
        _leaves(scene, step)
    elif isinstance(step, BytesReceived) and step.span is not None:
        end.read = step.span.first_bit + step.span.bits
        _arrived(scene, step.span.direction, end.read)
    elif isinstance(step, EndSent) and step.endpoint is not None:
        end.sent_end = True
        scene.first_end = step.endpoint.value if scene.first_end == "open" else scene.first_end
        scene.way[step.endpoint.sends].append((-1, step))
    elif isinstance(step, EndReceived) and step.endpoint is not None:
        scene.way[step.endpoint.receives].clear()
        scene.first_end = "broken" if not step.clean and scene.first_end == "open" else scene.first_end
    elif isinstance(step, CloseStatus):
        end.status = step


def _move(scene: _Scene, end: _End, step: StateChanged) -> None:
    if step.before == Phase.CONNECTING.value and step.endpoint is not None:
        # Whoever has decided on a head has read it, even if it was changed on its way.
        way = scene.way[step.endpoint.receives]
        way[:] = [(last, sent) for last, sent in way if not isinstance(sent, (HandshakeRequest, HandshakeResponse))]
    # A trace of a newer version may know what this one does not.
    known = step.after in Phase.__members__ and step.before in Phase.__members__
    if known and step.event in tuple(Happening) and step.action in tuple(Action):
        end.phase, end.row = Phase(step.after), step
        end.edge = (Phase(step.before), Phase(step.after))


def _frame(scene: _Scene, end: _End, step: FrameComplete) -> None:
    if step.sent:
        _leaves(scene, step)
    elif step.frame.opcode == Opcode.CLOSE and end.close is None:
        body = step.frame.payload
        code = int.from_bytes(body[:2], "big") if len(body) > 1 else int(CloseCode.NO_STATUS_RCVD)
        end.close = (code, body[2:].decode("utf-8", "replace"))


def _leaves(scene: _Scene, step: FrameComplete | HandshakeRequest | HandshakeResponse) -> None:
    """Something is on its way from now on, until the last of its bits is received."""
    if step.sent and step.span is not None:
        scene.way[step.span.direction].append((step.span.first_bit + step.span.bits, step))


def _arrived(scene: _Scene, way: Direction, read: int) -> None:
    scene.way[way] = [(last, step) for last, step in scene.way[way] if last < 0 or last > read]


# --- What stands then ---


def _picture(scene: _Scene, language: str) -> Moment:
    ends = {role.value: _end(end, language) for role, end in scene.ends.items()}
    ways = {}
    for role in Role:
        # Nobody reads what comes to an endpoint that has closed, and nobody knows what one reads that was not recorded.
        reads = scene.ends[role.peer].recorded and scene.ends[role.peer].phase is not Phase.CLOSED
        ways[role.value] = list(_on_way(scene, role.sends, language)) if reads else []
    say = part_catalogue("closing_machine", language).say
    tcp = say(f"machine.tcp.{scene.first_end}")
    if scene.first_end in tuple(Role) and all(end.sent_end for end in scene.ends.values()):
        tcp += " " + say("machine.tcp.both")
    return {**ends, "way": ways, "tcp": tcp}


def _end(end: _End, language: str) -> Moment:
    """One endpoint: `phase`, the RFC's `state`, what it `means`, the last `edge`, what its application `sees`."""
    say = part_catalogue("closing_machine", language).say
    if not end.recorded:
        unknown = dict.fromkeys(("phase", "state", "moved", "sees"), "")
        return {**unknown, "means": say("machine.unrecorded"), "edge": None, "code": None, "clean": None}
    return {
        "phase": end.phase.value,
        "state": STATES[end.phase].value,
        "means": phase_sentence(end.phase, language),
        "moved": _moved(end, language),
        "edge": None if end.edge is None else [phase.value for phase in end.edge],
        "sees": _sees(end, language),
        "code": _code(end),
        "clean": None if end.status is None else end.status.clean,
    }


def _moved(end: _End, language: str) -> str:
    """The last change of state: event, states, what had to be done, and the section; empty before the first."""
    if end.row is None:
        return ""
    say = part_catalogue("closing_machine", language).say
    event = next((one.name for one in Happening if one.value == end.row.event), "")
    action = next((one.name for one in Action if one.value == end.row.action), "")
    facts = {"before": end.row.before, "after": end.row.after, "section": _section(end.row)}
    happening, action = say(f"happening.{event}"), say(f"action.{action}")
    return say("machine.moved.said", happening=happening, action=action, **facts)


def _code(end: _End) -> int | None:
    return end.status.code if end.status is not None else end.close[0] if end.close is not None else None


def _sees(end: _End, language: str) -> str:
    """What the application learns: code, its meaning, reason, and whether the close was clean."""
    say = part_catalogue("closing_machine", language).say
    code = _code(end)
    if code is None:
        return say("machine.sees.nothing")
    reason = end.status.reason if end.status is not None else end.close[1] if end.close is not None else ""
    facts = {"code": str(code), "meaning": close_code_sentence(code, language)}
    facts["reason"] = quoted(reason) if reason else say("machine.reason.none")
    how = "closing" if end.status is None else "clean" if end.status.clean else "unclean"
    return say(f"machine.sees.{how}", **facts)


def _on_way(scene: _Scene, way: Direction, language: str) -> Iterator[str]:
    say = part_catalogue("closing_machine", language).say
    for _, step in scene.way[way]:
        if isinstance(step, EndSent):
            yield say("way.end")
        elif isinstance(step, (HandshakeRequest, HandshakeResponse)):
            yield step.line
        elif isinstance(step, FrameComplete) and step.frame.opcode == Opcode.CLOSE:
            yield close_label(step.frame.payload, language)
        elif isinstance(step, FrameComplete):
            yield say("way.frame", opcode=step.frame.name)


def close_label(body: bytes, language: str) -> str:
    """A Close frame in a few words: its code and reason.

    Arguments:
        body: its payload.
        language: `en` or `zh`.
    """
    say = part_catalogue("closing_machine", language).say
    if len(body) < 2:
        return say("way.close.empty")
    reason = quoted(body[2:]) if body[2:] else ""
    return say("way.close", code=str(int.from_bytes(body[:2], "big")), reason=reason).rstrip()


# --- The table ---


def rows(language: str) -> list[list[str]]:
    """Every row of the table in words: before, event, after, what the client and the server have to do, section.

    Arguments:
        language: `en` or `zh`.
    """
    say = part_catalogue("closing_machine", language).say
    found = []
    for before, happening in _keys():
        per_role = [TRANSITIONS[role].get((before, happening)) for role in Role]
        actions = ["" if row is None else say(f"action.{row.action.name}") for row in per_role]
        row = next(row for row in per_role if row is not None)
        found.append([before.value, say(f"happening.{happening.name}"), row.after.value, *actions, f"§{row.section}"])
    return found


def _keys() -> Iterable[tuple[Phase, Happening]]:
    """The keys of both tables, in the order of the states."""
    keys = {key: None for role in Role for key in TRANSITIONS[role]}
    order = list(Phase)
    return sorted(keys, key=lambda key: order.index(key[0]))
