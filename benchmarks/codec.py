"""Frames per second through an endpoint: wsedu beside websockets and wsproto, in one process.

    python benchmarks/codec.py [--quick] [--json FILE] [--markdown FILE]

All endpoints are opened by a real handshake in memory, with the settings of a user who sets none. Receiving
is one whole masked frame for each call and then the events; sending is one message and then the bytes to
write. All contestants get the same frame, the same payload and the same pattern of calls.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections import deque
from collections.abc import Callable
from itertools import repeat
from typing import Any, NamedTuple

import websockets.frames
from _measure import (
    Times,
    Turn,
    Verdict,
    interleave,
    machine,
    machine_line,
    options,
    table,
    times_faster,
    write_out,
)
from websockets.client import ClientProtocol
from websockets.http11 import Request as WebsocketsRequest
from websockets.server import ServerProtocol
from websockets.uri import parse_uri as parse_uri_of_websockets
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, Request
from wsproto.frame_protocol import XorMaskerSimple

from wsedu import Connection, Frame, Role, Trace, apply_mask, encode_frame
from wsedu.protocol.steps import Level, Tracer
from wsedu.trace.trace import Record

try:
    from websockets.speedups import apply_mask as accelerated_mask
except ImportError:
    sys.exit("websockets is installed without its C accelerator; without it there is nothing to compare with")

SIZES = (0, 16, 125, 1024, 65536, 1048576)
"""Bytes of payload in a frame."""

OURS, TRACED, WEBSOCKETS, WSPROTO = "wsedu", "wsedu traced", "websockets", "wsproto"
HOST = "127.0.0.1"
STEPS_KEPT = 16
"""Steps that the traced endpoint keeps: those of the last few frames, so that memory does not grow."""


class Ends(NamedTuple):
    """A client and a server of one library, opened to each other: what is measured of them.

    Arguments:
        receive: makes the loop in which the server reads a frame and fetches its events; it returns the last ones.
        send: makes the loop in which the client sends a binary message and fetches what to write; returns the last.
    """

    receive: Callable[[bytes], Turn]
    send: Callable[[bytes], Turn]


# --- The contestants, opened and called alike ---


def open_wsedu(tracer: Tracer | None = None) -> Ends:
    """Two `Connection`s."""
    client = Connection(Role.CLIENT, f"ws://{HOST}/", tracer=tracer)
    server = Connection(Role.SERVER, tracer=tracer)
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    for end in (client, server):
        end.events()

    def receive(frame: bytes) -> Turn:
        def turn(count: int) -> object:
            for _ in repeat(None, count):
                server.receive_data(frame)
                events = server.events()
            return events

        return turn

    def send(payload: bytes) -> Turn:
        def turn(count: int) -> object:
            for _ in repeat(None, count):
                client.send_binary(payload)
                data = client.data_to_send()
            return data

        return turn

    return Ends(receive, send)


def open_traced() -> Ends:
    """Two `Connection`s with a recorder at the coarsest level, whose subscriber keeps the last steps."""
    trace = Trace(level=Level.CORE, keep=False)
    kept: deque[Record] = deque(maxlen=STEPS_KEPT)
    trace.subscribe(kept.append)
    return open_wsedu(trace.recorder(trace.new_connection()))


def open_websockets() -> Ends:
    """A `ClientProtocol` and a `ServerProtocol`."""
    client = ClientProtocol(parse_uri_of_websockets(f"ws://{HOST}/"))
    server = ServerProtocol()
    client.send_request(client.connect())
    server.receive_data(b"".join(client.data_to_send()))
    request = server.events_received()[0]
    assert isinstance(request, WebsocketsRequest)
    server.send_response(server.accept(request))
    client.receive_data(b"".join(server.data_to_send()))
    client.events_received()

    def receive(frame: bytes) -> Turn:
        def turn(count: int) -> object:
            for _ in repeat(None, count):
                server.receive_data(frame)
                events = server.events_received()
            return events

        return turn

    def send(payload: bytes) -> Turn:
        def turn(count: int) -> object:
            for _ in repeat(None, count):
                client.send_binary(payload)
                data = client.data_to_send()
            return b"".join(data)

        return turn

    return Ends(receive, send)


def open_wsproto() -> Ends:
    """Two `WSConnection`s."""
    client, server = WSConnection(ConnectionType.CLIENT), WSConnection(ConnectionType.SERVER)
    server.receive_data(client.send(Request(host=HOST, target="/")))
    list(server.events())
    client.receive_data(server.send(AcceptConnection()))
    list(client.events())

    def receive(frame: bytes) -> Turn:
        def turn(count: int) -> object:
            for _ in repeat(None, count):
                server.receive_data(frame)
                events = list(server.events())
            return events

        return turn

    def send(payload: bytes) -> Turn:
        def turn(count: int) -> object:
            for _ in repeat(None, count):
                data = client.send(BytesMessage(data=payload))
            return data

        return turn

    return Ends(receive, send)


def masking(payload: bytes, key: bytes) -> dict[str, Turn]:
    """The loops that mask and do nothing else."""

    def wsedu(count: int) -> object:
        for _ in repeat(None, count):
            data = apply_mask(payload, key)
        return data

    def websockets(count: int) -> object:
        for _ in repeat(None, count):
            data = accelerated_mask(payload, key)
        return data

    def wsproto(count: int) -> object:
        for _ in repeat(None, count):
            data = XorMaskerSimple(key).process(bytearray(payload))
        return bytes(data)

    return {OURS: wsedu, WEBSOCKETS: websockets, WSPROTO: wsproto}


# --- Measuring ---


def check(contestants: dict[str, Ends], frame: bytes, payload: bytes) -> None:
    """Hold everyone to the same work: each reads the frame right, and each one's frame is read right by another."""
    readers = {name: WEBSOCKETS if name != WEBSOCKETS else OURS for name in contestants}
    for name, ends in contestants.items():
        if payload_of(ends.receive(frame)(1)) != payload:
            sys.exit(f"{name} does not read the frame of {len(payload)} bytes")
        sent = ends.send(payload)(1)
        assert isinstance(sent, bytes)
        if payload_of(contestants[readers[name]].receive(sent)(1)) != payload:
            sys.exit(f"{readers[name]} does not read what {name} sends: {len(payload)} bytes")


def payload_of(events: Any) -> bytes:
    """The payload of the one event in a list; all three libraries call it `data`."""
    [event] = events
    return bytes(event.data)


def check_masking(turns: dict[str, Turn]) -> None:
    """All maskings agree."""
    if len({turn(1) for turn in turns.values()}) != 1:
        sys.exit("the libraries do not mask alike")


def measure(rounds: int, seconds: float) -> dict[str, dict[int, Times]]:
    """All times: for receive, send and mask, for each size."""
    # What was freed before decides from which size on malloc asks the system for memory at every call; one large
    # block, freed, gives all contestants the same start.
    bytes(16 << 20)
    results: dict[str, dict[int, Times]] = {"receive": {}, "send": {}, "mask": {}}
    for size in SIZES:
        print(f"{size:,} bytes ...", file=sys.stderr)
        payload, key = os.urandom(size), os.urandom(4)
        frame = encode_frame(Frame.binary(payload, masking_key=key))
        contestants = {
            OURS: open_wsedu(),
            TRACED: open_traced(),
            WEBSOCKETS: open_websockets(),
            WSPROTO: open_wsproto(),
        }
        check(contestants, frame, payload)
        maskings = masking(payload, key)
        check_masking(maskings)
        turns = {
            "receive": {name: ends.receive(frame) for name, ends in contestants.items()},
            "send": {name: ends.send(payload) for name, ends in contestants.items()},
            "mask": maskings,
        }
        for what, loops in turns.items():
            results[what][size] = interleave(loops, rounds=rounds, seconds=seconds)
    return results


# --- Judging ---


def verdicts(what: str, size: int, times: Times) -> list[Verdict]:
    """The three targets of one direction and size."""
    against_websockets = 0.7 if what == "send" and size >= 1024 else 1.0
    pairs = ((OURS, WEBSOCKETS, against_websockets), (OURS, WSPROTO, 3.0), (TRACED, WSPROTO, 1.0))
    return [
        Verdict(f"{what} {size:,} bytes: {ours} against {peer}", times_faster(times, ours, peer), target, True, "x")
        for ours, peer, target in pairs
    ]


def cell(verdict: Verdict) -> str:
    """A figure beside its target, short enough for a column."""
    return f"{verdict.figure:.2f} (≥ {verdict.target:g}) {'reached' if verdict.reached else 'NOT reached'}"


def microseconds(times: Times) -> dict[str, float]:
    """The median time of each contestant."""
    return {name: statistics.median(values) / 1e3 for name, values in times.items()}


def direction_section(what: str, results: dict[int, Times]) -> str:
    """The times of one direction, and the verdicts on them."""
    names = list(next(iter(results.values())))
    times = [(f"{size:,}", *(f"{value:,.2f}" for value in microseconds(results[size]).values())) for size in results]
    judged = [(f"{size:,}", *map(cell, verdicts(what, size, results[size]))) for size in results]
    verb = "Receiving" if what == "receive" else "Sending"
    return "\n\n".join(
        [
            f"### {verb} masked binary frames",
            "Microseconds of CPU time per frame, medians:",
            table(("bytes", *names), times),
            "How many times as many frames per second (median of the rounds' ratios), beside the target:",
            table(("bytes", "wsedu / websockets", "wsedu / wsproto", "wsedu traced / wsproto"), judged),
        ]
    )


def masking_section(results: dict[int, Times]) -> str:
    """What masking alone costs; no target."""
    names = list(next(iter(results.values())))
    rows = [(f"{size:,}", *(f"{value:,.2f}" for value in microseconds(results[size]).values())) for size in results]
    return "\n\n".join(["### Masking alone", "Microseconds per payload, medians:", table(("bytes", *names), rows)])


def below_one(results: dict[str, dict[int, Times]]) -> list[str]:
    """Where sending is allowed to be slower than websockets, and is: a sentence for each such size."""
    sentences = []
    for size, times in results["send"].items():
        ratio = times_faster(times, OURS, WEBSOCKETS)
        if ratio < 1:
            whole, mask = microseconds(times), microseconds(results["mask"][size])
            sentences.append(
                f"Sending {size:,} bytes: {ratio:.2f}, where 1 is wanted. A frame takes "
                f"{whole[OURS] - whole[WEBSOCKETS]:+.2f} µs beside websockets, masking alone "
                f"{mask[OURS] - mask[WEBSOCKETS]:+.2f} µs beside its C."
            )
    return sentences


def explanation(rounds: int) -> str:
    """What was done, in words."""
    return f"""\
One process, {rounds} interleaved rounds, CPU time of the one thread that works. websockets runs with its C
accelerator (checked at the start); wsproto and wsedu have none. Every endpoint comes out of a real opening
handshake in memory and keeps its default settings; each call brings one whole frame. "{TRACED}" records with
a `Trace` at the coarsest level (`Level.CORE`: bytes and whole frames). Before measuring, each endpoint's
events and frames are checked against another library."""


def main() -> None:
    """Measure, judge, print, write."""
    arguments = options("Frames per second: wsedu beside websockets and wsproto.").parse_args()
    if vars(websockets.frames)["apply_mask"] is not accelerated_mask:
        sys.exit("websockets does not use its C accelerator")
    rounds, seconds = (5, 0.002) if arguments.quick else (51, 0.01)
    results = measure(rounds, seconds)
    facts = machine()
    judged = [
        verdict
        for what in ("receive", "send")
        for size, times in results[what].items()
        for verdict in verdicts(what, size, times)
    ]
    reached = sum(verdict.reached for verdict in judged)
    text = "\n\n".join(
        [
            "## Frames through an endpoint",
            machine_line(facts),
            explanation(rounds),
            direction_section("receive", results["receive"]),
            direction_section("send", results["send"]),
            masking_section(results["mask"]),
            f"{reached} of {len(judged)} targets reached.",
            *below_one(results),
        ]
    )
    figures = {
        "machine": facts,
        "rounds": rounds,
        "microseconds": {
            what: {str(size): microseconds(times) for size, times in by_size.items()}
            for what, by_size in results.items()
        },
        "targets": [verdict.as_json() for verdict in judged],
    }
    write_out(arguments, "codec", text, figures)


if __name__ == "__main__":
    main()
