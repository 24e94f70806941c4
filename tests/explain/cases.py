"""Something of every sort that the words have to tell, made from the tables and the source of the protocol."""

from __future__ import annotations

import ast
import functools
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import wsedu.protocol
from tests.support import KEY, pump, seeded
from wsedu.protocol import rules, steps
from wsedu.protocol.closing import STATES, TRANSITIONS, Happening, Phase
from wsedu.protocol.connection import Connection
from wsedu.protocol.dissection import dissect
from wsedu.protocol.frame import Frame
from wsedu.protocol.handshake import Check
from wsedu.protocol.layout import Field
from wsedu.protocol.request import REQUEST_CHECKS
from wsedu.protocol.response import RESPONSE_CHECKS
from wsedu.protocol.rules import LocalViolation, ProtocolViolation, Rule
from wsedu.protocol.timers import Timer
from wsedu.protocol.types import Direction, Role, State
from wsedu.scenarios.catalogue import SCENARIOS
from wsedu.scenarios.model import PAUSE, VANISH, Act
from wsedu.scenarios.virtual import VIRTUAL_SCENARIOS
from wsedu.trace import worldsteps
from wsedu.trace.trace import Trace

CHECKS: tuple[Check[Any, Any], ...] = (*REQUEST_CHECKS, *RESPONSE_CHECKS)
ENDPOINTS = (Role.CLIENT, Role.SERVER, None)
SPAN = steps.byte_span(Direction.TO_SERVER, 3, 2)

# --- Exchanges ---


@functools.cache
def played(name: str) -> Trace:
    """The trace of a scenario, played by two endpoints in memory."""
    scenario = SCENARIOS[name]
    trace = Trace(clock=lambda: 0.0)
    client = Connection(
        Role.CLIENT,
        scenario.uri,
        subprotocols=scenario.subprotocols,
        origin=scenario.origin,
        timeouts=scenario.client_timeouts,
        extensions=scenario.extensions(),
        random_bytes=seeded(1),
        tracer=trace.recorder(1),
    )
    server = Connection(
        Role.SERVER,
        subprotocols=scenario.subprotocols,
        timeouts=scenario.server_timeouts,
        extensions=scenario.extensions(),
        random_bytes=seeded(2),
        tracer=trace.recorder(1),
    )
    pump(client, server)
    vanished = False
    for act in (*scenario.early, *scenario.acts):
        endpoint = client if act.who is Role.CLIENT else server
        trace.add(_act_step(act))
        vanished = vanished or act.verb == VANISH
        if act.verb == PAUSE:
            _wait_until_closed(endpoint)
        act.perform(endpoint)
        if not act.at_once and not vanished:
            pump(client, server)
    return trace


def _wait_until_closed(endpoint: Connection) -> None:
    while endpoint.state is not State.CLOSED:
        deadline = endpoint.next_deadline()
        assert deadline is not None
        endpoint.timer_expired(deadline.timer)


def _act_step(act: Act) -> steps.ScenarioAct:
    return steps.ScenarioAct(endpoint=act.who, verb=act.verb, note=act.note)


def notes() -> set[str]:
    """The keys of all sentences that scenarios ask for."""
    scenarios = (*SCENARIOS.values(), *VIRTUAL_SCENARIOS.values())
    acts = (act for scenario in scenarios for act in (*scenario.early, *scenario.acts))
    return {act.note for act in acts if act.note}


# --- Steps ---


def all_steps() -> Iterator[steps.Step]:
    """Steps of every kind, in every way in which one of that kind can be told."""
    yield from _wire_steps()
    yield from _handshake_steps()
    yield from _frame_steps()
    yield from _message_steps()
    yield from _state_steps()
    yield from _world_steps()
    yield steps.UnknownStep(name="frame.rumour", values={"kind": "frame.rumour"})


def _wire_steps() -> Iterator[steps.Step]:
    for tls in (None, "TLSv1.3"):
        yield steps.TransportOpened(endpoint=Role.CLIENT, local="127.0.0.1:1", remote="127.0.0.1:2", tls=tls)
    for size in (0, 1, 300):
        yield steps.BytesSent(endpoint=Role.CLIENT, span=SPAN, data=bytes(size))
        yield steps.BytesReceived(endpoint=Role.SERVER, span=SPAN, data=bytes(size))
    yield steps.BytesIgnored(endpoint=Role.CLIENT, length=7)
    yield steps.EndSent(endpoint=Role.CLIENT)
    for clean in (True, False):
        yield steps.EndReceived(endpoint=Role.CLIENT, clean=clean)
    scenarios = (*SCENARIOS.values(), *VIRTUAL_SCENARIOS.values())
    verbs = {act.verb for scenario in scenarios for act in (*scenario.early, *scenario.acts)}
    for verb in sorted({*verbs, "juggle"}):
        yield steps.ScenarioAct(endpoint=Role.CLIENT, verb=verb, note="")
    for note, who in itertools.product(sorted(notes()), Role):
        yield steps.ScenarioAct(endpoint=who, verb="send_text", note=note)


def _handshake_steps() -> Iterator[steps.Step]:
    headers = (("Host", "localhost"),)
    yield steps.HandshakeKey(endpoint=Role.CLIENT, nonce=b"the sample nonce", key="dGhlIHNhbXBsZSBub25jZQ==")
    for sent in (True, False):
        yield steps.HandshakeRequest(endpoint=Role.CLIENT, sent=sent, line="GET / HTTP/1.1", headers=headers)
        for line in ("HTTP/1.1 101 Switching Protocols", "HTTP/1.1 101", "HTTP/1.1 403 Forbidden"):
            yield steps.HandshakeResponse(endpoint=Role.SERVER, sent=sent, line=line, headers=headers)
    for check in CHECKS:
        for found, passed in itertools.product((None, "something"), (True, False, None)):
            yield steps.HandshakeCheck(
                endpoint=Role.SERVER, rule=check.rule.name, field=check.field, found=found, passed=passed
            )
    for stage in ("concatenate", "sha1", "base64", "another"):
        yield steps.HandshakeAccept(stage=stage, given=b"abc", result=b"def")
    for subprotocol, extensions in itertools.product((None, "chat"), ((), ("x-one", "x-two"))):
        yield steps.HandshakeAgreed(endpoint=Role.CLIENT, subprotocol=subprotocol, extensions=extensions)


def _frame_steps() -> Iterator[steps.Step]:
    payloads = (b"", b"\x03", b"\x03\xe8", b"\x03\xe8bye", b"Hello", b"\xff\xfe\xfd", "€".encode() * 90)
    for opcode, payload, fin, key, rsv1 in itertools.product(
        range(16), payloads, (True, False), (None, KEY), (False, True)
    ):
        frame = Frame(opcode, payload, fin, rsv1, masking_key=key)
        for sent in (True, False):
            yield steps.FrameComplete(endpoint=Role.CLIENT, span=SPAN, sent=sent, frame=frame)
    for field in header_fields():
        yield _field_step(field, field.meaning)
    yield _field_step(header_fields()[0], "rumour")
    for index in range(5):
        yield steps.MaskByte(endpoint=Role.CLIENT, index=index, given=1, key_byte=2, result=3)


def _field_step(field: Field, meaning: str) -> steps.FrameField:
    return steps.FrameField(
        endpoint=Role.CLIENT,
        span=steps.Span(Direction.TO_SERVER, field.first_bit, field.bits),
        sent=True,
        name=field.name,
        value=field.value,
        meaning=meaning,
        values=field.facts,
    )


def _message_steps() -> Iterator[steps.Step]:
    for opcode in (1, 2):
        yield steps.MessageFragment(endpoint=Role.CLIENT, opcode=opcode, number=1, size=3)
        for fragments in (0, 1, 3):  # 0: not recorded
            yield steps.MessageComplete(endpoint=Role.CLIENT, opcode=opcode, fragments=fragments, data=b"Hello")
    for kind in (steps.DeflateCompressed, steps.DeflateInflated):
        for size in (0, 1, 300):
            yield kind(endpoint=Role.CLIENT, plain=size, compressed=size, window_before=size, window_after=size)
    for payload in (b"", b"abc"):
        yield steps.PingAnswered(endpoint=Role.CLIENT, payload=payload)
    for answers in range(3):
        yield steps.PongMatched(endpoint=Role.CLIENT, payload=b"abc", answers=answers)


def _state_steps() -> Iterator[steps.Step]:
    for role, table in TRANSITIONS.items():
        for (before, happening), row in table.items():
            yield _moved(role, happening, before, row.after, row.action.value)
    for code, reason, clean in itertools.product((1000, 1005, 1006, 3000), ("", "bye"), (True, False)):
        yield steps.CloseStatus(endpoint=Role.CLIENT, code=code, reason=reason, clean=clean)
    for timer in (*(timer.value for timer in Timer), "another"):
        yield steps.TimerExpired(endpoint=Role.CLIENT, timer=timer, seconds=0.5)
    for violation, endpoint in itertools.product(violations(), ENDPOINTS):
        yield steps.violation_step(violation, endpoint, Direction.TO_SERVER)
    for reason in ("head", "http", "refused", "failed", "early", "length", "extension", "long", "cut", "rumour"):
        detail = {"at": 1, "length": 300, "extensions": "x-one"}
        yield steps.Unexplained(endpoint=Role.CLIENT, reason=reason, detail=detail)
    cannot = [f"cannot.{problem}" for problem in ("long", "inflate", "extension", "fragment")]
    for action in ("drop", "delay", "hold", "release", "edit", "inject", "rumour", *cannot):
        yield steps.TapActed(endpoint=Role.CLIENT, action=action, line="drop client ping", frames=("8a 00",))
    for rule in ("RUMOUR", "MINIMAL_LENGTH"):
        yield steps.Violation(rule=rule, local=False, offset=None, code=1002, status=None, detail={"length": "long"})


def _world_steps() -> Iterator[steps.Step]:
    yield worldsteps.SegmentLost(span=SPAN, times=2, seconds=0.6)
    for fault in ("drop", "cut", "delay", "duplicate", "flip", "inject", "vanish", "close-both", "rumour"):
        bit = 3 if fault == "flip" else None
        yield worldsteps.FaultHappened(span=SPAN, fault=fault, data=b"abc", seconds=1.5, bit=bit, who="server")
    for action in ("forgot", "reset", "swallowed", "held", "released", "stripped", "rumour"):
        yield worldsteps.MiddleboxActed(span=SPAN, action=action, length=3, seconds=60.0, fields=("Upgrade",))
    for yes in (True, False):
        yield worldsteps.ProxyRequest(span=SPAN, url="http://a.example/", inside=yes)
        yield worldsteps.ProxyAsked(url="http://a.example/", found=yes, body=b"abc")
    yield worldsteps.ProxyStored(span=SPAN, url="http://a.example/", body=b"abc")


def _moved(role: Role, happening: Happening, before: Phase, after: Phase, action: str) -> steps.StateChanged:
    return steps.StateChanged(
        endpoint=role,
        event=happening.value,
        before=before.value,
        after=after.value,
        state=STATES[after].value,
        action=action,
    )


# --- Fields ---


def header_fields() -> list[Field]:
    """Fields of frame headers with every meaning that a header field can have."""
    return [field for field in all_fields() if field.name not in ("payload", "status_code", "reason")]


@functools.cache
def all_fields() -> tuple[Field, ...]:
    """A field of each name and meaning: frames of every opcode and length form, masked or not, cut at every byte."""
    found: list[Field] = []
    lengths = (b"\x03", b"\x7e\x00\x7e", b"\x7e\x00\x03", b"\x7f" + bytes(4) + b"\x00\x01\x00\x00", b"\x01")
    for first, length, mask in itertools.product([*range(16), *range(0xF0, 0x100)], lengths, (0, 0x80)):
        header = bytes([first, mask | length[0]]) + length[1:] + (KEY if mask else b"")
        for end in range(1, len(header) + 5):
            found += dissect((header + b"\x03\xe8abc")[:end]).fields
    kinds = {(field.name, field.meaning): field for field in found}
    return tuple(kinds.values())


# --- Breaches ---

FACTS: dict[str, Any] = {
    "bits": 4,
    "byte": 0x16,
    "character": "U+D800",
    "chosen": "superchat",
    "code": 1005,
    "field": "Sec-WebSocket-Key",
    "form": 16,
    "found": "something",
    "fragment": "#top",
    "host": "ho st",
    "inflated_offset": 1234,
    "length": 4321,
    "limit": 4096,
    "line": "nonsense line",
    "mark": 126,
    "minimal": 7,
    "missing": ["x-one", "x-two"],
    "name": "X-Name",
    "offered": ["chat", "chat2"],
    "opcode": 9,
    "open": 1,
    "port": "65536",
    "position": 1234,
    "problem": "invalid block type",
    "reason": "because",
    "scheme": "http",
    "sender": "server",
    "state": "CLOSING",
    "uri": "http://localhost/",
    "value": "X-Value",
}
"""A value for each fact that a breach can have."""

NUMBERS: dict[tuple[str, str], Any] = {("FIELD_WIDTH", "value"): 70_000}
"""Facts that are of another sort where this rule is broken."""


def violations() -> list[ProtocolViolation]:
    """A violation for every place of the protocol that refuses something, with the facts that it gives there."""
    found = [*_raised(), *_checked()]
    found.append(ProtocolViolation(rules.EXTENSION_REQUIRED, None, {"missing": FACTS["missing"]}))
    found.append(LocalViolation(rules.URI_SCHEME, 0, {"scheme": "localhost", "uri": "localhost:8000"}))
    return found


def _raised() -> Iterator[ProtocolViolation]:
    for path in sorted(Path(wsedu.protocol.__path__[0]).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("rules.enforce", "rules.refuse"):
                rule = rules.RULES.get(ast.unparse(node.args[0]).removeprefix("rules."))
                if rule is not None:
                    yield _violation(node, rule)


def _violation(call: ast.Call, rule: Rule) -> ProtocolViolation:
    kind = LocalViolation if ast.unparse(call.func) == "rules.refuse" else ProtocolViolation
    names = [str(keyword.arg) for keyword in call.keywords]
    return kind(rule, 7, {name: NUMBERS.get((rule.name, name), FACTS[name]) for name in names})


def _checked() -> Iterator[ProtocolViolation]:
    """`run_checks` refuses by the rule of a row, so its rows stand for it."""
    for check in CHECKS:
        for found in (FACTS["found"], None):
            yield ProtocolViolation(check.rule, 7, {"field": check.field, "found": found})
