"""Attack a server of ours from all sides, while honest clients go on talking to it, and write down how that went.

    python tools/attack.py [--seed N] [--markdown docs/reliability.md]

Everything is on 127.0.0.1 and over in a few seconds. The server runs in this process, so that its tasks, sockets
and memory can be counted before and after; so do the attackers, which speak bytes and have nothing of wsedu.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import gc
import os
import random
import socket
import stat
import struct
import sys
import time
import tracemalloc
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from wsedu.loopback import Endpoint, Server, connect, serve
from wsedu.protocol.deflate import PerMessageDeflateFactory
from wsedu.protocol.types import Limits, Timeouts

HOST = "127.0.0.1"
KEY = b"\x01\x02\x03\x04"
MESSAGE_LIMIT = 1 << 20
BOMB = 64 << 20
"""Bytes that a compressed bomb would unpack to."""

LEFT_OVER = 2 << 20
"""Bytes of memory that may be in use at the end and were not at the beginning: caches, and what Python keeps."""


class Plan(NamedTuple):
    """How many of each, and for how long.

    Arguments:
        slow: clients that send their request one byte at a time.
        deaf: clients that ask for much and never read.
        bombs: clients that send messages beyond the limit, plain or compressed.
        vanishing: clients that open and are gone, by RST.
        noisy: clients that send random bytes.
        honest: clients that check every message that comes back.
        seconds: for which the honest ones go on.
        pause: seconds between two bytes of a slow client.
    """

    slow: int = 200
    deaf: int = 50
    bombs: int = 50
    vanishing: int = 50
    noisy: int = 50
    honest: int = 20
    seconds: float = 12.0
    pause: float = 1.0


@dataclass
class Report:
    """What happened.

    Arguments:
        plan: what was done.
        echoes: messages of honest clients that came back.
        wrong: what honest clients found wrong.
        slowest: seconds of the longest wait of an honest client for a message.
        ended: for each kind of attacker, how the server ended it: a status code, an HTTP status, or the end of TCP.
        peak: bytes of memory at the worst moment, over the beginning.
        left_memory: bytes of memory at the end, over the beginning.
        left_sockets: sockets at the end that were not there before.
        left_tasks: tasks of the server at the end.
        seconds: that everything took.
    """

    plan: Plan
    echoes: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0
    ended: dict[str, Counter[str]] = field(default_factory=dict)
    peak: int = 0
    left_memory: int = 0
    left_sockets: int = 0
    left_tasks: int = 0
    seconds: float = 0.0

    def problems(self) -> list[str]:
        """Why the server did not withstand; empty if it did."""
        found = list(self.wrong)
        if self.echoes < self.plan.honest:
            found.append(f"only {self.echoes} messages came back")
        if self.left_sockets or self.left_tasks:
            found.append(f"{self.left_sockets} sockets and {self.left_tasks} tasks are left")
        if self.left_memory > LEFT_OVER:
            found.append(f"{self.left_memory:,} bytes of memory are left")
        return found


# --- Attackers: sockets and bytes ---


def request(extensions: str = "") -> bytes:
    """A legal opening handshake."""
    lines = [
        "GET / HTTP/1.1",
        f"Host: {HOST}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
    ]
    if extensions:
        lines.append(f"Sec-WebSocket-Extensions: {extensions}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def frame(first: int, payload: bytes) -> bytes:
    """A frame whose masking key is zero, so that its payload is on the wire as it is."""
    size = len(payload)
    if size < 126:
        head = bytes([first, 0x80 | size])
    elif size < 1 << 16:
        head = bytes([first, 0xFE]) + size.to_bytes(2, "big")
    else:
        head = bytes([first, 0xFF]) + size.to_bytes(8, "big")
    return head + bytes(4) + payload


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Attack = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Plan, random.Random], Awaitable[str]]


async def last_words(reader: asyncio.StreamReader) -> str:
    """How the server ends a connection: what its last bytes say."""
    try:
        data = await reader.read()
    except OSError:
        return "reset"
    return name_of_end(data)


def name_of_end(data: bytes) -> str:
    """The HTTP status, or the status code of the Close frame, that these bytes are."""
    if data.startswith(b"HTTP/1.1 "):
        return f"HTTP {data[9:12].decode()}"
    if data[:1] == b"\x88" and len(data) >= 4:
        return f"Close {int.from_bytes(data[2:4], 'big')}"
    return "end of TCP"


async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, plan: Plan, source: random.Random) -> str:
    """One byte of the head at a time, until the server has had enough."""

    async def drip() -> None:
        for byte in request():
            writer.write(bytes([byte]))
            await asyncio.sleep(plan.pause)

    dripping = asyncio.create_task(drip())
    try:
        return await last_words(reader)
    finally:
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)


async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, plan: Plan, source: random.Random) -> str:
    """Send messages and Pings that are to be answered, and never read an answer."""
    writer.write(request())
    await reader.readuntil(b"\r\n\r\n")
    transport: Any = writer.transport
    transport.pause_reading()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(plan.seconds / 2):
            while True:
                writer.write(frame(0x82, bytes(60_000)) + frame(0x89, bytes(125)) * 100)
                await writer.drain()
    return "given up by the attacker"


async def bomb(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, plan: Plan, source: random.Random) -> str:
    """A message beyond the limit: announced, in fragments, or compressed."""
    kind = source.randrange(3)
    writer.write(request("permessage-deflate" if kind == 2 else ""))
    await reader.readuntil(b"\r\n\r\n")
    with suppress(OSError):
        if kind == 0:
            writer.write(b"\x82\xff" + (1 << 62).to_bytes(8, "big") + KEY + bytes(1000))
        elif kind == 1:
            piece = bytes(MESSAGE_LIMIT // 4)
            writer.write(b"".join(frame(0x02 if number == 0 else 0x00, piece) for number in range(6)))
        else:
            writer.write(frame(0xC2, compressed_bomb()))
        await writer.drain()
    return await last_words(reader)


_bombs: list[bytes] = []


def compressed_bomb() -> bytes:
    """A few bytes that unpack to `BOMB` zeros; made once."""
    if not _bombs:
        squeeze = zlib.compressobj(wbits=-15)
        packed = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(BOMB >> 20))
        _bombs.append((packed + squeeze.flush(zlib.Z_SYNC_FLUSH))[:-4])
    return _bombs[0]


async def vanish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, plan: Plan, source: random.Random) -> str:
    """Open, and be gone: before, inside or after the handshake."""
    head = request()
    writer.write(head[: source.choice((0, len(head) // 2, len(head)))])
    await writer.drain()
    end = writer.get_extra_info("socket")
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    return "gone"


async def noise(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, plan: Plan, source: random.Random) -> str:
    """Random bytes, instead of the handshake or after it."""
    with suppress(OSError):
        if source.random() < 0.5:
            writer.write(request())
            await reader.readuntil(b"\r\n\r\n")
        writer.write(source.randbytes(source.randrange(1, 5000)))
        writer.write_eof()
        await writer.drain()
    return await last_words(reader)


# --- Honest clients ---


async def honest(uri: str, report: Report, seed: int) -> None:
    """Send messages of all sizes until the time is over; every one has to come back."""
    source = random.Random(seed)
    until = time.monotonic() + report.plan.seconds
    try:
        async with connect(uri, trace=False) as client:
            while time.monotonic() < until:
                message = source.randbytes(source.choice((0, 16, 125, 126, 5000, 70_000)))
                start = time.monotonic()
                await client.send(message)
                if await client.recv() != message:
                    report.wrong.append("another message came back than was sent")
                report.slowest = max(report.slowest, time.monotonic() - start)
                report.echoes += 1
                await asyncio.sleep(0.02)
    except Exception as error:
        report.wrong.append(f"an honest client failed: {error!r}")


# --- All together ---


async def echo(endpoint: Endpoint) -> None:
    """The server's handler."""
    async for message in endpoint:
        await endpoint.send(message)


async def one(port: int, attack: Attack, report: Report, name: str, seed: int) -> None:
    """One attacker, from its connection to its end."""
    try:
        reader, writer = await asyncio.open_connection(HOST, port, limit=1 << 20)
    except OSError as error:
        report.ended[name][f"no connection: {type(error).__name__}"] += 1
        return
    try:
        report.ended[name][await attack(reader, writer, report.plan, random.Random(seed))] += 1
    except (OSError, asyncio.IncompleteReadError) as error:
        report.ended[name][type(error).__name__] += 1
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


def open_sockets() -> int:
    """The number of sockets that this process has open."""
    found = 0
    for name in os.listdir("/dev/fd"):
        with suppress(OSError):
            found += stat.S_ISSOCK(os.fstat(int(name)).st_mode)
    return found


async def storm(server: Server, report: Report, seed: int) -> None:
    """All attackers and all honest clients at once."""
    plan = report.plan
    kinds: dict[str, tuple[int, Attack]] = {
        "one byte at a time": (plan.slow, slow),
        "never reads": (plan.deaf, deaf),
        "bomb": (plan.bombs, bomb),
        "vanishes": (plan.vanishing, vanish),
        "random bytes": (plan.noisy, noise),
    }
    work = [honest(server.uri, report, seed + number) for number in range(plan.honest)]
    for name, (count, attack) in kinds.items():
        report.ended[name] = Counter()
        work += [one(server.port, attack, report, name, seed + number) for number in range(count)]
    await asyncio.gather(*work)


async def run(plan: Plan, seed: int) -> Report:
    """Start a server, attack it, close it, and count what is left."""
    report = Report(plan)
    compressed_bomb()
    await rehearsal()
    gc.collect()
    tracemalloc.start()
    before, sockets = tracemalloc.get_traced_memory()[0], open_sockets()
    start = time.monotonic()
    times = Timeouts(opening=plan.seconds / 2, closing=2.0, ping_interval=plan.seconds / 4, ping_timeout=2.0)
    async with serve(
        echo,
        HOST,
        trace=False,
        timeouts=times,
        limits=Limits(max_message_size=MESSAGE_LIMIT),
        extensions=[PerMessageDeflateFactory()],
    ) as server:
        await storm(server, report, seed)
    report.seconds = time.monotonic() - start
    report.left_tasks = len(asyncio.all_tasks()) - 1
    del server
    gc.collect()
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    report.peak, report.left_memory = peak - before, now - before
    report.left_sockets = max(0, open_sockets() - sockets)
    return report


async def rehearsal() -> None:
    """One connection before counting, so that what Python loads and keeps once does not look like a leak."""
    async with serve(echo, HOST, trace=False) as server, connect(server.uri, trace=False) as client:
        await client.send(bytes(70_000))
        await client.recv()


# --- Words ---


def text(report: Report, seed: int) -> str:
    """The page."""
    plan = report.plan
    counts = {
        "one byte at a time": plan.slow,
        "never reads": plan.deaf,
        "bomb": plan.bombs,
        "vanishes": plan.vanishing,
        "random bytes": plan.noisy,
    }
    rows = [
        f"| {name} | {count} | {', '.join(f'{end}: {times}' for end, times in sorted(report.ended[name].items()))} |"
        for name, count in counts.items()
    ]
    problems = report.problems()
    return "\n".join(
        [
            "# Reliability",
            "",
            "A server of ours under attack, beside honest clients. This page is written by the attack:",
            "",
            "```",
            "python tools/attack.py --markdown docs/reliability.md",
            "```",
            "",
            f"Seed {seed}; attackers and honest clients all at once, on loopback; {report.seconds:.1f} s in all.",
            "",
            "| attacker | how many | how it ended |",
            "| --- | ---: | --- |",
            *rows,
            "",
            f"- {plan.honest} honest clients: {report.echoes:,} messages of 0 to 70,000 bytes came back,",
            f"  {len(report.wrong)} failures; the slowest took {report.slowest * 1000:.0f} ms.",
            f"- Memory of server, attackers and clients together: {report.peak / (1 << 20):.1f} MiB at the worst",
            f"  moment, {report.left_memory / (1 << 10):,.0f} KiB more at the end than at the beginning.",
            f"- Left at the end: {report.left_sockets} sockets, {report.left_tasks} tasks.",
            f"- Verdict: {'; '.join(problems) if problems else 'the server withstood'}.",
            "",
        ]
    )


def main() -> int:
    """Attack, print, write; the exit status is 1 if the server did not withstand."""
    parser = argparse.ArgumentParser(description="Attack a server of wsedu on loopback, beside honest clients.")
    parser.add_argument("--seed", type=int, default=6455)
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the figures there")
    arguments = parser.parse_args()
    report = asyncio.run(run(Plan(), arguments.seed))
    page = text(report, arguments.seed)
    print(page)
    if arguments.markdown is not None:
        arguments.markdown.write_text(page, encoding="utf-8")
    return 1 if report.problems() else 0


if __name__ == "__main__":
    sys.exit(main())
