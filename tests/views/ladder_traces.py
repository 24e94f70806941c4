"""Traces for the tests of pictures: those of the scenarios, and some that are harder to draw."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

from tests.support import Cut, one_byte, pump, seeded, whole
from wsedu.loopback import record
from wsedu.protocol.connection import Connection
from wsedu.protocol.frame import Frame
from wsedu.protocol.steps import Level
from wsedu.protocol.types import Role
from wsedu.trace.trace import Trace, new_header

SEED = 1

Play = Callable[[Connection, Connection], None]


@functools.cache
def recorded(scenario: str) -> Trace:
    """A scenario on a real loopback socket."""
    return record(scenario, seed=SEED)


def in_memory(play: Play, *, cut: Cut = whole, seen: tuple[Role, ...] = tuple(Role), request: str = "/chat") -> Trace:
    """Two endpoints joined in memory, with a clock that counts tenths of a millisecond.

    Arguments:
        play: what happens once both are open; what was sent moves when it has returned.
        cut: how chunks are cut.
        seen: the endpoints that are recorded.
        request: the resource that the client asks for.
    """
    clock = functools.partial(next, itertools.count(0, 0.0001))
    trace = Trace(new_header(seed=SEED, scenario="in-memory"), Level.EXTRA, clock)
    number = trace.new_connection()
    _play(trace, number, play, cut, seen, request)
    return trace


def _play(trace: Trace, number: int, play: Play, cut: Cut, seen: tuple[Role, ...], request: str) -> None:
    ends = {
        role: Connection(
            role,
            f"ws://localhost{request}" if role is Role.CLIENT else None,
            random_bytes=seeded(SEED),
            tracer=trace.recorder(number) if role in seen else None,
        )
        for role in Role
    }
    client, server = ends[Role.CLIENT], ends[Role.SERVER]
    pump(client, server, cut=cut)
    play(client, server)
    pump(client, server, cut=cut)


def _greet(client: Connection, server: Connection) -> None:
    client.send_text("Hello")
    server.send_text("Hello")
    pump(client, server)
    client.close(1000, "bye")


def _burst(client: Connection, server: Connection) -> None:
    """Many frames of both endpoints under way at once."""
    for number in range(6):
        client.send_text(f"client {number}" * (number + 1))
        server.send_binary(bytes(range(40 * number)))
    client.send_text("fragmented ", fin=False)
    client.send_ping(b"between")
    client.send_continuation("message")
    server.close(1001, "a reason that is as long as it can be " * 3)


def _scripts(client: Connection, server: Connection) -> None:
    """Text that is broad, runs from right to left, or must not be taken literally."""
    for text in (
        "你好，世界" * 12,
        "👋🏽" * 20,
        "سلام دنیا",
        "<script>&amp;\"'</script>",
        "\x1b[31m\x00\u202e\ufffe",
        "W" * 200,
    ):
        client.send_text(text)
    pump(client, server)
    server.close(1000, "再见，祝你今天过得愉快" * 3)


def _reserved(client: Connection, server: Connection) -> None:
    """A frame that breaks several rules, and what follows it."""
    client.send_frame(Frame(0xB, b"x" * 200, fin=False, rsv1=True, rsv2=True, rsv3=True, masking_key=bytes(4)))
    client.send_text("too late")


def _two() -> Trace:
    trace = in_memory(_greet)
    _play(trace, trace.new_connection(), _reserved, whole, tuple(Role), "/second")
    return trace


def _pages(client: Connection, server: Connection) -> None:
    for number in range(300):
        (client if number % 2 else server).send_text(f"message {number}")
        if number % 7 == 0:
            pump(client, server)


ODD: dict[str, Callable[[], Trace]] = {
    "empty": lambda: Trace(new_header()),
    "byte by byte": lambda: in_memory(_greet, cut=one_byte),
    "client only": lambda: in_memory(_greet, seen=(Role.CLIENT,)),
    "server only": lambda: in_memory(_burst, seen=(Role.SERVER,)),
    "burst": lambda: in_memory(_burst),
    "scripts": lambda: in_memory(_scripts),
    "reserved": lambda: in_memory(_reserved),
    "long request": lambda: in_memory(_greet, request="/" + "path/" * 80),
    "two connections": _two,
    "refused": lambda: _refused(),
    "coarse": lambda: in_memory(_burst).filter(level=Level.CORE),
    "fields alone": lambda: in_memory(_greet).filter(kind="frame."),
    "many": lambda: in_memory(_pages),
}
"""Traces by name that have something unusual to draw."""


def _refused() -> Trace:
    """A request that no server accepts."""
    trace = Trace(new_header())
    server = Connection(Role.SERVER, tracer=trace.recorder(trace.new_connection()))
    server.receive_data(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    server.data_to_send()
    return trace


@functools.cache
def odd(name: str) -> Trace:
    """One of `ODD`."""
    return ODD[name]()
