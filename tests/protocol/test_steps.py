"""Steps: where they point, who decided them, and that telling them changes nothing."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pickle
import sys
import textwrap
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.dummy import DummyFactory
from tests.protocol.streams import ACTIONS, Action, peer_stream
from tests.support import (
    KEY,
    SAMPLE_KEY,
    URI,
    as_sent_by,
    key_of,
    one_byte,
    open_endpoint,
    pair,
    pump,
    random_cuts,
    request_head,
    response_head,
    seeded,
    xor,
)
from wsedu.protocol import steps
from wsedu.protocol.connection import Connection
from wsedu.protocol.deflate import PerMessageDeflateFactory
from wsedu.protocol.dissection import dissect
from wsedu.protocol.events import Event
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import FrameDecoder, encode_frame
from wsedu.protocol.handshake import accept_key
from wsedu.protocol.masking import apply_mask
from wsedu.protocol.rules import RULES
from wsedu.protocol.steps import KINDS, Level, Span, Step
from wsedu.protocol.timers import Timer
from wsedu.protocol.types import Direction, Role, Timeouts

BY_WORLDS = {"transport.opened", "scenario.act", "observer.unexplained", "tap.acted"}
"""Kinds that no endpoint makes: it has no transport, plays no scenario, and does not listen to others."""


class Recorder:
    """A tracer of a level that keeps what it is told, and the bytes of both directions as the steps tell them."""

    def __init__(self, level: Level = Level.EXTRA) -> None:
        self.level = level
        self.steps: list[Step] = []

    def __call__(self, step: Step) -> None:
        self.steps.append(step)

    def stream(self, kind: str) -> bytes:
        return b"".join(step.facts()["data"] for step in self.steps if step.kind == kind)

    def of(self, kind: str) -> list[Any]:
        return [step for step in self.steps if step.kind == kind]


def whole_story(near: Recorder, far: Recorder) -> None:
    """Two endpoints that do everything that makes a step, and one more pair for what ends a connection early."""
    extension = [DummyFactory()]
    client, server = pair(
        client={"tracer": near, "random_bytes": seeded(1)},
        server={"tracer": far},
        extensions=extension,
        subprotocols=["chat"],
        timeouts=Timeouts(),
    )
    client.send_text("Hello")
    server.send_text("a", fin=False)
    server.send_continuation("b")
    client.timer_expired(Timer.PING)
    pump(client, server)
    client.close(1000, "bye")
    pump(client, server)
    server.receive_data(b"late")


def early_ends(recorder: Recorder) -> None:
    for role in Role:
        failing = open_endpoint(role, tracer=recorder)
        failing.receive_data(as_sent_by(role.peer, "83 00"))
        refused = Connection(role, URI, tracer=recorder)
        refused.receive_data(b"\x00")
        late = open_endpoint(role, tracer=recorder)
        late.close()
        late.receive_data(as_sent_by(role.peer, "88 00") + b"ignored")
    missing = Connection(Role.CLIENT, URI, extensions=[DummyFactory(required=True)], tracer=recorder)
    missing.receive_data(response_head(key_of(missing)))
    server = Connection(Role.SERVER, tracer=recorder)
    server.receive_data(request_head({"Host": None}))


def compressed_story(recorder: Recorder) -> None:
    client, server = pair(extensions=[PerMessageDeflateFactory()], tracer=recorder)
    client.send_text("Hello")
    pump(client, server)


@pytest.fixture(scope="module")
def story() -> tuple[Recorder, Recorder]:
    near, far = Recorder(), Recorder()
    whole_story(near, far)
    return near, far


@pytest.fixture(scope="module")
def every_step(story: tuple[Recorder, Recorder]) -> list[Step]:
    more = Recorder()
    early_ends(more)
    compressed_story(more)
    return story[0].steps + story[1].steps + more.steps


# --- Every kind ---


def test_the_core_makes_every_kind_of_step(every_step: list[Step]) -> None:
    assert {step.kind for step in every_step} == set(KINDS) - BY_WORLDS


def test_a_kind_belongs_to_one_class() -> None:
    assert all(kind == cls.kind for kind, cls in KINDS.items())
    named = [cls for _, cls in inspect.getmembers(steps, inspect.isclass) if issubclass(cls, Step) and cls.kind]
    assert sorted(cls.kind for cls in named) == sorted(KINDS)


def resolve(name: str) -> Any:
    """The function that `module:qualified.name` names."""
    module, _, qualified = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in qualified.split("."):
        found = inspect.getattr_static(found, part) if inspect.isclass(found) else getattr(found, part)
    return getattr(found, "fget", found)


def test_each_step_names_the_function_that_decided_it(every_step: list[Step]) -> None:
    unnamed = Counter((step.kind, step.endpoint) for step in every_step if step.decided_by is None)
    assert not unnamed, "these steps do not say who decided them"
    for name in {step.decided_by for step in every_step}:
        assert name is not None
        assert name.startswith("wsedu.protocol.")
        function = resolve(name)
        assert callable(function), name
        [shown] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
        assert isinstance(shown, ast.FunctionDef), "its source can be shown"


def test_each_step_of_an_endpoint_says_whose_it_is(every_step: list[Step]) -> None:
    nobody = Counter(step.kind for step in every_step if step.endpoint is None)
    assert not nobody


def test_each_rule_that_a_step_names_exists_and_gives_its_section(every_step: list[Step]) -> None:
    ruled = [step for step in every_step if step.rule is not None]
    assert {step.kind for step in ruled} >= {"violation", "handshake.check"}
    for step in ruled:
        assert step.rfc == RULES[step.rule or ""].section
    for step in every_step:
        if step.kind in ("frame.field", "mask.byte", "message.fragment", "ping.answered"):
            assert step.rfc is not None
            assert step.rfc.startswith("5")


def test_steps_are_immutable(every_step: list[Step]) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        every_step[0].endpoint = None  # type: ignore[misc]


def test_each_step_is_what_its_class_would_have_made(every_step: list[Step]) -> None:
    """However a step was put together, it is an instance of its class, complete, frozen, equal and hashable alike."""
    for step in every_step:
        cls = KINDS[step.kind]
        made = cls(**{field.name: getattr(step, field.name) for field in dataclasses.fields(step)})
        assert type(step) is cls is type(made)
        assert step == made
        assert repr(step) == repr(made)
        assert pickle.loads(pickle.dumps(step)) == made
        with pytest.raises(dataclasses.FrozenInstanceError):
            step.rule = "OTHER"  # type: ignore[misc]


def test_facts_are_the_fields_that_a_kind_adds() -> None:
    step = steps.PongMatched(endpoint=Role.CLIENT, payload=b"a", answers=2)
    assert step.facts() == {"payload": b"a", "answers": 2}
    assert steps.UnknownStep(name="new", values={"a": 1}).facts() == {"name": "new", "values": {"a": 1}}
    assert steps.UnknownStep(name="new", values={}, rule="NO_SUCH_RULE").rfc is None


# --- Spans ---


def bits(stream: bytes, span: Span) -> str:
    return "".join(f"{byte:08b}" for byte in stream)[span.first_bit : span.first_bit + span.bits]


def test_spans_lie_inside_the_stream_and_show_what_they_are_about(story: tuple[Recorder, Recorder]) -> None:
    near, far = story
    streams = {Direction.TO_SERVER: near.stream("bytes.sent"), Direction.TO_CLIENT: far.stream("bytes.sent")}
    for recorder, role in ((near, Role.CLIENT), (far, Role.SERVER)):
        for step in recorder.steps:
            if step.span is None:
                continue
            # What came after the end was never sent by the other end of this pair.
            if step.kind in ("bytes.ignored", "bytes.received") and step.facts().get("data", b"late") == b"late":
                continue
            stream = streams[step.span.direction]
            assert 0 <= step.span.first_bit <= step.span.first_bit + step.span.bits <= 8 * len(stream), step
            assert_shows(step, bits(stream, step.span), role)


def assert_shows(step: Step, shown: str, role: Role) -> None:
    """The bits at the span of a step are the value that the step tells of."""
    facts = step.facts()
    assert step.span is not None
    if step.kind in ("bytes.sent", "bytes.received"):
        assert shown == "".join(f"{byte:08b}" for byte in facts["data"])
        assert step.span.direction is (role.sends if step.kind == "bytes.sent" else role.receives)
    elif step.kind == "frame.field":
        value = facts["value"]
        assert int(shown, 2) == (value if isinstance(value, int) else int.from_bytes(value, "big"))
    elif step.kind == "frame.complete":
        assert shown == "".join(f"{byte:08b}" for byte in encode_frame(facts["frame"]))
    elif step.kind == "mask.byte":
        wire = facts["result"] if step.span.direction is role.sends else facts["given"]
        assert int(shown, 2) == wire
        assert facts["given"] ^ facts["key_byte"] == facts["result"]
    elif step.kind == "handshake.check" and facts["found"]:
        assert bytes(int(shown[place : place + 8], 2) for place in range(0, len(shown), 8)).decode() in facts["found"]
    elif step.kind in ("handshake.request", "handshake.response"):
        assert bytes(int(shown[place : place + 8], 2) for place in range(0, len(shown), 8)).endswith(b"\r\n\r\n")


def test_what_one_end_sends_the_other_receives(story: tuple[Recorder, Recorder]) -> None:
    near, far = story
    assert near.stream("bytes.received") == far.stream("bytes.sent")
    assert far.stream("bytes.received") == near.stream("bytes.sent") + b"late"


def test_both_ends_tell_of_the_same_frames_and_fields(story: tuple[Recorder, Recorder]) -> None:
    near, far = story
    for one, other in ((near, far), (far, near)):
        sent = [step.frame for step in one.of("frame.complete") if step.sent]
        received = [step.frame for step in other.of("frame.complete") if not step.sent]
        assert len(sent) == len(received) > 0
        assert all(a.same_as(b) for a, b in zip(sent, received, strict=True))
        fields_out = [(step.span, step.name, step.value) for step in one.of("frame.field") if step.sent]
        fields_in = [(step.span, step.name, step.value) for step in other.of("frame.field") if not step.sent]
        assert fields_out == fields_in


def test_the_fields_of_a_header_are_those_of_its_dissection() -> None:
    wire = encode_frame(Frame.text("Hello", masking_key=KEY))
    recorder = Recorder(Level.BASE)
    FrameDecoder(Role.SERVER, tracer=recorder).feed(wire)
    fields = [field for field in dissect(wire).fields if field.name != "payload"]
    told = [(step.name, step.span.first_bit, step.span.bits, step.value) for step in recorder.of("frame.field")]
    assert told == [(field.name, field.first_bit, field.bits, field.value) for field in fields]


def test_a_breach_is_told_with_its_header_rule_and_place() -> None:
    for data in (b"\x83\x00", b"\x82\x7e\x00\x05", b"\x81\x80"):
        for pieces in ([data], one_byte(data)):
            recorder = Recorder()
            decoder = FrameDecoder(Role.CLIENT, tracer=recorder)
            for piece in pieces:
                decoder.feed(piece)
            assert decoder.violation is not None
            [step] = recorder.of("violation")
            assert step.rule == decoder.violation.rule.name
            assert step.offset == decoder.violation.offset
            assert step.span == Span(Direction.TO_CLIENT, 8 * step.offset, 8)
            assert (step.local, step.code, step.status) == (False, 1002, None)
            assert step.detail == decoder.violation.detail
            assert recorder.steps[-1] is step
            first_bits = [field.span.first_bit for field in recorder.of("frame.field")]
            assert first_bits[0] == 0, "the header that is wrong is shown"
            assert len(first_bits) == len(set(first_bits)), "and shown once"


# --- Functions on their own ---


def test_functions_trace_on_their_own() -> None:
    recorder = Recorder()
    accept_key(SAMPLE_KEY, tracer=recorder)
    apply_mask(b"ab", KEY, tracer=recorder)
    encode_frame(Frame.ping(b"a"), tracer=recorder)
    assert [step.kind for step in recorder.steps[:5]] == ["handshake.accept"] * 3 + ["mask.byte"] * 2
    assert {step.endpoint for step in recorder.steps} == {None}
    assert all(callable(resolve(step.decided_by or "")) for step in recorder.steps)


@pytest.mark.parametrize("key", [None, KEY])
def test_encoding_tells_the_frame_field_by_field(key: bytes | None) -> None:
    recorder = Recorder()
    frame = Frame.binary(b"Hello", masking_key=key)
    wire = encode_frame(frame, tracer=recorder)
    assert wire == encode_frame(frame)
    for step in recorder.steps:
        assert step.span is not None
        assert step.span.direction is (Direction.TO_CLIENT if key is None else Direction.TO_SERVER)
        assert_shows(step, bits(wire, step.span), Role.SERVER if key is None else Role.CLIENT)
    results = bytes(step.result for step in recorder.of("mask.byte"))
    assert results == (b"" if key is None else xor(b"Hello", KEY))


# --- Levels ---


def test_a_level_is_what_is_left_when_finer_steps_are_dropped(story: tuple[Recorder, Recorder]) -> None:
    for level in Level:
        near, far = Recorder(level), Recorder(level)
        whole_story(near, far)
        for coarse, full in zip((near, far), story, strict=True):
            assert coarse.steps == [step for step in full.steps if step.level <= level]


def test_a_tracer_without_a_level_gets_everything() -> None:
    told: list[Step] = []
    client, server = pair(client={"tracer": told.append})
    client.send_text("a")
    pump(client, server)
    assert {step.level for step in told} == set(Level)


# --- Tracing changes nothing ---


def run(role: Role, actions: list[Action], pieces: list[bytes], tracer: Callable[[Step], None] | None) -> Any:
    """What an endpoint says and tells when it is used like this."""
    endpoint = Connection(role, URI, tracer=tracer, random_bytes=seeded(0), timeouts=Timeouts(idle=30))
    told: list[tuple[bytes, list[Event] | str, Any, Any]] = []
    todo = list(actions)
    for piece in [*pieces, None]:
        if piece is None:
            endpoint.receive_eof()
        else:
            endpoint.receive_data(piece)
        done: Any = todo.pop(0)(endpoint) if todo else None
        told.append((endpoint.data_to_send(), repr(endpoint.events()), endpoint.next_deadline(), done))
    return told, endpoint.state, endpoint.close_code, endpoint.clean, endpoint.ends_transport


@given(
    st.sampled_from(list(Role)),
    st.lists(st.sampled_from(ACTIONS), max_size=6),
    st.data(),
    st.integers(),
    st.sampled_from(list(Level)),
)
def test_with_and_without_a_tracer_everything_is_the_same(
    role: Role, actions: list[Action], data: st.DataObject, cuts: int, level: Level
) -> None:
    pieces = random_cuts(data.draw(peer_stream(role)), cuts)
    assert run(role, actions, pieces, Recorder(level)) == run(role, actions, pieces, None)


def functions_run(action: Callable[[], None]) -> set[str]:
    """The functions of the product that run during an action, as `module:qualified.name`."""
    seen: set[str] = set()

    def watch(frame: FrameType, event: str, argument: object) -> None:
        name = frame.f_globals.get("__name__", "")
        if event == "call" and name.startswith("wsedu."):
            seen.add(f"{name}:{frame.f_code.co_qualname}")

    sys.setprofile(watch)
    try:
        action()
    finally:
        sys.setprofile(None)
    return seen


@pytest.mark.parametrize("size", [0, 1, 125, 126, 400, 70_000])
def test_the_function_that_a_step_names_has_run(size: int) -> None:
    steps: list[Step] = []

    def exchange() -> None:
        client = Connection(Role.CLIENT, URI, tracer=steps.append)
        server = Connection(Role.SERVER, tracer=steps.append)
        refused = Connection(Role.SERVER, tracer=steps.append)
        refused.receive_data(b"POST / HTTP/1.1\r\n\r\n")
        refused.data_to_send()
        pump(client, server)
        client.send_binary(bytes(size))
        server.send_text("a" * size)
        client.send_frame(Frame.ping(masking_key=b"1234"))
        pump(client, server)
        client.close()
        pump(client, server)

    ran = functions_run(exchange)
    assert {step.decided_by for step in steps} <= ran
