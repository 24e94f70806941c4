"""Which text of a catalogue a step gets, and what its template needs beyond the facts that every step has.

A kind has a plain text, `step.<kind>`, and finer ones for what a step can be, such as `step.frame.complete.sent.text`.
A function of this module gives the suffix; where the catalogue has no text for all of it, its end is cut off.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from ..protocol import steps
from ..protocol.closing import Action, Happening
from ..protocol.rules import RULES
from ..protocol.types import Direction, Opcode, Role, State, opcode_name
from ..trace import worldsteps
from .catalogue import Catalogue
from .facts import (
    Facts,
    bytes_facts,
    close_code_key,
    close_facts,
    field_name,
    frame_facts,
    opcode_facts,
    plain_facts,
    role_facts,
    rule_sentence_of,
    shown,
)


class Variant(NamedTuple):
    """The end of a key, empty for the plain text, and the facts that only this kind has."""

    suffix: str = ""
    facts: Facts = {}  # noqa: RUF012  # never changed


def variant(step: steps.Step, words: Catalogue) -> Variant:
    """The variant of a step.

    Arguments:
        step: of any kind; those without finer texts have the plain one.
        words: the language of the facts that are words.
    """
    choose = CHOOSERS.get(type(step))
    return Variant() if choose is None else choose(step, words)


def keys_of(prefix: str, suffix: str) -> list[str]:
    """The keys to try, the finest first: with all of the suffix, with less and less of it, with none."""
    parts = suffix.split(".") if suffix else []
    return [".".join([prefix, *parts[:count]]) for count in range(len(parts), -1, -1)]


# --- The wire and the opening handshake ---


def _opened(step: steps.TransportOpened, words: Catalogue) -> Variant:
    return Variant("" if step.tls is None else "tls")


def _chunk(step: steps.BytesSent | steps.BytesReceived, words: Catalogue) -> Variant:
    return Variant("", {"length": len(step.data)})


def _ended(step: steps.EndReceived, words: Catalogue) -> Variant:
    return Variant("" if step.clean else "broken")


def _request(step: steps.HandshakeRequest, words: Catalogue) -> Variant:
    return Variant("" if step.sent else "received", {"header_count": len(step.headers)})


def _response(step: steps.HandshakeResponse, words: Catalogue) -> Variant:
    accepted = re.match(r"HTTP/\S+ 101(?: |$)", step.line) is not None
    parts = ["" if step.sent else "received", "" if accepted else "refused"]
    return Variant(".".join(filter(None, parts)), {"header_count": len(step.headers)})


def _check(step: steps.HandshakeCheck, words: Catalogue) -> Variant:
    found = step.found is not None
    if step.passed is None:
        suffix = "undecided" if found else "undecided.absent"
    else:
        suffix = ("" if found else "absent") if step.passed else ("failed" if found else "missing")
    demand = rule_sentence_of(step.rule, words)
    return Variant(suffix, {"field": field_name(step.field, words), "demand": demand})


def _accept(step: steps.HandshakeAccept, words: Catalogue) -> Variant:
    return Variant(step.stage)


def _agreed(step: steps.HandshakeAgreed, words: Catalogue) -> Variant:
    if step.subprotocol is None:
        return Variant("extensions" if step.extensions else "")
    return Variant("both" if step.extensions else "subprotocol")


# --- Frames and messages ---


def _frame(step: steps.FrameComplete, words: Catalogue) -> Variant:
    frame = step.frame
    facts = frame_facts(frame, words)
    name = opcode_name(frame.opcode)
    if name == "reserved":
        return Variant("", facts)
    parts = ["sent" if step.sent else "received", name]
    if frame.opcode == Opcode.CLOSE:
        facts.update(close_facts(frame.payload, words))
        parts.append(_close_part(frame.payload))
    elif frame.is_control:
        parts.append("" if frame.payload else "empty")
    elif frame.rsv1 or frame.rsv2 or frame.rsv3:
        # What an extension has made of the payload is not text, whatever the opcode says.
        parts[1] = "extended"
    else:
        parts.append("" if frame.fin else "more")
    return Variant(".".join(filter(None, parts)), facts)


def _close_part(body: bytes) -> str:
    """How a Close frame is told: with a code, with a reason too, with half a code, without a body."""
    if len(body) < 2:
        return "cut" if body else "empty"
    return "reason" if body[2:] else ""


def _mask(step: steps.MaskByte, words: Catalogue) -> Variant:
    return Variant("", {"key_index": step.index % 4})


def _fragment(step: steps.MessageFragment, words: Catalogue) -> Variant:
    return Variant("", opcode_facts(step.opcode, words))


def _message(step: steps.MessageComplete, words: Catalogue) -> Variant:
    facts = opcode_facts(step.opcode, words) | bytes_facts("data", step.data) | {"length": len(step.data)}
    if step.opcode != Opcode.TEXT:
        facts["data_text"] = shown(step.data)
    # An HTTP archive has messages and does not say in how many frames they came.
    return Variant("fragments" if step.fragments > 1 else "" if step.fragments else "unknown", facts)


def _answered(step: steps.PingAnswered, words: Catalogue) -> Variant:
    return Variant("" if step.payload else "empty", {"length": len(step.payload)})


def _matched(step: steps.PongMatched, words: Catalogue) -> Variant:
    return Variant("unsolicited" if not step.answers else "several" if step.answers > 1 else "")


# --- States and faults ---


def _moved(step: steps.StateChanged, words: Catalogue) -> Variant:
    facts = {
        "happening": _said(words, "happening", _member(Happening, step.event), step.event),
        "doing": _said(words, "action", _member(Action, step.action), step.action),
        "phase": _said(words, "phase", step.after, step.after),
    }
    # Phases that the RFC does not name are told together with the state that it does.
    named = step.after in State.__members__
    quiet = step.action == Action.NOTHING.value
    return Variant(".".join(filter(None, ["" if named else "phase", "nothing" if quiet else ""])), facts)


def _member(table: Any, value: str) -> str:
    """The name under which a catalogue has a value of an enumeration; the value itself if it is not one of them."""
    return next((entry.name for entry in table if entry.value == value), value)


def _said(words: Catalogue, section: str, name: str, otherwise: str) -> str:
    key = f"{section}.{name}"
    return words.say(key) if words.has(key) else shown(otherwise.encode("utf-8", "replace"))


def _status(step: steps.CloseStatus, words: Catalogue) -> Variant:
    parts = ["" if step.clean else "unclean", "reason" if step.reason else ""]
    return Variant(".".join(filter(None, parts)), {"code_meaning": words.say(close_code_key(step.code))})


def _broken(step: steps.Violation, words: Catalogue) -> Variant:
    if step.rule not in RULES:
        return Variant("other")
    return Variant("local" if step.local else "nowhere" if step.offset is None else "")


def _act(step: steps.ScenarioAct, words: Catalogue) -> Variant:
    return Variant(step.verb)


def _timer(step: steps.TimerExpired, words: Catalogue) -> Variant:
    return Variant(step.timer)


def _unexplained(step: steps.Unexplained, words: Catalogue) -> Variant:
    facts = {**role_facts(step.endpoint, words), **plain_facts({**step.detail, "reason": step.reason})}
    return Variant("", {"why": _clause(words, f"observer.{step.reason}", "observer.other", facts)})


def _tap(step: steps.TapActed, words: Catalogue) -> Variant:
    variant = "cannot" if step.action.startswith("cannot.") else ""
    return Variant(variant, {"done": _clause(words, f"tap.{step.action}", "tap.other", plain_facts(step.facts()))})


def _clause(words: Catalogue, key: str, other: str, facts: Facts) -> str:
    """A text of a catalogue; another one where it is not there, or wants a fact that a saved trace has not."""
    try:
        return words.say(key, **facts)
    except (KeyError, ValueError):
        return words.say(other, **facts)


# --- What lies between the endpoints ---


def _between(step: steps.Step, words: Catalogue) -> Facts:
    """Who sent the bytes that a step is about which belongs to no endpoint."""
    if step.span is None:
        return {}
    sender = Role.CLIENT if step.span.direction is Direction.TO_SERVER else Role.SERVER
    return {"sender": words.say(f"role.{sender.value}")}


def _lost(step: worldsteps.SegmentLost | worldsteps.ProxyStored, words: Catalogue) -> Variant:
    return Variant("", _between(step, words))


def _fault(step: worldsteps.FaultHappened, words: Catalogue) -> Variant:
    facts = _between(step, words)
    if step.who in Role.__members__.values():
        facts["target"] = words.say(f"role.{step.who}")
    return Variant(step.fault, facts)


def _middlebox(step: worldsteps.MiddleboxActed, words: Catalogue) -> Variant:
    return Variant(step.action, _between(step, words))


def _proxy_request(step: worldsteps.ProxyRequest, words: Catalogue) -> Variant:
    return Variant("inside" if step.inside else "", _between(step, words))


def _proxy_asked(step: worldsteps.ProxyAsked, words: Catalogue) -> Variant:
    return Variant("" if step.found else "missing", {"attacker": words.say(f"role.{Role.SERVER.value}")})


CHOOSERS: dict[type[steps.Step], Callable[[Any, Catalogue], Variant]] = {
    steps.TransportOpened: _opened,
    steps.BytesSent: _chunk,
    steps.BytesReceived: _chunk,
    steps.EndReceived: _ended,
    steps.HandshakeRequest: _request,
    steps.HandshakeResponse: _response,
    steps.HandshakeCheck: _check,
    steps.HandshakeAccept: _accept,
    steps.HandshakeAgreed: _agreed,
    steps.FrameComplete: _frame,
    steps.MaskByte: _mask,
    steps.MessageFragment: _fragment,
    steps.MessageComplete: _message,
    steps.PingAnswered: _answered,
    steps.PongMatched: _matched,
    steps.StateChanged: _moved,
    steps.CloseStatus: _status,
    steps.TimerExpired: _timer,
    steps.Violation: _broken,
    steps.ScenarioAct: _act,
    steps.Unexplained: _unexplained,
    steps.TapActed: _tap,
    worldsteps.SegmentLost: _lost,
    worldsteps.FaultHappened: _fault,
    worldsteps.MiddleboxActed: _middlebox,
    worldsteps.ProxyRequest: _proxy_request,
    worldsteps.ProxyStored: _lost,
    worldsteps.ProxyAsked: _proxy_asked,
}
"""How the variant of each kind is chosen; kinds that are always told in the same way are not here."""
