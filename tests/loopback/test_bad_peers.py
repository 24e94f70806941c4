"""Peers that vanish, reset, stall or send garbage: each ends by its rule or in 1006, and nothing is left behind."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any

import pytest

from wsedu import Limits, State, Timeouts, Trace
from wsedu.loopback import ConnectionClosed, ConnectionClosedError, Endpoint, HandshakeFailed, connect, serve
from wsedu.protocol.steps import EndReceived, FrameComplete, Violation
from wsedu.protocol.types import Direction

from ..support import masked, one_byte, random_cuts, request_head, whole
from .net import SOON, Raw, close_frame, pair, raw_client, raw_server, run, text

TIMES = Timeouts(opening=5, closing=SOON, ping_interval=SOON, ping_timeout=SOON)


class Ends:
    """A handler that remembers how each of its connections ended."""

    def __init__(self) -> None:
        self.received: list[str | bytes] = []
        self.ends: list[ConnectionClosed | None] = []

    async def __call__(self, endpoint: Endpoint) -> None:
        try:
            async for message in endpoint:
                self.received.append(message)
        except ConnectionClosed as end:
            self.ends.append(end)
        else:
            self.ends.append(None)


@pytest.mark.parametrize("how", ["finish", "reset", "stall"])
@pytest.mark.parametrize("where", ["between frames", "inside a frame", "inside a message"])
def test_a_client_that_goes_without_a_word_ends_in_1006(how: str, where: str) -> None:
    async def main() -> None:
        ends, trace = Ends(), Trace()
        left = {
            "between frames": masked(text("whole")),
            "inside a frame": masked(text("whole")) + masked(text("cut short"))[:7],
            "inside a message": masked(text("whole")) + masked(text("begun", fin=False)),
        }[where]
        async with serve(ends, trace=trace, timeouts=TIMES) as server, raw_client(server.port) as peer:
            await peer.send(left)
            while not ends.received:
                await asyncio.sleep(0)
            if how == "finish":
                peer.finish()
            elif how == "reset":
                peer.reset()
            while not ends.ends:
                await asyncio.sleep(SOON / 10)
        assert ends.received == ["whole"]
        (end,) = ends.ends
        assert end is not None
        assert (end.code, end.violation) == (1006, None)
        received = [record.step.clean for record in trace if isinstance(record.step, EndReceived)]
        assert received == {"finish": [True], "reset": [False], "stall": []}[how]

    run(main())


@pytest.mark.parametrize("how", ["finish", "reset"])
def test_a_server_that_goes_without_a_word_ends_in_1006(how: str) -> None:
    async def main() -> None:
        async def script(peer: Raw) -> None:
            await peer.accept()
            await peer.frame()
            getattr(peer, how)()

        async with raw_server(script) as port, connect(f"ws://127.0.0.1:{port}/") as client:
            await client.send("hello?")
            with pytest.raises(ConnectionClosedError) as caught:
                await client.recv()
            assert caught.value.code == 1006
            assert client.state is State.CLOSED

    run(main())


@pytest.mark.parametrize("how", ["finish", "reset"])
@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 101 Swi"], ids=["at once", "inside its response"])
def test_a_server_that_goes_during_the_handshake(how: str, sent: bytes) -> None:
    async def main() -> None:
        async def script(peer: Raw) -> None:
            await peer.head()
            await peer.send(sent)
            getattr(peer, how)()

        async with raw_server(script) as port:
            with pytest.raises(HandshakeFailed) as caught:
                await connect(f"ws://127.0.0.1:{port}/")
            assert caught.value.response is None

    run(main())


@pytest.mark.parametrize("how", ["finish", "reset"])
@pytest.mark.parametrize("sent", [b"", request_head()[:20]], ids=["at once", "inside its request"])
def test_a_client_that_goes_during_the_handshake(how: str, sent: bytes) -> None:
    async def main() -> None:
        ends, trace = Ends(), Trace()
        async with serve(ends, trace=trace) as server, raw_client(server.port, handshake=False) as peer:
            await peer.send(sent)
            getattr(peer, how)()
            while not any(isinstance(record.step, EndReceived) for record in trace):
                await asyncio.sleep(0.001)
        assert ends.ends == []

    run(main())


def test_an_endpoint_that_vanishes_neither_reads_nor_writes() -> None:
    async def main() -> None:
        async with pair(client={"timeouts": TIMES}) as ends:
            ends.server.vanish()
            assert ends.server.vanished
            await ends.client.send("anybody there?")
            with pytest.raises(ConnectionClosedError) as caught:
                await ends.client.recv()
            assert caught.value.code == 1006
            assert ends.server.request is not None
            assert ends.server.connection.bytes_received == ends.server.request.size
            ends.server.abort()

    run(main())


def test_our_own_abort_is_not_recorded_as_a_clean_end_of_the_peers() -> None:
    async def main() -> None:
        trace = Trace()
        async with pair(client={"trace": trace}) as ends:
            ends.client.abort()
            await ends.client.wait_closed()
        assert [record.step.clean for record in trace if isinstance(record.step, EndReceived)] == [False]

    run(main())


# --- Rules broken on the wire ---

BROKEN: list[tuple[str, bytes, str, int]] = [
    ("not masked", text("Hello"), "CLIENT_MUST_MASK", 1002),
    ("reserved opcode", masked("83 00"), "OPCODE_RESERVED", 1002),
    ("reserved bit", masked("c1 00"), "RSV_BITS", 1002),
    ("long form of a short length", masked("82 7e 00 05 01 02 03 04 05"), "MINIMAL_LENGTH", 1002),
    ("a Ping in two", masked("09 00"), "CONTROL_FRAGMENTED", 1002),
    ("nothing to continue", masked("80 00"), "CONTINUATION_WITHOUT_START", 1002),
    ("not UTF-8", masked("81 02 c3 28"), "TEXT_UTF8", 1007),
    ("half a close code", masked("88 01 03"), "CLOSE_BODY", 1002),
    ("a code that never travels", masked("88 02 03 ed"), "CLOSE_CODE", 1002),
    ("too big, and only promised", masked(b"\x82\x7f" + (1 << 40).to_bytes(8, "big")), "FRAME_TOO_BIG", 1009),
]


@pytest.mark.parametrize(("data", "rule", "code"), [one[1:] for one in BROKEN], ids=[one[0] for one in BROKEN])
def test_a_broken_rule_is_answered_by_its_code_and_known_to_the_handler(
    data: bytes, rule: str, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        ends = Ends()
        async with serve(ends, timeouts=TIMES) as server, raw_client(server.port) as peer:
            await peer.send(masked(text("in order")) + data)
            close = await peer.frame()
            assert (close.opcode, close.code) == (8, code)
            assert await peer.rest() == b""
            peer.finish()
            while not ends.ends:
                await asyncio.sleep(0.001)
        assert ends.received == ["in order"]
        (end,) = ends.ends
        assert isinstance(end, ConnectionClosedError)
        assert end.violation is not None
        assert (end.violation.rule.name, end.violation.local) == (rule, False)

    run(main())
    assert any(rule in record.getMessage() for record in caplog.records if record.levelno == logging.WARNING)


def test_a_server_that_masks_is_failed_by_the_client() -> None:
    async def main() -> None:
        told: list[int] = []

        async def script(peer: Raw) -> None:
            await peer.accept()
            await peer.send(masked(text("Hello")))
            told.append((await peer.frame()).code)
            await peer.rest()

        async with raw_server(script) as port, connect(f"ws://127.0.0.1:{port}/", timeouts=TIMES) as client:
            with pytest.raises(ConnectionClosedError) as caught:
                await client.recv()
            assert caught.value.violation is not None
            assert caught.value.violation.rule.name == "SERVER_MUST_NOT_MASK"
        assert told == [1002]

    run(main())


def test_a_message_beyond_the_limit_is_refused() -> None:
    async def main() -> None:
        async with pair(server={"limits": Limits(max_message_size=1000)}) as ends:
            await ends.client.send(bytes(1000))
            assert await ends.server.recv() == bytes(1000)
            await ends.client.send([bytes(600), bytes(401)])
            with pytest.raises(ConnectionClosedError) as caught:
                await ends.client.recv()
            assert caught.value.code == 1009

    run(main())


# --- Garbage ---

ROUNDS = 40


def test_garbage_instead_of_a_handshake_is_refused(seed: int) -> None:
    async def main() -> None:
        source = random.Random(seed)
        ends = Ends()
        async with serve(ends, timeouts=Timeouts(opening=SOON)) as server:
            for _ in range(ROUNDS):
                async with raw_client(server.port, handshake=False) as peer:
                    await peer.send(source.randbytes(source.randrange(1, 3000)))
                    # An HTTP error, or, where the garbage began like a head, the end after the deadline.
                    answer = await asyncio.wait_for(peer_end(peer), 5)
                    assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), (seed, answer)
        assert ends.ends == []

    run(main())


async def peer_end(peer: Raw) -> bytes:
    """What comes until the end, which may be a reset: what we have sent was not read to its end."""
    try:
        return await peer.rest()
    except ConnectionResetError:
        return b""


def test_garbage_behind_the_handshake_fails_the_connection_or_waits_for_more(seed: int) -> None:
    async def main() -> None:
        source = random.Random(seed)
        ends = Ends()
        async with serve(ends, timeouts=TIMES, limits=Limits(max_message_size=500)) as server:
            for _ in range(ROUNDS):
                async with raw_client(server.port) as peer:
                    await peer.send(source.randbytes(source.randrange(1, 3000)))
                    peer.finish()
                    await peer_end(peer)
            while len(ends.ends) < ROUNDS:
                await asyncio.sleep(0.001)
        codes = {end.violation.rule.code for end in ends.ends if end and end.violation}
        assert codes <= {1002, 1007, 1009}, seed
        assert 1002 in codes, seed
        assert {end.code for end in ends.ends if end} <= {1006}, seed

    run(main())


def test_garbage_from_a_server_fails_the_client(seed: int) -> None:
    async def main() -> None:
        source = random.Random(seed)

        async def before(peer: Raw) -> None:
            await peer.head()
            await peer.send(source.randbytes(source.randrange(1, 3000)))
            await peer_end(peer)

        async def after(peer: Raw) -> None:
            await peer.accept()
            await peer.send(source.randbytes(source.randrange(1, 3000)))
            peer.finish()
            await peer_end(peer)

        async with raw_server(before) as port:
            for _ in range(ROUNDS):
                with pytest.raises((HandshakeFailed, TimeoutError)):
                    await connect(f"ws://127.0.0.1:{port}/", timeouts=Timeouts(opening=SOON))
        async with raw_server(after) as port:
            for _ in range(ROUNDS):
                async with connect(f"ws://127.0.0.1:{port}/", timeouts=TIMES) as client:
                    with pytest.raises(ConnectionClosed):
                        await receive_all(client)

    run(main())


async def receive_all(endpoint: Endpoint) -> None:
    """Receive until there is no more."""
    while True:
        await endpoint.recv()


# --- TCP does not keep frames together ---

STREAM = (
    masked(text("one"))
    + masked(text("t", fin=False))
    + masked("89 04 70 69 6e 67")
    + masked(text("wo", opcode=0))
    + masked(b"\x82\x7e" + (300).to_bytes(2, "big") + bytes(range(100)) * 3)
    + masked(close_frame(1000, "done"))
)


def frames_of(trace: Trace) -> list[Any]:
    """Every frame that was received."""
    return [record.step.frame for record in trace if isinstance(record.step, FrameComplete) and not record.step.sent]


@pytest.mark.parametrize("cut", [whole, one_byte, None], ids=["in one chunk", "byte by byte", "in random pieces"])
def test_pieces_of_any_size_give_the_same_messages_and_frames(cut: Any, seed: int) -> None:
    async def main() -> None:
        ends, trace = Ends(), Trace()
        pieces = random_cuts(STREAM, seed) if cut is None else cut(STREAM)
        async with serve(ends, trace=trace) as server, raw_client(server.port) as peer:
            for piece in pieces:
                await peer.send(piece)
                # Have the server read before the next piece goes out.
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            pong, close = await peer.frame(), await peer.frame()
            assert (pong.opcode, pong.payload) == (10, b"ping")
            assert (close.opcode, close.code) == (8, 1000)
            assert await peer.rest() == b""
            peer.finish()
        assert ends.received == ["one", "two", bytes(range(100)) * 3]
        assert ends.ends == [None]
        assert [(frame.opcode, frame.fin) for frame in frames_of(trace)] == [
            (1, True),
            (1, False),
            (9, True),
            (0, True),
            (2, True),
            (8, True),
        ]
        assert not any(isinstance(record.step, Violation) for record in trace)

    run(main())


def test_half_a_frame_is_no_message() -> None:
    async def main() -> None:
        ends, trace = Ends(), Trace()
        async with serve(ends, trace=trace) as server, raw_client(server.port) as peer:
            frame = masked(text("in halves"))
            await peer.send(frame[:5])
            while not trace.bytes_of(Direction.TO_SERVER, received=True).endswith(frame[:5]):
                await asyncio.sleep(0.001)
            assert ends.received == []
            await peer.send(frame[5:])
            await peer.send(masked(close_frame(1000)))
            await peer.rest()
        assert ends.received == ["in halves"]

    run(main())
