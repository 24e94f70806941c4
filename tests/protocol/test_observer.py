"""`Observer`: what two real endpoints exchange is overheard as they have seen it; what cannot be explained is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.dummy import DummyFactory
from tests.protocol.streams import frames_with_mistakes
from tests.support import URI, Change, as_sent_by, masked, random_cuts, request_head, response_head
from wsedu.protocol import observer as watching
from wsedu.protocol.connection import Connection
from wsedu.protocol.deflate import PerMessageDeflateFactory
from wsedu.protocol.extensions import ExtensionFactory
from wsedu.protocol.frame import Frame
from wsedu.protocol.observer import Observer
from wsedu.protocol.overheard import UnknownExtension
from wsedu.protocol.steps import Level, Step
from wsedu.protocol.types import Direction, Role

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
SHARED_KINDS = {
    *("handshake.request", "handshake.response", "frame.field", "frame.complete", "message.fragment"),
    *("message.complete", "deflate.inflated", "pong.matched", "transport.end.received", "close.status", "mask.byte"),
}
"""What an endpoint tells of what it reads: all of it can be overheard."""

Talk = list[tuple[Direction, bytes]]


class Log:
    """A tracer that keeps what it is told."""

    def __init__(self, level: Level = Level.EXTRA) -> None:
        self.level = level
        self.steps: list[Step] = []

    def __call__(self, step: Step) -> None:
        self.steps.append(step)

    def facts(self, kind: str) -> list[dict[str, Any]]:
        return [step.facts() for step in self.steps if step.kind == kind]


def heard(log: Log) -> list[tuple[str, Role | None, object, dict[str, Any]]]:
    """The steps of what was read, without who decided them."""
    return [
        (step.kind, step.endpoint, step.span, step.facts())
        for step in log.steps
        if step.kind in SHARED_KINDS and step.facts().get("sent") is not True
    ]


class Pair:
    """Two real endpoints, what they did, and what went between them."""

    def __init__(self, extensions: tuple[ExtensionFactory, ...] = (), subprotocols: tuple[str, ...] = ()) -> None:
        self.talk: Talk = []
        self.ends: list[Direction] = []
        self.logs = {role: Log() for role in Role}
        options: dict[str, Any] = {"extensions": extensions, "subprotocols": subprotocols}
        self.client = Connection(Role.CLIENT, URI, tracer=self.logs[Role.CLIENT], **options)
        self.server = Connection(Role.SERVER, tracer=self.logs[Role.SERVER], **options)
        self.move()

    def move(self) -> None:
        """Carry over what each has to say until neither has anything."""
        while self._carry(self.client, self.server, UP) or self._carry(self.server, self.client, DOWN):
            pass

    def _carry(self, sender: Connection, reader: Connection, way: Direction) -> bool:
        data = sender.data_to_send()
        if data:
            self.talk.append((way, data))
            reader.receive_data(data)
        elif sender.ends_transport and way not in self.ends:
            self.ends.append(way)
            self.talk.append((way, b""))
            reader.receive_eof()
        else:
            return False
        return True


def watch(talk: Iterable[tuple[Direction, bytes]], **options: Any) -> tuple[Observer, dict[Role, Log]]:
    """An observer that has seen all of this; empty bytes are the end of a direction."""
    level = options.pop("level", Level.EXTRA)
    logs = {role: Log(level) for role in Role}
    observer = Observer(tracer_for=lambda role: logs[role], **options)
    for way, data in talk:
        if data:
            observer.feed(way, data)
        else:
            observer.end(way)
    return observer, logs


def named(observer: Observer) -> list[tuple[str, str]]:
    return [(breach.sender.value, breach.violation.rule.name) for breach in observer.violations]


def said(logs: dict[Role, Log]) -> list[str]:
    return [facts["reason"] for log in logs.values() for facts in log.facts("observer.unexplained")]


def opened(
    *more: tuple[Direction, bytes],
    request: dict[str, Change] | None = None,
    response: dict[str, Change] | None = None,
    **options: Any,
) -> tuple[Observer, dict[Role, Log]]:
    return watch([(UP, request_head(request)), (DOWN, response_head(changes=response)), *more], **options)


# --- What two endpoints exchange ---


def chatter(pair: Pair) -> None:
    pair.client.send_text("h\u00e9")
    pair.server.send_binary(bytes(range(256)))
    pair.move()
    pair.client.send_text(b"\xe2", fin=False)
    pair.client.send_ping(b"1")
    pair.client.send_ping(b"2")
    pair.client.send_continuation(b"\x82\xac")
    pair.server.send_pong(b"unasked")
    pair.move()


def closing(code: int | None, reason: str) -> Callable[[Pair], None]:
    def close(pair: Pair) -> None:
        chatter(pair)
        pair.server.close(code, reason)
        pair.move()

    return close


@pytest.mark.parametrize("act", [chatter, closing(1000, "bye"), closing(None, "")])
@pytest.mark.parametrize("extensions", [(), (PerMessageDeflateFactory(),)], ids=["plain", "deflate"])
def test_an_exchange_is_overheard_as_both_endpoints_have_seen_it(
    act: Callable[[Pair], None], extensions: tuple[ExtensionFactory, ...]
) -> None:
    pair = Pair(extensions, ("chat",))
    act(pair)
    observer, logs = watch(pair.talk)
    assert named(observer) == []
    for role in Role:
        assert heard(logs[role]) == heard(pair.logs[role])
        assert logs[role].facts("handshake.agreed") == pair.logs[role].facts("handshake.agreed")
        theirs = pair.logs[role].facts("state.changed")
        states = [(facts["before"], facts["after"]) for facts in theirs]
        assert [(facts["before"], facts["after"]) for facts in logs[role].facts("state.changed")] == states


@given(st.integers(0, 1 << 32), st.booleans())
def test_how_the_bytes_are_cut_does_not_matter(seed: int, deflate: bool) -> None:
    pair = Pair((PerMessageDeflateFactory(),) if deflate else ())
    closing(1000, "bye")(pair)
    cut = [(way, piece) for way, data in pair.talk for piece in random_cuts(data, seed) if piece or not data]
    whole, pieces = watch(pair.talk)[1], watch(cut)[1]
    for role in Role:
        assert heard(pieces[role]) == heard(whole[role])


@given(st.sampled_from(Role), st.data())
def test_the_first_violation_is_that_at_which_an_endpoint_fails(role: Role, data: st.DataObject) -> None:
    frames = data.draw(frames_with_mistakes(role))
    if role is Role.SERVER:
        endpoint = Connection(role)
        endpoint.receive_data(request_head() + frames)
    else:
        endpoint = Connection(role, URI)
        sent = endpoint.data_to_send()
        server = Connection(Role.SERVER)
        server.receive_data(sent)
        endpoint.receive_data(server.data_to_send() + frames)
    head, answer = endpoint.request, endpoint.response
    assert head is not None
    assert answer is not None
    after = (UP if role is Role.SERVER else DOWN, frames)
    observer, _ = watch([(UP, head.encode()), (DOWN, answer.encode()), after])
    found = [breach for breach in observer.violations if breach.violation.rule.name != "DATA_AFTER_CLOSE"]
    if endpoint.violation is not None:
        first = found[0].violation
        assert (found[0].sender, first.rule, first.offset) == (
            role.peer,
            endpoint.violation.rule,
            endpoint.violation.offset,
        )
    elif endpoint.close_code is None:
        assert found == [], "an endpoint that reads on has nothing against what it read"


# --- Who watches ---


def test_nobody_has_to_trace() -> None:
    pair = Pair()
    closing(1000, "bye")(pair)
    observer = Observer()
    for way, data in pair.talk:
        observer.feed(way, data)
    observer.feed(DOWN, b"\x83\x00")
    assert (observer.opened, named(observer)) == (True, [("server", "OPCODE_RESERVED")])


def test_a_coarse_tracer_is_told_no_fields() -> None:
    pair = Pair((PerMessageDeflateFactory(),))
    chatter(pair)
    _, logs = watch(pair.talk, level=Level.CORE)
    kinds = {step.kind for log in logs.values() for step in log.steps}
    assert kinds == {"bytes.received", "handshake.request", "handshake.response", "state.changed", "frame.complete"}


def test_an_end_is_told_once() -> None:
    _, logs = opened((UP, b""), (UP, b""))
    assert logs[Role.SERVER].facts("transport.end.received") == [{"clean": True}]


# --- Heads ---


def test_a_client_need_not_wait_for_the_response_to_be_overheard() -> None:
    hello = masked("81 01 41")
    observer, logs = watch([(UP, request_head() + hello[:3]), (UP, hello[3:]), (DOWN, response_head())])
    assert named(observer) == []
    assert [facts["data"] for facts in logs[Role.SERVER].facts("message.complete")] == [b"A"]


def test_bytes_without_end_before_the_response_are_not_kept() -> None:
    flood = [(UP, bytes(watching.MAX_EARLY + 1))]
    observer, logs = watch([(UP, request_head()), *flood, *flood, (DOWN, response_head()), (DOWN, b"\x81\x01A")])
    assert said(logs) == ["early"]
    assert [facts["data"] for facts in logs[Role.CLIENT].facts("message.complete")] == [b"A"], "the other goes on"
    assert observer.unexplained == {UP: "early"}


def test_a_head_may_come_in_pieces() -> None:
    up, down = request_head(), response_head()
    observer, _ = watch([(UP, up[:9]), (UP, up[9:]), (DOWN, down[:9]), (DOWN, down[9:])])
    assert (observer.opened, named(observer)) == (True, [])


@pytest.mark.parametrize(
    ("talk", "rules", "reasons"),
    [
        ([(UP, b"\x16\x03\x01 no head\r\n\r\n")], [("client", "HEAD_START_LINE")], ["head"]),
        ([(DOWN, b"\x16\x03\x01 no head\r\n\r\n")], [("server", "HEAD_START_LINE")], ["head", "head"]),
        ([(UP, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")], [], ["http"]),
        ([(UP, request_head()), (DOWN, b"HTTP/1.1 403 No\r\n\r\n")], [], ["refused", "refused"]),
        ([(DOWN, b"HTTP/1.1 200 OK\r\n\r\n")], [], ["http", "http"]),
    ],
)
def test_what_is_no_websocket_is_said_once_for_a_direction(
    talk: Talk, rules: list[tuple[str, str]], reasons: list[str]
) -> None:
    observer, logs = watch([*talk, *((way, b"more") for way, _ in talk)])
    assert (named(observer), said(logs), observer.opened) == (rules, reasons, False)


def test_a_switch_without_a_request_for_websocket_is_none() -> None:
    plain = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n"
    observer, logs = watch([(UP, plain), (DOWN, response_head())])
    assert (observer.opened, set(said(logs))) == (False, {"http"})


def test_a_response_alone_is_judged_by_itself() -> None:
    observer, _ = watch([(DOWN, response_head(changes={"Upgrade": "h2c"})), (DOWN, b"\x81\x01A")])
    assert named(observer) == [("server", "RESPONSE_UPGRADE")], "not by what nobody has seen: the key"


def test_a_point_that_follows_from_an_earlier_one_is_not_named_again() -> None:
    changes: dict[str, Change] = {"Sec-WebSocket-Key": ["short", "short"], "Sec-WebSocket-Version": None}
    observer, _ = watch([(UP, request_head(changes))])
    assert named(observer) == [("client", "REQUEST_KEY_ONCE"), ("client", "REQUEST_VERSION")]


def test_a_request_without_a_key_has_no_accept_value() -> None:
    observer, logs = opened(request={"Sec-WebSocket-Key": None})
    assert ("client", "REQUEST_KEY") in named(observer)
    assert logs[Role.SERVER].facts("handshake.accept") == []


# --- Extensions ---

MARKED: dict[str, Change] = {"Sec-WebSocket-Extensions": "dummy"}


def test_an_extension_that_is_known_is_undone() -> None:
    up, down = as_sent_by(Role.CLIENT, "c1 02 41 21"), bytes.fromhex("c1024221")
    observer, logs = opened((UP, up), (DOWN, down), request=MARKED, response=MARKED, extensions=(DummyFactory(),))
    assert named(observer) == []
    assert [logs[role].facts("message.complete")[0]["data"] for role in Role] == [b"B", b"A"]


def test_of_an_extension_that_nobody_knows_no_payload_is_judged() -> None:
    frames = bytes.fromhex("f1 01 ff 01 01 fe 80 01 fd")
    cut = [(DOWN, frames[:3]), (DOWN, frames[3:6]), (DOWN, frames[6:])]
    observer, logs = opened(*cut, request=MARKED, response=MARKED, extensions=())
    assert (named(observer), said(logs)) == ([], ["extension", "extension"])
    assert logs[Role.CLIENT].facts("message.complete") == []
    assert len(logs[Role.CLIENT].facts("frame.complete")) == 3


def test_an_unknown_extension_lets_every_frame_pass() -> None:
    """It stands in for one of which only the name is known, at the place where a real one would."""
    unknown, frame = UnknownExtension("secret"), Frame(2, b"\xff", rsv1=True)
    agreed = unknown.accept((("a", "b"),))
    assert agreed == ((("a", "b"),), unknown)
    assert list(unknown.offers()) == []
    assert unknown.encode(frame) == unknown.decode(frame, max_size=0) == frame


def test_of_several_extensions_each_is_found_by_its_name() -> None:
    known = (PerMessageDeflateFactory(), DummyFactory())
    observer, logs = opened((DOWN, bytes.fromhex("c1024221")), request=MARKED, response=MARKED, extensions=known)
    assert (named(observer), said(logs)) == ([], [])
    assert logs[Role.CLIENT].facts("message.complete")[0]["data"] == b"B"


def test_an_answer_that_an_extension_cannot_have_given_opens_nothing() -> None:
    wrong: dict[str, Change] = {"Sec-WebSocket-Extensions": "dummy; a=b"}
    observer, logs = opened((UP, as_sent_by(Role.CLIENT, "c1 01 ff")), request=MARKED, response=wrong,
                            extensions=(DummyFactory(),))  # fmt: skip
    assert said(logs) == ["failed", "failed"]
    assert [rule for _, rule in named(observer)] == ["RESPONSE_EXTENSION_OFFERED"]


# --- Late, one-sided, damaged ---


def test_a_capture_that_begins_late_is_read_from_where_it_is_told_to() -> None:
    logs = {role: Log() for role in Role}
    observer = Observer(tracer_for=lambda role: logs[role])
    observer.start(DOWN)
    observer.start(DOWN)
    observer.feed(DOWN, b"\x81\x01A\x88\x00")
    assert logs[Role.CLIENT].facts("message.complete")[0]["data"] == b"A"
    assert [facts["after"] for facts in logs[Role.CLIENT].facts("state.changed")] == ["OPEN", "CLOSE_RECEIVED"]
    assert named(observer) == []


def test_a_direction_that_ends_inside_a_frame_is_said_to() -> None:
    _, logs = opened((DOWN, b"\x81\x05He"), (DOWN, b""))
    assert said(logs) == ["cut"]


def test_an_end_without_close_is_abnormal() -> None:
    _, logs = opened((DOWN, b"\x81\x01A"), (DOWN, b""))
    assert logs[Role.CLIENT].facts("close.status") == [{"code": 1006, "reason": "", "clean": False}]


def test_the_first_close_frame_counts_even_if_its_body_is_wrong() -> None:
    observer, logs = opened((DOWN, bytes.fromhex("880103 880203e8 8100")), (UP, masked("88 00")), (DOWN, b""))
    assert named(observer) == [("server", "CLOSE_BODY"), ("server", "DATA_AFTER_CLOSE")]
    assert logs[Role.CLIENT].facts("close.status") == [{"code": 1006, "reason": "", "clean": False}]


def test_what_follows_a_length_that_cannot_be_believed_is_not_read() -> None:
    header = b"\x82\x7f" + b"\xff" * 8
    observer, logs = opened((DOWN, header[:4]), (DOWN, header[4:] + b"\x83\x00"), (DOWN, b"\x83\x00"))
    assert (named(observer), said(logs)) == ([("server", "LENGTH_TOP_BIT")], ["length"])
    last = logs[Role.CLIENT].facts("frame.field")[-1]
    assert (last["name"], last["value"]) == ("extended_payload_length", (1 << 64) - 1)


def test_pings_without_end_are_not_all_remembered() -> None:
    first, last = b"\x89\x01F", b"\x89\x01L"
    observer, logs = opened((DOWN, first + b"\x89\x00" * (watching.MAX_PINGS - 1) + last), (UP, masked("8a 01 46")),
                            (UP, masked("8a 01 4c")))  # fmt: skip
    assert named(observer) == []
    assert [facts["answers"] for facts in logs[Role.SERVER].facts("pong.matched")] == [0, watching.MAX_PINGS]


def test_a_late_capture_that_seems_compressed_is_not_judged_by_its_payloads() -> None:
    logs = {role: Log() for role in Role}
    observer = Observer(tracer_for=lambda role: logs[role])
    observer.start(DOWN, compressed=True)
    observer.feed(DOWN, b"\xc1\x01\xff\x81\x01\xff\x83\x00")
    assert (named(observer), said(logs)) == ([("server", "OPCODE_RESERVED")], ["extension"])
